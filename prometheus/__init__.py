"""What Prometheus and Grafana need for a stack's executors, as deterministic YAML and JSON.

Plain values in, text out: nothing here imports pulumi or reaches a network. The dashboard is a
module of its own, `prometheus.dashboard`, as only a command needs its library.
"""

from prometheus.discovery import Discovery, Ec2Discovery, GceDiscovery
from prometheus.pools import HourlyPrice, PoolFacts
from prometheus.rules import render_rules
from prometheus.scrape import Job, mirror_jobs, render, render_file, scrape_job, worker_job

__all__ = [
    "Discovery",
    "Ec2Discovery",
    "GceDiscovery",
    "HourlyPrice",
    "Job",
    "PoolFacts",
    "mirror_jobs",
    "render",
    "render_file",
    "render_rules",
    "scrape_job",
    "worker_job",
]
