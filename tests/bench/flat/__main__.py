"""The resources of the `dev` stack, written by hand with the plain SDKs.

No components and no configuration models: values are literals, and only the access token is read
from the stack file. The boot script is rendered from a literal `BootSpec`, as no VM boots without
one; hashes in names are literals too, except where the hash is of something that the cloud
returns. It exports what an operator could not do without, and renders nothing else.
"""

import pulumi

from tests.bench.flat import aws, gcp

token = pulumi.Config().require_secret("accessToken")
for key, value in {**aws.declare(token), **gcp.declare(token)}.items():
    pulumi.export(key, value)
