"""Keys of service accounts (iam.googleapis.com)."""

import base64
import json
import secrets
from datetime import timedelta
from urllib.parse import quote

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from local_clouds.gcp.server.errors import failed_precondition, not_implemented
from local_clouds.gcp.server.registry import Call, handles
from local_clouds.gcp.server.service_accounts import locate
from local_clouds.gcp.server.state import Cloud, Json

_MOST_KEYS = 10
_YEARS = timedelta(days=3650)
_KEYS = "iam.projects.serviceAccounts.keys"
_BITS = {"KEY_ALG_RSA_1024": 1024, "KEY_ALG_RSA_2048": 2048}


@handles(f"{_KEYS}.create")
def _create(cloud: Cloud, call: Call) -> Json:
    owner = locate(cloud, call.path)
    account = cloud.get(owner)
    if sum(1 for _ in cloud.children(f"{owner}/keys")) >= _MOST_KEYS:
        raise failed_precondition("Precondition check failed: the account has 10 keys already.")
    kind = call.body.get("privateKeyType", "TYPE_GOOGLE_CREDENTIALS_FILE")
    if kind == "TYPE_PKCS12_FILE":
        raise not_implemented("A key in the PKCS #12 format")
    algorithm = call.body.get("keyAlgorithm", "KEY_ALG_RSA_2048")
    private = rsa.generate_private_key(public_exponent=65537, key_size=_BITS.get(algorithm, 2048))
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    key_id = secrets.token_hex(20)
    now = cloud.now()
    key = {
        "name": f"{owner}/keys/{key_id}",
        "keyAlgorithm": algorithm,
        "keyOrigin": "GOOGLE_PROVIDED",
        "keyType": "USER_MANAGED",
        "validAfterTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "validBeforeTime": (now + _YEARS).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    cloud.add(key["name"], key | {"publicKeyData": base64.b64encode(public).decode()})
    content = json.dumps(_credentials(account, key_id, pem), indent=2).encode()
    # The private part is told once and not kept, as at Google.
    return key | {"privateKeyType": kind, "privateKeyData": base64.b64encode(content).decode()}


@handles(f"{_KEYS}.get")
def _get(cloud: Cloud, call: Call) -> Json:
    key = dict(cloud.get(_key_name(cloud, call.path)))
    public = key.pop("publicKeyData")
    wanted = call.params.get("publicKeyType", "TYPE_NONE") != "TYPE_NONE"
    return key | ({"publicKeyData": public} if wanted else {})


@handles(f"{_KEYS}.list")
def _list(cloud: Cloud, call: Call) -> Json:
    owner = locate(cloud, call.path)
    keys = [
        {name: value for name, value in key.items() if name != "publicKeyData"}
        for _, key in cloud.children(f"{owner}/keys")
    ]
    return {"keys": keys} if keys else {}


@handles(f"{_KEYS}.delete")
def _delete(cloud: Cloud, call: Call) -> Json:
    cloud.remove(_key_name(cloud, call.path))
    return {}


def _key_name(cloud: Cloud, path: str) -> str:
    return f"{locate(cloud, path)}/keys/{path.rsplit('/', 1)[-1]}"


def _credentials(account: Json, key_id: str, pem: str) -> dict[str, str]:
    certificates = "https://www.googleapis.com"
    return {
        "type": "service_account",
        "project_id": account["projectId"],
        "private_key_id": key_id,
        "private_key": pem,
        "client_email": account["email"],
        "client_id": account["oauth2ClientId"],
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
        "auth_provider_x509_cert_url": f"{certificates}/oauth2/v1/certs",
        "client_x509_cert_url": f"{certificates}/robot/v1/metadata/x509/{quote(account['email'])}",
        "universe_domain": "googleapis.com",
    }
