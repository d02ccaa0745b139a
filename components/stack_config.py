"""The engine's configuration of this stack, as a checked deployment."""

import pulumi
from pulumi.runtime.config import CONFIG, is_config_secret

from components.config import ConfigError, Deployment, RawConfig, load
from components.config.warnings import warnings

PROVIDER_KEYS = ("aws:region", "gcp:project", "gcp:region")


def configured_deployment() -> Deployment:
    """What the stack file describes; the engine shows all its mistakes instead of a traceback.

    Doubts about a sound stack are warnings of the engine.
    """
    try:
        deployment = load(raw_config())
    except ConfigError as error:
        raise pulumi.RunError(str(error)) from error
    for doubt in warnings(deployment):
        pulumi.warn(str(doubt))
    return deployment


def raw_config() -> RawConfig:
    """Everything that the stack file says about this project and its providers' places.

    Secrets are read as plain values, to be checked; they leave `load` masked.
    """
    everything = CONFIG.get()
    prefix = f"{pulumi.get_project()}:"
    own = {key: value for key, value in everything.items() if key.startswith(prefix)}
    return RawConfig(
        stack=pulumi.get_stack(),
        values={key.removeprefix(prefix): value for key, value in own.items()},
        encrypted=frozenset(key.removeprefix(prefix) for key in own if is_config_secret(key)),
        providers={key: everything[key] for key in PROVIDER_KEYS if key in everything},
    )
