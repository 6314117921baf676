"""Values as JSON that says the same, or what keeps them from it."""

from __future__ import annotations

import dataclasses
import json
import math
from typing import Any

from .errors import SpineError

MAX_DEPTH = 64
MAX_WHOLE = 2**53 - 1


def to_json(value: Any, name: str = "result", left: int = MAX_DEPTH) -> Any:
    """A value of texts, finite numbers, booleans, None, lists and dicts with text keys. Tuples
    become lists; dataclasses and objects with `model_dump` (pydantic) become dicts. Raises
    SpineError `answer.malformed` for anything else.
    """
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        if abs(value) <= MAX_WHOLE:
            return int(value)
        raise _malformed(name, f"is a whole number beyond {MAX_WHOLE}; send it as a text")
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        raise _malformed(name, f"is {value}, which JSON cannot represent")
    if left == 0:
        raise _malformed(name, f"is nested deeper than {MAX_DEPTH} levels; flatten it")
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {part.name: getattr(value, part.name) for part in dataclasses.fields(value)}
    elif hasattr(value, "model_dump"):
        value = value.model_dump(mode="json")
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise _malformed(name, "has a key that is not a text; use text keys")
        return {key: to_json(item, f"{name}.{key}", left - 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item, f"{name}.{at}", left - 1) for at, item in enumerate(value)]
    raise _malformed(name, f"is a {type(value).__name__}, which is not JSON")


def json_text(value: Any) -> str:
    """Compact JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def json_bytes(value: Any) -> bytes:
    """Compact JSON in ASCII, which holds half of a surrogate pair too."""
    return json.dumps(value, separators=(",", ":"), allow_nan=False).encode("ascii")


def _malformed(name: str, problem: str) -> SpineError:
    return SpineError("answer.malformed", f"{name} {problem}.")
