"""Values for Sourcegraph's Helm chart."""

from collections.abc import Mapping
from typing import Any

from components.wiring.compose import RULES_FILE
from prometheus.text import to_yaml

SECRET = "sourcegraph-executors"  # noqa: S105 - a name
"""The Kubernetes secret that the values refer to."""

CONFIG_MAP = "sourcegraph-executors-rules"

_RULES_KEY = "executors_rules.yml"
_INTRODUCTION = """\
# Save this as executors-values.yaml and add `--values executors-values.yaml` to
# `helm upgrade sourcegraph sourcegraph/sourcegraph`.
"""
_COMMAND = """\
# It refers to a secret. Make it in Sourcegraph's namespace, with bash:
#   kubectl create secret generic {name} \\
{files}
"""


def render(wiring: Mapping[str, Any], rules: str) -> str:
    """YAML of the values for a stack's output `sourcegraph` and its Prometheus rules.

    Secrets are keys of a Kubernetes secret; a comment has the command that makes it.
    """
    sections = {section: wiring[section] for section in ("worker", "frontend")}
    secrets = {name: cmd for one in sections.values() for name, cmd in one["secrets"].items()}
    values: dict[str, Any] = {
        section: {"env": env} for section, one in sections.items() if (env := _environment(one))
    }
    volume = "executors-rules"
    values["prometheus"] = {
        "extraVolumes": [{"name": volume, "configMap": {"name": CONFIG_MAP}}],
        "extraVolumeMounts": [
            {"name": volume, "mountPath": RULES_FILE, "subPath": _RULES_KEY, "readOnly": True}
        ],
    }
    values["extraResources"] = [
        {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": CONFIG_MAP},
            "data": {_RULES_KEY: _plain(rules)},
        }
    ]
    hint = _COMMAND.format(name=SECRET, files=_files(secrets)) if secrets else ""
    return _INTRODUCTION + hint + to_yaml(values)


def _environment(service: Mapping[str, Any]) -> dict[str, Any]:
    plain = {name: {"value": str(value)} for name, value in service["environment"].items()}
    secret = {
        name: {"valueFrom": {"secretKeyRef": {"name": SECRET, "key": name}}}
        for name in service["secrets"]
    }
    return {**plain, **secret}


def _plain(text: str) -> str:
    """The chart renders `extraResources` as templates; rules have templates of their own."""
    return text.replace("{{", "{{`{{`}}")


def _files(secrets: Mapping[str, str]) -> str:
    # A file, even one that is a pipe, keeps a value out of the list of processes.
    return " \\\n".join(
        f'#     --from-file={name}=<(printf %s "$({command})")'
        for name, command in sorted(secrets.items())
    )
