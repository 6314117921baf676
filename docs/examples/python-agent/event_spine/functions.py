"""The door and the function for progress, by synchronous invocation."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, Optional, cast
from urllib.parse import quote

from .aws_calls import INVOKE, AwsCalls, endpoint, refusal, region
from .errors import SpineError
from .json_form import json_bytes
from .messages import DoorRequest, DoorResponse, Proof, Verdict

Door = Callable[[DoorRequest], Verdict]
TellProgress = Callable[[Proof, dict[str, Any]], None]


def lambda_door(calls: AwsCalls, function_name: str) -> Door:
    """The door. What it refuses is a SpineError; a door that cannot be reached, is throttled or
    breaks is a retryable one.
    """

    def ask(request: DoorRequest) -> Verdict:
        response = cast(DoorResponse, _invoke(calls, function_name, request))
        if response["ok"]:
            return response["verdict"]
        error = response["error"]
        raise SpineError(error["code"], error["message"], retryable=error["retryable"])

    return ask


def lambda_progress(calls: AwsCalls, function_name: str) -> TellProgress:
    """Where an agent says what it does."""

    def tell(proof: Proof, record: dict[str, Any]) -> None:
        _invoke(calls, function_name, {"proof": proof, "record": record})

    return tell


def _invoke(calls: AwsCalls, function_name: str, request: Any) -> Any:
    host = endpoint("lambda") or f"https://lambda.{region()}.{_domain()}"
    url = f"{host}/2015-03-31/functions/{quote(function_name, safe='')}/invocations"
    headers = {
        "content-type": "application/json",
        "x-amz-invocation-type": "RequestResponse",
        "user-agent": "event-spine python",
    }
    response = calls.post("lambda", url, headers, json_bytes(request), INVOKE)
    if response.status != 200:
        raise _broken(function_name, refusal(response))
    if "x-amz-function-error" in response.headers:
        raise _broken(function_name, _error_type(response.body))
    try:
        value = json.loads(response.body)
    except ValueError:
        value = None
    if not isinstance(value, dict) or "ok" not in value:
        raise _broken(function_name, "an unexpected answer")
    return value


def _broken(function_name: str, what: str) -> SpineError:
    return SpineError("internal", f"{function_name} cannot be invoked: {what}.", retryable=True)


def _error_type(body: bytes) -> str:
    """The kind of a function's failure. Its message is left where it was logged."""
    found: Optional[re.Match[str]] = re.search(
        r'"errorType"\s*:\s*"([\w.]{1,100})"', body.decode("utf-8", "replace")
    )
    return found.group(1) if found else "its function failed"


def _domain() -> str:
    return "amazonaws.com.cn" if region().startswith("cn-") else "amazonaws.com"
