"""Any number of stacks and pools share an account, a project and a region: no two names meet."""

import copy
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local_clouds import aws, gcp
from local_clouds.resource import ResourceType
from tests import stacks
from tests.recorder import PROJECT, Recorder, Registration, run

FIXED = {
    "gcp:serviceaccount/account:Account": "accountId",
    "gcp:projects/iAMCustomRole:IAMCustomRole": "roleId",
    "gcp:secretmanager/secret:Secret": "secretId",
}
"""Physical names that the program makes: their alphabets or lengths do not fit autonames."""

INSIDE_ANOTHER = {
    "aws:autoscaling/lifecycleHook:LifecycleHook": "autoscalingGroupName",
    "gcp:compute/perInstanceConfig:PerInstanceConfig": "instanceGroupManager",
}
"""Names that need to be unique within another resource only, and what that is."""

NAMES = ("name", "namePrefix", "accountId", "roleId", "secretId")
_SUFFIX = len("-0123456")

_start = st.sampled_from(["a", "codeintel", "batches-eu", "x" * 22])
pool_names = st.builds(lambda start, end: f"{start}{end}", _start, st.sampled_from(["", "0", "-1"]))
stack_names = st.sampled_from(
    ["dev", "Dev", "dev.", "dev-a", "dev_a", "prod", "p" * 99, "p" * 100, "p" * 99 + "q"]
)
queues = st.sampled_from(["codeintel", "batches"])


@pytest.fixture(scope="module")
def types() -> dict[str, ResourceType]:
    nowhere = "http://127.0.0.1:1"
    return {**aws.provider(nowhere).resources, **gcp.provider(nowhere).resources}


@st.composite
def programs(draw: st.DrawFn) -> dict[str, dict[str, Any]]:
    """Configurations of two to four stacks of one Sourcegraph, by stack name."""
    names = draw(st.lists(stack_names, min_size=2, max_size=4, unique=True))
    configs = {}
    for name in names:
        config = stacks.dev()
        blocks = [
            {"aws": config[f"{PROJECT}:pools"]["codeintel"]["aws"]},
            {"gcp": config[f"{PROJECT}:pools"]["batches"]["gcp"]},
        ]
        chosen = draw(st.lists(pool_names, min_size=1, max_size=4, unique=True))
        config[f"{PROJECT}:pools"] = {
            pool: {"queue": draw(queues), "min": 1, "max": 3, **copy.deepcopy(blocks[i % 2])}
            for i, pool in enumerate(chosen)
        }
        configs[name] = config
    return configs


def named(recorder: Recorder, types: dict[str, ResourceType]) -> Iterator[tuple[str, str]]:
    """Type and physical name of everything whose name the program chose."""
    for made in recorder.all:
        if made.custom and made.type in types and made.type not in INSIDE_ANOTHER:
            for key in NAMES:
                if key in made.inputs and _is_physical(made, key, types):
                    yield made.type, made[key]


def _is_physical(made: Registration, key: str, types: dict[str, ResourceType]) -> bool:
    rule = types[made.type].autoname
    return FIXED.get(made.type) == key or (rule is not None and rule.property == key)


@settings(
    max_examples=12,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(programs())
def test_no_two_stacks_and_no_two_pools_have_a_name_in_common(
    types: dict[str, ResourceType], configs: dict[str, dict[str, Any]]
) -> None:
    made = [run(config, stack=stack) for stack, config in configs.items()]
    names = Counter(name for recorder in made for name in named(recorder, types))
    assert [name for name, count in names.items() if count > 1] == []
    members = Counter(
        (one["project"], one["role"], one["member"])
        for recorder in made
        for one in recorder.of("IAMMember")
    )
    assert [member for member, count in members.items() if count > 1] == []
    tags = {one["tags"]["executor_tag"] for recorder in made for one in recorder.of("User")}
    with_aws = [recorder for recorder in made if recorder.of("User")]
    assert len(tags) == len(with_aws)


def test_the_program_chooses_no_name_but_those(types: dict[str, ResourceType]) -> None:
    """Everything else gets the engine's: the logical name, and seven random digits."""
    made = run(stacks.everything())
    chosen = {kind for kind, _ in named(made, types)}
    assert chosen == FIXED.keys()
    for one in (one for one in made.all if one.custom and one.type in types):
        rule = types[one.type].autoname
        if rule is not None:
            assert len(one.name) + _SUFFIX <= rule.max_length, one.urn
        if one.type in INSIDE_ANOTHER:
            assert INSIDE_ANOTHER[one.type] in one.inputs


def test_a_name_that_two_stacks_would_share_is_found(
    types: dict[str, ResourceType], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The property test sees what it looks for: a naming function that forgets the stack."""
    from components.gcp import identity  # noqa: PLC0415

    monkeypatch.setattr(identity, "physical_name", lambda *_: "sg-same-name")
    config = stacks.with_pool("batches", min=1, max=4)
    made = [run(config, stack=stack) for stack in ("one", "two")]
    names = Counter(name for recorder in made for name in named(recorder, types))
    assert any(count > 1 for count in names.values())
