"""The stack file as strict, frozen models."""

from components.config.deployment import Deployment, Pool
from components.config.executor import ExecutorConfig
from components.config.load import RawConfig, load
from components.config.placement import AwsPlacement, Cloud, GcpPlacement
from components.config.problems import ConfigError, Problem
from components.config.secrets import Secrets

__all__ = [
    "AwsPlacement",
    "Cloud",
    "ConfigError",
    "Deployment",
    "ExecutorConfig",
    "GcpPlacement",
    "Pool",
    "Problem",
    "RawConfig",
    "Secrets",
    "load",
]
