"""Pools for the tests of rules: one queue on a cloud, one on both, and a pool that serves two."""

from prometheus import PoolFacts

CODEINTEL = PoolFacts(
    name="codeintel",
    queues=("codeintel",),
    smallest=0,
    largest=3,
    slots=4,
    jobs_per_vm={"codeintel": 8.0},
    longest_life=7200.0,
)
BATCHES = PoolFacts(
    name="batches",
    queues=("batches",),
    smallest=1,
    largest=6,
    slots=2,
    jobs_per_vm={"batches": 2.0},
    longest_life=None,
)
ALL = PoolFacts(
    name="all",
    queues=("batches", "codeintel"),
    smallest=0,
    largest=2,
    slots=4,
    jobs_per_vm={"batches": 8.0, "codeintel": 8.0},
    longest_life=7200.0,
)
SPOT = PoolFacts(
    name="codeintel-spot",
    queues=("codeintel",),
    smallest=0,
    largest=1,
    slots=8,
    jobs_per_vm={"codeintel": 16.0},
    longest_life=3600.0,
)
