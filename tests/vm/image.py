"""What Sourcegraph's image brings, as a folder (`vm-image/install.sh`)."""

import shutil
from pathlib import Path

from scripts import checkers

HERE = Path(__file__).parent
IPTABLES = ("iptables", "libxtables12", "libip4tc2", "libip6tc2")
ADVICE = "The tests of a VM need the image's iptables, from Debian's packages."

EXECUTOR_UNIT = """\
[Unit]
Description=User code executor

[Service]
ExecStart=/usr/local/bin/executor
ExecStopPost=/shutdown_executor.sh
Restart=on-failure
EnvironmentFile=/etc/systemd/system/executor.env
Environment=HOME="%h"
Environment=SRC_LOG_LEVEL=dbug
Environment=SRC_PROF_HTTP=127.0.0.1:6060
Environment=NODE_EXPORTER_URL="http://127.0.0.1:9100"

[Install]
WantedBy=multi-user.target
"""

DOCKER_UNIT = """\
[Service]
ExecStart=/usr/bin/sleep infinity
"""

RULES_UNIT = """\
[Service]
Type=oneshot
ExecStart=/usr/local/sbin/iptables-restore /etc/iptables/rules.v4
"""

TARGET = """\
[Unit]
Requires=basic.target systemd-journald.service
After=basic.target netfilter-persistent.service
Wants=docker.service netfilter-persistent.service
"""

DOCKER = """\
#!/bin/sh
# `docker ps` lists a container for each job.
ls /jobs/running
"""

NOTHING = "#!/bin/sh\nexit 0\n"

STARTUP_UNIT = """\
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/bash /run/boot-script
"""

FILES = {
    "etc/systemd/system/startup.service": STARTUP_UNIT,
    "etc/systemd/system/executor.service": EXECUTOR_UNIT,
    "etc/systemd/system/docker.service": DOCKER_UNIT,
    "etc/systemd/system/netfilter-persistent.service": RULES_UNIT,
    "etc/systemd/system/vm.target": TARGET,
    "etc/systemd/journald.conf.d/vm.conf": "[Journal]\nStorage=volatile\nReadKMsg=no\n",
    "etc/docker/daemon.json": '{"log-driver": "journald"}\n',
    "etc/iptables/rules.v4": (HERE / "files" / "rules.v4").read_text(encoding="utf-8"),
}
PROGRAMS = {
    "usr/local/bin/executor": (HERE / "files" / "executor.py").read_text(encoding="utf-8"),
    "usr/local/bin/docker": DOCKER,
    "shutdown_executor.sh": "#!/bin/sh\nsystemctl poweroff\n",
    "usr/local/bin/configure-cloudwatch-agent-log-group": '#!/bin/sh\necho "$1" >/etc/log-group\n',
}
UNITS = (Path("/lib/systemd/system"), Path("/etc/systemd/system"))
KEPT = {f"systemd-{name}.service" for name in ("journald", "journal-flush", "tmpfiles-setup")}


def foreign_units() -> set[str]:
    """This machine's own units: they do not matter to the image, and some change the kernel."""
    targets = ("sysinit", "basic", "local-fs", "sockets", "timers", "multi-user")
    found = {
        unit.name
        for folder in UNITS
        for target in targets
        for unit in (folder / f"{target}.target.wants").glob("*")
        if unit.suffix != ".socket"
    }
    return (found | {"systemd-remount-fs.service"}) - KEPT


def build(folder: Path) -> Path:
    """Fill `folder`, which is copied over a VM's root."""
    for package in IPTABLES:
        shutil.copytree(checkers.debian(package, ADVICE), folder, symlinks=True, dirs_exist_ok=True)
    for name in ("iptables", "iptables-save", "iptables-restore"):
        link = folder / "usr/local/sbin" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to("/usr/sbin/xtables-legacy-multi")
    for path, text in {**FILES, **PROGRAMS}.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        file.chmod(0o755 if path in PROGRAMS else 0o644)
    for state in ("todo", "running", "done", "killed"):
        (folder / "jobs" / state).mkdir(parents=True)
    for unit in foreign_units():
        (folder / "etc/systemd/system" / unit).symlink_to("/dev/null")
    return folder
