"""Alert policies (provider document of google_monitoring_alert_policy)."""

from dataclasses import dataclass

from pulumi_gcp import monitoring

from local_clouds import rules
from local_clouds.gcp.api import Api
from local_clouds.gcp.common import DELETION, deletion_rule, pick, refuses_deletion, requires
from local_clouds.resource import Properties, ResourceType

_SETTINGS = ("displayName", "combiner", "conditions", "alertStrategy", "documentation", "enabled")
_SETTINGS += ("notificationChannels", "severity", "userLabels")


_ALIGNERS = ("ALIGN_NONE", "ALIGN_MAX", "ALIGN_MIN", "ALIGN_MEAN", "ALIGN_SUM", "ALIGN_COUNT")


def resources(api: Api) -> list[ResourceType]:
    """The resource types of this module."""
    aligner = "conditions[].conditionThreshold.aggregations[].perSeriesAligner"
    return [
        ResourceType(
            token="gcp:monitoring/alertPolicy:AlertPolicy",  # noqa: S106
            args=monitoring.AlertPolicyArgs,
            force_new=frozenset({"project"}),
            in_place=DELETION | {*_SETTINGS},
            lifecycle=_PolicyLifecycle(api),
            check=rules.all_of(
                requires("project"),
                rules.one_of("combiner", "AND", "OR", "AND_WITH_MATCHING_RESOURCE"),
                rules.one_of("severity", "CRITICAL", "ERROR", "WARNING"),
                rules.one_of(aligner, *_ALIGNERS),
                rules.length("conditions", 1, 6),
                deletion_rule,
            ),
            volatile_outputs=frozenset({"conditions"}),
        )
    ]


@dataclass(frozen=True)
class _PolicyLifecycle:
    api: Api

    def create(self, inputs: Properties) -> tuple[str, Properties]:
        body = {"enabled": True} | pick(inputs, _SETTINGS)
        request = self.api.alert_policies.create(name=f"projects/{inputs['project']}", body=body)
        policy = self.api.call(request)
        return policy["name"], _outputs(policy, inputs)

    def read(self, resource_id: str, state: Properties) -> Properties | None:
        policy = self.api.find(self.api.alert_policies.get(name=resource_id))
        known = state | {"project": resource_id.split("/")[1]}
        return None if policy is None else _outputs(policy, known)

    def update(self, resource_id: str, state: Properties, inputs: Properties) -> Properties:
        del state
        body = {"enabled": True} | pick(inputs, _SETTINGS)
        request = self.api.alert_policies.patch(
            name=resource_id, updateMask=",".join(_SETTINGS), body=body
        )
        return _outputs(self.api.call(request), inputs)

    def delete(self, resource_id: str, state: Properties) -> None:
        if not refuses_deletion(resource_id, state):
            self.api.find(self.api.alert_policies.delete(name=resource_id))


def _outputs(policy: Properties, known: Properties) -> Properties:
    outputs = pick(policy, (*_SETTINGS, "name"))
    record = policy["creationRecord"]
    return (
        outputs
        | {"creationRecords": [record], "project": known["project"]}
        | pick(known, ("deletionPolicy",))
    )
