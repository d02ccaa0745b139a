"""What the clouds answer to a creation, as far as the program reads it."""

import base64
from typing import Any

ACCOUNT = "123456789012"
_COMPUTE = "https://www.googleapis.com/compute/v1"


def _arn(service: str, path: str, region: str = "us-east-1") -> str:
    return f"arn:aws:{service}:{region}:{ACCOUNT}:{path}"


def resource(  # noqa: PLR0911, PLR0912 - a table of cases
    kind: str, name: str, inputs: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """Id and outputs of a new resource."""
    physical = inputs.get("name", f"{name}-0a1b2c3")
    outputs = {"name": physical, **inputs}
    match kind.partition(":")[0], kind.rpartition(":")[-1]:
        case "aws", "Secret":
            return _arn("secretsmanager", f"secret:{physical}-AbCdEf"), outputs
        case "aws", "AccessKey":
            return "AKIAIOSFODNN7EXAMPLE", {**outputs, "secret": "aws-canary-secret-key"}
        case "aws", "LaunchTemplate":
            return f"lt-{name}", {**outputs, "latestVersion": 7}
        case "aws", "Eip":
            return f"eipalloc-{name}", {**outputs, "publicIp": "198.51.100.7"}
        case "aws", "LogGroup":
            return physical, {**outputs, "arn": _arn("logs", f"log-group:{physical}")}
        case "aws", kind_name if "arn" not in inputs:
            return f"{kind_name.lower()}-{name}", {
                **outputs,
                "arn": _arn("x", f"{kind_name}/{physical}"),
            }
        case "gcp", "Account":
            email = f"{inputs['accountId']}@{inputs['project']}.iam.gserviceaccount.com"
            path = f"projects/{inputs['project']}/serviceAccounts/{email}"
            return path, {
                **outputs,
                "name": path,
                "email": email,
                "member": f"serviceAccount:{email}",
                "uniqueId": "112233445566778899001",
            }
        case "gcp", "Key":
            key = base64.b64encode(b'{"private_key": "gcp-canary-private-key"}').decode()
            return f"{inputs['serviceAccountId']}/keys/1", {**outputs, "privateKey": key}
        case "gcp", "IAMCustomRole":
            path = f"projects/{inputs['project']}/roles/{inputs['roleId']}"
            return path, {**outputs, "name": path}
        case "gcp", "Secret":
            return f"projects/{inputs['project']}/secrets/{inputs['secretId']}", outputs
        case "gcp", "Address":
            address = inputs.get("address", "203.0.113.7")
            link = f"{_COMPUTE}/projects/p/regions/r/addresses/{physical}"
            return physical, {**outputs, "address": address, "selfLink": link}
        case "gcp", "InstanceTemplate":
            link = f"{_COMPUTE}/projects/p/global/instanceTemplates/{physical}"
            return physical, {**outputs, "selfLinkUnique": f"{link}?uniqueId=1"}
        case "gcp", kind_name:
            return f"projects/p/{kind_name}/{physical}", outputs
    return physical, outputs


def call(token: str, args: dict[str, Any]) -> dict[str, Any]:
    """Answer of a provider function."""
    if token == "aws:index/getPartition:getPartition":
        return {"partition": "aws", "dnsSuffix": "amazonaws.com"}
    if token == "aws:index/getCallerIdentity:getCallerIdentity":
        return {"accountId": ACCOUNT}
    if token == "gcp:organizations/getProject:getProject":
        return {"number": "100000000001"}
    if token == "aws:ec2/getAmi:getAmi":
        return {"id": "ami-0123456789abcdef0"}
    message = f"the program calls {token} with {sorted(args)}: add its answer to {__file__}"
    raise LookupError(message)
