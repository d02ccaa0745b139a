"""What the boot script of a VM template carries, unpacked from user data or metadata."""

import base64
import gzip
import json
import lzma
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from preview.values import at

_PAYLOAD = re.compile(r"<<'PAYLOAD'\n(.*?)\nPAYLOAD\n", re.DOTALL)


class BootScriptError(ValueError):
    """A boot script that is not one of `components.boot`."""


@dataclass(frozen=True)
class Boot:
    """The document that the script carries, and the program that reads it."""

    document: Mapping[str, Any]
    program: str
    """Its files, each after its path, with zero bytes between them."""

    @classmethod
    def of_script(cls, script: str) -> Self:
        """From the script itself. Raises BootScriptError."""
        found = _PAYLOAD.search(script)
        if found is None:
            raise BootScriptError("the boot script carries no payload")
        try:
            payload = lzma.decompress(base64.b64decode(found[1])).decode()
            program, _, document = payload.rpartition("\0")
            return cls(json.loads(document), program)
        except (ValueError, EOFError, lzma.LZMAError) as error:
            raise BootScriptError(f"the boot script's payload cannot be read: {error}") from error

    @property
    def environment(self) -> Mapping[str, str]:
        """The executor's variables; the secret ones are not here."""
        return self.document.get("environment", {})

    @property
    def files(self) -> tuple[str, ...]:
        """Paths of the program's files."""
        return tuple(self.program.split("\0")[::2])


def boot_of(template: Mapping[str, Any]) -> Boot | None:
    """The boot script of a template, None while it is not known. Raises BootScriptError."""
    data, script = at(template, "userData"), at(template, "metadata", "startup-script")
    if data is not None:
        try:
            script = gzip.decompress(base64.b64decode(data)).decode()
        except (ValueError, OSError, EOFError) as error:
            raise BootScriptError(f"the user data cannot be read: {error}") from error
    return None if script is None else Boot.of_script(script)
