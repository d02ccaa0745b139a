#!/usr/bin/python3
"""Stands in for Sourcegraph's executor: the same answer to signals, and jobs that are processes.

A job is a file in /jobs/todo whose text is its length in seconds. It moves to /jobs/running, and
from there to /jobs/done or, when it did not end by itself, to /jobs/killed. The first SIGTERM ends
dequeuing, a second one the process (`internal/workerutil/worker.go`).
"""

import os
import signal
import subprocess
import time
from pathlib import Path

JOBS = Path("/jobs")


class Executor:
    """Dequeues, runs, and stops as the real one does."""

    def __init__(self) -> None:
        self.slots = int(os.environ["EXECUTOR_MAXIMUM_NUM_JOBS"])
        self.life = float(os.environ["EXECUTOR_MAX_ACTIVE_TIME"].rstrip("s"))
        self.stopping = False
        self.running: dict[Path, subprocess.Popen[bytes]] = {}

    def stop(self, *_: object) -> None:
        """Answer a signal."""
        if self.stopping:
            os._exit(0)
        self.stopping = True

    def run(self) -> None:
        """Until it is told to stop, or its time is over, and the last job is done."""
        started = time.monotonic()
        while self.running or not self.stopping:
            self.finish()
            self.stopping |= 0 < self.life < time.monotonic() - started
            if not self.stopping:
                self.dequeue()
            time.sleep(0.1)

    def finish(self) -> None:
        """Put the jobs that have ended where they belong."""
        for file, job in list(self.running.items()):
            if job.poll() is not None:
                del self.running[file]
                file.rename(JOBS / ("killed" if job.returncode else "done") / file.name)

    def dequeue(self) -> None:
        """Fill the free slots."""
        for file in sorted((JOBS / "todo").iterdir())[: self.slots - len(self.running)]:
            taken = file.rename(JOBS / "running" / file.name)
            self.running[taken] = subprocess.Popen(["sleep", taken.read_text()])


executor = Executor()
signal.signal(signal.SIGTERM, executor.stop)
executor.run()
