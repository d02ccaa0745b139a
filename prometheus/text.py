"""Documents as deterministic YAML."""

import math

import yaml


def to_yaml(document: object) -> str:
    """Keys in the order in which they were made, no aliases, long texts line by line."""
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=math.inf)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
