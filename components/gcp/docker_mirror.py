"""A docker mirror on GCP."""

from typing import Any

import pulumi
from pulumi_gcp import compute, monitoring

from components.args import DockerMirrorArgs
from components.boot.vm.mirror.gcp import DEVICE_NAME
from components.config.mirror import EXPORTER_PORT
from components.gcp.firewall import IAP_RANGE
from components.gcp.identity import reading_account, vm_account
from components.gcp.mirror_template import mirror_template
from components.naming import SERVICE_ACCOUNT_LENGTH, physical_name
from components.tags import TAG, mirror_tags

FULL_PERCENT = 90
"""The VM cleans from 80 percent on: at 90 it does not keep up, or is broken."""


class DockerMirror(pulumi.ComponentResource):
    """A registry VM in a group of one whose cache disk and private address outlive it.

    The group keeps both for the one name that its VM has. A changed setting replaces the VM at
    once: executors pull from Docker Hub meanwhile.

    Makes: `serviceaccount.Account`, `projects.IAMMember` per role,
    `secretmanager.SecretIamMember` per secret, `compute.Firewall` (one or two),
    `compute.Address`, `compute.Disk`, `compute.InstanceTemplate`,
    `compute.InstanceGroupManager`, `compute.PerInstanceConfig`, `monitoring.AlertPolicy`.
    """

    address: pulumi.Output[str]
    """The fixed private address."""
    access: pulumi.Output[str]
    """E-mail address of the VM's service account, at which pools aim the mirror's ports."""

    def __init__(
        self, name: str, args: DockerMirrorArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("executors:gcp:DockerMirror", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        placement, plan = args.pools[0].gcp, args.plan
        self.args, self.settings = args, args.deployment.docker_mirror
        self.project, self.labels = placement.project, mirror_tags(args.deployment)
        stack = args.deployment.stack
        account = vm_account(
            name,
            self.project,
            physical_name(stack, name, SERVICE_ACCOUNT_LENGTH),
            f"Docker mirror {name} ({stack})",
            self,
        )
        profile = reading_account(name, account, args.secrets, self)
        self._firewall(name, account.email)
        address = compute.Address(
            name,
            project=self.project,
            region=placement.region,
            address_type="INTERNAL",
            purpose="GCE_ENDPOINT",
            subnetwork=pulumi.Output.from_input(args.network.subnet_ids)[0],
            address=str(plan.address),
            labels=self.labels,
            opts=child,
        )
        disk = compute.Disk(
            name,
            project=self.project,
            zone=plan.zone,
            type=self.settings.gcp.disk_type,
            size=self.settings.disk_size,
            disk_encryption_key=(
                {"kms_key_self_link": args.keys[placement.region]}
                if placement.region in args.keys
                else None
            ),
            labels=self.labels,
            opts=child,
        )
        template = mirror_template(name, args, profile, self)
        group = compute.InstanceGroupManager(
            name,
            project=self.project,
            zone=plan.zone,
            base_instance_name="docker-mirror",
            versions=[{"instance_template": template.self_link_unique}],
            update_policy={
                "type": "PROACTIVE",
                "minimal_action": "REPLACE",
                # Only RECREATE keeps a VM's name, and with it disk and address.
                "replacement_method": "RECREATE",
                "max_surge_fixed": 0,
                "max_unavailable_fixed": 1,
            },
            instance_lifecycle_policy={"force_update_on_repair": "YES"},
            wait_for_instances=False,
            opts=pulumi.ResourceOptions(parent=self, depends_on=args.secrets.versions),
        )
        # It makes the group's one VM, so the group itself states no size.
        compute.PerInstanceConfig(
            name,
            project=self.project,
            zone=plan.zone,
            instance_group_manager=group.name,
            preserved_state={
                "disks": [{"device_name": DEVICE_NAME, "source": disk.id, "delete_rule": "NEVER"}],
                "internal_ips": [
                    {
                        "interface_name": "nic0",
                        "ip_address": {"address": address.self_link},
                        "auto_delete": "NEVER",
                    }
                ],
            },
            remove_instance_on_destroy=True,
            opts=child,
        )
        self._alarm(name)
        self.address = address.address
        self.access = account.email
        self.register_outputs({"address": self.address, "access": self.access})

    def _firewall(self, name: str, principal: pulumi.Output[str]) -> None:
        rules = {"ssh": (22, [IAP_RANGE])}
        if self.settings.metrics_access_cidrs:
            rules["metrics"] = (EXPORTER_PORT, list(self.settings.metrics_access_cidrs))
        for purpose, (port, ranges) in rules.items():
            compute.Firewall(
                f"{name}-{purpose}",
                project=self.project,
                network=self.args.network.network_id,
                direction="INGRESS",
                allows=[{"protocol": "tcp", "ports": [str(port)]}],
                source_ranges=ranges,
                target_service_accounts=[principal],
                opts=pulumi.ResourceOptions(parent=self),
            )

    def _alarm(self, name: str) -> None:
        """The image's Ops Agent reports every disk of the VM."""
        found = (
            'resource.type = "gce_instance"'
            ' AND metric.type = "agent.googleapis.com/disk/percent_used"'
            ' AND metric.labels.state = "used"'
            f' AND resource.labels.zone = "{self.args.plan.zone}"'
            f' AND metadata.user_labels.{TAG} = "{self.labels[TAG]}"'
        )
        minutes: Any = {"alignment_period": "300s", "per_series_aligner": "ALIGN_MAX"}
        monitoring.AlertPolicy(
            name,
            project=self.project,
            display_name=f"Docker mirror {name} ({self.args.deployment.stack})",
            combiner="OR",
            conditions=[
                {
                    "display_name": f"A disk is more than {FULL_PERCENT} percent full",
                    "condition_threshold": {
                        "filter": found,
                        "comparison": "COMPARISON_GT",
                        "threshold_value": FULL_PERCENT,
                        "duration": "900s",
                        "aggregations": [minutes],
                    },
                },
                {
                    "display_name": "The mirror tells nothing",
                    "condition_absent": {
                        "filter": found,
                        "duration": "900s",
                        "aggregations": [minutes],
                    },
                },
            ],
            notification_channels=self.args.deployment.alert_targets("gcp", self.project),
            user_labels=self.labels,
            opts=pulumi.ResourceOptions(parent=self),
        )
