"""KMS keys that other resources name: they must exist, be usable, and be in the right region."""

import json
from typing import Any

from local_clouds.aws.clients import ApiError, Clients
from local_clouds.resource import CloudError


def require_key(clients: Clients, key_arn: str, region: str) -> dict[str, Any]:
    """Return the description of an enabled key of the region; raises `CloudError`."""
    try:
        key = clients.aws("kms", region).describe_key(KeyId=key_arn)["KeyMetadata"]
    except ApiError as error:
        message = f"The key {key_arn} does not exist in {region}, or is not accessible."
        raise CloudError(message) from error
    if key_arn.split(":")[3] != region:
        message = f"The key {key_arn} is in another region than {region}."
        raise CloudError(message)
    if not key["Enabled"]:
        message = f"The key {key_arn} is {key['KeyState']}."
        raise CloudError(message)
    return key


def require_service(clients: Clients, key_arn: str, region: str, service: str) -> None:
    """Raise `CloudError` unless the key's policy lets a service use it."""
    require_key(clients, key_arn, region)
    policy = clients.aws("kms", region).get_key_policy(KeyId=key_arn, PolicyName="default")[
        "Policy"
    ]
    for statement in json.loads(policy)["Statement"]:
        principals = statement.get("Principal", {})
        services = principals.get("Service", []) if isinstance(principals, dict) else []
        named = [services] if isinstance(services, str) else services
        if statement["Effect"] == "Allow" and service in named:
            return
    message = (
        f"InvalidParameterException: The specified KMS key does not exist or is not allowed to be "
        f"used: the policy of {key_arn} does not allow {service}."
    )
    raise CloudError(message)
