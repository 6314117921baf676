"""Answers a task that an agent passed on, from any process with the right to invoke the door."""

from event_spine.aws_calls import AwsCalls
from event_spine.functions import lambda_door

CALLS = AwsCalls()
PROOF = ("tenant", "session", "task", "attempt", "token")


def answer(callback, outcome, calls=CALLS):
    """The door's verdict; `busy` means: try again. What it refuses is a SpineError."""
    proof = {name: callback[name] for name in PROOF}
    door = lambda_door(calls, callback["door"])
    return door({"op": "answer", "answer": {**proof, "outcome": outcome}})
