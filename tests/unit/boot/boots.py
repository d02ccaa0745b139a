"""A machine that boots, and what that leaves on it."""

import stat

from components.boot.vm.document import Document
from components.boot.vm.main import configure
from components.boot.vm.web import Patience
from tests.unit.boot.fakes import FakeCloud, Machine

PEM = "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"
SCRIPT = "#!/usr/bin/python3\nprint('$HOME `id` é')\n"


class Boot:
    """Boots the machine once more."""

    def __init__(self, fake: FakeCloud, machine: Machine, patience: Patience) -> None:
        self.fake, self.machine, self.patience = fake, machine, patience

    def __call__(self, wanted: Document, *, at_boot: bool = True) -> list[str]:
        configure(
            wanted,
            self.fake.store,
            paths=self.machine.paths,
            patience=self.patience,
            at_boot=at_boot,
        )
        return self.machine.calls("systemctl")


def written(machine: Machine) -> dict[str, tuple[str, int, int]]:
    """Every file below the root: text, mode, inode (which a rewrite would change)."""
    return {
        str(file.relative_to(machine.paths.root)): (
            file.read_text(),
            stat.S_IMODE(file.stat().st_mode),
            file.stat().st_ino,
        )
        for file in machine.paths.root.rglob("*")
        if file.is_file()
    }
