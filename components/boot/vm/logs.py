"""The CloudWatch agent: the image ships its log to a fixed group, a pool has its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from . import files
from .commands import run
from .failures import BootError, tell

if TYPE_CHECKING:
    from .paths import Paths


def ship_to(group: str, paths: Paths) -> None:
    """Send the VM's log to `group`. A failure is told; it is no reason to run no jobs."""
    control = paths.cloudwatch_agent / "bin/amazon-cloudwatch-agent-ctl"
    try:
        if paths.log_group_helper.is_file():
            run(str(paths.log_group_helper), group)
        elif control.is_file():
            config = paths.cloudwatch_agent / "etc/amazon-cloudwatch-agent.json"
            files.write(config, _config(group))
            run(str(control), "-a", "fetch-config", "-m", "ec2", "-s", "-c", f"file:{config}")
        else:
            tell(f"the image has no CloudWatch agent: nothing is sent to log group {group}")
    except BootError as error:
        tell(f"the VM's log does not reach log group {group}: {error}")


def _config(group: str) -> str:
    syslog = {"file_path": "/var/log/syslog", "log_group_name": group, "timezone": "UTC"}
    logs = {
        "logs_collected": {"files": {"collect_list": [syslog]}},
        "log_stream_name": "{instance_id}-syslog",
    }
    return json.dumps({"logs": logs}, indent=2) + "\n"
