"""The Prometheus scrape jobs that match a stack's executors and mirrors, as deterministic YAML.

Plain values in, text out: nothing here imports pulumi or reaches a network.
"""

from prometheus.discovery import Discovery, Ec2Discovery, GceDiscovery
from prometheus.scrape import Job, mirror_jobs, render, render_file, scrape_job, worker_job

__all__ = [
    "Discovery",
    "Ec2Discovery",
    "GceDiscovery",
    "Job",
    "mirror_jobs",
    "render",
    "render_file",
    "scrape_job",
    "worker_job",
]
