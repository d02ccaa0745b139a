"""Every command of the runbooks, in their order, on one stack."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from components.deployer.aws_policy import MANAGED_POLICY_CHARACTERS
from local_clouds.clouds import Clouds
from tests.pulumi_cli import Cli
from tests.recorder import PROJECT, ROOT

pytestmark = pytest.mark.engine
RUNBOOKS = ROOT / "docs" / "runbooks"
TFVARS = ROOT / "tests" / "unit" / "terraform" / "aws.tfvars"


@dataclass(frozen=True)
class Desk:
    """Somebody who follows a page on the stack `prod`, which is up."""

    cli: Cli

    def follow(self, page: str) -> list[str]:
        """Run the commands of a page; what each block printed."""
        text = (ROOT / "docs" / page).read_text()
        blocks = re.findall(r"^ *```sh\n(.*?)^ *```", text, re.DOTALL | re.MULTILINE)
        return ["\n".join(map(self.type, block.splitlines())) for block in blocks]

    def type(self, line: str) -> str:
        """Run a line, and say yes."""
        return self.cli.sh(re.sub(r"\bpulumi (up|destroy)\b", r"pulumi \1 --yes", line.strip()))

    def config(self, stack: str = "prod") -> dict[str, Any]:
        """The project's own settings in the stack file."""
        text = (self.cli.checkout / f"Pulumi.{stack}.yaml").read_text()
        config = yaml.safe_load(text)["config"]
        return {key.removeprefix(f"{PROJECT}:"): value for key, value in config.items()}

    def outputs(self) -> dict[str, Any]:
        return json.loads(self.cli.sh("pulumi stack output --json --stack prod"))


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, clouds: Clouds) -> Iterator[Desk]:
    cli = Cli.start(tmp_path_factory.mktemp("runbooks") / "cli", clouds)
    cli.sh("cp Pulumi.dev.yaml Pulumi.prod.yaml && pulumi stack init prod")
    cli.sh("pulumi config set --secret accessToken && pulumi up --yes --skip-preview")
    yield Desk(cli)
    cli.sh("pulumi destroy --yes --skip-preview --stack prod")


def test_every_runbook_is_followed_here() -> None:
    followed = {
        "upgrade-sourcegraph",
        "replace-pool",
        "move-pool",
        "rotate-metric-key",
        "rotate-access-token",
        "leave-terraform",
    }
    assert {page.stem for page in RUNBOOKS.glob("*.md")} == {*followed, "README"}


def test_the_deployers_permissions_come_from_a_preview(desk: Desk) -> None:
    desk.follow("deployer.md")
    policy = json.loads((desk.cli.checkout / "deployer-policy.json").read_text())
    role = json.loads((desk.cli.checkout / "deployer-role.json").read_text())
    assert "iam:PassRole" in json.dumps(policy)
    assert len("".join(json.dumps(policy).split())) < MANAGED_POLICY_CHARACTERS
    assert "iam.serviceAccounts.actAs" in role["includedPermissions"]


def test_an_upgrade_replaces_no_group_and_no_vm(desk: Desk) -> None:
    before = desk.outputs()["pools"]
    desk.follow("runbooks/upgrade-sourcegraph.md")
    assert desk.config()["sourcegraph"]["version"] == "6.11"
    assert desk.outputs()["pools"] == before


def test_a_new_metric_key_is_there_before_the_old_one_goes(desk: Desk) -> None:
    old = desk.outputs()["sourcegraph"]["worker"]["environment"]
    _, worker, _ = desk.follow("runbooks/rotate-metric-key.md")
    new = desk.outputs()["sourcegraph"]["worker"]["environment"]
    key = "EXECUTOR_METRIC_AWS_ACCESS_KEY_ID"
    assert new[key] != old[key]
    assert f"{key}={new[key]}" in worker
    assert desk.config()["metricWriter"] == {"keys": ["2026-11"]}


def test_a_new_token_comes_while_nothing_runs(desk: Desk) -> None:
    old = desk.config()["accessToken"]
    desk.follow("runbooks/rotate-access-token.md")
    assert desk.config()["accessToken"] != old
    assert "paused" not in desk.config()["executors"]
    assert desk.outputs()["pools"]["batches"]["max"] == 6


def test_a_pool_is_replaced_by_another(desk: Desk) -> None:
    desk.follow("runbooks/replace-pool.md")
    assert desk.outputs()["pools"].keys() == {"codeintel", "batches-2"}


def test_a_pool_moves_to_another_cloud(desk: Desk) -> None:
    _, both, _, one = desk.follow("runbooks/move-pool.md")
    assert "EXECUTOR_ALLOCATIONS" in both
    assert "EXECUTOR_METRIC_AWS" not in one
    assert {pool["cloud"] for pool in desk.outputs()["pools"].values()} == {"gcp"}


def test_terraforms_pools_come_beside_those_that_are_there(desk: Desk) -> None:
    shutil.copyfile(TFVARS, desk.cli.checkout / "terraform.tfvars")
    before = desk.outputs()
    _, _, worker = desk.follow("runbooks/leave-terraform.md")
    assert "EXECUTOR_METRIC_ENVIRONMENT_LABEL=prod" in worker
    assert desk.outputs() == before
    assert desk.config("moved")["pools"].keys() == {"codeintel"}
    token = desk.cli.sh("pulumi config get accessToken --stack moved").strip()
    assert token == desk.cli.answer, "the one that the site configuration has"
    desk.type("pulumi destroy --stack moved")
