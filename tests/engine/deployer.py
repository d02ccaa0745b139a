"""An identity that may do what a policy and a role say, and deploys stacks."""

import json
import urllib.request
from collections.abc import Mapping
from typing import Any

from local_clouds.aws.clients import Clients
from local_clouds.clouds import Clouds
from local_clouds.stack import LocalStack
from local_clouds.stack_file import Secret
from tests.engine.conftest import stack


class Deployer:
    """A user with one policy on AWS, a token with the permissions of one role on GCP."""

    def __init__(self, clouds: Clouds, name: str) -> None:
        self.clouds, self.name = clouds, name
        self.iam = Clients(clouds.aws_endpoint)("iam", "us-east-1")
        self.iam.create_user(UserName=name)
        self.token = f"token-of-{name}"
        self.key = self.iam.create_access_key(UserName=name)["AccessKey"]

    def allow(self, aws: Mapping[str, Any], gcp: Mapping[str, Any]) -> None:
        """Give it these, and nothing else."""
        document = json.dumps(aws)
        self.iam.put_user_policy(UserName=self.name, PolicyName="all", PolicyDocument=document)
        tokens = json.dumps({self.token: gcp["includedPermissions"]}).encode()
        url = f"{self.clouds.gcp_endpoint}/local/tokens"
        urllib.request.urlopen(url, tokens, timeout=10).close()  # noqa: S310 - on this machine

    def stack(self, config: Mapping[str, Any]) -> LocalStack:
        """A stack that this identity deploys."""
        credentials = {
            "aws:accessKey": self.key["AccessKeyId"],
            "aws:secretKey": Secret(self.key["SecretAccessKey"]),
            "gcp:accessToken": Secret(self.token),
        }
        return stack(self.clouds, {**config, **credentials}, name=self.name)


def without(document: Mapping[str, Any], action: str) -> dict[str, Any]:
    """A policy with one action less."""
    statements = [
        {**statement, "Action": [a for a in statement["Action"] if a != action]}
        for statement in document["Statement"]
    ]
    return {**document, "Statement": [s for s in statements if s["Action"]]}
