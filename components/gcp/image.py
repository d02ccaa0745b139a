"""Which image a pool's VMs boot on GCP."""

import pulumi

from components.config import Pool

PROJECT = "sourcegraph-ci"
"""The project that publishes Sourcegraph's images (terraform-google-executors)."""


def source_image(pool: Pool, parent: pulumi.Resource) -> str:
    """The pool's own image, else the family of its Sourcegraph version; a family floats."""
    placement, sourcegraph = pool.gcp, pool.executor.sourcegraph
    family = (
        f"projects/{PROJECT}/global/images/family/sourcegraph-executors-{sourcegraph.image_infix}"
    )
    image = placement.image or family
    if "/family/" in image:
        pulumi.log.warn(
            f"pools.{pool.name}.gcp.image is a family: every new VM boots its newest image. "
            "Name an image to change it only by a pull request.",
            parent,
        )
    return image


def image_metadata(image: str) -> dict[str, str]:
    """What Prometheus' relabelling turns into `image_*` labels."""
    name = image.rsplit("/", 1)[-1]
    return {"image_family" if "/family/" in image else "image_name": name}
