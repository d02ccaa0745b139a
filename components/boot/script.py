"""Renders the boot script."""

import base64
import dataclasses
import functools
import gzip
import json
import lzma
from collections.abc import Mapping
from pathlib import Path

from components.boot.archive import members
from components.boot.mirror import MirrorSpec
from components.boot.spec import BootSpec

USER_DATA_LIMIT = 16384
"""Bytes of user data before base64 (EC2 user guide, "Run commands when you launch an instance")."""

_FILTERS = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 17, "pb": 0}]
"""A small dictionary takes a tenth of the time; `pb` 0 suits text, which has no alignment."""
_TEMPLATE = (Path(__file__).parent / "boot.sh").read_text(encoding="utf-8")


def render(spec: BootSpec) -> str:
    """The whole boot script, for both clouds; GCE takes it as the metadata `startup-script`.

    It may run any number of times. All data is in one base64 payload, so no shell sees a value.
    """
    return _script(spec.cloud, _document(spec))


def render_mirror(spec: MirrorSpec) -> str:
    """The boot script of a docker mirror, of which the same is true."""
    fields = dataclasses.asdict(spec)
    return _script(f"mirror.{fields.pop('cloud')}", fields)


def _script(entry: str, document: Mapping[str, object]) -> str:
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    data = f"{_program(entry)}\0{text}".encode()
    payload = lzma.compress(data, format=lzma.FORMAT_ALONE, filters=_FILTERS)
    return _TEMPLATE.replace("@payload@", base64.b64encode(payload).decode())


def user_data(script: str) -> str:
    """The script as EC2 user data: gzip, which cloud-init unpacks, then base64.

    Raises ValueError when it is larger than EC2 takes.
    """
    packed = _gzip(script.encode())
    if len(packed) > USER_DATA_LIMIT:
        message = (
            f"The boot script is {len(packed)} bytes after gzip ({len(script.encode())} before); "
            f"EC2 takes {USER_DATA_LIMIT}. Shorten vmStartupScript, or let it fetch the rest."
        )
        raise ValueError(message)
    return base64.b64encode(packed).decode()


def _document(spec: BootSpec) -> dict[str, object]:
    fields = {field.name: getattr(spec, field.name) for field in dataclasses.fields(spec)}
    # libcurl, and so git, reads `http_proxy` in small letters only.
    proxy = {**spec.proxy, **{name.lower(): value for name, value in spec.proxy.items()}}
    metrics = {} if spec.metrics_listen is None else {"SRC_PROF_HTTP": spec.metrics_listen}
    del fields["cloud"], fields["metrics_listen"]
    return {
        **fields,
        "environment": {**spec.environment, **proxy, **metrics},
        "secret_environment": dict(spec.secret_environment),
        "proxy": proxy,
    }


@functools.cache
def _program(entry: str) -> str:
    return "\0".join(part for member in members(entry).items() for part in member)


def _gzip(data: bytes) -> bytes:
    """The same bytes at any time; another zlib (zlib-ng) may compress to other ones."""
    return gzip.compress(data, compresslevel=9, mtime=0)
