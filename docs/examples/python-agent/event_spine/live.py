"""What an agent says while it works."""

from __future__ import annotations

import threading
from typing import Any, Optional

from .agent import Progress
from .functions import TellProgress
from .json_form import json_text, to_json
from .messages import TaskMessage, proof_of

MAX_CHARACTERS = 4_000
PAUSE_SECONDS = 0.5


class LiveProgress(Progress):
    """Tells the spine all that was said so far each time, twice a second at most: what is lost on
    the way, the next call says. Of a task that nobody watches nothing is told.
    """

    def __init__(self, tell: Optional[TellProgress], message: TaskMessage) -> None:
        self._tell = tell if message.get("live") is True else None
        self._message = message
        self._said: dict[str, Any] = {"text": ""}
        self._changed = threading.Condition()
        self._is_new = False
        # A text with a piece left out would say something else.
        self._is_full = False
        self._over = threading.Event()
        self._started = False

    def __call__(self, text: str = "", *, partial: Any = None, data: Any = None) -> None:
        if self._tell is None or self._over.is_set() or (self._is_full and text != ""):
            return
        with self._changed:
            said = self._with(text, partial, data)
            if said is None:
                self._is_full = self._is_full or text != ""
                return
            self._said = said
            self._is_new = True
            self._changed.notify()
            if not self._started:
                self._started = True
                threading.Thread(target=self._telling, daemon=True).start()

    def stop(self) -> None:
        """What was not told yet is not told any more: the answer says it."""
        self._over.set()
        with self._changed:
            self._changed.notify()

    def _with(self, text: str, partial: Any, data: Any) -> Optional[dict[str, Any]]:
        try:
            said = {**self._said, "text": self._said["text"] + text}
            if partial is not None:
                said["partial"] = to_json(partial)
            if data is not None:
                said["data"] = to_json(data)
            # Characters are counted in UTF-16, as the spine does.
            size = len(json_text(said).encode("utf-16-le", "surrogatepass")) // 2
            return said if size <= MAX_CHARACTERS else None
        except Exception:  # Whatever it was given, it never raises.
            return None

    def _telling(self) -> None:
        n = 0
        # What was said first goes out at once, however soon the agent ends.
        while n == 0 or self._waits():
            with self._changed:
                self._is_new = False
                said = {name: value for name, value in self._said.items() if value != ""}
            n += 1
            self._tell_once({"n": n, **said})
            self._over.wait(PAUSE_SECONDS)

    def _waits(self) -> bool:
        """Whether there is something new to tell, when there is or all is over."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_new or self._over.is_set())
        return not self._over.is_set()

    def _tell_once(self, said: dict[str, Any]) -> None:
        message = self._message
        named = {"run": message["run"], "step": message["step"], "agent": message["agent"]}
        try:
            if self._tell is not None:
                self._tell(proof_of(message), {**named, **said})
        except Exception:  # Where it does not arrive, the next one says it as well.
            pass
