"""The engine's JSON preview of a stack: its resources before a change and after it.

`pulumi preview --json --show-sames` prints it. Whatever judges a stack (`review`, `simulator`)
reads this and nothing else, so it judges what the engine is about to do, whoever wrote the
program. Standard library only.
"""

from preview.boot import Boot, BootScriptError, boot_of
from preview.changes import Change, Preview, read
from preview.resources import PreviewError, Resource, Resources
from preview.values import SECRET, UNKNOWN

__all__ = [
    "SECRET",
    "UNKNOWN",
    "Boot",
    "BootScriptError",
    "Change",
    "Preview",
    "PreviewError",
    "Resource",
    "Resources",
    "boot_of",
    "read",
]
