"""Documents as deterministic YAML."""

import math

import yaml


def to_yaml(document: object) -> str:
    """Keys in the order in which they were made, long texts on one line."""
    return yaml.safe_dump(document, sort_keys=False, width=math.inf)
