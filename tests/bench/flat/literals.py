"""Literals that stand in more than one resource of the flat program."""

AWS_REGION = "us-east-1"
GCP_PROJECT = "acme-executors-dev"
GCP_REGION = "us-central1"

TAGS = {"executor_tag": "executors-dev"}
AWS_POOL_TAGS = {**TAGS, "executor_pool": "codeintel"}
GCP_POOL_LABELS = {**TAGS, "executor_pool": "batches"}


EXECUTOR = {
    "EXECUTOR_FIRECRACKER_DISK_SPACE": "20G",
    "EXECUTOR_FRONTEND_URL": "https://sourcegraph.example.com",
    "EXECUTOR_JOB_MEMORY": "12G",
    "EXECUTOR_JOB_NUM_CPUS": "4",
    "EXECUTOR_MAXIMUM_NUM_JOBS": "4",
    "EXECUTOR_MAXIMUM_RUNTIME_PER_JOB": "30m",
    "EXECUTOR_MAX_ACTIVE_TIME": "6h",
    "EXECUTOR_NUM_TOTAL_JOBS": "0",
    "EXECUTOR_QUEUE_POLL_INTERVAL": "1s",
    "EXECUTOR_USE_FIRECRACKER": "true",
    "SRC_LOG_LEVEL": "warn",
}
