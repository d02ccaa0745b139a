"""Where the engine comes from, in each situation of a machine; `go` and `pulumi` are scripts."""

import os
from pathlib import Path

import pytest

from scripts import engine

PINNED = engine.pinned_version()
GO = """#!/bin/sh
case "$1" in
version) echo "go version go{version} linux/amd64" ;;
list) echo fmt ;;
build)
    [ "{builds}" = yes ] || {{ echo "no such module"; exit 1; }}
    while [ "$1" != -o ]; do shift; done
    echo built > "$2"
    ;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only directory on PATH besides the system's, on a machine without the internet."""
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(engine, "INSTALLER", "http://127.0.0.1:1")
    return programs


def _install(directory: Path, name: str, script: str) -> Path:
    path = directory / name
    path.write_text(script)
    path.chmod(0o755)
    return path


def test_a_pulumi_on_path_is_taken(machine: Path) -> None:
    found = _install(machine, "pulumi", f"#!/bin/sh\necho v{PINNED}\n")
    assert engine.prepare() == found


def test_a_pulumi_that_is_too_old_is_named_and_passed_over(
    machine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _install(machine, "pulumi", "#!/bin/sh\necho v3.100.0\n")
    _install(machine, "go", GO.format(version="1.26.1", builds="yes"))
    assert engine.prepare() != machine / "pulumi"
    assert "v3.100.0, and Pulumi.yaml asks for 3." in capsys.readouterr().out


def test_the_engine_is_built_once(machine: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _install(machine, "go", GO.format(version="1.26.1", builds="yes"))
    built = engine.prepare()
    assert built.read_text() == "built\n"
    assert built.parent.name == f"pulumi-v{PINNED}"
    assert "about 6 minutes" in capsys.readouterr().out
    _install(machine, "go", "#!/bin/sh\nexit 1\n")
    assert engine.prepare() == built


@pytest.mark.parametrize(
    ("go", "message"),
    [
        (None, "no Go to build Pulumi with. Install Pulumi"),
        (GO.format(version="1.19.8", builds="yes"), "go1.19.8 linux/amd64` is too old"),
        (GO.format(version="1.26.1", builds="no"), "no such module"),
    ],
    ids=["no Go", "an old Go", "a build that fails"],
)
def test_a_machine_that_cannot_build_says_what_to_install(
    machine: Path, go: str | None, message: str
) -> None:
    if go is not None:
        _install(machine, "go", go)
    with pytest.raises(engine.EngineError, match=r"Go 1\.21 or newer") as failure:
        engine.prepare()
    assert message in str(failure.value)
    assert not list(machine.parent.glob("cache/*/*/pulumi"))
