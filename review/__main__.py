"""Prints the comment for a pull request, and says by its exit code whether there are red lines.

pulumi preview --json --show-sames > preview.json
python -m review --stack prod preview.json
"""

import argparse
import sys
from pathlib import Path

from preview import Preview, PreviewError, read
from review.comment import comment
from review.red_lines import red_lines

RED = 3
"""Exit code with red lines; 1 is a preview that failed, or none."""


def main() -> int:
    """Write the comment to standard output."""
    parser = argparse.ArgumentParser(
        prog="python -m review",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--expect-no-changes", action="store_true", help="a change of any resource is a red line"
    )
    parser.add_argument(
        "--stack",
        default="",
        help="the stack's name; taken from the resources when unset, and none where there are none",
    )
    parser.add_argument("preview", type=Path, help="file with the engine's preview in JSON")
    arguments = parser.parse_args()
    try:
        preview = read(arguments.preview.read_text())
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except PreviewError as error:
        preview = Preview(errors=(str(error),))
    sys.stdout.write(comment(preview, arguments.stack))
    if preview.errors:
        return 1
    changed = any(change.operation != "same" for change in preview.resources)
    return RED if red_lines(preview) or (arguments.expect_no_changes and changed) else 0


if __name__ == "__main__":
    sys.exit(main())
