"""What an agent is given, and what it gives back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Optional, Union

from .messages import Budget


class Progress:
    """Shows whoever watches the session what the agent does: call it with a piece of text, or with
    `partial` or `data` as JSON. At most 4,000 characters a task; two calls a second, what comes
    faster goes together. It never raises, and does nothing where nobody asked for it.
    """

    def __call__(self, text: str = "", *, partial: Any = None, data: Any = None) -> None:
        """Adds a text to the text so far; replaces `partial` and `data` where they are given."""


@dataclass(frozen=True)
class Signal:
    """What an agent is told: `number` counts its task's signals from 1, the same for every attempt."""

    number: int
    name: str
    data: Any


class Signals:
    """What somebody told the agent while it works, in order, from the task's first attempt on. Called,
    it gives what came since it was asked last; iterated, each as it comes, until the attempt is over.
    It raises for no door that cannot be reached.
    """

    def __call__(self) -> list[Signal]:
        """What came since it was asked last."""
        return []

    def __iter__(self) -> Iterator[Signal]:
        """Each as it comes: it waits."""
        return iter(())


@dataclass(frozen=True)
class AgentTask:
    """One execution of an agent."""

    context: dict[str, Any]
    """Everything that the contract reads, as of one sequence."""
    tenant: str
    session: str
    task: str
    attempt: int
    idempotency_key: str
    """The same for every attempt of the task: pass it to the target of an effect."""
    deadline: float
    """Milliseconds since the epoch after which the answer is late."""
    budget: Budget
    cancelled: threading.Event = field(default_factory=threading.Event)
    """Set at the deadline; with heartbeats also soon after the answer no longer counts. Python
    cannot end a thread: long work looks at it, or waits with `cancelled.wait(seconds)`."""
    progress: Progress = field(default_factory=Progress)
    signals: Signals = field(default_factory=Signals)


@dataclass(frozen=True)
class Usage:
    """What the work consumed. Without `tokens` the sum of input and output tokens is charged."""

    tokens: Optional[float] = None
    money: Optional[float] = None
    input_tokens: Optional[float] = None
    output_tokens: Optional[float] = None


@dataclass(frozen=True)
class Answered:
    """A result with a confidence from 0 to 1, or with the usage of its work."""

    result: Any
    confidence: Optional[float] = None
    usage: Optional[Usage] = None


@dataclass(frozen=True)
class Happened:
    """The effect in doubt happened, with this result."""

    result: Any


@dataclass(frozen=True)
class NotHappened:
    """The effect in doubt did not happen."""


Run = Callable[[AgentTask], Any]
Resolve = Callable[[AgentTask], Union[Happened, NotHappened]]


@dataclass(frozen=True)
class Agent:
    """An agent with an effect: `resolve` finds out by the idempotency key whether an earlier
    attempt acted (`onDoubt: "ask"`). It raises where it cannot tell; it never acts.
    """

    run: Run
    resolve: Optional[Resolve] = None


Agents = Union[Run, Agent, Mapping[str, Union[Run, Agent]]]


def agents_of(given: Agents) -> dict[str, Agent]:
    """Agents by name; a single one, whatever its name is, under an empty name."""
    named: Mapping[str, Union[Run, Agent]] = given if isinstance(given, Mapping) else {"": given}
    if len(named) == 0:
        raise ValueError("A function hosts at least one agent: host(agent).")
    made = {name: one if isinstance(one, Agent) else Agent(one) for name, one in named.items()}
    for name, one in made.items():
        if not callable(one.run):
            raise TypeError(f'The agent "{name}" is not callable: pass a function of one task.')
    return made
