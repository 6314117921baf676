"""The one error type of the spine."""

from __future__ import annotations

MAX_CODE = 100
MAX_MESSAGE = 2_000


class SpineError(Exception):
    """A failure with a code. An agent raises it to say whether another attempt makes sense.

    `retryable`: the same task may succeed later. `effect_not_done`: the agent has claimed its
    effect and knows that nothing was done. Code and message go into the session's log: put no
    personal values there.
    """

    def __init__(
        self, code: str, message: str, *, retryable: bool = False, effect_not_done: bool = False
    ) -> None:
        super().__init__(message)
        self.code = code[:MAX_CODE]
        self.message = message
        self.retryable = retryable
        self.effect_not_done = effect_not_done


def bounded(text: str) -> str:
    """A message of at most `MAX_MESSAGE` characters."""
    return text if len(text) <= MAX_MESSAGE else text[: MAX_MESSAGE - 1] + "…"
