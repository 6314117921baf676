"""What somebody tells an agent at work."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from .agent import Signal, Signals
from .functions import Door
from .messages import SignalsRequest, TaskMessage, proof_of

FIRST_WAIT_SECONDS = 1.0
LONGEST_WAIT_SECONDS = 5.0
"""Between two questions to the door while an agent waits: after a signal has come, and the longest."""


class ToldSignals(Signals):
    """Asks the door when the agent asks. A door that cannot be reached has told nothing yet: the next
    question gets it all.
    """

    def __init__(self, door: Door, message: TaskMessage, cancelled: threading.Event) -> None:
        self._door = door
        self._message = message
        self._cancelled = cancelled
        self._lock = threading.Lock()
        self._waiting: list[Signal] = []
        self._last = 0
        self._over = False

    def __call__(self) -> list[Signal]:
        with self._lock:
            if not self._cancelled.is_set():
                self._ask()
            told, self._waiting = self._waiting, []
            return told

    def __iter__(self) -> Iterator[Signal]:
        wait = FIRST_WAIT_SECONDS
        while not self._cancelled.is_set():
            with self._lock:
                self._ask()
            while (signal := self._next()) is not None:
                wait = FIRST_WAIT_SECONDS
                yield signal
            if self._over:
                return
            self._cancelled.wait(wait)
            wait = min(LONGEST_WAIT_SECONDS, 1.5 * wait)

    def _next(self) -> Signal | None:
        with self._lock:
            return self._waiting.pop(0) if self._waiting else None

    def _ask(self) -> None:
        proof = proof_of(self._message)
        request: SignalsRequest = {"op": "signals", "proof": proof, "after": self._last}
        try:
            verdict = self._door(request)
        except Exception:  # Asked again later.
            return
        self._over = verdict.get("go") is False
        for signal in verdict.get("signals", []):
            if signal["number"] > self._last:
                self._last = signal["number"]
                self._waiting.append(Signal(signal["number"], signal["name"], signal["data"]))
