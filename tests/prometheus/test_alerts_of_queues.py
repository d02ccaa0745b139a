"""When the rules alert about queues and the number of executors."""

from pathlib import Path

from tests.prometheus.rules import DONE, HANDLERS, WAITING, alerts

CI, BA = WAITING % "codeintel", WAITING % "batches"
NONE_RUNS = {"queue": "codeintel", "summary": "Jobs of codeintel wait, and none runs."}
UNKNOWN = {
    "queue": "codeintel",
    "summary": "Nobody reports how many jobs of codeintel wait.",
    "value": "1",
}
AT_MAXIMUM = {
    "queue": "codeintel",
    "summary": "All executors of codeintel run, and jobs still wait.",
    "value": "3",
}
MISSING = "Fewer executors of {0} run than its jobs need."


def executors(count: int, values: str) -> dict[str, str]:
    """So many of them serve codeintel, and run so many jobs."""
    return {HANDLERS % (f"vm-{number}", "codeintel"): values for number in range(count)}


def test_a_queue_that_nobody_processes_alerts(tmp_path: Path) -> None:
    # From 30 minutes on an executor takes the jobs.
    series = {CI: "5x1000", **executors(1, "0x29 2x1000"), DONE % ("vm-0", "codeintel"): "0x1000"}
    times = {"19m": [], "25m": [{**NONE_RUNS, "value": "5"}], "40m": []}
    alerts(tmp_path, "ExecutorQueueNotProcessed", series, times)


def test_a_queue_without_any_executor_is_not_processed(tmp_path: Path) -> None:
    alerts(
        tmp_path,
        "ExecutorQueueNotProcessed",
        {CI: "1x1000"},
        {"25m": [{**NONE_RUNS, "value": "1"}]},
    )


def test_short_jobs_between_two_scrapes_are_processing(tmp_path: Path) -> None:
    done = {DONE % ("vm-0", "codeintel"): "0+1x1000"}
    series = {CI: "5x1000", **executors(1, "0x1000"), **done}
    alerts(tmp_path, "ExecutorQueueNotProcessed", series, {"30m": []})


def test_a_queue_that_nobody_reports_alerts(tmp_path: Path) -> None:
    times = {"10m": [], "30m": [UNKNOWN]}
    alerts(tmp_path, "ExecutorQueueUnknown", {CI: "0x10 _x1000"}, times)


def test_a_pool_at_its_maximum_alerts_only_while_jobs_wait(tmp_path: Path) -> None:
    series = {CI: "9x90 0x1000", **executors(3, "4x1000")}
    times = {"59m": [], "70m": [AT_MAXIMUM], "100m": []}
    alerts(tmp_path, "ExecutorsAtMaximum", series, times)


def test_a_pool_below_its_maximum_is_silent(tmp_path: Path) -> None:
    series = {CI: "9x1000", **executors(2, "4x1000")}
    alerts(tmp_path, "ExecutorsAtMaximum", series, {"90m": []})


def test_executors_that_never_come_alert(tmp_path: Path) -> None:
    batches = {HANDLERS % ("vm-d", "batches"): "0x1000"}
    series = {CI: "17x1000", **executors(3, "_x39 4x1000"), **batches}
    firing = {"queue": "codeintel", "summary": MISSING.format("codeintel"), "value": "3"}
    alerts(tmp_path, "ExecutorsMissing", series, {"25m": [], "35m": [firing], "50m": []})


def test_some_executors_that_never_come_alert(tmp_path: Path) -> None:
    series = {HANDLERS % ("vm-d", "batches"): "2x1000", BA: "4x1000"}
    firing = {"queue": "batches", "summary": MISSING.format("batches"), "value": "3"}
    alerts(tmp_path, "ExecutorsMissing", series, {"35m": [firing]})
