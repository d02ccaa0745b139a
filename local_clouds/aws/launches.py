"""How a group launches instances, where moto does less than EC2 does.

moto takes the default version of the template instead of the group's, fails on user data of later
versions, and ignores interfaces, market and tag specifications. `install` makes moto's own group
launch them as EC2 does, so that a scale-out by anybody (a policy, boto3) is right as well.
"""

from typing import Any

from moto.autoscaling.models import ASG_NAME_TAG, FakeAutoScalingGroup, InstanceState
from moto.core.types import Base64EncodedString
from moto.ec2.utils import convert_tag_spec


def install() -> None:
    """Give moto's groups in this process a complete launch."""
    setattr(FakeAutoScalingGroup, "replace_autoscaling_group_instances", _launch)  # noqa: B010


def _launch(group: Any, count_needed: int, propagated_tags: dict[str, str]) -> None:
    template = group.ec2_launch_template
    version = template.get_version(group.launch_template_version)
    data: dict[str, Any] = version.data
    interface = next(iter(data.get("NetworkInterfaces", [])), {})
    specified = convert_tag_spec(data.get("TagSpecifications", []))
    # Tags of the group win over those of the template (Auto Scaling user guide, tagging).
    instance_tags = {**specified.get("instance", {}), **propagated_tags, ASG_NAME_TAG: group.name}
    subnets = group.vpc_zone_identifier.split(",")
    members = len(group.instance_states)
    for turn in range(members, members + count_needed):
        reservation = group.ec2_backend.run_instances(
            data.get("ImageId"),
            1,
            _user_data(data),
            [],
            security_group_ids=interface.get("Groups") or data.get("SecurityGroupIds", []),
            instance_type=_instance_type(group, data),
            is_instance_type_default=False,
            tags={"instance": instance_tags, "volume": specified.get("volume", {})},
            launch_template={"LaunchTemplateId": template.id, "Version": version.number},
            block_device_mappings=_block_devices(data),
            associate_public_ip=interface.get("AssociatePublicIpAddress"),
            subnet_id=subnets[turn % len(subnets)],
            metadata_options=data.get("MetadataOptions", {}),
            monitoring_state="enabled" if data.get("Monitoring", {}).get("Enabled") else "disabled",
            ebs_optimized=data.get("EbsOptimized", False),
            instance_initiated_shutdown_behavior=data.get("InstanceInitiatedShutdownBehavior"),
            instance_market_options={"MarketType": "spot"} if _is_spot(group) else None,
        )
        for instance in reservation.instances:
            instance.autoscaling_group = group
            for nic in instance.nics.values():
                nic.add_tags(specified.get("network-interface", {}))
                nic.delete_on_termination = True
            protected = group.new_instances_protected_from_scale_in
            group.instance_states.append(InstanceState(instance, protected_from_scale_in=protected))


def _user_data(data: dict[str, Any]) -> Any:
    text = data.get("UserData")  # of later versions moto keeps the plain text
    return Base64EncodedString(text) if isinstance(text, str) else text


def _instance_type(group: Any, data: dict[str, Any]) -> str:
    policy = (group.mixed_instances_policy or {}).get("LaunchTemplate", {})
    overrides = [one["InstanceType"] for one in policy.get("Overrides", [])]
    return overrides[0] if overrides else data["InstanceType"]


def _is_spot(group: Any) -> bool:
    distribution = (group.mixed_instances_policy or {}).get("InstancesDistribution", {})
    on_demand = int(distribution.get("OnDemandBaseCapacity", 0))
    share = int(distribution.get("OnDemandPercentageAboveBaseCapacity", 100))
    return share == 0 and len(group.instance_states) >= on_demand


def _block_devices(data: dict[str, Any]) -> list[dict[str, Any]]:
    root = {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 8, "DeleteOnTermination": True}}
    return data.get("BlockDeviceMappings") or [root]
