"""The AWS provider on a moto server that has nothing but what AWS itself brings."""

from collections.abc import Iterator

import pytest
from moto.server import ThreadedMotoServer

from local_clouds import aws
from local_clouds.aws.clients import Clients
from tests.local_clouds.aws.inputs import SECURITY_GROUP, SUBNET, VPC
from tests.local_clouds.driver import Engine, Made


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    aws.seed(address)
    yield address
    server.stop()


@pytest.fixture(scope="module")
def provider(endpoint: str) -> aws.AwsProvider:
    return aws.provider(endpoint)


@pytest.fixture(scope="module")
def clients(endpoint: str) -> Clients:
    return Clients(endpoint)


@pytest.fixture
def engine(provider: aws.AwsProvider) -> Iterator[Engine]:
    engine = Engine(provider)
    engine.configure(region="us-east-1", defaultTags='{"tags": {"stack": "dev"}}')
    yield engine
    engine.delete_all()


@pytest.fixture
def network(engine: Engine) -> dict[str, Made]:
    vpc = engine.create(VPC, {"cidrBlock": "10.0.0.0/16"})
    subnet = {"vpcId": vpc.id, "cidrBlock": "10.0.1.0/24", "availabilityZone": "us-east-1a"}
    return {
        "vpc": vpc,
        "subnet": engine.create(SUBNET, subnet),
        "firewall": engine.create(SECURITY_GROUP, {"vpcId": vpc.id, "name": "executors"}),
    }
