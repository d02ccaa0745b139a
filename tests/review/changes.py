"""Pull requests, as edits of this repository's files."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.pulumi_cli import Edit

STACK = "Pulumi.dev.yaml"


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a pull request edits, and the exit code of its review."""

    edits: tuple[Edit, ...] = ()
    secrets: Mapping[str, str] = field(default_factory=dict)
    base: tuple[Edit, ...] = ()
    """What the deployed stack differs in from the committed one."""
    deployed: bool = True
    code: int = 0
    title: str = ""
    """Set for an example of the documentation."""


def _stack(old: str, new: str) -> Edit:
    return Edit(STACK, old, new)


_CODEINTEL = """\
    codeintel:
      queue: codeintel
      min: 0 # nothing runs, and nothing is paid for, while the queue is empty
      max: 10
      aws:
        zones: [us-east-1a, us-east-1b]
        machineTypes: [m8i.4xlarge, m7i.4xlarge] # 16 CPUs, 64 GiB, nested virtualization
        image: ami-0e5ec0de000000610
        bootDiskSize: 200 # GiB
"""
_BATCHES = """\
    batches:
      queue: batches
      min: 1
      max: 6
      gcp:
        zones: [us-central1-a, us-central1-b]
        machineType: n2-standard-16
        image: projects/sourcegraph-ci/global/images/sourcegraph-executors-6-10-0
        bootDiskSize: 200 # GB
"""
_SPOT = """\
    codeintel-spot:
      queue: codeintel
      max: 5
      aws:
        spot: true
        zones: [us-east-1a]
        machineTypes: [m8i.4xlarge]
        image: ami-0e5ec0de000000610
        bootDiskSize: 200
"""
_NETWORK = "  sourcegraph-executors:network: {cidr: 10.8.0.0/16}\n"
_POOLS = "  sourcegraph-executors:pools:\n"
_MORNINGS = "      schedules: {mornings: {cron: 0 7 * * MON-FRI, duration: 2h, min: 4}}\n"
_PAUSED = _stack("      max: 10\n", "      max: 10\n      paused: true\n")
_SSH = """\
        vpc.SecurityGroupIngressRule(
            f"{name}-ssh",
            region=region,
            security_group_id=group.id,
            ip_protocol="tcp",
            from_port=22,
            to_port=22,
            cidr_ipv4="0.0.0.0/0",
            opts=child,
        )
        cidrs = args.pool.executor.metrics_access_cidrs
"""
_AUTH = '{"auths": {"registry.example.com": {"auth": "bWFkZTp1cA=="}}}'

CHANGES = {
    "image-bump": Change(
        title="A new image for both pools",
        edits=(
            _stack("image: ami-0e5ec0de000000610", "image: ami-0e5ec0de000000611"),
            _stack("executors-6-10-0", "executors-6-10-1"),
        ),
    ),
    "doubled-max": Change(
        title="Twice as many VMs",
        edits=(_stack("max: 10\n", "max: 20\n"), _stack("max: 6\n", "max: 12\n")),
    ),
    "port-22-open": Change(
        title="SSH from everywhere",
        code=3,
        edits=(
            Edit(
                "components/aws/firewall.py",
                "        cidrs = args.pool.executor.metrics_access_cidrs\n",
                _SSH,
            ),
        ),
    ),
    "network-replaced": Change(
        title="Another address range",
        code=3,
        edits=(_stack(_POOLS, f"{_NETWORK}{_POOLS}"),),
    ),
    "comment-only": Change(
        title="Another comment",
        edits=(_stack("# 16 CPUs, 64 GiB, nested virtualization", "# Firecracker runs in these"),),
    ),
    "first-preview": Change(deployed=False),
    "bad-stack": Change(edits=(_stack("max: 10\n", "max: -1\n"),), code=1),
    "token-rotated": Change(secrets={"accessToken": "another-token-0123456789"}),
    "registry-credentials": Change(secrets={"dockerAuthConfig": _AUTH}, code=3),
    "pool-paused": Change(edits=(_PAUSED,)),
    "pool-removed": Change(edits=(_stack(_BATCHES, ""),), code=3),
    "pool-added": Change(edits=(_stack(_CODEINTEL, f"{_CODEINTEL}{_SPOT}"),)),
    "other-machines": Change(
        edits=(
            _stack("[m8i.4xlarge, m7i.4xlarge]", "[m8i.8xlarge]"),
            _stack("machineType: n2-standard-16", "machineType: n2-standard-32"),
            _stack("bootDiskSize: 200 # GiB", "bootDiskSize: 300 # GiB"),
            _stack("bootDiskSize: 200 # GB", "bootDiskSize: 300 # GB"),
        )
    ),
    "other-jobs": Change(
        edits=(
            _stack("maximumRuntimePerJob: 30m", "maximumRuntimePerJob: 45m"),
            _stack("maximumNumJobs: 4", "maximumNumJobs: 3"),
            _stack("    jobNumCpus: 4\n", "    jobNumCpus: 4\n    maxActiveTime: 3h\n"),
        )
    ),
    "secret-in-clear": Change(
        code=3,
        edits=(
            _stack(
                "    jobNumCpus: 4\n",
                "    jobNumCpus: 4\n    environment: {NPM_TOKEN: made-up-for-this-test}\n",
            ),
        ),
    ),
    "metrics-open": Change(
        code=3,
        edits=(
            _stack(
                "    jobNumCpus: 4\n", "    jobNumCpus: 4\n    metricsAccessCidrs: [0.0.0.0/0]\n"
            ),
        ),
    ),
    "wider-roles": Change(
        code=3,
        edits=(
            Edit("components/aws/identity.py", 'SHIPPING = ["', 'SHIPPING = ["s3:*", "'),
            Edit("components/gcp/identity.py", 'ROLES = ("', 'ROLES = ("roles/editor", "'),
        ),
    ),
    "interrupting": Change(
        code=3,
        edits=(
            _stack(
                "        bootDiskSize: 200 # GB\n",
                "        bootDiskSize: 200 # GB\n        scaleIn: interrupt\n",
            ),
        ),
    ),
    "moved": Change(
        code=3, edits=(_stack("[us-central1-a, us-central1-b]", "[us-central1-c, us-central1-f]"),)
    ),
    "keyless": Change(
        code=3,
        edits=(
            _stack(_POOLS, f"  sourcegraph-executors:metricWriter: {{gcp: keyless}}\n{_POOLS}"),
        ),
    ),
    "slower-scaling": Change(
        edits=(Edit("components/step_scaling.py", '{"out": 1, "in": 3}', '{"out": 10, "in": 3}'),)
    ),
    "one-size": Change(edits=(_stack("min: 1\n", "min: 6\n"),)),
    "schedule-added": Change(
        edits=(
            _stack("      max: 10\n", f"      max: 10\n{_MORNINGS}"),
            _stack("      max: 6\n", f"      max: 6\n{_MORNINGS}"),
        )
    ),
    "lower-max": Change(edits=(_stack("max: 10\n", "max: 4\n"),)),
    "zone-removed": Change(code=3, edits=(_stack("[us-east-1a, us-east-1b]", "[us-east-1a]"),)),
    "paused-pool-removed": Change(
        code=3, base=(_PAUSED,), edits=(_stack(_CODEINTEL.replace(_PAUSED.old, _PAUSED.new), ""),)
    ),
}
"""By name. A paused pool that is the last of its cloud takes network and key with it."""
