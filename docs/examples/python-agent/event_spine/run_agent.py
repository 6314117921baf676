"""Runs an agent on one task, inside its time."""

from __future__ import annotations

import asyncio
import inspect
import json
import math
import queue
import threading
import urllib.error
import urllib.request
from typing import Any, Optional, cast

from .agent import Agent, AgentTask, Answered, Happened, NotHappened, Usage
from .beats import Beats
from .clock import now_ms
from .errors import SpineError, bounded
from .functions import Door, TellProgress
from .json_form import to_json
from .live import LiveProgress
from .messages import ChargedUsage, FailedOutcome, Failure, OkOutcome, Outcome, TaskMessage
from .told import ToldSignals

FETCH_SECONDS = 5


def run_in_time(
    agent: Agent,
    message: TaskMessage,
    door: Door,
    tell: Optional[TellProgress],
    ends_at: float,
) -> Outcome:
    """The outcome of an agent; at `ends_at` (ms since the epoch) or the task's deadline, whichever
    is earlier, that it ran out of time. Python cannot end a thread: an agent that does not look at
    `cancelled` goes on, and what it returns is passed over.
    """
    until = min(message["deadline"], ends_at)
    out_of_time = _failed("agent.timeout", f"{message['agent']} exceeded its deadline.", True)
    if now_ms() >= until:
        return _not_done(message, out_of_time)
    first: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
    cancelled = threading.Event()
    settled = _failed("task.settled", f"The answer of {message['agent']} no longer counts.", False)
    beats = Beats(door, message, lambda: first.put(settled))
    progress = LiveProgress(tell, message)

    def work() -> None:
        first.put(_run(agent, message, cancelled, progress, ToldSignals(door, message, cancelled)))

    threading.Thread(target=work, daemon=True).start()
    try:
        return first.get(timeout=max(0, until - now_ms()) / 1_000)
    except queue.Empty:
        return out_of_time
    finally:
        cancelled.set()
        progress.stop()
        beats.stop()


def _run(
    agent: Agent,
    message: TaskMessage,
    cancelled: threading.Event,
    progress: LiveProgress,
    signals: ToldSignals,
) -> Outcome:
    try:
        context = _view_of(message)
    except Exception as error:
        return _not_done(message, _outcome_of(error))
    settles = message.get("settles") is True
    try:
        # Its time may have run out while the view was fetched.
        if cancelled.is_set():
            raise SpineError("agent.timeout", f"{message['agent']} was not run.")
        task = AgentTask(
            context=context,
            tenant=message["tenant"],
            session=message["session"],
            task=message["task"],
            attempt=message["attempt"],
            idempotency_key=message["idempotencyKey"],
            deadline=message["deadline"],
            budget=message["budget"],
            cancelled=cancelled,
            progress=progress,
            signals=signals,
        )
        if settles:
            return _resolve_doubt(agent, message, task)
        return _outcome_from(_awaited(agent.run(task)))
    except BaseException as error:  # `sys.exit` too: the coordinator decides what it leads to.
        outcome = _outcome_of(error)
        if settles:
            # It speaks of the question: what became of the effect only an answer says.
            outcome.pop("effect", None)
        return outcome


def _awaited(value: Any) -> Any:
    """What an agent that is `async` gives in the end."""
    if not inspect.isawaitable(value):
        return value

    async def whole() -> Any:
        return await value

    return asyncio.run(whole())


def _view_of(message: TaskMessage) -> dict[str, Any]:
    url = message.get("viewUrl")
    if url is None:
        return message["view"]
    if not url.startswith(("https://", "http://")):
        raise SpineError("task.view", "The view's URL is not one of HTTP.")
    try:
        with urllib.request.urlopen(url, timeout=FETCH_SECONDS) as response:
            view = json.load(response)
    except urllib.error.HTTPError as error:
        text = f"The view cannot be fetched: HTTP {error.code}."
        raise SpineError("agent.failed", text, retryable=True) from None
    except OSError as error:
        text = f"The view cannot be fetched: {type(error).__name__}."
        raise SpineError("agent.failed", text, retryable=True) from None
    if not isinstance(view, dict):
        raise SpineError("task.view", "The view is not an object.")
    return view


def _outcome_from(value: Any) -> OkOutcome:
    if not isinstance(value, Answered):
        return {"status": "ok", "result": to_json(value)}
    outcome: OkOutcome = {"status": "ok", "result": to_json(value.result)}
    if value.confidence is not None:
        _check_number("confidence", value.confidence, 1)
        outcome["confidence"] = value.confidence
    if value.usage is not None:
        outcome["usage"] = _charged(value.usage)
    return outcome


def _charged(usage: Usage) -> ChargedUsage:
    """Refused by the door, an answer would come again and again: it is checked here."""
    for name, amount in vars(usage).items():
        if amount is not None:
            _check_number(f"usage.{name}", amount, math.inf)
    charged: ChargedUsage = {}
    if usage.tokens is not None:
        charged["tokens"] = usage.tokens
    elif usage.input_tokens is not None and usage.output_tokens is not None:
        charged["tokens"] = usage.input_tokens + usage.output_tokens
    if usage.money is not None:
        charged["money"] = usage.money
    return charged


def _check_number(name: str, value: Any, most: float) -> None:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if is_number and math.isfinite(value) and 0 <= value <= most:
        return
    bound = "from 0" if most == math.inf else f"from 0 to {most}"
    raise SpineError("answer.malformed", f"{name} is {value!r:.50}. Give a number {bound}.")


def _resolve_doubt(agent: Agent, message: TaskMessage, task: AgentTask) -> Outcome:
    if agent.resolve is None:
        text = f"{message['agent']} cannot tell whether its effect happened."
        return _failed("effect.in-doubt", text, False)
    known = _awaited(cast(Any, agent.resolve(task)))
    if isinstance(known, Happened):
        return {"status": "ok", "result": to_json(known.result)}
    if isinstance(known, NotHappened):
        return {
            **_failed("agent.failed", "Its effect did not happen.", True),
            "effect": "not-done",
        }
    raise TypeError("resolve returns Happened(result) or NotHappened(), or raises.")


def _not_done(message: TaskMessage, outcome: FailedOutcome) -> FailedOutcome:
    """The agent was never called: its effect cannot have happened."""
    if message["effect"] == "once" and message.get("settles") is not True:
        outcome["effect"] = "not-done"
    return outcome


def _outcome_of(error: BaseException) -> FailedOutcome:
    """An agent says with a SpineError whether trying again makes sense; any other error may be
    passing.
    """
    if isinstance(error, SpineError):
        outcome = _failed(error.code, error.message, error.retryable)
        if error.effect_not_done:
            outcome["effect"] = "not-done"
        return outcome
    return _failed("agent.failed", str(error) or type(error).__name__, True)


def _failed(code: str, message: str, retryable: bool) -> FailedOutcome:
    error: Failure = {"code": code, "message": bounded(message)}
    return {"status": "failed", "error": error, "retryable": retryable}
