"""Signed calls of AWS over connections that are kept: a new one costs three round trips."""

from __future__ import annotations

import http.client
import os
import random
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional
from urllib.parse import urlsplit

from .errors import SpineError
from .signing import Signing, environment_credentials, sign


@dataclass(frozen=True)
class Times:
    """How long a connection waits for bytes, in seconds, and how many tries there are in all."""

    seconds: float
    tries: int


INVOKE = Times(2, 2)
"""For the door: the function outlives its task by 5 s, in which two tries and the queue must fit.
"""
QUICK = Times(1, 3)
"""For a queue."""
BRIEF = Times(0.5, 1)
"""For what is convenient, and not needed."""

FIRST_PAUSE_SECONDS = 0.05


@dataclass(frozen=True)
class Response:
    """What AWS answered."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class AwsCalls:
    """Posts to the endpoints of AWS; threads share it."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, str], list[http.client.HTTPConnection]] = {}
        self._lock = threading.Lock()
        self._tls: Optional[ssl.SSLContext] = None

    def post(
        self, service: str, url: str, headers: Mapping[str, str], body: bytes, times: Times
    ) -> Response:
        """The answer of a service, whatever its status is. Throttling, faults of the service and of
        the network are tried again; what remains of them is a retryable SpineError.
        """
        trouble = ""
        for attempt in range(times.tries):
            if attempt > 0:
                time.sleep(FIRST_PAUSE_SECONDS * 2**attempt * random.random())
            try:
                response = self._once(service, url, headers, body, times)
            except (OSError, http.client.HTTPException) as error:
                trouble = type(error).__name__
                continue
            if response.status != 429 and response.status < 500:
                return response
            trouble = f"HTTP {response.status}"
        raise SpineError("internal", f"{service} cannot be reached: {trouble}.", retryable=True)

    def _once(
        self, service: str, url: str, headers: Mapping[str, str], body: bytes, times: Times
    ) -> Response:
        split = urlsplit(url)
        target = split.path + (f"?{split.query}" if split.query else "")
        kept = self._take(split.scheme, split.netloc)
        for connection in [kept, self._connect(split.scheme, split.netloc)]:
            if connection is None:
                continue
            signing = Signing(environment_credentials(), region(), service, time.time())
            signed = sign("POST", url, headers, body, signing)
            try:
                connection.timeout = times.seconds
                if connection.sock is not None:
                    connection.sock.settimeout(times.seconds)
                connection.request("POST", target, body, signed)
                answer = connection.getresponse()
                content = answer.read()
            except (ConnectionError, http.client.BadStatusLine, http.client.CannotSendRequest):
                connection.close()
                # One that was kept may have been closed by the other side meanwhile.
                if connection is kept:
                    continue
                raise
            except BaseException:
                connection.close()
                raise
            if answer.will_close:
                connection.close()
            else:
                self._keep(split.scheme, split.netloc, connection)
            known = {name.lower(): value for name, value in answer.getheaders()}
            return Response(answer.status, known, content)
        raise ConnectionError("no connection")

    def _connect(self, scheme: str, netloc: str) -> http.client.HTTPConnection:
        if scheme != "https":
            return http.client.HTTPConnection(netloc)
        with self._lock:
            self._tls = self._tls or ssl.create_default_context()
        return http.client.HTTPSConnection(netloc, context=self._tls)

    def _take(self, scheme: str, netloc: str) -> Optional[http.client.HTTPConnection]:
        with self._lock:
            idle = self._idle.get((scheme, netloc))
            return idle.pop() if idle else None

    def _keep(self, scheme: str, netloc: str, connection: http.client.HTTPConnection) -> None:
        with self._lock:
            self._idle.setdefault((scheme, netloc), []).append(connection)


def region() -> str:
    """The Region of the function. Raises RuntimeError where the environment names none."""
    found = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    if not found:
        raise RuntimeError("Missing environment: AWS_REGION.")
    return found


def endpoint(service: str) -> Optional[str]:
    """The endpoint that the environment names for a service, as AWS's SDKs read it."""
    given = os.environ.get(f"AWS_ENDPOINT_URL_{service.upper()}") or os.environ.get(
        "AWS_ENDPOINT_URL"
    )
    return given.rstrip("/") if given else None


def refusal(response: Response) -> str:
    """The kind of a refusal of AWS. Its text is left out: it may repeat what was sent."""
    kind = response.headers.get("x-amzn-errortype") or response.headers.get(
        "x-amzn-query-error", ""
    )
    return f"HTTP {response.status} {kind.split(':')[0].split(';')[0]}".strip()
