"""The examples of the documentation are what the engine says today."""

import pytest

from local_clouds.clouds import Clouds
from preview import read
from review import comment
from tests.pulumi_cli import Cli
from tests.review import archive, make
from tests.review.changes import CHANGES

pytestmark = pytest.mark.engine
EXAMPLES = [name for name, change in CHANGES.items() if change.title]


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory, clouds: Clouds) -> Cli:
    cli = make.start(tmp_path_factory.mktemp("reviews") / "cli", clouds)
    cli.sh("pulumi up --yes --skip-preview --stack dev")
    return cli


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_engine_still_says_what_the_example_shows(deployed: Cli, name: str) -> None:
    shown = comment(read(make.preview(deployed, CHANGES[name])))
    again = "run `python -m tests.review.make` and look at what changed"
    assert archive.page(name).read_text() == archive.expected(name, shown), again
