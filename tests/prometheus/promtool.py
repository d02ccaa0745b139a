"""`promtool`, the checker that comes with Prometheus."""

import shutil
import subprocess


def promtool(*arguments: str, **environment: str) -> str:
    """What promtool prints; it sees no other environment variables. Fails when promtool does."""
    binary = shutil.which("promtool")
    assert binary, "promtool is not on PATH: run the tests through make, or install Prometheus."
    run = subprocess.run(
        [binary, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout
