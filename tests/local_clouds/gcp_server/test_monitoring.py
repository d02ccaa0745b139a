"""Time series that are written and read."""

from datetime import timedelta
from typing import Any

import pytest

from tests.local_clouds.gcp_cloud import METRIC, PROJECT, LocalGcp, refused

PARENT = f"projects/{PROJECT}"


class TestMonitoring:
    def write(self, gcp: LocalGcp, **changes: Any) -> None:
        series = {
            "metric": {"type": METRIC, "labels": {"queueName": "batches"}},
            "resource": {"type": "global"},
            "points": [
                {"interval": {"endTime": gcp.clock().isoformat()}, "value": {"int64Value": "3"}}
            ],
        }
        body = {"timeSeries": [series | changes]}
        gcp.api.time_series.create(name=PARENT, body=body).execute()

    def test_points_come_in_order_and_not_too_often(self, gcp: LocalGcp) -> None:
        self.write(gcp)
        gcp.clock.pass_time(seconds=4)
        with refused(400, "more frequently"):
            self.write(gcp)
        gcp.clock.pass_time(seconds=1)
        self.write(gcp)

    def test_a_metric_keeps_its_value_type(self, gcp: LocalGcp) -> None:
        self.write(gcp)
        gcp.clock.pass_time(minutes=1)
        end = {"endTime": gcp.clock().isoformat()}
        with refused(400, "does not match the metric's INT64"):
            self.write(gcp, points=[{"interval": end, "value": {"doubleValue": 1.5}}])

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"points": []}, "exactly one point"),
            ({"metric": {"type": "compute.googleapis.com/x"}}, "no custom metric type"),
            ({"resource": {}}, "resource.type is required"),
            (
                {
                    "points": [
                        {
                            "interval": {"endTime": "2020-01-01T00:00:00Z"},
                            "value": {"int64Value": "1"},
                        }
                    ]
                },
                "too far in the past",
            ),
        ],
    )
    def test_bad_series_are_refused(
        self, gcp: LocalGcp, changes: dict[str, Any], message: str
    ) -> None:
        with refused(400, message):
            self.write(gcp, **changes)

    def test_what_was_written_can_be_listed(self, gcp: LocalGcp) -> None:
        self.write(gcp)
        start = gcp.clock() - timedelta(minutes=1)
        listed = gcp.api.time_series.list(
            name=PARENT,
            filter=f'metric.type = "{METRIC}" AND metric.labels.queueName = "batches"',
            interval_startTime=start.isoformat(),
            interval_endTime=gcp.clock().isoformat(),
        ).execute()["timeSeries"]
        assert [point["value"] for point in listed[0]["points"]] == [{"int64Value": "3"}]
