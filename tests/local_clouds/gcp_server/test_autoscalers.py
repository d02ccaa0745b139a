"""Autoscalers: what they refuse, and the size that they want."""

from typing import Any

import pytest

from tests.local_clouds.gcp_cloud import (
    METRIC,
    PLACE,
    LocalGcp,
    group_body,
    metric_body,
    policy_body,
    refused,
)


class TestAutoscalers:
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"minNumReplicas": 5, "maxNumReplicas": 4}, "from 0 to maxNumReplicas"),
            ({"customMetricUtilizations": []}, "Scaling to 0 needs a per-group metric"),
            ({"customMetricUtilizations": [metric_body(utilizationTarget=1)]}, "Exactly one of"),
            ({"customMetricUtilizations": [metric_body(singleInstanceAssignment=0)]}, "positive"),
            ({"customMetricUtilizations": [metric_body(filter="")]}, "not gce_instance"),
            (
                {
                    "customMetricUtilizations": [
                        metric_body(filter='resource.type = "global" OR metric.labels.a = "b"')
                    ]
                },
                "joined by AND",
            ),
            (
                {
                    "customMetricUtilizations": [
                        metric_body(filter='resource.type = "global" AND metric.labels.a != "b"')
                    ]
                },
                "joined by AND",
            ),
            (
                {"customMetricUtilizations": [metric_body(filter='resource.type = "global" AND')]},
                "joined by AND",
            ),
            ({"customMetricUtilizations": [metric_body()] * 6}, "At most 5"),
            ({"mode": "SOMETIMES"}, "Allowed values are"),
        ],
    )
    def test_bad_policies_are_refused(
        self, pool: LocalGcp, changes: dict[str, Any], message: str
    ) -> None:
        with refused(400, message):
            pool.autoscaler(**changes)

    def test_the_target_exists_and_has_one_autoscaler(self, pool: LocalGcp) -> None:
        with refused(404, "was not found"):
            pool.autoscaler(target="none")
        pool.autoscaler()
        with refused(400, "already has the autoscaler 'scaler'"):
            pool.autoscaler("second")

    @pytest.mark.parametrize("shape", ["ANY", "ANY_SINGLE_ZONE"])
    def test_shapes_without_autoscaling_are_refused(self, pool: LocalGcp, shape: str) -> None:
        pool.group("single", distributionPolicy={"targetShape": shape})
        with refused(400, f"not supported for target distribution shape {shape}"):
            pool.autoscaler(target="single")

    def test_an_autoscaled_group_cannot_be_deleted(self, pool: LocalGcp) -> None:
        pool.autoscaler()
        groups = pool.compute.regionInstanceGroupManagers()
        with refused(400, "is already being used by"):
            groups.delete(**PLACE, instanceGroupManager="group").execute()
        pool.compute.regionAutoscalers().delete(**PLACE, autoscaler="scaler").execute()
        groups.delete(**PLACE, instanceGroupManager="group").execute()

    @pytest.mark.parametrize(("value", "size"), [(0, 0), (1, 1), (4, 1), (5, 2), (400, 10)])
    def test_the_recommended_size_is_the_rounded_up_share(
        self, pool: LocalGcp, value: int, size: int
    ) -> None:
        pool.autoscaler()
        pool.write_queue_size(value)
        assert pool.seen_autoscaler()["recommendedSize"] == size
        assert len(pool.instances()) == size

    @pytest.mark.parametrize(
        ("series", "size"),
        [
            ("resource.type = global", 4),
            ('resource.type="global" AND metric.labels.queueName="batches"', 2),
            ('metric.label.queueName = "codeintel" AND resource.type = "global"', 2),
            (f'metric.type = "{METRIC}" AND resource.type = "global"', 4),
        ],
    )
    def test_series_that_match_are_summed_and_others_left_out(
        self, pool: LocalGcp, series: str, size: int
    ) -> None:
        pool.autoscaler(customMetricUtilizations=[metric_body(filter=series)])
        pool.write_queue_size(5, "batches")
        pool.write_queue_size(8, "codeintel")
        assert pool.seen_autoscaler()["recommendedSize"] == size

    def test_without_data_the_size_is_kept(self, pool: LocalGcp) -> None:
        pool.autoscaler(minNumReplicas=1)
        kinds = [detail["type"] for detail in pool.seen_autoscaler()["statusDetails"]]
        assert "MISSING_CUSTOM_METRIC_DATA_POINTS" in kinds
        assert len(pool.instances()) == 1
        pool.write_queue_size(12)
        assert len(pool.instances()) == 3
        pool.clock.pass_time(minutes=11)
        seen = pool.seen_autoscaler()
        assert seen["recommendedSize"] == 3
        assert "MISSING_CUSTOM_METRIC_DATA_POINTS" in [d["type"] for d in seen["statusDetails"]]

    @pytest.mark.parametrize(("mode", "left"), [("ONLY_SCALE_OUT", 3), ("ON", 0), ("OFF", 0)])
    def test_the_mode_says_which_way_the_group_moves(
        self, pool: LocalGcp, mode: str, left: int
    ) -> None:
        pool.autoscaler(mode=mode)
        pool.write_queue_size(12)
        pool.write_queue_size(0)
        assert len(pool.instances()) == left
        assert pool.seen_autoscaler().get("recommendedSize") == (None if mode == "OFF" else 0)

    def test_a_patch_keeps_what_it_does_not_say(self, pool: LocalGcp) -> None:
        pool.autoscaler()
        body = {"autoscalingPolicy": {"maxNumReplicas": 2}}
        pool.compute.regionAutoscalers().patch(**PLACE, autoscaler="scaler", body=body).execute()
        policy = pool.seen_autoscaler()["autoscalingPolicy"]
        assert (policy["maxNumReplicas"], policy["mode"]) == (2, "ONLY_SCALE_OUT")


def test_bodies_used_here_are_the_ones_that_the_server_takes(pool: LocalGcp) -> None:
    pool.autoscaler(**policy_body())
    pool.group("again", **group_body())
