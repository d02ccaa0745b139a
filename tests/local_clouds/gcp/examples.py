"""One resource of every type that the gcp provider has."""

from local_clouds.resource import Properties
from tests.local_clouds.gcp.inputs import (
    ACCOUNT,
    ACCOUNT_MEMBER,
    ADDRESS,
    ALERT_POLICY,
    AUTOSCALER,
    CONFIG,
    DISK,
    EMAIL,
    FIREWALL,
    GROUP,
    KEY,
    KEY_MEMBER,
    MEMBER,
    NAT,
    NETWORK,
    PROJECT_MEMBER,
    ROLE,
    ROUTER,
    SECRET,
    SECRET_MEMBER,
    SECRET_NAME,
    SUBNETWORK,
    TEMPLATE,
    TEMPLATE_PATH,
    VERSION,
    ZONAL_GROUP,
    ZONE,
    autoscaler,
    disk,
    group,
    preserved,
    recreating,
    template,
)
from tests.local_clouds.gcp_cloud import PROJECT, REGION

EXAMPLES: dict[str, Properties] = {
    NETWORK: {"autoCreateSubnetworks": False, "routingMode": "GLOBAL", "description": "VMs"},
    SUBNETWORK: {
        "network": f"projects/{PROJECT}/global/networks/net",
        "ipCidrRange": "10.1.0.0/20",
        "privateIpGoogleAccess": True,
        "logConfig": {"flowSampling": 0.1},
    },
    FIREWALL: {
        "network": f"projects/{PROJECT}/global/networks/net",
        "allows": [{"protocol": "tcp", "ports": ["22"]}],
        "sourceRanges": ["35.235.240.0/20"],
        "targetServiceAccounts": [EMAIL],
        "logConfig": {"metadata": "EXCLUDE_ALL_METADATA"},
    },
    ADDRESS: {
        "addressType": "INTERNAL",
        "subnetwork": f"projects/{PROJECT}/regions/{REGION}/subnetworks/subnet",
        "address": "10.0.0.20",
        "labels": {"executor_tag": "batches"},
    },
    ROUTER: {"network": f"projects/{PROJECT}/global/networks/net", "description": "way out"},
    NAT: {
        "router": "router",
        "natIpAllocateOption": "MANUAL_ONLY",
        "natIps": [f"projects/{PROJECT}/regions/{REGION}/addresses/egress"],
        "sourceSubnetworkIpRangesToNat": "LIST_OF_SUBNETWORKS",
        "subnetworks": [
            {
                "name": f"projects/{PROJECT}/regions/{REGION}/subnetworks/subnet",
                "sourceIpRangesToNats": ["ALL_IP_RANGES"],
            }
        ],
        "minPortsPerVm": 1024,
        "logConfig": {"enable": True, "filter": "ERRORS_ONLY"},
    },
    DISK: {
        "zone": ZONE,
        "type": "pd-balanced",
        "size": 100,
        "labels": {"executor_tag": "mirror"},
    },
    ZONAL_GROUP: {
        "zone": ZONE,
        "baseInstanceName": "mirror",
        "versions": [{"instanceTemplate": TEMPLATE_PATH}],
        "updatePolicy": recreating(),
        "instanceLifecyclePolicy": {
            "forceUpdateOnRepair": "YES",
            "defaultActionOnFailure": "REPAIR",
        },
        "waitForInstances": False,
    },
    CONFIG: {
        "zone": ZONE,
        "instanceGroupManager": "zonal",
        "preservedState": preserved("registry"),
        "removeInstanceOnDestroy": True,
    },
    TEMPLATE: template(
        labels={"executor_tag": "batches"},
        metadata={"image_family": "executors"},
        metadataStartupScript="#!/bin/sh",
        serviceAccount={"email": EMAIL, "scopes": ["cloud-platform"]},
        shieldedInstanceConfig={"enableSecureBoot": True},
        tags=["executor"],
        scheduling={
            "provisioningModel": "SPOT",
            "preemptible": True,
            "automaticRestart": False,
            "instanceTerminationAction": "DELETE",
        },
        advancedMachineFeatures={"enableNestedVirtualization": True},
        disks=[
            disk(labels={"a": "b"}),
            {"type": "SCRATCH", "interface": "NVME", "diskType": "local-ssd", "diskSizeGb": 375},
        ],
    ),
    GROUP: group(
        distributionPolicyZones=[f"{REGION}-a", f"{REGION}-b"],
        instanceLifecyclePolicy={"forceUpdateOnRepair": "YES", "defaultActionOnFailure": "REPAIR"},
        waitForInstances=False,
    ),
    AUTOSCALER: autoscaler(cooldownPeriod=90),
    ACCOUNT: {"accountId": "other-account", "displayName": "Other", "disabled": True},
    KEY: {"serviceAccountId": EMAIL},
    ACCOUNT_MEMBER: MEMBER
    | {
        "serviceAccountId": f"projects/{PROJECT}/serviceAccounts/{EMAIL}",
        "role": "roles/iam.serviceAccountUser",
    },
    PROJECT_MEMBER: MEMBER | {"project": PROJECT},
    ROLE: {"roleId": "writer", "title": "W", "permissions": ["monitoring.timeSeries.create"]},
    SECRET: {
        "secretId": "second",
        "replication": {"auto": {}},
        "labels": {"team": "search"},
        "annotations": {"Owner": "Search"},
    },
    VERSION: {"secret": SECRET_NAME, "secretData": "s3cret"},
    KEY_MEMBER: MEMBER
    | {
        "cryptoKeyId": f"projects/{PROJECT}/locations/{REGION}/keyRings/r/cryptoKeys/k",
        "role": "roles/cloudkms.cryptoKeyEncrypterDecrypter",
    },
    SECRET_MEMBER: MEMBER | {"secretId": "token", "role": "roles/secretmanager.secretAccessor"},
    ALERT_POLICY: {
        "displayName": "No queue size",
        "combiner": "OR",
        "severity": "CRITICAL",
        "conditions": [
            {
                "displayName": "No queue size",
                "conditionPrometheusQueryLanguage": {
                    "query": "absent(custom_googleapis_com:executors_queue_size)",
                    "duration": "600s",
                    "disableMetricValidation": True,
                },
            },
        ],
        "documentation": {"content": "Look at the worker.", "mimeType": "text/markdown"},
        "userLabels": {"team": "search"},
    },
}
