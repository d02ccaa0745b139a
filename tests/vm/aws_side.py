"""One EC2 instance of the local AWS, as it sees its cloud."""

import base64
import gzip
import json
import secrets
import time
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs, unquote

from moto.iam.access_control import IAMPolicy, PermissionResult

from local_clouds.aws.clients import Clients
from tests.vm.side import CloudSide
from tests.web import Reply, Request

REGION = "us-east-1"
_TOLERATED_SECONDS = 300


class AwsSide(CloudSide):
    """Moto is AWS; what the VM's role may do is judged by moto's reading of the role's policies."""

    hosts = (f"secretsmanager.{REGION}.amazonaws.com", f"autoscaling.{REGION}.amazonaws.com")

    def __init__(self, endpoint: str, instance: str) -> None:
        super().__init__(endpoint)
        self.instance = instance
        self.skew = 0.0
        """Seconds that AWS is ahead of the VM."""
        self.events: dict[str, str] = {}
        """Further metadata, such as an interruption."""
        self._clients = Clients(endpoint)
        self._session = secrets.token_hex(8)
        self._keys = {
            "AccessKeyId": "ASIALOCAL",
            "SecretAccessKey": secrets.token_hex(20),
            "Token": secrets.token_hex(20),
        }

    def client(self, service: str) -> Any:
        """A client of an administrator."""
        return self._clients(service, REGION)

    @property
    def hop_limit(self) -> int:
        """What the launch template says."""
        return self._template()["MetadataOptions"]["HttpPutResponseHopLimit"]

    def script(self) -> bytes:
        """User data, as cloud-init unpacks it."""
        return gzip.decompress(base64.b64decode(self._template()["UserData"]))

    def _template(self) -> dict[str, Any]:
        """What the instance was launched from; moto's own description of it lacks half of that."""
        groups = self.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        (group,) = [
            group
            for group in groups
            if self.instance in [member["InstanceId"] for member in group["Instances"]]
        ]
        policy = group["MixedInstancesPolicy"]["LaunchTemplate"]["LaunchTemplateSpecification"]
        return self.client("ec2").describe_launch_template_versions(
            LaunchTemplateId=policy["LaunchTemplateId"], Versions=[policy["Version"]]
        )["LaunchTemplateVersions"][0]["LaunchTemplateData"]

    @property
    def state(self) -> str | None:
        """The instance's lifecycle state, None when it has left the group."""
        found = self.client("autoscaling").describe_auto_scaling_instances(
            InstanceIds=[self.instance]
        )["AutoScalingInstances"]
        return found[0]["LifecycleState"] if found else None

    @cached_property
    def role(self) -> str:
        """Name of the role of the instance's profile."""
        name = self._template()["IamInstanceProfile"]["Arn"].split("/")[-1]
        profile = self.client("iam").get_instance_profile(InstanceProfileName=name)
        return profile["InstanceProfile"]["Roles"][0]["RoleName"]

    def metadata(self, request: Request) -> Reply:
        """IMDSv2."""
        path = request.path.removeprefix("/latest/")
        if request.method == "PUT" and path == "api/token":
            return Reply(200, self._session.encode())
        if request.headers.get("x-aws-ec2-metadata-token") != self._session:
            return Reply(401)
        known = {
            "instance-id": self.instance,
            "placement/region": REGION,
            "services/domain": "amazonaws.com",
            "iam/security-credentials/": self.role,
            f"iam/security-credentials/{self.role}": json.dumps(self._keys),
            "autoscaling/target-lifecycle-state": (
                "InService" if self.state == "InService" else "Terminated"
            ),
            **self.events,
        }
        found = known.get(path.removeprefix("meta-data/"))
        return Reply(404) if found is None else Reply(200, found.encode())

    def name_of(self, request: Request) -> str:
        """`service:Action`."""
        if "x-amz-target" in request.headers:
            return request.headers["x-amz-target"].replace(".", ":")
        return f"autoscaling:{parse_qs(request.body.decode())['Action'][0]}"

    def refused(self, request: Request) -> Reply | None:
        """Judge the clock, the credentials and the role's policies."""
        now = time.time() + self.skew
        sent = time.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ")
        if abs(now - (time.mktime(sent) - time.timezone)) > _TOLERATED_SECONDS:
            date = time.strftime("%a, %d %b %Y %H:%M:%S GMT", time.gmtime(now))
            late = self.refusal(403, "RequestExpired", "Request has expired.")
            return late._replace(headers={"Date": date})
        if request.headers.get("x-amz-security-token") != self._keys["Token"]:
            return self.refusal(403, "InvalidClientTokenId", "The security token is invalid.")
        name = self.name_of(request)
        resource, tags = self._resource(request)
        results = [
            IAMPolicy(json.dumps(document)).is_action_permitted(
                name, resource, incoming_condition_values=tags
            )
            for document in self._policies()
        ]
        if PermissionResult.PERMITTED in results and PermissionResult.DENIED not in results:
            return None
        return self.refusal(403, "AccessDenied", f"not authorized to perform: {name}")

    def refusal(self, status: int, code: str, message: str) -> Reply:
        """The XML of the query protocol, which names the code as the JSON protocol does."""
        text = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        return Reply(status, text.encode())

    def _resource(self, request: Request) -> tuple[str, dict[str, str]]:
        """ARN, and the condition keys of its tags."""
        if self.name_of(request) == "secretsmanager:GetSecretValue":
            return json.loads(request.body)["SecretId"], {}
        groups = self.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
        for group in groups:
            if self.instance in [member["InstanceId"] for member in group["Instances"]]:
                tags = {tag["Key"]: tag["Value"] for tag in group["Tags"]}
                return group["AutoScalingGroupARN"], {
                    f"autoscaling:ResourceTag/{key}": value for key, value in tags.items()
                }
        return "*", {}

    def _policies(self) -> list[dict[str, Any]]:
        iam, role = self.client("iam"), self.role
        names = iam.list_role_policies(RoleName=role)["PolicyNames"]
        found = [iam.get_role_policy(RoleName=role, PolicyName=name) for name in names]
        return [_document(policy["PolicyDocument"]) for policy in found]


def _document(policy: Any) -> dict[str, Any]:
    return json.loads(unquote(policy)) if isinstance(policy, str) else policy
