"""What a VM template's boot script says, unpacked from user data or metadata."""

import base64
import gzip
import json
import lzma
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from preview.values import at


@dataclass(frozen=True)
class Boot:
    """The document that the script carries, and the program that reads it."""

    document: Mapping[str, Any]
    program: str

    @property
    def environment(self) -> Mapping[str, str]:
        """The executor's variables; the secret ones are not here."""
        return self.document.get("environment", {})


def boot_of(template: Mapping[str, Any]) -> Boot | None:
    """The boot script of a template's inputs, None while it is not known or is of another kind."""
    data = at(template, "userData")
    script = at(template, "metadata", "startup-script")
    try:
        if data is not None:
            script = gzip.decompress(base64.b64decode(data)).decode()
        found = re.search(r"<<'PAYLOAD'\n(.*?)\nPAYLOAD\n", script or "", re.DOTALL)
        if found is None:
            return None
        program, _, document = lzma.decompress(base64.b64decode(found[1])).decode().rpartition("\0")
        return Boot(json.loads(document), program)
    except (ValueError, OSError, EOFError, lzma.LZMAError):
        return None
