"""Labels of the stack, of the provider and of others."""

from tests.local_clouds.gcp.driver import SETTINGS, Driver
from tests.local_clouds.gcp.examples import EXAMPLES
from tests.local_clouds.gcp.inputs import SECRET, TEMPLATE, template


class TestLabels:
    def test_default_and_attribution_labels_reach_the_cloud(self, furnished: Driver) -> None:
        furnished.configure(SETTINGS | {"defaultLabels": {"team": "search", "env": "dev"}})
        _, outputs, _ = furnished.create(TEMPLATE, template(labels={"team": "code"}))
        assert outputs["labels"] == {"team": "code"}
        everything = {"team": "code", "env": "dev", "goog-pulumi-provisioned": "true"}
        assert outputs["pulumiLabels"] == outputs["effectiveLabels"] == everything

    def test_a_changed_default_label_changes_the_resource(self, gcp: Driver) -> None:
        old, _ = gcp.check(SECRET, EXAMPLES[SECRET])
        gcp.configure(SETTINGS | {"defaultLabels": {"env": "dev"}})
        new, _ = gcp.check(SECRET, EXAMPLES[SECRET], old=old)
        assert old["pulumiLabels"] != new["pulumiLabels"]

    def test_labels_of_others_are_no_drift(self, furnished: Driver) -> None:
        name, outputs, _ = furnished.create(SECRET, EXAMPLES[SECRET])
        labels = outputs["effectiveLabels"] | {"cost-center": "7"}
        secrets = furnished.cloud.api.secrets
        secrets.patch(name=name, updateMask="labels", body={"labels": labels}).execute()
        read = furnished.read(SECRET, name, outputs)
        assert read is not None
        assert read["labels"] == outputs["labels"]
        assert read["pulumiLabels"] == outputs["pulumiLabels"]
        assert read["effectiveLabels"] == labels
