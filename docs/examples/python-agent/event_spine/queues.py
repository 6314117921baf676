"""The queue of answers, and an agent's own."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Mapping
from typing import Any, Optional
from urllib.parse import urlsplit

from .aws_calls import BRIEF, QUICK, AwsCalls, Times, endpoint, refusal
from .errors import SpineError
from .json_form import json_bytes
from .messages import Answer

SendAnswer = Callable[[Answer, Optional[str]], None]
ReturnSoon = Callable[[Mapping[str, Any]], None]

FIRST_SECONDS = 5
LONGEST_SECONDS = 30


def sqs_answers(calls: AwsCalls, queue_prefix: str) -> SendAnswer:
    """Sends an answer, and the traceparent that it belongs to, to answers.fifo, grouped by session.
    Raises SpineError `queue.rejected`.
    """

    def send(answer: Answer, traceparent: Optional[str]) -> None:
        body = json_bytes(answer)
        attribute = {"DataType": "String", "StringValue": traceparent}
        _post(
            calls,
            "SendMessage",
            {
                "QueueUrl": f"{queue_prefix}answers.fifo",
                "MessageBody": body.decode(),
                "MessageGroupId": _sha256(f"{answer['tenant']}/{answer['session']}".encode()),
                "MessageDeduplicationId": _sha256(body),
                **({"MessageAttributes": {"traceparent": attribute}} if traceparent else {}),
            },
            QUICK,
        )

    return send


def sqs_returns(calls: AwsCalls, queue_prefix: str) -> ReturnSoon:
    """Lets a message that the function gives back come again soon, and not after its queue's
    visibility timeout. Never raises.
    """
    account = queue_prefix[: queue_prefix.rfind("/") + 1]

    def return_soon(record: Mapping[str, Any]) -> None:
        try:
            receives = int(record["attributes"]["ApproximateReceiveCount"])
            longest = min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** (receives - 1))
            _post(
                calls,
                "ChangeMessageVisibility",
                {
                    "QueueUrl": account + record["eventSourceARN"].rpartition(":")[2],
                    "ReceiptHandle": record["receiptHandle"],
                    "VisibilityTimeout": max(1, round(longest * random.uniform(0.75, 1))),
                },
                BRIEF,
            )
        except (SpineError, KeyError, ValueError):
            return

    return return_soon


def _post(calls: AwsCalls, operation: str, payload: dict[str, Any], times: Times) -> Any:
    given = urlsplit(payload["QueueUrl"])
    url = (endpoint("sqs") or f"{given.scheme}://{given.netloc}") + "/"
    headers = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": f"AmazonSQS.{operation}",
        "user-agent": "event-spine python",
    }
    response = calls.post("sqs", url, headers, json_bytes(payload), times)
    if response.status == 200:
        return json.loads(response.body or b"{}")
    name = payload["QueueUrl"].rpartition("/")[2]
    raise SpineError("queue.rejected", f"{name}: {refusal(response)}.", retryable=True)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
