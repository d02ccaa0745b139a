"""What a preview means for an operator: Markdown for a pull request, and its red lines.

Reads the engine's own preview (`pulumi preview --json --show-sames`) and nothing else, so it judges
what the engine is about to do, whoever wrote the program. Pure: no pulumi, no network.
"""

from review.comment import comment
from review.preview import Preview, PreviewError, read
from review.red_lines import RedLine, red_lines

__all__ = ["Preview", "PreviewError", "RedLine", "comment", "read", "red_lines"]
