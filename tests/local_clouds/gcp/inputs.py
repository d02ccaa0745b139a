"""Type tokens of the gcp provider, and inputs to be changed."""

from typing import Any

from local_clouds.resource import Properties
from tests.local_clouds.gcp_cloud import PROJECT, REGION

NETWORK = "gcp:compute/network:Network"
SUBNETWORK = "gcp:compute/subnetwork:Subnetwork"
FIREWALL = "gcp:compute/firewall:Firewall"
ADDRESS = "gcp:compute/address:Address"
ROUTER = "gcp:compute/router:Router"
NAT = "gcp:compute/routerNat:RouterNat"
DISK = "gcp:compute/disk:Disk"
ZONAL_GROUP = "gcp:compute/instanceGroupManager:InstanceGroupManager"
CONFIG = "gcp:compute/perInstanceConfig:PerInstanceConfig"
TEMPLATE = "gcp:compute/instanceTemplate:InstanceTemplate"
GROUP = "gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager"
AUTOSCALER = "gcp:compute/regionAutoscaler:RegionAutoscaler"
ACCOUNT = "gcp:serviceaccount/account:Account"
KEY = "gcp:serviceaccount/key:Key"
ACCOUNT_MEMBER = "gcp:serviceaccount/iAMMember:IAMMember"
PROJECT_MEMBER = "gcp:projects/iAMMember:IAMMember"
ROLE = "gcp:projects/iAMCustomRole:IAMCustomRole"
SECRET = "gcp:secretmanager/secret:Secret"
VERSION = "gcp:secretmanager/secretVersion:SecretVersion"
KEY_MEMBER = "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember"
ALERT_POLICY = "gcp:monitoring/alertPolicy:AlertPolicy"
SECRET_MEMBER = "gcp:secretmanager/secretIamMember:SecretIamMember"
IMAGE = "projects/sourcegraph-ci/global/images/family/sourcegraph-executors-6-10"


def disk(**changes: Any) -> Properties:
    return {"sourceImage": IMAGE, "boot": True, "diskSizeGb": 100, "diskType": "pd-ssd"} | changes


def template(**changes: Any) -> Properties:
    subnetwork = f"projects/{PROJECT}/regions/{REGION}/subnetworks/subnet"
    return {
        "machineType": "n2-standard-4",
        "disks": [disk()],
        "networkInterfaces": [{"subnetwork": subnetwork, "accessConfigs": [{}]}],
    } | changes


def group(**changes: Any) -> Properties:
    return {
        "baseInstanceName": "executor",
        "versions": [{"instanceTemplate": f"projects/{PROJECT}/global/instanceTemplates/template"}],
        "distributionPolicyTargetShape": "BALANCED",
        "updatePolicy": update_policy(),
    } | changes


def update_policy(**changes: Any) -> Properties:
    return {
        "type": "OPPORTUNISTIC",
        "minimalAction": "REPLACE",
        "instanceRedistributionType": "NONE",
    } | changes


def autoscaler(**policy: Any) -> Properties:
    metric = {
        "name": "custom.googleapis.com/executors/queue/size",
        "filter": 'resource.type = "global" AND metric.labels.queueName = "batches"',
        "singleInstanceAssignment": 4,
    }
    policy = {"minReplicas": 0, "maxReplicas": 3, "mode": "ON", "metrics": [metric]} | policy
    target = f"projects/{PROJECT}/regions/{REGION}/instanceGroupManagers/group"
    return {"target": target, "autoscalingPolicy": policy}


EMAIL = f"executor-vm@{PROJECT}.iam.gserviceaccount.com"
MEMBER = {"role": "roles/logging.logWriter", "member": f"serviceAccount:{EMAIL}"}
SECRET_NAME = f"projects/{PROJECT}/secrets/token"
ZONE = f"{REGION}-a"
TEMPLATE_PATH = f"projects/{PROJECT}/global/instanceTemplates/template"


def recreating(**changes: Any) -> Properties:
    policy = {"type": "PROACTIVE", "minimalAction": "REPLACE", "replacementMethod": "RECREATE"}
    return policy | {"maxSurgeFixed": 0, "maxUnavailableFixed": 1} | changes


def preserved(device: str) -> Properties:
    place = f"https://www.googleapis.com/compute/v1/projects/{PROJECT}/regions/{REGION}"
    disk = {"deviceName": device, "source": f"projects/{PROJECT}/zones/{ZONE}/disks/cache"}
    address = {"address": f"{place}/addresses/fixed"}
    return {
        "disks": [disk | {"deleteRule": "NEVER", "mode": "READ_WRITE"}],
        "internalIps": [{"interfaceName": "nic0", "ipAddress": address, "autoDelete": "NEVER"}],
    }


def condition(**changes: Any) -> Properties:
    found = 'resource.type = "gce_instance" AND metric.type = "agent.googleapis.com/disk/x"'
    threshold = {"filter": found, "comparison": "COMPARISON_GT", "thresholdValue": 90} | changes
    return {"displayName": "full", "conditionThreshold": threshold}
