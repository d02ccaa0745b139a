"""Secrets, keys, groups and functions of the gcp provider, and what keeps a resource."""

import asyncio
import base64
import json

import pytest
from pulumi.provider.experimental import provider as protocol

from local_clouds.provider import to_values
from local_clouds.resource import CloudError, Properties
from local_clouds.values import properties_to_plain
from tests.local_clouds.gcp.driver import Driver, urn
from tests.local_clouds.gcp.examples import EXAMPLES
from tests.local_clouds.gcp.inputs import (
    EMAIL,
    GROUP,
    KEY,
    NETWORK,
    SECRET,
    TEMPLATE,
    VERSION,
    group,
    update_policy,
)
from tests.local_clouds.gcp_cloud import PROJECT


class TestSecretsAndKeys:
    def test_a_key_is_a_secret_credentials_file(self, furnished: Driver) -> None:
        inputs, _ = furnished.check(KEY, EXAMPLES[KEY])
        request = protocol.CreateRequest(urn(KEY, "made"), to_values(inputs), 60, False)
        answer = asyncio.run(furnished.provider.create(request))
        assert answer.properties["privateKey"].is_secret
        content = base64.b64decode(properties_to_plain(answer.properties)["privateKey"])
        assert json.loads(content)["client_email"] == EMAIL

    def test_the_payload_is_secret_and_drift_in_it_shows(self, furnished: Driver) -> None:
        inputs, _ = furnished.check(VERSION, EXAMPLES[VERSION])
        request = protocol.CreateRequest(urn(VERSION, "made"), to_values(inputs), 60, False)
        answer = asyncio.run(furnished.provider.create(request))
        assert answer.properties["secretData"].is_secret
        assert answer.resource_id
        state = properties_to_plain(answer.properties)
        versions = furnished.cloud.api.secret_versions
        versions.destroy(name=answer.resource_id, body={}).execute()
        assert furnished.read(VERSION, answer.resource_id, state) is None


class TestDeletionPolicy:
    def test_prevent_refuses_and_abandon_leaves(self, gcp: Driver) -> None:
        name, state, _ = gcp.create(NETWORK, {"deletionPolicy": "PREVENT"})
        with pytest.raises(CloudError, match="PREVENT"):
            gcp.delete(NETWORK, name, state)
        gcp.delete(NETWORK, name, state | {"deletionPolicy": "ABANDON"})
        assert name in gcp.cloud.names()
        gcp.delete(NETWORK, name, state | {"deletionPolicy": "DELETE"})
        assert gcp.cloud.names() == []

    def test_deletion_protection_of_a_secret(self, gcp: Driver) -> None:
        protected = EXAMPLES[SECRET] | {"deletionProtection": True}
        name, state, _ = gcp.create(SECRET, protected)
        with pytest.raises(CloudError, match="deletionProtection"):
            gcp.delete(SECRET, name, state)


class TestGroups:
    def test_waiting_for_instances_that_cannot_come_fails(self, furnished: Driver) -> None:
        tiny = furnished.cloud.subnetwork("tiny", ipCidrRange="10.9.0.0/29")
        furnished.cloud.template("crowded", networkInterfaces=[{"subnetwork": tiny}])
        versions = [{"instanceTemplate": f"projects/{PROJECT}/global/instanceTemplates/crowded"}]
        wanted = group(versions=versions, targetSize=9, waitForInstances=True)
        with pytest.raises(CloudError, match="timeout while waiting"):
            furnished.create(GROUP, wanted)

    def test_the_unique_link_of_a_template_is_taken(self, furnished: Driver) -> None:
        _, made, _ = furnished.create(TEMPLATE, EXAMPLES[TEMPLATE])
        assert made["selfLinkUnique"] == f"{made['selfLink']}?uniqueId={made['numericId']}"
        versions = [{"instanceTemplate": made["selfLinkUnique"], "name": "current"}]
        _, outputs, _ = furnished.create(GROUP, group(versions=versions, targetSize=1))
        assert outputs["versions"][0]["name"] == "current"

    def test_the_message_of_the_api_is_what_the_user_reads(self, furnished: Driver) -> None:
        policy = update_policy(maxSurgeFixed=1)
        with pytest.raises(CloudError, match=r"Error 400: .*number of zones \(3\)"):
            furnished.create(GROUP, group(updatePolicy=policy))


class TestFunctions:
    def invoke(self, gcp: Driver, token: str, arguments: Properties) -> Properties:
        request = protocol.InvokeRequest(token, to_values(arguments))
        answer = asyncio.run(gcp.provider.invoke(request))
        assert not answer.failures
        return properties_to_plain(answer.return_value or {})

    def test_an_image_by_family_or_filter(self, gcp: Driver) -> None:
        token, project = "gcp:compute/getImage:getImage", {"project": "sourcegraph-ci"}
        family = {"family": "sourcegraph-executors-6-10"}
        image = self.invoke(gcp, token, project | family)
        assert image["selfLink"].endswith(f"/images/{image['name']}")
        wanted = {"filter": "family = sourcegraph-executors-6-10", "mostRecent": True}
        assert self.invoke(gcp, token, project | wanted) == image
        with pytest.raises(CloudError, match="was not found"):
            self.invoke(gcp, token, project | {"family": "none"})
        with pytest.raises(CloudError, match="exactly one"):
            self.invoke(gcp, token, project)

    def test_the_configured_project(self, gcp: Driver) -> None:
        project = self.invoke(gcp, "gcp:organizations/getProject:getProject", {})
        assert project["projectId"] == PROJECT
        assert project["number"].isdigit()
