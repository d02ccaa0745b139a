"""What the identity that deploys a stack must be allowed to do, and nothing more.

`python -m components.deployer aws state.json` prints an AWS policy document, `gcp` a custom role.
"""

from components.deployer.aws_policy import policy
from components.deployer.gcp_role import role
from components.deployer.used import Used, UsedError, read

__all__ = ["Used", "UsedError", "policy", "read", "role"]
