"""The messages between an agent and the spine, as docs/task.schema.json describes them."""

from __future__ import annotations

from typing import Any, Literal, TypedDict, Union


class Proof(TypedDict):
    """Names one attempt, and proves with its token that it was given to the sender."""

    tenant: str
    session: str
    task: str
    attempt: int
    token: str


class Budget(TypedDict, total=False):
    """What is left of the run's budget."""

    hops: float
    tokens: float
    money: float


class _TaskMessage(Proof):
    agent: str
    lane: Literal["normal", "express"]
    run: str
    step: str
    effect: Literal["none", "once"]
    deadline: float
    committedAt: float
    asOf: int
    view: dict[str, Any]
    linked: bool
    budget: Budget
    answerBy: Literal["door", "queue"]
    idempotencyKey: str
    correlation: str


class TaskMessage(_TaskMessage, total=False):
    """What an agent's queue carries. Times are milliseconds since the epoch."""

    settles: Literal[True]
    notBefore: float
    heartbeatMs: float
    viewUrl: str
    live: Literal[True]
    handedBy: str
    traceparent: str


class ChargedUsage(TypedDict, total=False):
    """What counts against the budgets."""

    tokens: float
    money: float


class _OkOutcome(TypedDict):
    status: Literal["ok"]
    result: Any


class OkOutcome(_OkOutcome, total=False):
    """A result; `confidence` is from 0 to 1."""

    confidence: float
    usage: ChargedUsage


class Failure(TypedDict):
    """Why an agent failed: a code of at most 100 characters, a message of at most 4,000."""

    code: str
    message: str


class _FailedOutcome(TypedDict):
    status: Literal["failed"]
    error: Failure
    retryable: bool


class FailedOutcome(_FailedOutcome, total=False):
    """A failure is an answer too; `effect` says that a claimed effect was not done."""

    effect: Literal["not-done"]
    usage: ChargedUsage


Outcome = Union[OkOutcome, FailedOutcome]


class _Answer(Proof):
    outcome: Outcome


class Answer(_Answer, total=False):
    """What the door and answers.fifo take."""

    nextWithinMs: float


class _Traced(TypedDict, total=False):
    traceparent: str
    correlation: str


class LookRequest(_Traced):
    """May this attempt still run?"""

    op: Literal["look"]
    proof: Proof


class BeatRequest(_Traced):
    """This attempt is at work."""

    op: Literal["beat"]
    proof: Proof


class ClaimRequest(_Traced):
    """This attempt is about to act on the outside world; `execution` names who asks."""

    op: Literal["claim"]
    proof: Proof
    execution: str


class SignalsRequest(_Traced):
    """What was this attempt's agent told after the signal of this number?"""

    op: Literal["signals"]
    proof: Proof
    after: int


class AnswerRequest(_Traced):
    """The outcome of this attempt."""

    op: Literal["answer"]
    answer: Answer


DoorRequest = Union[LookRequest, BeatRequest, ClaimRequest, SignalsRequest, AnswerRequest]


class Go(TypedDict):
    """The attempt may run, or go on."""

    go: Literal[True]


class _Stop(TypedDict):
    go: Literal[False]
    because: Literal["settled", "fenced", "claimed", "stale", "stopped"]


class Stop(_Stop, total=False):
    """The attempt counts no longer; `next` is what its answer handed over, if nobody began it."""

    next: TaskMessage


class Problem(TypedDict):
    """What is wrong with a field, and how to repair it."""

    field: str
    problem: str
    repair: str


class _Taken(TypedDict):
    type: Literal["recorded", "settled", "busy"]


class Taken(_Taken, total=False):
    """What became of an answer; `next` is the group's next task, for a host that asked for it."""

    problems: list[Problem]
    next: TaskMessage


class ToldSignal(TypedDict):
    """What somebody told the agent of a task."""

    number: int
    name: str
    data: Any


class _Told(TypedDict):
    go: bool
    signals: list[ToldSignal]


class Told(_Told, total=False):
    """What the agent was told, in order; `because` says why the attempt counts no longer."""

    because: Literal["settled", "fenced", "claimed", "stale", "stopped"]


Verdict = Union[Go, Stop, Taken, Told]


class Accepted(TypedDict):
    """The door did what it was asked."""

    ok: Literal[True]
    verdict: Verdict


class DoorError(TypedDict):
    """Why the door refused, and whether the same request may succeed later."""

    code: str
    message: str
    problems: list[Problem]
    retryable: bool


class Refused(TypedDict):
    """The door did nothing."""

    ok: Literal[False]
    error: DoorError


DoorResponse = Union[Accepted, Refused]


def proof_of(message: Proof) -> Proof:
    """The proof that a task carries, and nothing else of it."""
    return {
        "tenant": message["tenant"],
        "session": message["session"],
        "task": message["task"],
        "attempt": message["attempt"],
        "token": message["token"],
    }
