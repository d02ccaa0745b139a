"""Whatever a stack file holds, `load` answers with a deployment or with readable problems."""

import json
import time
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from components.config import ConfigError, Deployment, RawConfig, load
from tests.unit.stacks import AWS, GCP, GOOD, PROVIDERS, TOKEN, changed, raw
from tests.unit.test_config_refusals import JARGON

LONGEST_MESSAGE = 200_000

RICH = changed(
    {
        "elsewhere": {"codeintel": {"aws": 0.5}},
        "metricWriter": {"gcp": "keyless"},
        "machineSizes": {"m9x.4xlarge": {"cpus": 16, "memory": "64G"}},
        "pools.codeintel.schedules": {
            "day": {"cron": "0 8 * * 1-5", "timeZone": "Europe/Rome", "duration": "9h", "min": 2}
        },
        "pools.codeintel.environment": {"EXECUTOR_KEEP_WORKSPACES": "true"},
        "pools.codeintel.share": {"codeintel": 0.5},
        "pools.codeintel.proxy": {"http": "http://proxy:3128", "noProxy": ["localhost"]},
        "pools.both": {"queues": ["batches", "codeintel"], "min": 2, "max": 2, "gcp": GCP},
        "pools.spare": {"queue": "batches", "min": 1, "aws": AWS},
    }
)

texts = st.one_of(
    st.text(max_size=20),
    st.text(st.characters(categories=["Cs", "Cc", "Zl"]), min_size=1, max_size=3),
    st.sampled_from(["9" * 5000, "a" * 50_000, "1h" * 9000, "https://" + "a@" * 9000, "//[::1"]),
    st.sampled_from(["0", "6h", "12G", "codeintel", "batches", "us-east-1a", "", "null", "on"]),
)
numbers = st.one_of(
    st.integers(),
    st.floats(),
    st.sampled_from([0, 1, -1, 0.5, 10**30, -(10**400), 10**4299, float("nan"), float("inf")]),
)
keys = st.one_of(texts, st.sampled_from(["aws", "gcp", "queue", "queues", "sourcegraph", "min"]))
junk = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Every path into a stack file."""
    inside = value.items() if isinstance(value, dict) else []
    inside = enumerate(value) if isinstance(value, list) else inside
    return [path, *(place for key, inner in inside for place in places(inner, (*path, key)))]


PLACES = [place for place in places(RICH) if place]


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """The rich stack with one to four values replaced, deleted, renamed or added."""
    stack = json.loads(json.dumps(RICH))
    for _ in range(draw(st.integers(1, 4))):
        *parents, last = draw(st.sampled_from(PLACES))
        place: Any = stack
        for part in parents:
            known = isinstance(place, dict) and part in place
            known = known or (
                isinstance(place, list) and isinstance(part, int) and part < len(place)
            )
            place = place[part] if known else {}
        action = draw(st.sampled_from(["replace", "delete", "rename", "add"]))
        if action == "replace" and isinstance(place, dict):
            place[last] = draw(junk)
        elif action == "replace" and isinstance(place, list):
            place.append(draw(junk))
        elif isinstance(place, dict):
            value = place.get(last) if action == "add" else place.pop(last, None)
            if action != "delete":
                place[draw(keys)] = value if action == "rename" else draw(junk)
    return stack


def outcome(config: RawConfig) -> Deployment | ConfigError:
    try:
        return load(config)
    except ConfigError as error:
        return error


def check(config: RawConfig) -> None:
    """`load` keeps its promises for this configuration."""
    answer = outcome(config)
    if isinstance(answer, Deployment):
        return
    assert answer.problems
    assert len(str(answer)) < LONGEST_MESSAGE
    for problem in answer.problems:
        line = str(problem)
        assert line.isprintable()
        line.encode()
        assert not JARGON.search(f"{problem.allowed} {problem.fix}"), line


@settings(max_examples=400, deadline=None, database=None)
@given(mutated())
def test_a_mutated_stack_is_loaded_or_refused(stack: dict[str, Any]) -> None:
    check(raw(stack))


@settings(max_examples=150, deadline=None, database=None)
@given(st.dictionaries(st.sampled_from([*GOOD, "elsewhere", "instanceTag", "x"]), texts | junk))
@example({"pools": "[" * 100_000})
@example({"pools": '{"a":' * 5000 + "1" + "}" * 5000})
@example({"executors": "[" * 199 + "]" * 199})
@example({"pools": '{"a": "\\ud800"}'})
@example({"sourcegraph": '{"version": 1' + "0" * 5000 + "}"})
def test_whatever_stands_under_the_top_level_keys_is_loaded_or_refused(values: dict) -> None:
    check(raw(values))


@settings(max_examples=150, deadline=None, database=None)
@given(
    st.dictionaries(
        st.sampled_from(["accessToken", "dockerAuthConfig", "privateCaCertificate"]), texts
    ),
    st.dictionaries(st.sampled_from([*PROVIDERS]), texts),
)
def test_whatever_secrets_and_provider_settings_hold_is_loaded_or_refused(
    secrets: dict[str, str], providers: dict[str, str]
) -> None:
    check(raw(secrets=secrets, providers=providers))
    check(raw(secrets={"accessToken": TOKEN, **secrets}, providers={**PROVIDERS, **providers}))


def test_a_hundred_pools_load_in_well_under_a_second() -> None:
    good = {f"p{i}": {"queue": "codeintel", "aws": AWS} for i in range(100)}
    bad = {name: {**pool, "min": "0", "firecracker": 1} for name, pool in good.items()}
    for pools in (good, bad):
        start = time.perf_counter()
        check(raw({**GOOD, "pools": pools}))
        assert time.perf_counter() - start < 1
