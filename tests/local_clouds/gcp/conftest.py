"""The gcp provider on an empty server, and on one that has what the examples refer to."""

from collections.abc import Iterator

import pytest

from local_clouds import gcp as gcp_provider
from tests.local_clouds.gcp.driver import SETTINGS, Driver
from tests.local_clouds.gcp_cloud import PROJECT, running


@pytest.fixture(scope="module")
def shared() -> Iterator[Driver]:
    with running() as cloud:
        yield Driver(gcp_provider.provider(cloud.endpoint), cloud)


@pytest.fixture
def gcp(shared: Driver) -> Driver:
    shared.cloud.empty()
    shared.configure(SETTINGS)
    return shared


@pytest.fixture
def furnished(gcp: Driver) -> Driver:
    """A cloud that has what the examples refer to."""
    gcp.cloud.network()
    gcp.cloud.subnetwork()
    gcp.cloud.account()
    gcp.cloud.template()
    gcp.cloud.group(distributionPolicy={"targetShape": "EVEN"})
    gcp.cloud.address("egress")
    gcp.cloud.router()
    gcp.cloud.mirror()
    body = {"replication": {"automatic": {}}}
    parent = f"projects/{PROJECT}"
    gcp.cloud.api.secrets.create(parent=parent, secretId="token", body=body).execute()
    return gcp
