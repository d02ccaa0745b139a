"""Permissions that pulumi-gcp needs, by resource type: create, read, change, refresh and delete.

pulumi-gcp wraps Google's own Terraform provider; the tables follow the API methods that it calls,
and what each method's reference demands beyond its own permission (`networks.updatePolicy` for
whatever hangs on a network, and all that a group's VMs are made of).
"""

from collections.abc import Mapping

_POLICY = "compute.networks.updatePolicy"
_GLOBAL = "compute.globalOperations.get"
_REGIONAL = "compute.regionOperations.get"
_GROUP = """
        compute.instanceGroupManagers.create compute.instanceGroupManagers.get
        compute.instanceGroupManagers.update compute.instanceGroupManagers.delete
        compute.instanceGroups.create compute.instanceGroups.delete
        compute.instanceTemplates.get compute.instanceTemplates.useReadOnly
        compute.instances.create compute.instances.delete compute.instances.setLabels
        compute.instances.setMetadata compute.instances.setServiceAccount
        compute.disks.create compute.images.useReadOnly
        compute.networks.use compute.networks.useExternalIp
        compute.subnetworks.use compute.subnetworks.useExternalIp
        iam.serviceAccounts.actAs"""

_TABLE = {
    "gcp:compute/network:Network": f"""
        compute.networks.create compute.networks.get compute.networks.update
        compute.networks.delete {_POLICY} {_GLOBAL}""",
    "gcp:compute/subnetwork:Subnetwork": f"""
        compute.subnetworks.create compute.subnetworks.get compute.subnetworks.update
        compute.subnetworks.delete compute.subnetworks.expandIpCidrRange
        compute.subnetworks.setPrivateIpGoogleAccess {_POLICY} {_REGIONAL}""",
    "gcp:compute/address:Address": f"""
        compute.addresses.create compute.addresses.createInternal compute.addresses.get
        compute.addresses.delete compute.addresses.deleteInternal compute.addresses.setLabels
        compute.subnetworks.use {_REGIONAL}""",
    "gcp:compute/router:Router": f"""
        compute.routers.create compute.routers.get compute.routers.update
        compute.routers.delete {_POLICY} {_REGIONAL}""",
    "gcp:compute/routerNat:RouterNat": f"""
        compute.routers.get compute.routers.update compute.addresses.use {_POLICY}
        {_REGIONAL}""",
    "gcp:compute/firewall:Firewall": f"""
        compute.firewalls.create compute.firewalls.get compute.firewalls.update
        compute.firewalls.delete {_POLICY} {_GLOBAL}""",
    "gcp:compute/instanceTemplate:InstanceTemplate": f"""
        compute.instanceTemplates.create compute.instanceTemplates.get
        compute.instanceTemplates.delete compute.images.get compute.images.getFromFamily
        compute.subnetworks.get iam.serviceAccounts.actAs {_GLOBAL}""",
    "gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager": f"""
        {_GROUP} {_REGIONAL}""",
    "gcp:compute/instanceGroupManager:InstanceGroupManager": f"""
        {_GROUP} compute.zoneOperations.get""",
    "gcp:compute/perInstanceConfig:PerInstanceConfig": """
        compute.instanceGroupManagers.get compute.instanceGroupManagers.update
        compute.disks.use compute.addresses.use compute.zoneOperations.get""",
    "gcp:compute/disk:Disk": """
        compute.disks.create compute.disks.get compute.disks.update compute.disks.resize
        compute.disks.setLabels compute.disks.delete compute.zoneOperations.get""",
    "gcp:monitoring/alertPolicy:AlertPolicy": """
        monitoring.alertPolicies.create monitoring.alertPolicies.get
        monitoring.alertPolicies.update monitoring.alertPolicies.delete""",
    "gcp:compute/regionAutoscaler:RegionAutoscaler": f"""
        compute.autoscalers.create compute.autoscalers.get compute.autoscalers.update
        compute.autoscalers.delete compute.instanceGroupManagers.use {_REGIONAL}""",
    "gcp:serviceaccount/account:Account": """
        iam.serviceAccounts.create iam.serviceAccounts.get iam.serviceAccounts.update
        iam.serviceAccounts.delete""",
    "gcp:serviceaccount/key:Key": """
        iam.serviceAccountKeys.create iam.serviceAccountKeys.get iam.serviceAccountKeys.delete""",
    "gcp:serviceaccount/iAMMember:IAMMember": """
        iam.serviceAccounts.getIamPolicy iam.serviceAccounts.setIamPolicy""",
    # The provider looks whether a deleted role has the id, to bring it back.
    "gcp:projects/iAMCustomRole:IAMCustomRole": """
        iam.roles.create iam.roles.get iam.roles.update iam.roles.delete iam.roles.undelete""",
    "gcp:projects/iAMMember:IAMMember": """
        resourcemanager.projects.getIamPolicy resourcemanager.projects.setIamPolicy""",
    # The services' accounts that use a key are named after the project's number.
    "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember": """
        resourcemanager.projects.get cloudkms.cryptoKeys.getIamPolicy
        cloudkms.cryptoKeys.setIamPolicy""",
    "gcp:secretmanager/secret:Secret": """
        secretmanager.secrets.create secretmanager.secrets.get secretmanager.secrets.update
        secretmanager.secrets.delete""",
    "gcp:secretmanager/secretVersion:SecretVersion": """
        secretmanager.versions.add secretmanager.versions.get secretmanager.versions.access
        secretmanager.versions.enable secretmanager.versions.disable
        secretmanager.versions.destroy""",
    "gcp:secretmanager/secretIamMember:SecretIamMember": """
        secretmanager.secrets.getIamPolicy secretmanager.secrets.setIamPolicy""",
}

PERMISSIONS: Mapping[str, tuple[str, ...]] = {
    kind: tuple(text.split()) for kind, text in _TABLE.items()
}
"""Permissions by type token."""
