"""The simulator reads what the real engine prints, before the first `up` and after it."""

import json

import pytest

from local_clouds.clouds import Clouds
from preview import Preview, PreviewError
from simulator.machine import Machine
from simulator.read import System, systems
from tests import stacks
from tests.engine.conftest import stack
from tests.simulator.previews import systems_of

pytestmark = pytest.mark.engine
CONFIG = stacks.three_pools("aws", "gcp")


def read(digest: object) -> list[System]:
    return systems(Preview.of(json.loads(json.dumps(digest))))


def test_a_first_preview_shows_what_the_program_declares(clouds: Clouds) -> None:
    hours = {"cron": "30 7 * * MON-FRI", "duration": "10h", "min": 2}
    both = {name: {"schedules": {"day": hours}} for name in ("codeintel", "batches")}
    for config in (stacks.dev(), CONFIG, stacks.with_pools(both)):
        assert read(stack(clouds, config).digest()) == list(systems_of(config).values())


def test_a_stack_that_is_up_and_unchanged_shows_the_same(
    clouds: Clouds, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack(clouds, CONFIG).up()
    digest = stack(clouds, CONFIG).digest()
    assert {step["op"] for step in digest["steps"]} == {"same"}
    scripts = []
    of_boot = Machine.of_boot
    monkeypatch.setattr(Machine, "of_boot", lambda boot: scripts.append(boot) or of_boot(boot))
    found = read(digest)
    assert len(scripts) == 6, "the VMs' settings come from the boot scripts"
    assert found == list(systems_of(CONFIG).values())


def test_a_preview_without_what_stays_the_same_is_refused(clouds: Clouds) -> None:
    digest = stack(clouds, CONFIG).digest()
    template = next(s for s in digest["steps"] if s["urn"].endswith("Template::executors-ci-aws"))
    digest["steps"].remove(template)
    with pytest.raises(PreviewError, match="--show-sames"):
        read(digest)


def test_nothing_in_a_digest_is_secret(clouds: Clouds) -> None:
    local = stack(clouds, CONFIG)
    digest = json.dumps(local.digest())
    token = local.outputs()["awsMetricWriterKey"].value
    assert token not in digest
    assert json.loads(digest)["config"]["sourcegraph-executors:accessToken"] == "[secret]"
