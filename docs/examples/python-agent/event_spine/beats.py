"""Heartbeats of an agent at work."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .clock import now_ms
from .functions import Door
from .messages import BeatRequest, TaskMessage, proof_of

BEGUN_MS = 1_000
"""A task that was handed over and takes longer says once that it has begun: after twice this time
it is sent to the queue as well.
"""


class Beats:
    """Tells the door that an agent is at work, now and as often as its contract says, until it is
    stopped; of a task that was handed over at least once. `on_ended` is called once if the answer
    counts no longer. A door that cannot be reached says nothing about that: it is told the next
    time.
    """

    def __init__(self, door: Door, message: TaskMessage, on_ended: Callable[[], None]) -> None:
        self._door = door
        self._message = message
        self._on_ended = on_ended
        self._over = threading.Event()
        if "heartbeatMs" in message or "handedBy" in message:
            threading.Thread(target=self._beating, daemon=True).start()

    def stop(self) -> None:
        """No beat begins after this."""
        self._over.set()

    def _beating(self) -> None:
        every = self._message.get("heartbeatMs")
        if every is None:
            self._wait(self._message["committedAt"] + BEGUN_MS - now_ms())
        while not self._over.is_set():
            if not self._beat():
                if not self._over.is_set():
                    self._on_ended()
                return
            if every is None:
                return
            self._wait(every)

    def _wait(self, ms: float) -> None:
        self._over.wait(max(0, ms) / 1_000)

    def _beat(self) -> bool:
        request: BeatRequest = {"op": "beat", "proof": proof_of(self._message)}
        try:
            return bool(self._door(request)["go"])  # type: ignore[typeddict-item]
        except Exception:  # Only the door says that an answer counts no longer.
            return True
