"""Permissions that pulumi-gcp needs, by resource type: create, read, change, refresh and delete.

pulumi-gcp wraps Google's own Terraform provider; the tables follow the API methods that it calls,
and what each method's reference demands beyond its own permission (`networks.updatePolicy` for
whatever hangs on a network, and all that a group's VMs are made of).
"""

from collections.abc import Mapping

_POLICY = "compute.networks.updatePolicy"
_GLOBAL = "compute.globalOperations.get"
_REGIONAL = "compute.regionOperations.get"

_TABLE = {
    "gcp:compute/network:Network": f"""
        compute.networks.create compute.networks.get compute.networks.update
        compute.networks.delete {_POLICY} {_GLOBAL}""",
    "gcp:compute/subnetwork:Subnetwork": f"""
        compute.subnetworks.create compute.subnetworks.get compute.subnetworks.update
        compute.subnetworks.delete compute.subnetworks.expandIpCidrRange
        compute.subnetworks.setPrivateIpGoogleAccess {_POLICY} {_REGIONAL}""",
    "gcp:compute/firewall:Firewall": f"""
        compute.firewalls.create compute.firewalls.get compute.firewalls.update
        compute.firewalls.delete {_POLICY} {_GLOBAL}""",
    "gcp:compute/instanceTemplate:InstanceTemplate": f"""
        compute.instanceTemplates.create compute.instanceTemplates.get
        compute.instanceTemplates.delete compute.images.get compute.images.getFromFamily
        compute.subnetworks.get iam.serviceAccounts.actAs {_GLOBAL}""",
    "gcp:compute/regionInstanceGroupManager:RegionInstanceGroupManager": f"""
        compute.instanceGroupManagers.create compute.instanceGroupManagers.get
        compute.instanceGroupManagers.update compute.instanceGroupManagers.delete
        compute.instanceGroups.create compute.instanceGroups.delete
        compute.instanceTemplates.get compute.instanceTemplates.useReadOnly
        compute.instances.create compute.instances.delete compute.instances.setLabels
        compute.instances.setMetadata compute.instances.setServiceAccount
        compute.disks.create compute.images.useReadOnly
        compute.networks.use compute.networks.useExternalIp
        compute.subnetworks.use compute.subnetworks.useExternalIp
        iam.serviceAccounts.actAs {_REGIONAL}""",
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
