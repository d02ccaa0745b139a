"""A Grafana dashboard of executors, on the recorded series: one for every stack."""

import json
from dataclasses import dataclass

from grafana_foundation_sdk.builders import dashboard, prometheus, timeseries
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import DataSourceRef

UID = "sourcegraph-executors"
"""One dashboard a Grafana: importing it again replaces it."""

_DATASOURCE = "datasource"
_COLUMNS, _HEIGHT = 24, 8


@dataclass(frozen=True)
class _Panel:
    title: str
    description: str
    unit: str
    """Grafana's name of a unit."""
    queries: tuple[tuple[str, str], ...]
    """Expressions and how their lines are called."""


_WANTED = "sum by (queue) (pool:executors_wanted:clamped)"
_RUNNING = "serving:executors_running:count"
_COST = "serving:executors_hourly_cost:sum"
_DURATION = (
    "histogram_quantile({0}, sum by (le, queue) "
    "(rate(src_executor_processor_duration_seconds_bucket[15m])))"
)

_ROWS: dict[str, tuple[_Panel, ...]] = {
    "Queues": (
        _Panel(
            "Jobs that wait",
            "Queued jobs, and those that wait for another try.",
            "short",
            (("queue:executors_waiting_jobs:max", "{{queue}}"),),
        ),
        _Panel(
            "Longest wait",
            "How long the oldest job has waited.",
            "s",
            (("queue:executors_longest_wait_seconds:max", "{{queue}}"),),
        ),
    ),
    "Executors": (
        _Panel(
            "Wanted and running",
            "What the policies ask for, what runs, and the most that may run.",
            "short",
            (
                (_WANTED, "{{queue}} wanted"),
                (_RUNNING, "{{queue}} running"),
                ("serving:executors_largest:sum", "{{queue}} at most"),
            ),
        ),
        _Panel(
            "Slots",
            "Jobs that run, and jobs that could.",
            "short",
            (
                ("serving:executors_busy_slots:sum", "{{queue}} busy"),
                ("serving:executors_slots:sum", "{{queue}} slots"),
            ),
        ),
        _Panel(
            "Draining",
            "Executors beyond what jobs need: they leave when done, unless a schedule keeps them.",
            "short",
            ((f"clamp_min({_RUNNING} - on (queue) {_WANTED}, 0)", "{{queue}}"),),
        ),
        _Panel(
            "Drains that hang",
            "Executors that should have retired.",
            "short",
            (
                (
                    "count by (queue) "
                    '(ALERTS{alertname="ExecutorDrainTooLong",alertstate="firing"})',
                    "{{queue}}",
                ),
            ),
        ),
    ),
    "Cost": (
        _Panel(
            "Cost an hour",
            "Of VMs whose executors run, by the stack's `prices`: the dearest of a pool's machine "
            "types counts, disks and traffic come on top. No line: a price is unknown.",
            "short",
            (
                (_COST, "{{queue}} now"),
                ("serving:executors_largest_hourly_cost:sum", "{{queue}} at most"),
            ),
        ),
        _Panel(
            "Cost of free slots",
            "The part of the cost an hour that no job uses.",
            "short",
            (
                (
                    f"{_COST} * clamp_min(1 - serving:executors_busy_slots:sum"
                    " / serving:executors_slots:sum, 0)",
                    "{{queue}}",
                ),
            ),
        ),
    ),
    "Jobs": (
        _Panel(
            "Finished",
            "Jobs per second, whether they went well or not.",
            "ops",
            (("queue:executors_finished_jobs:rate15m", "{{queue}}"),),
        ),
        _Panel(
            "Duration",
            "Of jobs that went well.",
            "s",
            (
                (_DURATION.format(0.5), "{{queue}} half of the jobs"),
                (_DURATION.format(0.95), "{{queue}} 95 of 100"),
            ),
        ),
        _Panel(
            "Failed",
            "Part of the finished jobs.",
            "percentunit",
            (("serving:executors_failed_jobs:ratio30m", "{{queue}}"),),
        ),
        _Panel(
            "Interrupted and lost",
            "Jobs in an hour whose executor went away, and jobs that were given up for it.",
            "short",
            (
                ("queue:executors_interrupted_jobs:increase1h", "{{queue}} interrupted"),
                ("queue:executors_lost_jobs:increase1h", "{{queue}} lost"),
            ),
        ),
    ),
}


def render_dashboard() -> str:
    """JSON to import into Grafana 10 or newer; it asks for no more than a Prometheus."""
    made = (
        dashboard.Dashboard("Sourcegraph executors")
        .uid(UID)
        .tags(["sourcegraph"])
        .time("now-6h", "now")
        .refresh("1m")
        .with_variable(
            dashboard.DatasourceVariable(_DATASOURCE).label("Prometheus").type("prometheus")
        )
    )
    number = 0
    for title, panels in _ROWS.items():
        number += 1
        made = made.with_row(dashboard.Row(title).id(number))
        for panel in panels:
            number += 1
            made = made.with_panel(_graph(panel).id(number))
    # Through a plain document, as the encoder knows no order that a reader expects.
    return json.dumps(json.loads(JSONEncoder().encode(made.build())), indent=2, sort_keys=True)


def _graph(panel: _Panel) -> timeseries.Panel:
    graph = (
        timeseries.Panel()
        .title(panel.title)
        .description(panel.description)
        .datasource(DataSourceRef(type_val="prometheus", uid=f"${{{_DATASOURCE}}}"))
        .unit(panel.unit)
        .min(0)
        .fill_opacity(10)
        .span(_COLUMNS // 2)
        .height(_HEIGHT)
    )
    for letter, (expression, legend) in zip("ABC", panel.queries, strict=False):
        query = prometheus.Dataquery().expr(expression).legend_format(legend).ref_id(letter)
        graph = graph.with_target(query)
    return graph
