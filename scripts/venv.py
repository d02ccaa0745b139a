"""Make the virtual environment `build/venv` from the requirement files, when they have changed."""

import sys

# Before any other import: the rest needs the version that this line asks for.
if sys.version_info < (3, 11):
    sys.exit(
        "Python 3.11 or newer is needed, and `%s` is %d.%d. Install one, and name it: "
        "`make PYTHON=python3.12 ...`." % ((sys.executable,) + sys.version_info[:2])
    )

import hashlib
import shutil
import subprocess
from pathlib import Path

from scripts import progress

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / "build" / "venv"
REQUIREMENTS = (ROOT / "requirements.txt", ROOT / "requirements-dev.txt")


def fingerprint() -> str:
    """What the environment depends on: the interpreter, its place and the requirement files."""
    digest = hashlib.sha256(f"{sys.version}\n{VENV}\n".encode())
    for file in REQUIREMENTS:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def main() -> None:
    """Leave a complete `build/venv`, or exit with a sentence that says why not."""
    stamp = VENV / "fingerprint"
    if stamp.exists() and stamp.read_text() == fingerprint():
        return
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False
    )
    if made.returncode != 0:
        sys.exit(
            f"Python cannot make a virtual environment:\n{made.stdout}{made.stderr}\n"
            "On Debian and Ubuntu `apt-get install python3-venv` adds what is missing."
        )
    pip = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    progress.run(
        # Compiling every module of the provider SDKs would take longer than all the rest.
        [*pip, "--no-compile", "--requirement", str(REQUIREMENTS[1])],
        "Installing the Python packages into build/venv (a minute or two, once)",
        log=ROOT / "build" / "pip.log",
        detail=lambda output: f"{output.count('Collecting ')} packages",
    )
    stamp.write_text(fingerprint())


if __name__ == "__main__":
    try:
        main()
    except progress.CommandFailedError as failure:
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit(130)
