"""Labels as the provider treats them: own ones, those with the provider's defaults, and all.

`labels` holds what the program says, `pulumiLabels` adds the provider's default labels and its
attribution label, `effectiveLabels` is everything that the cloud has, whoever put it there.
"""

from local_clouds.resource import Properties
from local_clouds.values import Unknown

_ATTRIBUTION = {"goog-pulumi-provisioned": "true"}


def managed_labels(settings: Properties, inputs: Properties) -> dict[str, str] | Unknown:
    """The labels that the provider keeps on a resource; unknown while the program's are."""
    own = inputs.get("labels", {})
    if isinstance(own, Unknown):
        return own
    attribution = _ATTRIBUTION if settings.get("addPulumiAttributionLabel", True) else {}
    return attribution | settings.get("defaultLabels", {}) | own


def label_outputs(present: dict[str, str], known: Properties) -> Properties:
    """The three label outputs; `known` (inputs or state) says which labels are whose."""
    return {
        name: {key: present[key] for key in known.get(name, {}) if key in present}
        for name in ("labels", "pulumiLabels")
    } | {"effectiveLabels": present}
