"""The time."""

from __future__ import annotations

import time


def now_ms() -> float:
    """Milliseconds since the epoch. Read through the module, so that whoever moves the time moves
    this.
    """
    return time.time() * 1_000


def sleep_ms(ms: float) -> None:
    """Waits; not at all where nothing is left."""
    if ms > 0:
        time.sleep(ms / 1_000)
