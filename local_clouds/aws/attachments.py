"""What a VM takes for itself, a volume or an address, where moto asks less than EC2 does.

moto attaches a volume twice, and over zones, and gives an address that another interface has.
`install` makes moto refuse these as EC2 does (EC2 API, AttachVolume and AssignPrivateIpAddresses).
"""

import ipaddress
from typing import Any

from moto.ec2.exceptions import EC2ClientError, VolumeInUseError
from moto.ec2.models.elastic_block_store import EBSBackend
from moto.ec2.responses.elastic_network_interfaces import ElasticNetworkInterfaces

_attach = EBSBackend.attach_volume
_assign = ElasticNetworkInterfaces.assign_private_ip_addresses


def install() -> None:
    """Make moto's EC2 in this process as strict as EC2."""
    setattr(EBSBackend, "attach_volume", _attach_checked)  # noqa: B010
    setattr(ElasticNetworkInterfaces, "assign_private_ip_addresses", _assign_checked)  # noqa: B010


def _attach_checked(
    backend: Any, volume_id: str, instance_id: str, device_path: str, *more: Any, **rest: Any
) -> Any:
    volume, instance = backend.get_volume(volume_id), backend.get_instance(instance_id)
    if volume.attachment:
        raise VolumeInUseError(volume_id, volume.attachment.instance.id)
    zone = instance.placement.zone
    if volume.zone.name != zone:
        message = f"The volume '{volume_id}' is not in the same availability zone as the instance."
        raise EC2ClientError("InvalidVolume.ZoneMismatch", message)
    if instance.state not in {"running", "stopped"}:
        message = f"Instance '{instance_id}' is not 'running'."
        raise EC2ClientError("IncorrectState", message)
    return _attach(backend, volume_id, instance_id, device_path, *more, **rest)


def _assign_checked(response: Any) -> Any:
    backend = response.ec2_backend
    interface = backend.get_network_interface(response._get_param("NetworkInterfaceId"))
    may_move = response._get_bool_param("AllowReassignment", False)
    for address in response._get_param("PrivateIpAddresses", []):
        if ipaddress.ip_address(address) not in ipaddress.ip_network(interface.subnet.cidr_block):
            raise _refused(f"Address {address} does not fall within the subnet's address range")
        for other in backend.enis.values():
            entries = [e for e in other.private_ip_addresses if e["PrivateIpAddress"] == address]
            if other.subnet.id != interface.subnet.id or not entries:
                continue
            if entries[0]["Primary"] or not (may_move or other is interface):
                raise _refused(f"[{address}] is already in use")
            other.private_ip_addresses.remove(entries[0])
    return _assign(response)


def _refused(message: str) -> EC2ClientError:
    return EC2ClientError("InvalidParameterValue", message)
