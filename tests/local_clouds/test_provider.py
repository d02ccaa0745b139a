"""The provider framework, on a cloud that is a dictionary."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pulumi
import pulumi_aws as aws
import pytest
from pulumi.provider.experimental import provider as protocol
from pulumi.runtime import rpc

from local_clouds.provider import LocalProvider
from local_clouds.resource import Autoname, Failure, Properties, ResourceType
from local_clouds.rules import between, conflicts, exactly_one, length, matches, one_of
from local_clouds.values import UNKNOWN, contains_unknown, to_value
from tests.local_clouds.driver import Engine, Made

TOKEN = "aws:secretsmanager/secret:Secret"


class Memory:
    """A cloud of secrets; `touched` counts the updates, as an output that changes."""

    def __init__(self) -> None:
        self.stored: dict[str, Properties] = {}

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        self.stored[inputs["name"]] = inputs | {"arn": f"arn:{inputs['name']}"}
        return inputs["name"], self.stored[inputs["name"]]

    def read(self, resource_id: str, state: Properties) -> Properties | None:
        del state
        return self.stored.get(resource_id)

    def update(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        del state
        self.stored[resource_id] = inputs | {"arn": f"arn:{inputs['name']}:new"}
        return self.stored[resource_id]

    def delete(self, resource_id: str, state: Properties) -> None:
        del state
        self.stored.pop(resource_id, None)


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def engine(memory: Memory) -> Engine:
    secret = ResourceType(
        token=TOKEN,
        args=aws.secretsmanager.SecretArgs,
        lifecycle=memory,
        force_new=frozenset({"name"}),
        in_place=frozenset({"description", "tags", "recoveryWindowInDays", "replicas"}),
        autoname=Autoname(max_length=20, pattern=r"[a-z0-9-]+"),
        check=lambda inputs: (
            [Failure("description", "is rude.")] if inputs.get("description") == "rude" else []
        ),
        volatile_outputs=frozenset({"arn"}),
        secret_outputs=frozenset({"policy"}),
    )
    return Engine(LocalProvider(name="aws", settings=aws.ProviderArgs, resources=[secret]))


class TestSchema:
    @pytest.mark.parametrize(
        ("inputs", "path"),
        [
            ({"descriptoin": "typo"}, "descriptoin"),
            ({"description": 3}, "description"),
            ({"recoveryWindowInDays": "7"}, "recoveryWindowInDays"),
            ({"recoveryWindowInDays": 7.5}, "recoveryWindowInDays"),
            ({"recoveryWindowInDays": True}, "recoveryWindowInDays"),
            ({"tags": {"a": 1}}, "tags.a"),
            ({"tags": ["a"]}, "tags"),
            ({"replicas": [{}]}, "replicas[0].region"),
            ({"replicas": [{"region": "x", "zone": "y"}]}, "replicas[0].zone"),
            ({"kmsKeyId": "k"}, "kmsKeyId"),  # in the schema, but not in the table
        ],
    )
    def test_what_the_sdk_does_not_declare_is_refused_with_its_path(
        self, engine: Engine, inputs: dict[str, Any], path: str
    ) -> None:
        assert engine.failures(TOKEN, inputs).keys() == {path}

    def test_unknown_values_pass_at_every_level(self, engine: Engine) -> None:
        inputs = {"description": UNKNOWN, "tags": {"a": UNKNOWN}, "replicas": [{"region": UNKNOWN}]}
        assert engine.failures(TOKEN, inputs) == {}

    def test_a_type_that_the_provider_lacks_is_refused(self, engine: Engine) -> None:
        assert "no aws:x/y:Z" in engine.failures("aws:x/y:Z", {})[""]

    def test_the_types_own_rules_are_applied(self, engine: Engine) -> None:
        assert engine.failures(TOKEN, {"description": "rude"}) == {"description": "is rude."}


class TestAutonames:
    def test_a_name_is_the_logical_name_and_seven_hex_digits(self, engine: Engine) -> None:
        assert pytest.approx(len(engine.create(TOKEN, {})["name"])) == len("thing-") + 7

    def test_the_name_stays_when_the_resource_is_checked_again(self, engine: Engine) -> None:
        made = engine.create(TOKEN, {}, name="thing")
        made.inputs["name"] = to_value("thing-0000000")
        assert engine.checked(TOKEN, {}, old=made)["name"].value == "thing-0000000"

    def test_a_name_that_the_service_would_refuse_fails_the_check(self, engine: Engine) -> None:
        for name in ("much-too-long-for-it", "Upper"):
            response = engine.check(TOKEN, {}, name=name)
            assert [failure.property for failure in response.failures or []] == ["name"]


class TestDiff:
    def test_the_same_program_changes_nothing(self, engine: Engine) -> None:
        made = engine.create(TOKEN, {"description": "d"})
        assert not engine.diff(made, {"description": "d"}).changes

    @pytest.mark.parametrize("inputs", [{"description": "e"}, {}, {"description": "d", "tags": {}}])
    def test_changed_removed_and_added_properties_update(
        self, engine: Engine, inputs: dict[str, Any]
    ) -> None:
        diff = engine.diff(engine.create(TOKEN, {"description": "d"}), inputs)
        assert diff.changes
        assert diff.replaces == []

    def test_a_fixed_name_is_deleted_before_it_is_replaced(self, engine: Engine) -> None:
        made = engine.create(TOKEN, {"name": "one"})
        changed_name = engine.diff(made, {"name": "two"})
        assert (changed_name.replaces, changed_name.delete_before_replace) == (["name"], False)

    def test_a_value_that_is_not_known_yet_counts_as_changed(self, engine: Engine) -> None:
        made = engine.create(TOKEN, {"description": "d"})
        assert engine.diff(made, {"description": UNKNOWN}).diffs == ["description"]


class TestPreview:
    def test_outputs_of_a_create_are_unknown_and_inputs_are_echoed(self, engine: Engine) -> None:
        outputs = engine.preview_create(TOKEN, {"description": "d"})
        assert outputs["description"] == "d"
        assert outputs["arn"] is UNKNOWN

    def test_an_update_makes_only_volatile_outputs_unknown(self, engine: Engine) -> None:
        made = engine.create(TOKEN, {"description": "d"})
        preview = engine.update(made, {"description": "e"}, preview=True)
        assert preview["arn"] is UNKNOWN
        assert not contains_unknown(preview["name"])


class TestSecrets:
    def test_a_secret_input_makes_its_output_secret(self, engine: Engine) -> None:
        made = engine.create(TOKEN, {"description": to_value("d", secret=True), "tags": {}})
        assert made.outputs["description"].is_secret
        assert not made.outputs["tags"].is_secret

    def test_a_secret_inside_a_map_makes_the_whole_map_secret(self, engine: Engine) -> None:
        tags = to_value({"a": "x"})
        made = engine.create(TOKEN, {"tags": tags.with_value({"a": to_value("x", secret=True)})})
        assert made.outputs["tags"].is_secret

    def test_a_failure_never_shows_the_value(self, engine: Engine) -> None:
        response = engine.check(TOKEN, {"recoveryWindowInDays": to_value("hunter2", secret=True)})
        assert all("hunter2" not in failure.reason for failure in response.failures or [])

    def test_refresh_keeps_secrets_secret(self, engine: Engine, memory: Memory) -> None:
        made = engine.create(TOKEN, {"description": to_value("d", secret=True)})
        memory.stored[made.id] = {**memory.stored[made.id], "description": "drifted"}
        read = engine.read(made)
        assert read is not None
        assert read.inputs["description"] == to_value("drifted", secret=True)
        assert read.outputs["description"].is_secret


class TestRefresh:
    def test_an_untouched_resource_reads_as_it_was(self, engine: Engine) -> None:
        made = engine.create(TOKEN, {"description": "d"})
        assert engine.read(made) == made

    def test_drift_shows_in_the_inputs_and_is_mended_by_the_next_run(
        self, engine: Engine, memory: Memory
    ) -> None:
        made = engine.create(TOKEN, {"description": "d"})
        memory.stored[made.id] = {**memory.stored[made.id], "description": "drifted"}
        read = engine.read(made)
        assert read is not None
        assert engine.diff(read, {"description": "d"}).diffs == ["description"]

    def test_a_resource_that_is_gone_reads_as_gone(self, engine: Engine, memory: Memory) -> None:
        made = engine.create(TOKEN, {})
        memory.stored.clear()
        assert engine.read(made) is None

    def test_an_import_reads_inputs_from_the_cloud(self, engine: Engine) -> None:
        made = engine.create(TOKEN, {"description": "d"})
        imported = engine.read(Made(TOKEN, made.id, {}, {}))
        assert imported is not None
        assert imported.inputs["description"] == to_value("d")


class TestSettings:
    def check(self, provider: LocalProvider, settings: dict[str, Any]) -> list[str]:
        values = {key: to_value(value) for key, value in settings.items()}
        request = protocol.CheckRequest("urn", {}, values, b"")
        response = asyncio.run(provider.check_config(request))
        return [failure.property for failure in response.failures or []]

    @pytest.fixture
    def provider(self) -> LocalProvider:
        return LocalProvider(
            name="aws",
            settings=aws.ProviderArgs,
            required_settings={"region"},
            resources=[],
        )

    @pytest.mark.parametrize(
        ("settings", "refused"),
        [
            ({"region": "us-east-1", "version": "7.0.0"}, []),
            ({"region": "us-east-1", "defaultTags": '{"tags": {"a": "b"}}'}, []),
            ({"region": "us-east-1", "accessKey": "123456"}, []),
            ({}, ["region"]),
            ({"region": "us-east-1", "regoin": "x"}, ["regoin"]),
            ({"region": "us-east-1", "defaultTags": '{"tag": {}}'}, ["defaultTags.tag"]),
        ],
    )
    def test_settings_are_those_of_the_real_provider(
        self, provider: LocalProvider, settings: dict[str, Any], refused: list[str]
    ) -> None:
        assert self.check(provider, settings) == refused


def rules() -> Iterator[Any]:
    yield one_of("a", "x"), {"a": "x"}, {"a": "y"}
    yield matches("a[]", "x+", "x"), {"a": ["x", "xx"]}, {"a": ["x", "y"]}
    yield length("a", 1, 2), {"a": "xy"}, {"a": "xyz"}
    yield between("a[].b", 1, 2), {"a": [{"b": 1}, {}]}, {"a": [{"b": 3}]}
    yield conflicts("a", "b"), {"a": 1}, {"a": 1, "b": 1}
    yield exactly_one("a", "b"), {"b": 1}, {}


@pytest.mark.parametrize(("rule", "good", "bad"), list(rules()))
def test_rules_accept_good_refuse_bad_and_skip_unknown(rule: Any, good: Any, bad: Any) -> None:
    assert rule(good) == []
    assert len(rule(bad)) == 1
    assert rule({"a": UNKNOWN}) == []


def test_the_unknown_value_is_the_engines_sentinel() -> None:
    assert to_value(UNKNOWN).value == rpc.UNKNOWN
    assert pulumi.UNKNOWN is not UNKNOWN
