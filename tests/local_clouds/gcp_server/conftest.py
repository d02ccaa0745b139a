"""A local GCP server, empty before each test, and one with a pool."""

from collections.abc import Iterator

import pytest

from tests.local_clouds.gcp_cloud import LocalGcp, running


@pytest.fixture(scope="module")
def server() -> Iterator[LocalGcp]:
    with running() as local:
        yield local


@pytest.fixture
def gcp(server: LocalGcp) -> LocalGcp:
    server.empty()
    return server


@pytest.fixture
def pool(gcp: LocalGcp) -> LocalGcp:
    """A cloud with a network, a subnetwork, a template and an empty group."""
    gcp.network()
    gcp.subnetwork()
    gcp.template()
    gcp.group()
    return gcp
