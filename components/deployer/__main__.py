"""Prints what the identity that deploys a stack must be allowed to do.

pulumi stack export | python -m components.deployer aws
pulumi preview --json | python -m components.deployer gcp
"""

import argparse
import json
import sys
from pathlib import Path

from components.deployer import policy, read, role
from components.deployer.aws_policy import MANAGED_POLICY_CHARACTERS, NAME_PATTERN


def main() -> int:
    """Print a policy document (AWS) or a custom role (GCP); 1 with a sentence otherwise."""
    parser = argparse.ArgumentParser(
        prog="python -m components.deployer",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("cloud", choices=["aws", "gcp"])
    parser.add_argument("document", nargs="?", default="-", help="- is standard input")
    parser.add_argument(
        "--names",
        default=NAME_PATTERN,
        help="AWS: what names begin with where `pulumi:autonaming` changes them (%(default)s)",
    )
    arguments = parser.parse_args()
    try:
        path = arguments.document
        used = read(json.loads(sys.stdin.read() if path == "-" else Path(path).read_text()))
        document = policy(used, arguments.names) if arguments.cloud == "aws" else role(used)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(json.dumps(document, indent=2) + "\n")
    size = len("".join(json.dumps(document).split()))
    if arguments.cloud == "aws" and size > MANAGED_POLICY_CHARACTERS:
        sys.stderr.write(
            f"{size} characters: too long for a managed policy ({MANAGED_POLICY_CHARACTERS}); "
            "make it an inline policy of the deployer's role (10240).\n"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
