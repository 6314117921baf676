"""A host on ports that note what they are asked."""

import json
import threading

from event_spine.clock import now_ms
from event_spine.errors import SpineError
from event_spine.host import Ports, host

PROOF = {"tenant": "t", "session": "s", "task": "task-1", "attempt": 1, "token": "secret"}


def task(**more):
    """A fresh task, with 20 s left."""
    now = now_ms()
    known = {
        **PROOF,
        "agent": "greeter",
        "lane": "normal",
        "run": "r",
        "step": "plan",
        "effect": "none",
        "deadline": now + 20_000,
        "committedAt": now,
        "asOf": 3,
        "view": {"input": {"who": "Ada"}},
        "linked": False,
        "budget": {"hops": 9},
        "answerBy": "door",
        "idempotencyKey": "t/s/task-1",
        "correlation": "c",
    }
    return {**known, **more}


def record(message, receives=1):
    """As SQS delivers it."""
    return {
        "body": json.dumps(message),
        "attributes": {"ApproximateReceiveCount": str(receives)},
        "receiptHandle": "handle",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:000000000000:spine-agent-greeter.fifo",
    }


class Context:
    """An invocation that has some time left."""

    aws_request_id = "request-1"

    def __init__(self, left_ms=25_000):
        self._left_ms = left_ms

    def get_remaining_time_in_millis(self):
        return self._left_ms


class Spine:
    """Answers by the kind of request with what it was given, one after another; the last one stays."""

    def __init__(self, **verdicts):
        known = {
            "look": [{"go": True}],
            "claim": [{"go": True}],
            "beat": [{"go": True}],
            "signals": [{"go": True, "signals": []}],
            "answer": [{"type": "recorded"}],
        }
        self.verdicts = {**known, **verdicts}
        self.asked = []
        self.queued = []
        self.returned = []
        self.told = []
        self.tells = threading.Condition()
        self.queue_error = None

    def door(self, request):
        self.asked.append(request)
        verdicts = self.verdicts[request["op"]]
        verdict = verdicts.pop(0) if len(verdicts) > 1 else verdicts[0]
        if isinstance(verdict, Exception):
            raise verdict
        return verdict

    def send(self, answer, traceparent):
        if self.queue_error is not None:
            raise self.queue_error
        self.queued.append((answer, traceparent))

    def tell(self, proof, said):
        with self.tells:
            self.told.append((proof, said))
            self.tells.notify_all()

    def ops(self):
        return [request["op"] for request in self.asked]

    def outcome(self):
        return self.asked[-1]["answer"]["outcome"]

    def run(self, agents, *messages, receives=1, left_ms=25_000):
        """Gives the messages to a host of these agents."""
        ports = Ports(self.door, self.send, self.returned.append, self.tell)
        event = {"Records": [record(message, receives) for message in messages]}
        return host(agents, ports)(event, Context(left_ms))


def unreachable():
    """What a door raises that is down."""
    return SpineError("internal", "The door cannot be reached.", retryable=True)
