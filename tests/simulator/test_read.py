"""A stack's pools are read from what it declares, not from its configuration."""

import copy
from dataclasses import replace
from typing import Any

import pytest

from components.boot import BootSpec, render, user_data
from preview import UNKNOWN, Boot, BootScriptError, Preview, PreviewError, Resource, boot_of
from simulator.declared import AwsPool, GcpPool, ScaleInControl
from simulator.machine import Machine, go_seconds
from simulator.read import systems
from tests import stacks
from tests.simulator.previews import altered, preview, systems_of


def aws_pool(config: dict[str, Any]) -> AwsPool:
    (pool,) = systems_of(config)["codeintel"].pools
    assert isinstance(pool, AwsPool)
    return pool


def gcp_pool(config: dict[str, Any]) -> GcpPool:
    (pool,) = systems_of(config)["batches"].pools
    assert isinstance(pool, GcpPool)
    return pool


def test_the_dev_stacks_pool_on_aws() -> None:
    pool = aws_pool(stacks.dev())
    assert (pool.smallest, pool.largest, pool.zones) == (0, 10, 2)
    assert pool.hook
    assert pool.hook.timeout == 1800
    assert not pool.rebalances
    assert not pool.replaces_running
    assert pool.spot_part == 0
    out, lull = sorted(pool.alarms, key=lambda alarm: alarm.periods)
    assert (out.periods, out.threshold, lull.periods, lull.threshold) == (1, 1, 3, 0)
    assert [step.adjustment for step in out.policy.steps] == list(range(1, 11))
    assert out.policy.warmup == 0
    assert {metric.queue for metric in out.metrics.values()} == {"codeintel", None}


def test_the_dev_stacks_pool_on_gcp() -> None:
    pool = gcp_pool(stacks.dev())
    assert (pool.smallest, pool.largest, pool.first_size, pool.zones) == (1, 6, 1, 2)
    assert (pool.mode, pool.series, pool.stabilization) == ("ONLY_SCALE_OUT", {"batches": 4}, 60)
    assert pool.scale_in == ScaleInControl(window=840.0, percent=80)


def test_a_spot_pool_that_interrupts() -> None:
    config = stacks.with_pool("batches", gcp={"spot": True, "scaleIn": "interrupt"})
    pool = gcp_pool(config)
    assert (pool.mode, pool.stabilization, pool.spot_part) == ("ON", 600, 1)
    assert pool.scale_in is None


def test_the_vms_settings_come_from_the_boot_script() -> None:
    config = stacks.with_pools(
        {"codeintel": {"maximumNumJobs": 3, "numTotalJobs": 70, "maxActiveTime": "90m"}}
    )
    machine = aws_pool(config).machine
    assert (machine.slots, machine.total_jobs, machine.active_time) == (3, 70, "90m")
    assert (machine.job_seconds, machine.stop_seconds, machine.agent) == (1800, 2100, True)
    assert 0.8 * 5400 <= machine.active_seconds("i-1") < 5400


def unknown(resource: Resource) -> Resource:
    """A template as the preview before the first `up` shows it."""
    inputs = copy.deepcopy(dict(resource.inputs))
    if "userData" in inputs:
        inputs["userData"] = UNKNOWN
    if "startup-script" in inputs.get("metadata", {}):
        inputs["metadata"]["startup-script"] = UNKNOWN
    return replace(resource, inputs=inputs)


def test_before_the_first_up_the_settings_are_the_configurations() -> None:
    known = preview(stacks.dev())
    assert systems(altered(known, unknown)) == systems(known)


def test_pools_with_a_queue_in_common_are_one_system() -> None:
    found = systems_of(stacks.three_pools("aws", "gcp"))
    assert list(found) == ["all-aws+all-gcp+ba-aws+ba-gcp+ci-aws+ci-gcp"]
    (system,) = found.values()
    assert system.queues == ("batches", "codeintel")
    assert system.largest == 18
    assert system.allocations["batches", "aws"] == 0.5


def test_a_queue_of_one_cloud_is_published_whole() -> None:
    assert systems_of(stacks.dev())["codeintel"].allocations["codeintel", "aws"] == 1


def test_a_paused_pool_and_one_of_a_fixed_size() -> None:
    paused = aws_pool(stacks.with_pool("codeintel", paused=True))
    fixed = gcp_pool(stacks.with_pool("batches", min=3, max=3))
    assert (paused.largest, paused.alarms) == (0, ())
    assert (fixed.smallest, fixed.largest, fixed.series) == (3, 3, {})


def test_a_preview_that_failed_is_not_read() -> None:
    with pytest.raises(PreviewError, match="failed: no passphrase"):
        systems(Preview(errors=("no passphrase",)))


def test_a_preview_without_what_stays_the_same_says_how_to_print_it() -> None:
    kept = altered(preview(stacks.dev()), lambda one: None if "LaunchTemplate" in one.type else one)
    with pytest.raises(PreviewError, match="--show-sames"):
        systems(kept)


def test_what_is_not_simulated_is_refused() -> None:
    def tracking(one: Resource) -> Resource:
        if not one.type.endswith("autoscaling/policy:Policy"):
            return one
        return replace(one, inputs={**one.inputs, "policyType": "TargetTrackingScaling"})

    with pytest.raises(PreviewError, match="TargetTrackingScaling is not simulated"):
        systems(altered(preview(stacks.dev()), tracking))


SPEC = BootSpec(
    cloud="gcp",
    environment={"EXECUTOR_QUEUE_NAMES": "codeintel,batches"},
    secret_environment={},
    use_firecracker=False,
    stop_timeout_seconds=77,
)


def test_what_the_script_leaves_out_is_the_executors_default() -> None:
    machine = Machine.of_boot(Boot.of_script(render(SPEC)))
    assert machine.queues == ("batches", "codeintel")
    assert (machine.slots, machine.active_seconds("i"), machine.total_jobs) == (1, 0, 0)
    assert (machine.job_seconds, machine.stop_seconds) == (1800, 77)


@pytest.mark.parametrize("data", ["", "IyEvYmluL3No", user_data("#!/bin/sh\ntrue\n")])
def test_a_strange_boot_script_is_refused(data: str) -> None:
    with pytest.raises(BootScriptError):
        boot_of({"userData": data})


@pytest.mark.parametrize(("text", "seconds"), [("1h30m", 5400), ("250ms", 0.25), ("0", 0)])
def test_go_durations(text: str, seconds: float) -> None:
    assert go_seconds(text) == seconds
