"""When the rules alert about the lives of executors, their jobs and their mirror."""

from pathlib import Path

import pytest

from tests.prometheus.rules import DONE, FAILED, HANDLERS, alerts

RESETS: str = "src_codeintel_background_index_record_resets_total"
LOST: str = "src_batch_spec_workspace_execution_worker_resetter_reset_failures_total"
DISK: str = 'node_filesystem_%s_bytes{%s,mountpoint="%s",device="/dev/sdh"}'
PUSHED: str = 'sg_job="sourcegraph-executors-registry",sg_instance="%s",instance="worker-0"'
SCRAPED = 'job="sourcegraph-executors-registry-node",instance="i-1"'
FULL = {"summary": "The disk of the Docker mirror is almost full.", "value": "50m"}
MOST_FAIL = {
    "queue": "codeintel",
    "summary": "More than half of the jobs of codeintel fail.",
}


def test_an_executor_that_outlives_its_time_alerts(tmp_path: Path) -> None:
    # Two hours, 15 minutes of grace and five of patience: 140 minutes.
    series = {
        HANDLERS % ("vm-old", "codeintel"): "1x200",
        HANDLERS % ("vm-new", "codeintel"): "_x100 1x100",
        HANDLERS % ("vm-endless", "batches"): "1x200",
    }
    summary = "vm-old should have retired."
    firing = {"queue": "codeintel", "executor": "vm-old", "summary": summary, "value": "1"}
    alerts(tmp_path, "ExecutorDrainTooLong", series, {"138m": [], "145m": [firing]})


def test_executors_whose_jobs_fail_alert(tmp_path: Path) -> None:
    series = {
        DONE % ("vm-a", "codeintel"): "0+1x1000",
        FAILED % ("vm-a", "codeintel"): "0+3x60 180x1000",
        DONE % ("vm-b", "batches"): "0+3x1000",
        FAILED % ("vm-b", "batches"): "0+1x1000",
    }
    times = {"10m": [], "45m": [{**MOST_FAIL, "value": "750m"}], "110m": []}
    alerts(tmp_path, "ExecutorJobsFail", series, times)


def test_an_executor_without_one_success_alerts(tmp_path: Path) -> None:
    series = {FAILED % ("vm-a", "codeintel"): "0+1x1000"}
    alerts(tmp_path, "ExecutorJobsFail", series, {"45m": [{**MOST_FAIL, "value": "1"}]})


def test_a_few_failures_are_no_alert(tmp_path: Path) -> None:
    series = {FAILED % ("vm-a", "codeintel"): "0x10 1x5 2x1000"}
    alerts(tmp_path, "ExecutorJobsFail", series, {"30m": []})


def test_interrupted_jobs_alert(tmp_path: Path) -> None:
    summary = "Jobs of codeintel lose their executors."
    firing = {"queue": "codeintel", "summary": summary, "value": "10"}
    times = {"60m": [], "90m": [firing], "180m": []}
    alerts(tmp_path, "ExecutorJobsInterrupted", {RESETS: "0x60 0+1x10 10x1000"}, times)


def test_jobs_that_are_given_up_alert(tmp_path: Path) -> None:
    firing = {"queue": "batches", "summary": "Jobs of batches were given up.", "value": "1"}
    times = {"60m": [], "90m": [firing], "180m": []}
    alerts(tmp_path, "ExecutorJobsLost", {LOST: "0x60 1x1000"}, times)


def test_a_few_failures_are_few_however_often_they_are_seen(tmp_path: Path) -> None:
    series = {
        (FAILED % ("vm-a", "codeintel")).replace("}", f',instance="worker-{n}"}}'): "0x10 3x1000"
        for n in range(2)
    }
    alerts(tmp_path, "ExecutorJobsFail", series, {"30m": []})


@pytest.mark.parametrize(
    ("sources", "labels"),
    [
        # Every executor pushes the metrics of the mirror that it uses.
        ([PUSHED % "vm-a", PUSHED % "vm-b"], {"instance": "worker-0"}),
        ([SCRAPED], {"instance": "i-1", "job": "sourcegraph-executors-registry-node"}),
    ],
)
def test_a_full_mirror_alerts_once(
    sources: list[str], labels: dict[str, str], tmp_path: Path
) -> None:
    free = {DISK % ("avail", source, "/mnt/registry"): "20x20 5x1000" for source in sources}
    size = {DISK % ("size", source, "/mnt/registry"): "100x1000" for source in sources}
    times = {"25m": [], "60m": [{**labels, **FULL}]}
    alerts(tmp_path, "ExecutorMirrorDiskFull", {**free, **size}, times)


@pytest.mark.parametrize(
    ("source", "mountpoint"), [(SCRAPED, "/"), ('job="node",instance="i-1"', "/mnt/registry")]
)
def test_another_full_disk_is_not_the_mirrors(source: str, mountpoint: str, tmp_path: Path) -> None:
    series = {DISK % ("avail", source, mountpoint): "5x1000"}
    series[DISK % ("size", source, mountpoint)] = "100x1000"
    alerts(tmp_path, "ExecutorMirrorDiskFull", series, {"60m": []})
