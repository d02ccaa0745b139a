"""Projects and their IAM policies. A project exists as soon as someone names it."""

from local_clouds.gcp.server import policies, service_accounts
from local_clouds.gcp.server.registry import Call, handles
from local_clouds.gcp.server.state import Cloud, Json


@handles("cloudresourcemanager.projects.get")
def _get(cloud: Cloud, call: Call) -> Json:
    return {
        "projectId": call.project,
        "projectNumber": cloud.project_number(call.project),
        "name": call.project,
        "lifecycleState": "ACTIVE",
        "createTime": "2026-01-01T00:00:00.000Z",
        "labels": {},
    }


@handles("cloudresourcemanager.projects.getIamPolicy")
def _get_policy(cloud: Cloud, call: Call) -> Json:
    version = call.body.get("options", {}).get("requestedPolicyVersion", 1)
    return policies.get(cloud, call.path, version)


@handles("cloudresourcemanager.projects.setIamPolicy")
def _set_policy(cloud: Cloud, call: Call) -> Json:
    return policies.set_(cloud, call.path, call)


@handles("iam.projects.serviceAccounts.getIamPolicy")
def _get_account_policy(cloud: Cloud, call: Call) -> Json:
    version = call.params.get("options.requestedPolicyVersion", 1)
    return policies.get(cloud, service_accounts.locate(cloud, call.path), version)


@handles("iam.projects.serviceAccounts.setIamPolicy")
def _set_account_policy(cloud: Cloud, call: Call) -> Json:
    return policies.set_(cloud, service_accounts.locate(cloud, call.path), call)
