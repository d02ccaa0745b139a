"""What the local Cloud Monitoring refuses of alert policies and notification channels."""

from typing import Any

import pytest

from tests.local_clouds.gcp_cloud import PROJECT, LocalGcp, refused

PARENT = f"projects/{PROJECT}"
QUERY = "absent(custom_googleapis_com:executors_queue_size)"
LIMITED = {"notificationRateLimit": {"period": "3600s"}}


def promql(**changes: Any) -> dict[str, Any]:
    inner = {"query": QUERY, "duration": "600s", "disableMetricValidation": True, **changes}
    return {"displayName": "silence", "conditionPrometheusQueryLanguage": inner}


def log(text: str = 'severity="ERROR"') -> dict[str, Any]:
    return {"displayName": "launches", "conditionMatchedLog": {"filter": text}}


def policy(*conditions: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "displayName": "policy",
        "combiner": "OR",
        "conditions": list(conditions or [promql()]),
        **changes,
    }


def create(gcp: LocalGcp, body: dict[str, Any]) -> dict[str, Any]:
    return gcp.api.alert_policies.create(name=PARENT, body=body).execute()


def channel(gcp: LocalGcp, project: str = PROJECT) -> str:
    body = {"type": "email", "labels": {"email_address": "ops@example.com"}}
    channels = gcp.api.notification_channels
    return channels.create(name=f"projects/{project}", body=body).execute()["name"]


BAD = [
    (policy(displayName=""), "displayName must have 1 to 512"),
    (policy(displayName="x" * 513), "displayName must have 1 to 512"),
    (policy(combiner="COMBINE_UNSPECIFIED"), "combiner must be set"),
    (policy(combiner="XOR"), "combiner"),
    (policy(severity="BAD"), "severity"),
    (policy(conditions=[]), "1 to 6 conditions"),
    (policy(conditions=[{"displayName": "nothing"}]), "exactly one kind"),
    (policy(promql() | log()), "exactly one kind"),
    (policy(promql(), promql()), "must be the only one"),
    (policy(log(), promql(), alertStrategy=LIMITED), "must be the only one"),
    (policy(promql(query="")), "query is required"),
    (policy(promql(duration="10m")), "write it like 60s"),
    (policy(promql(evaluationInterval="45s")), "multiple of 30 seconds"),
    (policy(promql(evaluationInterval="0s")), "multiple of 30 seconds"),
    (policy(promql(window="60s")), 'Unknown name "window"'),
    (policy(promql(disableMetricValidation=False)), "cannot find the metric"),
    (policy(log()), "notification_rate_limit is required"),
    (policy(alertStrategy=LIMITED), "notification_rate_limit is only for"),
    (policy(log(""), alertStrategy=LIMITED), "filter had an invalid value"),
    (policy(log('severity="ERROR'), alertStrategy=LIMITED), "filter had an invalid value"),
    (policy(log(), alertStrategy={**LIMITED, "autoClose": "60s"}), "between 1800 and 604800"),
    (policy(documentation={"content": "x" * 8193}), "longer than 8192"),
    (policy(documentation={"content": "x", "mimeType": "text/html"}), "text/markdown"),
    (policy(userLabels={"Team": "search"}), "label key"),
    (policy(notificationChannels=["projects/other/notificationChannels/1"]), "another project"),
    (policy(notificationChannels=[f"{PARENT}/notificationChannels/1"] * 17), "more than 16"),
]


@pytest.mark.parametrize(("body", "words"), BAD, ids=[words for _, words in BAD])
def test_bad_policies_are_refused(gcp: LocalGcp, body: dict[str, Any], words: str) -> None:
    with refused(400, words):
        create(gcp, body)
    assert gcp.names() == []


def test_kinds_of_conditions_that_nobody_uses_are_not_there(gcp: LocalGcp) -> None:
    other = {"displayName": "x", "conditionMonitoringQueryLanguage": {"query": "x"}}
    with refused(501, "not implemented"):
        create(gcp, policy(other))


@pytest.mark.parametrize("kind", ["conditionThreshold", "conditionAbsent"])
def test_conditions_on_time_series_are_taken_and_checked(gcp: LocalGcp, kind: str) -> None:
    good: dict[str, Any] = {
        "filter": 'metric.type = "custom.googleapis.com/x" AND resource.type = "global"',
        "duration": "600s",
        "aggregations": [{"alignmentPeriod": "60s", "perSeriesAligner": "ALIGN_MAX"}],
    }
    if kind == "conditionThreshold":
        good |= {"comparison": "COMPARISON_GT", "thresholdValue": 0}
        with refused(400, "COMPARISON_GT or COMPARISON_LT"):
            create(gcp, policy({"displayName": "x", kind: good | {"comparison": "COMPARISON_EQ"}}))
    else:
        with refused(400, "at least 120s"):
            create(gcp, policy({"displayName": "x", kind: good | {"duration": "60s"}}))
    create(gcp, policy({"displayName": "x", kind: good}, {"displayName": "y", kind: good}))
    for changes, words in (
        ({"filter": 'metric.type = "x"'}, "one resource.type"),
        ({"duration": "90s"}, "multiple of 60s"),
        ({"aggregations": [{"alignmentPeriod": "0s"}]}, "at least 60s"),
    ):
        with refused(400, words):
            create(gcp, policy({"displayName": "x", kind: good | changes}))


def test_a_channel_must_exist(gcp: LocalGcp) -> None:
    with refused(404, "notificationChannels/1"):
        create(gcp, policy(notificationChannels=[f"{PARENT}/notificationChannels/1"]))
    made = channel(gcp)
    name = create(gcp, policy(notificationChannels=[made]))["name"]
    with refused(400, f"the policy {name} uses"):
        gcp.api.notification_channels.delete(name=made).execute()
    gcp.api.alert_policies.delete(name=name).execute()
    gcp.api.notification_channels.delete(name=made).execute()
    assert gcp.names() == []


def test_a_channel_without_an_address_is_not_there(gcp: LocalGcp) -> None:
    with refused(501, "email_address"):
        gcp.api.notification_channels.create(name=PARENT, body={"type": "email"}).execute()


def test_a_metric_that_was_written_may_be_validated(gcp: LocalGcp) -> None:
    gcp.write_queue_size(3)
    create(gcp, policy(promql(disableMetricValidation=False)))


def test_a_patch_changes_what_its_mask_names_and_is_checked_as_a_whole(gcp: LocalGcp) -> None:
    made = create(gcp, policy(severity="WARNING"))
    patch = gcp.api.alert_policies.patch
    body = policy(displayName="renamed", severity="CRITICAL")
    changed = patch(name=made["name"], updateMask="severity", body=body).execute()
    assert (changed["severity"], changed["displayName"]) == ("CRITICAL", "policy")
    assert changed["conditions"][0]["name"] == made["conditions"][0]["name"]
    with refused(400, "1 to 6 conditions"):
        patch(name=made["name"], updateMask="conditions", body={"conditions": []}).execute()
    cleared = patch(name=made["name"], updateMask="severity", body={}).execute()
    assert "severity" not in cleared
    assert gcp.api.alert_policies.list(name=PARENT).execute()["alertPolicies"] == [cleared]
