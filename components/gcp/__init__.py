"""Executors on GCP."""

from components.gcp.alarms import Alarms
from components.gcp.credentials import Credentials
from components.gcp.docker_mirror import DockerMirror
from components.gcp.executor_pool import ExecutorPool
from components.gcp.firewall import Firewall
from components.gcp.identity import Identity
from components.gcp.key_access import KeyAccess
from components.gcp.network import Network
from components.gcp.scaler import Scaler
from components.gcp.secret_store import SecretStore

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
