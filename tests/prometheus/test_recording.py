"""What the rules record."""

from pathlib import Path

import pytest

from tests.prometheus.pools import ALL, CODEINTEL, SPOT
from tests.prometheus.rules import DONE, FAILED, HANDLERS, ONE, QUIET, WAITING, evaluated

WAIT: str = 'src_executor_queued_duration_seconds_total{instance="%s",queue="batches"}'


def test_executors_are_counted_once_however_they_are_seen(tmp_path: Path) -> None:
    series = {
        HANDLERS % ("vm-a", "codeintel"): "3x10",
        # The other replica of the worker shows the same executor.
        (HANDLERS % ("vm-a", "codeintel")).replace("worker-0", "worker-1"): "4x10",
        'src_executor_processor_handlers{instance="i-1",queue="codeintel"}': "2x10",
        HANDLERS % ("vm-b", "batches"): "0x10",
    }
    expected = {
        "serving:executors_running:count": {'{queue="codeintel"}': 2, '{queue="batches"}': 1},
        "serving:executors_busy_slots:sum": {'{queue="codeintel"}': 6, '{queue="batches"}': 0},
        "serving:executors_slots:sum": {'{queue="codeintel"}': 8, '{queue="batches"}': 2},
    }
    evaluated(tmp_path, series, ONE, {"5m": expected})


@pytest.mark.parametrize(
    "name", [WAITING % "codeintel", 'src_workerutil_queue_depth{domain="executors_codeintel"}']
)
def test_old_and_new_workers_tell_how_many_jobs_wait(name: str, tmp_path: Path) -> None:
    expected = {"queue:executors_waiting_jobs:max": {'{queue="codeintel"}': 7}}
    evaluated(tmp_path, {name: "7x10"}, ONE, {"5m": expected})


def test_replicas_of_the_worker_do_not_multiply_the_queue(tmp_path: Path) -> None:
    series = {WAITING % "codeintel": "7x10", 'src_executor_total{queue="codeintel"}': "7x10"}
    expected = {"queue:executors_waiting_jobs:max": {'{queue="codeintel"}': 7}}
    evaluated(tmp_path, series, ONE, {"5m": expected})


@pytest.mark.parametrize(
    ("waiting", "running", "wanted"), [(0, 0, 0), (1, 0, 1), (8, 0, 1), (8, 1, 2), (90, 0, 3)]
)
def test_a_pool_wants_what_its_policy_computes(
    waiting: int, running: int, wanted: int, tmp_path: Path
) -> None:
    series = {WAITING % "codeintel": f"{waiting}x10", WAITING % "batches": "0x10"}
    series[HANDLERS % ("vm-a", "codeintel")] = f"{running}x10"
    expected = {
        "pool:executors_wanted:clamped": {
            '{queue="codeintel",pool="codeintel"}': wanted,
            '{queue="batches",pool="batches"}': 1,
        }
    }
    evaluated(tmp_path, series, ONE, {"5m": expected})


def test_nothing_is_wanted_while_nobody_knows_the_queue(tmp_path: Path) -> None:
    series = {WAITING % "batches": "0x10"}
    expected = {"pool:executors_wanted:clamped": {'{queue="batches",pool="batches"}': 1}}
    evaluated(tmp_path, series, ONE, {"5m": expected})


def test_jobs_of_executors_with_two_queues_are_divided_between_them(tmp_path: Path) -> None:
    series = {
        **QUIET,
        HANDLERS % ("vm-a", "codeintel"): "1x10",
        HANDLERS % ("vm-c", "batches_codeintel"): "4x10",
    }
    expected = {
        "queue:executors_running_jobs:sum": {'{queue="batches"}': 2, '{queue="codeintel"}': 3},
        "pool:executors_wanted:clamped": {
            '{queue="batches_codeintel",pool="all"}': 1,
            '{queue="codeintel",pool="codeintel"}': 1,
        },
    }
    evaluated(tmp_path, series, (CODEINTEL, ALL), {"5m": expected})


def test_pools_whose_executors_look_alike_share_their_limits(tmp_path: Path) -> None:
    series = {**QUIET, HANDLERS % ("vm-a", "codeintel"): "1x10"}
    expected = {
        "serving:executors_largest:sum": {'{queue="codeintel"}': 4},
        "serving:executors_slots:sum": {'{queue="codeintel"}': 5},
    }
    evaluated(tmp_path, series, (CODEINTEL, SPOT), {"5m": expected})


def test_the_longest_wait_is_that_of_the_worker_that_tells_most(tmp_path: Path) -> None:
    series = {WAIT % "worker-0": "60x10", WAIT % "worker-1": "90x10"}
    expected = {"queue:executors_longest_wait_seconds:max": {'{queue="batches"}': 90}}
    evaluated(tmp_path, series, ONE, {"5m": expected})


def test_finished_jobs_are_those_of_every_executor_of_the_queue(tmp_path: Path) -> None:
    series = {
        DONE % ("vm-a", "codeintel"): "0+60x60",
        FAILED % ("vm-a", "codeintel"): "0+30x60",
        # The other replica of the worker shows the same executor.
        (DONE % ("vm-a", "codeintel")).replace("}", ',instance="worker-1"}'): "0+60x60",
        DONE % ("vm-b", "batches_codeintel"): "0+120x60",
    }
    expected = {
        # Nobody knows whose jobs an executor of both queues has done: they count for each.
        "queue:executors_finished_jobs:rate15m": {
            '{queue="batches"}': 2,
            '{queue="codeintel"}': 3.5,
        },
        "serving:executors_failed_jobs:ratio30m": {'{queue="codeintel"}': 1 / 3},
    }
    evaluated(tmp_path, series, (CODEINTEL, ALL), {"40m": expected})


@pytest.mark.parametrize(
    ("queue", "counter"),
    [
        ("codeintel", "src_codeintel_background_index_record"),
        ("batches", "src_batch_spec_workspace_execution_worker_resetter"),
    ],
)
def test_jobs_without_an_executor_are_counted_by_who_finds_them(
    queue: str, counter: str, tmp_path: Path
) -> None:
    series = {
        f'{counter}_resets_total{{instance="worker-0"}}': "0x10 0+1x100",
        f'{counter}_reset_failures_total{{instance="worker-0"}}': "0x60 2x100",
    }
    label = f'{{queue="{queue}"}}'
    expected = {
        "queue:executors_interrupted_jobs:increase1h": {label: 60},
        "queue:executors_lost_jobs:increase1h": {label: 2},
    }
    evaluated(tmp_path, series, ONE, {"90m": expected})
