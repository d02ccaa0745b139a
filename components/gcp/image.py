"""Which images VMs boot on GCP."""

import pulumi

from components.config import Deployment, Pool

PROJECT = "sourcegraph-ci"
"""The project that publishes Sourcegraph's images (terraform-google-executors)."""


def source_image(pool: Pool, parent: pulumi.Resource) -> str:
    """The pool's own image, else the family of its Sourcegraph version; a family floats."""
    family = f"sourcegraph-executors-{pool.executor.sourcegraph.image_infix}"
    return _chosen(pool.gcp.image, family, f"pools.{pool.name}.gcp.image", parent)


def mirror_source_image(deployment: Deployment, parent: pulumi.Resource) -> str:
    """The mirrors' own image, else the family of the stack's Sourcegraph version."""
    family = f"sourcegraph-executors-docker-mirror-{deployment.settings.sourcegraph.image_infix}"
    return _chosen(deployment.docker_mirror.gcp.image, family, "dockerMirror.gcp.image", parent)


def _chosen(own: str | None, family: str, key: str, parent: pulumi.Resource) -> str:
    image = own or f"projects/{PROJECT}/global/images/family/{family}"
    if "/family/" in image:
        pulumi.log.warn(
            f"{key} is a family: every new VM boots its newest image. "
            "Name an image to change it only by a pull request.",
            parent,
        )
    return image


def image_metadata(image: str) -> dict[str, str]:
    """What Prometheus' relabelling turns into `image_*` labels."""
    name = image.rsplit("/", 1)[-1]
    return {"image_family" if "/family/" in image else "image_name": name}
