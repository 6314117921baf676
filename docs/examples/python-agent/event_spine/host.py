"""Makes Python functions agents: a queue brings a task as JSON, its answer goes to the door as
JSON.
"""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Optional, TypeVar, cast

from .agent import Agent, Agents, agents_of
from .aws_calls import AwsCalls
from .clock import now_ms, sleep_ms
from .errors import SpineError
from .functions import Door, TellProgress, lambda_door, lambda_progress
from .messages import Answer, DoorRequest, Taken, TaskMessage, proof_of
from .notes import Notes
from .queues import ReturnSoon, SendAnswer, sqs_answers, sqs_returns
from .run_agent import run_in_time

FRESH_MS = 5_000
"""A first delivery of a commit older than this may be late: the door is asked before the agent
runs.
"""
MOST_PAUSE_MS = 1_000
"""The pause before a retry, and no longer: a clock that is far off must not hold up a task."""
FIRST_ASK_MS = 100
LONGEST_ASK_MS = 2_000
ANSWER_MS = 2_000
"""What of an invocation is kept for the answer, if the function ends before the task's deadline."""
HAND_ANSWER_MS = 5_000
HANDED_LATE_MS = 3_000
"""What of an answer's time may be gone by the time that the door has handed over a task."""


@dataclass(frozen=True)
class Ports:
    """What a host stands on."""

    door: Door
    send_answer: SendAnswer
    return_soon: ReturnSoon
    tell_progress: Optional[TellProgress] = None


Handler = Callable[[Mapping[str, Any], Any], dict[str, Any]]


def host(agents: Agents, ports: Optional[Ports] = None) -> Handler:
    """A Lambda handler for the queue of an agent (batch size 1), or, with agents by name, for the
    queues of a group. Its environment is QUEUE_PREFIX and DOOR_FUNCTION, and PROGRESS_FUNCTION
    where it says what it does. An error of an agent is an answer; the handler raises only where an
    answer could be handed in by neither way, and then the message comes again.

    Example: handler = host(lambda task: {"text": f"Hello {task.context['input']['who']}"})
    """
    named = agents_of(agents)
    made: list[Ports] = [] if ports is None else [ports]

    def handler(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
        if not made:
            made.append(_environment_ports())
        for record in event["Records"]:
            _receive(named, made[0], record, context)
        # A failure raises: with one message a batch that returns it, however the mapping is set.
        return {"batchItemFailures": []}

    return handler


def _environment_ports() -> Ports:
    missing = [name for name in ("QUEUE_PREFIX", "DOOR_FUNCTION") if not os.environ.get(name)]
    if missing:
        raise RuntimeError(f"Missing environment: {', '.join(missing)}. The spine's stack sets it.")
    calls = AwsCalls()
    prefix = os.environ["QUEUE_PREFIX"]
    progress = os.environ.get("PROGRESS_FUNCTION")
    return Ports(
        door=lambda_door(calls, os.environ["DOOR_FUNCTION"]),
        send_answer=sqs_answers(calls, prefix),
        return_soon=sqs_returns(calls, prefix),
        tell_progress=lambda_progress(calls, progress) if progress else None,
    )


def _receive(
    agents: Mapping[str, Agent], ports: Ports, record: Mapping[str, Any], context: Any
) -> None:
    """Runs the task of a record, and those that the door hands over after it."""
    notes = Notes(context.aws_request_id)
    ends_at = now_ms() + context.get_remaining_time_in_millis()
    message: Optional[TaskMessage] = json.loads(record["body"])
    # 0 for a task that the door handed over.
    receives = int(record["attributes"]["ApproximateReceiveCount"])
    try:
        while message is not None:
            result = "failed"
            following: Optional[TaskMessage] = None
            try:
                result, following = _serve(agents, ports, message, receives, ends_at)
            finally:
                notes.done(message, result)
            takes = following is not None and _takes(agents, following, ends_at)
            message, receives = (following if takes else None), 0
    except Exception as error:
        notes.trouble("the invocation", error)
        ports.return_soon(record)
        raise
    finally:
        notes.write()


def _takes(agents: Mapping[str, Agent], message: TaskMessage, ends_at: float) -> bool:
    late = message["deadline"] + HAND_ANSWER_MS - HANDED_LATE_MS
    return len(agents) > 1 and message["agent"] in agents and late <= ends_at


def _serve(
    agents: Mapping[str, Agent],
    ports: Ports,
    message: TaskMessage,
    receives: int,
    ends_at: float,
) -> tuple[str, Optional[TaskMessage]]:
    """What became of a task, and the one that the door handed over."""
    # A single agent may be deployed under another name.
    agent = next(iter(agents.values())) if len(agents) == 1 else agents.get(message["agent"])
    if agent is None:
        raise SpineError("internal", f'This function hosts no agent "{message["agent"]}".')
    sleep_ms(min(MOST_PAUSE_MS, message.get("notBefore", 0) - now_ms()))
    door = _tracing(ports.door, message)
    looked = _may_run(door, message, receives)
    if not looked["go"]:
        return "not-run", looked.get("next")
    outcome = run_in_time(agent, message, door, ports.tell_progress, ends_at - ANSWER_MS)
    answer = cast(Answer, {**proof_of(message), "outcome": outcome})
    if message["answerBy"] == "door":
        asking = answer.copy()
        if len(agents) > 1:
            asking["nextWithinMs"] = max(0, ends_at - HAND_ANSWER_MS - now_ms())
        taken = _answer_at_door(door, asking)
        if taken is not None:
            return "answered", taken.get("next")
    ports.send_answer(answer, message.get("traceparent"))
    return "answered", None


def _tracing(door: Door, message: TaskMessage) -> Door:
    """The door, told with each request which chain of causes it belongs to."""
    given = {
        "traceparent": message.get("traceparent"),
        "correlation": message["correlation"][:256],
    }
    trace = {name: value for name, value in given.items() if value}
    return lambda request: door(cast(DoorRequest, {**trace, **request}))


def _may_run(door: Door, message: TaskMessage, receives: int) -> Any:
    proof = proof_of(message)
    if message["effect"] == "once" and message.get("settles") is not True:
        # A claim whose answer was lost is granted again to the execution that holds it.
        execution = str(uuid.uuid4())
        claim: DoorRequest = {"op": "claim", "proof": proof, "execution": execution}
        return _ask_again(message, lambda: door(claim))
    # One that was handed over and comes by the queue may be at work elsewhere.
    is_first = receives == 0 or (receives == 1 and "handedBy" not in message)
    if is_first and now_ms() - message["committedAt"] < FRESH_MS:
        return {"go": True}
    look: DoorRequest = {"op": "look", "proof": proof}
    return _ask_again(message, lambda: door(look))


Verdict = TypeVar("Verdict")


def _ask_again(message: TaskMessage, ask: Callable[[], Verdict]) -> Verdict:
    """Asks until the door answers or the task's time is over. Given back to its queue, the message
    would come again some seconds later, and be a dead letter after a few times.
    """
    pause = FIRST_ASK_MS
    while True:
        try:
            return ask()
        except SpineError as error:
            if not error.retryable or now_ms() + pause >= message["deadline"]:
                raise
        sleep_ms(pause)
        pause = min(2 * pause, LONGEST_ASK_MS)


def _answer_at_door(door: Door, answer: Answer) -> Optional[Taken]:
    """Nothing when the answer must take the queue: the door lost its races, or is not to be
    reached.
    """
    try:
        taken = cast(Taken, door({"op": "answer", "answer": answer}))
    except SpineError as error:
        if not error.retryable:
            raise
        return None
    return None if taken["type"] == "busy" else taken
