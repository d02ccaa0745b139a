"""Signature Version 4, against botocore's signer."""

import datetime
from unittest import mock

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from components.boot.vm.sigv4 import Credentials, Target, sign

PRINTABLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=40)
LABEL = st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z0-9]", fullmatch=True)
HEADER = st.from_regex(r"X-Amz-[A-Z][a-z]{1,10}", fullmatch=True)
VALUE = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40)
NOW = st.integers(0, 2**32)


@given(
    headers=st.dictionaries(HEADER, VALUE, max_size=4),
    body=st.binary(max_size=200),
    keys=st.tuples(PRINTABLE, PRINTABLE, PRINTABLE),
    target=st.builds(Target, st.tuples(LABEL, LABEL).map(".".join), LABEL, LABEL),
    now=NOW,
)
def test_the_signature_is_botocore_s(
    headers: dict[str, str], body: bytes, keys: tuple[str, str, str], target: Target, now: int
) -> None:
    headers = {name: value for name, value in headers.items() if name.lower() != "x-amz-date"}
    request = AWSRequest("POST", f"https://{target.host}/", {**headers, "Host": target.host}, body)
    signer = botocore.auth.SigV4Auth(BotocoreCredentials(*keys), target.service, target.region)
    time = datetime.datetime.fromtimestamp(now, datetime.UTC)
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=time):
        signer.add_auth(request)
    signed = sign(headers, body, Credentials(*keys), target, now)
    assert signed["Authorization"] == request.headers["Authorization"]
    assert signed == dict(request.headers)


def test_credentials_do_not_show_their_secret_parts() -> None:
    shown = repr(Credentials("AKID", "canary-secret", "canary-token"))
    assert "AKID" in shown
    assert "canary" not in shown
