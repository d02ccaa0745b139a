"""Executors on GCP."""

from components.gcp.alarms import Alarms
from components.gcp.credentials import Credentials
from components.gcp.executor_pool import ExecutorPool
from components.gcp.firewall import Firewall
from components.gcp.identity import Identity
from components.gcp.network import Network
from components.gcp.scaler import Scaler
from components.gcp.secret_store import SecretStore

__all__ = [
    "Alarms",
    "Credentials",
    "ExecutorPool",
    "Firewall",
    "Identity",
    "Network",
    "Scaler",
    "SecretStore",
]
