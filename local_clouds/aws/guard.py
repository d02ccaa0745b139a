"""Refuses requests that the policies of their caller do not allow.

Who configures `aws:accessKey` is the IAM user that the key belongs to; who does not is the owner of
the account, who may do everything.
"""

from collections.abc import Callable
from typing import Any

from botocore.model import OperationModel

from local_clouds.aws.authorization import needs
from local_clouds.aws.clients import ApiError, Clients
from local_clouds.aws.evaluation import Document, allows
from local_clouds.calls import CallLog, CallRecord
from local_clouds.resource import CloudError

_IAM_REGION = "us-east-1"


class Guard:
    """Judges each request of a provider before it is sent."""

    def __init__(
        self, endpoint: str, access_key: Callable[[], str | None], log: CallLog | None = None
    ) -> None:
        """Judge by the users of `endpoint`; `access_key` tells whose request the present one is."""
        self._owner = Clients(endpoint)
        self._access_key = access_key
        self._log = log

    def __call__(self, model: OperationModel, parameters: dict[str, Any], region: str) -> None:
        """Return when the request may be made; raises `ApiError` as AWS would."""

        def ask(service: str, operation: str, **arguments: Any) -> dict[str, Any]:
            return getattr(self._owner(service, region), operation)(**arguments)

        service = str(model.service_model.service_name)
        key = self._access_key()
        user = None if key is None else self._user(key)
        policies = [] if user is None else self._policies(user)
        wanted = needs(service, model.name, parameters, region, ask)
        denied = [need for need in wanted if user is not None and not allows(policies, need)]
        if self._log is not None:
            self._log.note(
                CallRecord(permission=n.action, resource=n.resource, allowed=n not in denied)
                for n in wanted
            )
        if denied:
            message = (
                f"User: {user} is not authorized to perform: {denied[0].action} "
                f"on resource: {denied[0].resource}"
            )
            raise ApiError(model.name, "AccessDenied", message)

    def _user(self, access_key: str) -> str:
        try:
            answer = self._iam().get_access_key_last_used(AccessKeyId=access_key)
        except CloudError as error:
            message = "The security token included in the request is invalid."
            raise ApiError("GetCallerIdentity", "InvalidClientTokenId", message) from error
        return answer["UserName"]

    def _policies(self, user: str) -> list[Document]:
        iam = self._iam()
        names = iam.list_user_policies(UserName=user)["PolicyNames"]
        inline = [
            iam.get_user_policy(UserName=user, PolicyName=name)["PolicyDocument"] for name in names
        ]
        attached = iam.list_attached_user_policies(UserName=user)["AttachedPolicies"]
        arns = [policy["PolicyArn"] for policy in attached]
        return inline + [self._document(arn) for arn in arns]

    def _document(self, arn: str) -> Document:
        iam = self._iam()
        version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found = iam.get_policy_version(PolicyArn=arn, VersionId=version)
        return found["PolicyVersion"]["Document"]

    def _iam(self) -> Any:
        return self._owner("iam", _IAM_REGION)
