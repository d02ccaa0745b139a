"""What a preview means for an operator: Markdown for a pull request, and its red lines.

Pure: no pulumi, no network.
"""

from review.comment import comment
from review.red_lines import RedLine, red_lines

__all__ = ["RedLine", "comment", "red_lines"]
