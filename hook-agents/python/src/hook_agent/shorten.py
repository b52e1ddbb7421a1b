"""Bulky values give way to their size and hash."""

from __future__ import annotations

import hashlib
from typing import Any

from .serialise import to_json

# Bytes of what stands where a bulky value was, as JSON text, rounded up.
_SHORTENED_BYTES = 128


def shorten(value: Any, max_bytes: int) -> Any:
    """
    Replaces the largest members, innermost first, until the JSON text of the value has at most `max_bytes`.
    `value` is what `json.loads` gives.
    """
    text = to_json(value)
    if len(text) <= max_bytes:
        return value
    if not isinstance(value, dict):
        return _shortened(text)

    sizes = {key: len(to_json(member)) for key, member in value.items()}
    result = dict(value)
    total = len(text)
    for key in sorted(sizes, key=lambda key: -sizes[key]):
        if total <= max_bytes or sizes[key] <= _SHORTENED_BYTES:
            break
        room = max(_SHORTENED_BYTES, max_bytes - (total - sizes[key]))
        result[key] = shorten(value[key], room)
        total += len(to_json(result[key])) - sizes[key]
    return result if total <= max_bytes else _shortened(text)


def _shortened(text: bytes) -> Any:
    """`bytes` is the size of the value as JSON text, `sha256` that text's."""
    return {"shortened": True, "bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}
