"""Alert policies (provider document of google_monitoring_alert_policy)."""

from dataclasses import dataclass
from typing import Any

from pulumi_gcp import monitoring

from local_clouds import rules
from local_clouds.gcp.api import Api
from local_clouds.gcp.common import DELETION, deletion_rule, pick, refuses_deletion, requires
from local_clouds.resource import Properties, ResourceType

_SETTINGS = ("displayName", "combiner", "enabled", "userLabels", "notificationChannels", "severity")
_CONDITION = ("displayName", "conditionThreshold", "conditionAbsent")
_ALIGNERS = ("ALIGN_NONE", "ALIGN_MAX", "ALIGN_MIN", "ALIGN_MEAN", "ALIGN_SUM", "ALIGN_COUNT")


def resources(api: Api) -> list[ResourceType]:
    """The resource types of this module."""
    aligner = "conditions[].conditionThreshold.aggregations[].perSeriesAligner"
    return [
        ResourceType(
            token="gcp:monitoring/alertPolicy:AlertPolicy",  # noqa: S106
            args=monitoring.AlertPolicyArgs,
            force_new=frozenset({"project"}),
            in_place=DELETION | {"conditions", *_SETTINGS},
            lifecycle=_PolicyLifecycle(api),
            check=rules.all_of(
                requires("project"),
                deletion_rule,
                rules.one_of("combiner", "AND", "OR", "AND_WITH_MATCHING_RESOURCE"),
                rules.one_of("severity", "CRITICAL", "ERROR", "WARNING"),
                rules.one_of(aligner, *_ALIGNERS),
                rules.length("conditions", 1, 6),
            ),
        )
    ]


@dataclass(frozen=True)
class _PolicyLifecycle:
    api: Api

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        parent = f"projects/{inputs['project']}"
        made = self.api.call(self.api.alert_policies.create(name=parent, body=_body(inputs)))
        return made["name"], _outputs(made, inputs)

    def read(self, resource_id: str, state: Properties) -> Properties | None:
        found = self.api.find(self.api.alert_policies.get(name=resource_id))
        return None if found is None else _outputs(found, state)

    def update(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        del state
        patch = self.api.alert_policies.patch(name=resource_id, body=_body(inputs))
        return _outputs(self.api.call(patch), inputs)

    def delete(self, resource_id: str, state: Properties) -> None:
        if not refuses_deletion(resource_id, state):
            self.api.find(self.api.alert_policies.delete(name=resource_id))


def _body(inputs: Properties) -> dict[str, Any]:
    defaults = {"enabled": True, "userLabels": {}, "notificationChannels": []}
    return defaults | pick(inputs, _SETTINGS) | {"conditions": inputs["conditions"]}


def _outputs(policy: Properties, known: Properties) -> Properties:
    conditions = [pick(condition, _CONDITION) for condition in policy["conditions"]]
    shown = {key: value for key, value in pick(policy, _SETTINGS).items() if value not in ({}, [])}
    return shown | {
        "conditions": conditions,
        "name": policy["name"],
        "project": policy["name"].split("/")[1],
        **pick(known, DELETION),
    }
