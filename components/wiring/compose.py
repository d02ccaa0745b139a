"""An override for Sourcegraph's Docker Compose deployment."""

from collections.abc import Iterable, Mapping
from typing import Any

from prometheus.text import to_yaml

RULES_FILE = "/sg_config_prometheus/executors_rules.yml"
"""Sourcegraph's Prometheus reads every `*_rules.yml` of this directory, which its image has."""

SERVICES = {
    "worker": ("worker",),
    "frontend": ("sourcegraph-frontend-0", "sourcegraph-frontend-internal"),
}
"""The services of `docker-compose.yaml` (deploy-sourcegraph-docker), by their section here."""

_INTRODUCTION = """\
# Save this as docker-compose.executors.yaml beside Sourcegraph's docker-compose.yaml, and add
# `-f docker-compose.executors.yaml` to its command. Docker Compose 2.23.1 or newer.
"""
_SECRETS = """\
# It reads secrets from files that only you may read. Make them in the same directory:
#   umask 077
"""


def render(wiring: Mapping[str, Any], rules: str) -> str:
    """YAML of the override for a stack's output `sourcegraph` and its Prometheus rules.

    Secrets are read from environment files; a comment has the commands that write them.
    """
    services: dict[str, Any] = {}
    commands: list[str] = []
    for section, names in SERVICES.items():
        service = wiring[section]
        own: dict[str, Any] = {}
        if service["environment"]:
            own["environment"] = {k: _plain(str(v)) for k, v in service["environment"].items()}
        if service["secrets"]:
            own["env_file"] = [_file(section)]
            commands.append(_command(section, service["secrets"].items()))
        if own:
            services |= {name: dict(own) for name in names}
    services["prometheus"] = {"configs": [{"source": "executors-rules", "target": RULES_FILE}]}
    configs = {"executors-rules": {"content": _plain(rules)}}
    hint = f"{_SECRETS}{''.join(commands)}" if commands else ""
    return _INTRODUCTION + hint + to_yaml({"services": services, "configs": configs})


def _plain(text: str) -> str:
    """Docker Compose puts variables in place of `$`."""
    return text.replace("$", "$$")


def _file(section: str) -> str:
    return f"executors-{section}.env"


def _command(section: str, secrets: Iterable[tuple[str, str]]) -> str:
    # Quotes keep the file's reader from looking into a value; a GCP key has line breaks.
    lines = [
        f"""#     printf "{name}='%s'\\n" "$({command} | tr -d '\\n')"\n"""
        for name, command in sorted(secrets)
    ]
    return f"#   {{\n{''.join(lines)}#   }} > {_file(section)}\n"
