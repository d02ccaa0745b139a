"""Every `run:` step of the workflows, run as it stands there: the real engine, local clouds, and a
GitHub of our own. The tests run in this order."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from local_clouds.aws.clients import Clients
from local_clouds.clouds import Clouds
from tests.github import TOKEN, GitHub, serve
from tests.pulumi_cli import Cli, Edit
from tests.workflows import Run, workflows

pytestmark = pytest.mark.engine
LABEL = "red-lines-accepted"
LABELED = f"contains(github.event.pull_request.labels.*.name, '{LABEL}')"
AGAIN = "(github.event.action == 'synchronize' || github.event.action == 'reopened')"
CHANGED = f"{AGAIN} && {LABELED}"
ACCEPTED = f"github.event.action == 'labeled' && github.event.label.name == '{LABEL}'"
STACK = "Pulumi.prod.yaml"


@dataclass(frozen=True)
class Repository:
    """A checkout with a deployed stack `prod`, and the GitHub that it is on."""

    cli: Cli
    hub: GitHub
    base: str
    scratch: Path
    ran: set[tuple[str, str]]

    def run(self, workflow: str, job: str, **context: str) -> tuple[int, Run]:
        """Run a job; its exit code."""
        common = {
            "github.token": TOKEN,
            "github.event.pull_request.number": "7",
            "github.event.pull_request.base.sha": self.base,
            "github.event.before": self.base,
            "matrix.stack": "prod",
            "vars.PULUMI_BACKEND_URL": self.cli.environment["PULUMI_BACKEND_URL"],
            CHANGED: "false",
            ACCEPTED: "false",
        }
        run = Run(self.cli, {**common, **context}, self.scratch, self.hub.environment)
        self.ran.add((workflow, job))
        return run.job(workflow, job), run

    def commit(self, *edits: Edit) -> None:
        """A commit on a pull request's branch, which starts at the base."""
        self.git(f"checkout --quiet --force -B change {self.base}")
        self.cli.edit(edits)
        self.git("commit --quiet --all --message change")

    def git(self, arguments: str) -> str:
        """Run git in the checkout."""
        identity = "-c user.name=test -c user.email=test@example.com"
        return self.cli.sh(f"git {identity} {arguments}").strip()


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory, clouds: Clouds) -> Iterator[Repository]:
    directory = tmp_path_factory.mktemp("workflows")
    cli = Cli.start(directory / "cli", clouds)
    cli.sh("cp Pulumi.dev.yaml Pulumi.prod.yaml && pulumi stack init prod")
    cli.sh("pulumi config set --secret accessToken 0123456789abcdef0123456789 --stack prod")
    with serve() as hub:
        found = Repository(cli, hub, "", directory / "runner", set())
        found.git("init --quiet --initial-branch main")
        found.git("add --all")
        found.git("commit --quiet --message base")
        base = found.git("rev-parse HEAD")
        yield Repository(cli, hub, base, directory / "runner", found.ran)


def edit(old: str, new: str) -> Edit:
    return Edit(STACK, old, new)


def test_the_stacks_that_a_change_touches(repository: Repository) -> None:
    repository.commit(Edit("README.md", "# Sourcegraph executors", "# Executors"))
    code, run = repository.run("preview", "stacks")
    assert (code, run.outputs["steps.touched.outputs.stacks"]) == (0, "[]")
    repository.commit(edit("max: 10\n", "max: 11\n"))
    assert repository.run("preview", "stacks")[1].outputs == {
        "steps.touched.outputs.stacks": '["prod"]'
    }
    for flow, job, step in (("up", "stacks", "touched"), ("drift", "stacks", "all")):
        code, run = repository.run(flow, job, **{"github.event.before": ""})
        assert (code, run.outputs[f"steps.{step}.outputs.stacks"]) == (0, '["prod"]')


def test_a_new_stack_is_previewed_and_applied(repository: Repository) -> None:
    repository.git(f"checkout --quiet --force {repository.base}")
    code, _ = repository.run("preview", "preview")
    assert code == 0
    (comment,) = repository.hub.comments
    assert "The pool is new" in comment["body"]
    assert repository.run("up", "up")[0] == 0


def test_the_comment_is_edited_when_the_pull_request_goes_on(repository: Repository) -> None:
    repository.commit(edit("max: 10\n", "max: 20\n"))
    code, run = repository.run("preview", "preview")
    assert code == 0
    (comment,) = repository.hub.comments
    assert "→ 0 to 20 | 4 | 2.5 min |" in comment["body"]
    assert run.summary == comment["body"]


def test_red_lines_fail_the_check_until_they_are_accepted(repository: Repository) -> None:
    repository.commit(
        edit("    jobNumCpus: 4\n", "    jobNumCpus: 4\n    metricsAccessCidrs: [0.0.0.0/0]\n")
    )
    assert repository.run("preview", "preview")[0] == 3
    assert "**Public exposure**" in repository.hub.comments[0]["body"]
    assert repository.run("preview", "preview", **{ACCEPTED: "true"})[0] == 0
    repository.hub.labels.add(LABEL)
    assert repository.run("preview", "stacks", **{CHANGED: "true"})[0] == 0
    assert repository.hub.labels == set()
    # Another run was faster.
    assert repository.run("preview", "stacks", **{CHANGED: "true"})[0] == 0


def test_a_preview_that_fails_says_why_and_cannot_be_accepted(repository: Repository) -> None:
    repository.commit(edit("max: 10\n", "max: -1\n"))
    assert repository.run("preview", "preview", **{ACCEPTED: "true"})[0] == 1
    (comment,) = repository.hub.comments
    assert comment["body"].startswith("<!-- executors-preview:prod -->\n")
    assert "pools.codeintel.max: found -1" in comment["body"]


_ERROR = {"diagnostics": [{"severity": "error", "message": "error: no plugin"}]}


@pytest.mark.parametrize(
    ("printed", "told"),
    [(json.dumps(_ERROR), "no plugin"), ("", "What it wrote to standard error says why")],
)
def test_a_preview_that_fails_before_its_first_resource_edits_the_same_comment(
    repository: Repository, tmp_path: Path, printed: str, told: str
) -> None:
    engine = tmp_path / "pulumi"
    engine.write_text(f"#!/bin/sh\necho '{printed}'\ntest $1 = install\n")
    engine.chmod(0o755)
    known = repository.cli.environment
    cli = replace(repository.cli, environment={**known, "PATH": f"{tmp_path}:{known['PATH']}"})
    assert replace(repository, cli=cli).run("preview", "preview")[0] == 1
    (comment,) = repository.hub.comments
    assert "## Preview of the stack `prod`" in comment["body"]
    assert told in comment["body"]


def test_drift_opens_an_issue_which_closes_when_it_is_gone(
    repository: Repository, clouds: Clouds
) -> None:
    repository.git(f"checkout --quiet --force {repository.base}")
    assert repository.run("drift", "drift")[0] == 0
    assert repository.hub.issues == []
    _keep_logs(clouds, 30)
    assert repository.run("drift", "drift")[0] == 0
    (issue,) = repository.hub.issues
    assert (issue["title"], issue["state"]) == ("Drift in the stack prod", "open")
    assert "| update | aws LogGroup | `executors-codeintel` | `retentionInDays` |" in issue["body"]
    _keep_logs(clouds, 7)
    assert repository.run("drift", "drift")[0] == 0
    assert repository.hub.issues[0]["state"] == "closed"


def _keep_logs(clouds: Clouds, days: int) -> None:
    """What somebody does in the console."""
    client = Clients(clouds.aws_endpoint)("logs", "us-east-1")
    (group,) = client.describe_log_groups()["logGroups"]
    client.put_retention_policy(logGroupName=group["logGroupName"], retentionInDays=days)


@pytest.mark.parametrize(
    ("stacks", "preview", "passes"),
    [
        ("success", "success", True),
        ("success", "skipped", True),
        ("skipped", "skipped", False),
        ("success", "failure", False),
        ("success", "cancelled", False),
        ("failure", "skipped", False),
    ],
)
def test_the_required_check(
    repository: Repository, stacks: str, preview: str, passes: bool
) -> None:
    context = {"needs.stacks.result": stacks, "needs.preview.result": preview}
    assert (repository.run("preview", "reviewed", **context)[0] == 0) is passes


def test_every_job_with_a_script_was_run(repository: Repository) -> None:
    """`check` is what runs this."""
    named = {(flow, job) for flow, found in workflows().items() for job in found["jobs"]}
    assert repository.ran == named - {("check", "test")}
    lines = [step["run"] for step in workflows()["check"]["jobs"]["test"]["steps"] if "run" in step]
    assert lines == ['sudo -E env "PATH=$PATH" .ci/run']
