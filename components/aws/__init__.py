"""Executors on AWS."""

from components.aws.alarms import Alarms
from components.aws.credentials import Credentials
from components.aws.executor_pool import ExecutorPool
from components.aws.firewall import Firewall
from components.aws.identity import Identity
from components.aws.network import Network
from components.aws.scaler import Scaler
from components.aws.secret_store import SecretStore

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
