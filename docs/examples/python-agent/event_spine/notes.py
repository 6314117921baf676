"""The line that an invocation logs, with ids of the spine's own only: no bodies, no tokens, no
texts.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any, Optional

from .clock import now_ms
from .errors import SpineError
from .messages import TaskMessage

MAX_NOTED = 20


class Notes:
    """What happened in one invocation."""

    def __init__(self, request_id: str) -> None:
        self._request_id = request_id
        self._noted: list[dict[str, Any]] = []
        self._troubles: list[dict[str, str]] = []
        self._not_run = 0
        self._traceparent: Optional[str] = None

    def done(self, message: TaskMessage, outcome: str) -> None:
        """What became of a task: answered, not-run or failed."""
        self._traceparent = self._traceparent or message.get("traceparent")
        self._not_run += outcome == "not-run"
        self._noted.append(
            {
                "tenant": message["tenant"],
                "session": message["session"],
                "sequence": message["asOf"],
                "task": message["task"],
                "attempt": message["attempt"],
                "outcome": outcome,
            }
        )

    def trouble(self, what: str, error: BaseException) -> None:
        """Trouble by its code or its kind; the text of an error may repeat what somebody wrote."""
        code = error.code if isinstance(error, SpineError) else type(error).__name__
        self._troubles.append({"what": what, "code": code})

    def write(self) -> None:
        """One line for people, and one that CloudWatch makes metrics of if there is something to
        count.
        """
        now = now_ms()
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now / 1_000))
        sessions = (
            self._noted[0]
            if len(self._noted) == 1
            else {"sessions": self._noted[:MAX_NOTED], "noted": len(self._noted)}
        )
        _line(
            {
                "level": "WARN" if self._troubles else "INFO",
                "message": "finished with warnings" if self._troubles else "done",
                "timestamp": f"{stamp}.{int(now % 1_000):03d}Z",
                "service": f"agent-{os.environ.get('AGENT_NAME', '')}",
                "requestId": self._request_id,
                **({"traceparent": self._traceparent} if self._traceparent else {}),
                **sessions,
                **({"troubles": self._troubles[:MAX_NOTED]} if self._troubles else {}),
            }
        )
        counts = {"NotRun": self._not_run, "Troubles": len(self._troubles)}
        self._count(int(now), {name: count for name, count in counts.items() if count > 0})

    def _count(self, now: int, counts: dict[str, int]) -> None:
        if not counts:
            return
        metrics = [{"Name": name, "Unit": "Count"} for name in counts]
        namespaced = {
            "Namespace": "EventSpine",
            "Dimensions": [["service"]],
            "Metrics": metrics,
        }
        service = os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "agent")
        _line(
            {
                "_aws": {"Timestamp": now, "CloudWatchMetrics": [namespaced]},
                "service": service,
                **counts,
            }
        )


def _line(fields: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(fields) + "\n")
    sys.stdout.flush()
