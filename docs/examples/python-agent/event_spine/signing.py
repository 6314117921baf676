"""Signature Version 4 of requests to AWS, with the standard library."""

from __future__ import annotations

import hashlib
import hmac
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional
from urllib.parse import quote, unquote, urlsplit


@dataclass(frozen=True)
class Credentials:
    """What AWS gives a function to sign with."""

    access_key_id: str
    secret_access_key: str
    session_token: Optional[str] = None


def environment_credentials(environment: Mapping[str, str] = os.environ) -> Credentials:
    """Credentials from the environment, which is where Lambda puts them. Read at every request,
    since a frozen environment may wake up with new ones. Raises RuntimeError where there are none.
    """
    key = environment.get("AWS_ACCESS_KEY_ID")
    secret = environment.get("AWS_SECRET_ACCESS_KEY")
    if not key or not secret:
        raise RuntimeError("Missing environment: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    return Credentials(key, secret, environment.get("AWS_SESSION_TOKEN") or None)


@dataclass(frozen=True)
class Signing:
    """By whom, where and when (seconds since the epoch) a request is signed."""

    credentials: Credentials
    region: str
    service: str
    now: float


def sign(
    method: str, url: str, headers: Mapping[str, str], body: bytes, signing: Signing
) -> dict[str, str]:
    """The headers to send: those given, in lower case, with time, token and signature. All of them
    are signed; give none that may change on the way. For every service but S3.
    """
    split = urlsplit(url)
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(signing.now))
    sent = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    sent.setdefault("host", split.netloc)
    sent["x-amz-date"] = stamp
    if signing.credentials.session_token is not None:
        sent["x-amz-security-token"] = signing.credentials.session_token
    names = sorted(sent)
    signed_names = ";".join(names)
    canonical = "\n".join(
        [
            method,
            # Every service but S3 wants the path encoded once more than it is sent.
            quote(split.path or "/", safe="/-_.~"),
            _canonical_query(split.query),
            *(f"{name}:{sent[name]}" for name in names),
            "",
            signed_names,
            hashlib.sha256(body).hexdigest(),
        ]
    )
    scope = "/".join([stamp[:8], signing.region, signing.service, "aws4_request"])
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, digest])
    key = ("AWS4" + signing.credentials.secret_access_key).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
    sent["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={signing.credentials.access_key_id}/{scope}, "
        f"SignedHeaders={signed_names}, Signature={signature}"
    )
    return sent


def _canonical_query(query: str) -> str:
    pairs = [part.partition("=") for part in query.split("&") if part]
    encoded = [(_encoded(name), _encoded(value)) for name, _, value in pairs]
    return "&".join(f"{name}={value}" for name, value in sorted(encoded))


def _encoded(text: str) -> str:
    return quote(unquote(text), safe="-_.~")
