"""The user data that EC2 takes: the script, and no more of it than fits."""

import base64
import gzip

import pytest

from components import boot
from tests.unit.boot.scripts import largest, noise, spec


def test_a_mirror_s_user_data_leaves_room() -> None:
    script = boot.render_mirror(boot.MirrorSpec(cloud="aws", credentials_secret="a" * 100))
    assert len(base64.b64decode(boot.user_data(script))) < 10_000


def test_the_largest_user_data_leaves_room() -> None:
    size = len(base64.b64decode(boot.user_data(boot.render(largest("aws")))))
    assert 14_000 < size < 15_500, f"{size} bytes of {boot.USER_DATA_LIMIT}"


def test_user_data_is_the_script() -> None:
    script = boot.render(spec("aws"))
    assert gzip.decompress(base64.b64decode(boot.user_data(script))).decode() == script


def test_too_large_user_data_says_both_sizes() -> None:
    with pytest.raises(ValueError, match=r"1[6-9]\d{3} bytes after gzip \(20000 before\).*16384"):
        boot.user_data(noise(20_000))


def test_user_data_may_be_exactly_as_large_as_ec2_takes() -> None:
    long = noise(20_000)
    texts = (long[:length] for length in range(19_000, 20_000))
    assert boot.user_data(next(text for text in texts if _packed(text) == boot.USER_DATA_LIMIT))


def _packed(text: str) -> int:
    return len(gzip.compress(text.encode(), 9, mtime=0))
