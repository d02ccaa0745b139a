"""Executors on AWS."""

from components.aws.alarms import Alarms
from components.aws.credentials import Credentials
from components.aws.docker_mirror import DockerMirror
from components.aws.executor_pool import ExecutorPool
from components.aws.firewall import Firewall
from components.aws.identity import Identity
from components.aws.key_access import KeyAccess
from components.aws.network import Network
from components.aws.scaler import Scaler
from components.aws.secret_store import SecretStore

__all__ = [
    "Alarms",
    "Credentials",
    "DockerMirror",
    "ExecutorPool",
    "Firewall",
    "Identity",
    "KeyAccess",
    "Network",
    "Scaler",
    "SecretStore",
]
