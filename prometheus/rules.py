"""Recording and alerting rules as a Prometheus rule file."""

from collections.abc import Iterable

from prometheus.alerts import alerting_rules
from prometheus.cost import cost_rules
from prometheus.pools import PoolFacts
from prometheus.recording import recording_rules
from prometheus.text import to_yaml

GROUP = "sourcegraph-executors"


def render_rules(pools: Iterable[PoolFacts]) -> str:
    """YAML of a whole rule file for these pools, at least one; their order makes no difference."""
    known = sorted(pools, key=lambda pool: pool.name)
    # One group: its rules run in order, so alerts see what was recorded a moment ago.
    rules = [*recording_rules(known), *cost_rules(known), *alerting_rules(known)]
    return to_yaml({"groups": [{"name": GROUP, "rules": rules}]})
