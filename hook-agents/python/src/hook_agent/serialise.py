"""JSON text of anything that a caller may hand in."""

from __future__ import annotations

import base64
import dataclasses
import enum
import json
import math
import re
from collections import deque
from collections.abc import Mapping, Set
from datetime import date, time
from typing import Any, Dict
from uuid import UUID

# The service takes 64 levels; the command around the value has some of them.
_MAX_DEPTH = 56
_MAX_TEXT = 1_000
_MAX_SAFE_INTEGER = 2**53 - 1

_long_integer = re.compile(r"\d{16}")
_not_a_bracket = re.compile(r"[^\[\]{}]+")
_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def to_json(value: Any) -> bytes:
    """Never raises: what JSON can't hold is replaced by a word about it."""
    try:
        text = _encode(value)
        if not _long_integer.search(text) and not _may_be_too_deep(text):
            return text.encode()
    except Exception:  # Circular, bytes, NaN, a raising member, a lone surrogate, too deep: go over it member by member.
        pass
    return json.dumps(_plain(value, ()), separators=(",", ":")).encode()


def to_exact_json(value: Any) -> bytes:
    """Raises when JSON can't hold it."""
    text = _encode(value)
    try:
        return text.encode()
    except UnicodeEncodeError:  # A lone surrogate, which only an escape can hold.
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()


def members_of(value: Any) -> Dict[str, Any]:
    """A copy of the mapping's own members. Raises TypeError when it is no mapping."""
    if not isinstance(value, Mapping):
        raise TypeError(f"expected a mapping, got {type(value).__name__}")
    if type(value) is dict:
        return value.copy()
    return {key: _member(value, key) for key in value}


def _plain(value: Any, above: tuple) -> Any:
    try:
        return _plain_or_raise(value, above)
    except Exception as error:
        return _unreadable(error)


def _plain_or_raise(value: Any, above: tuple) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, enum.Enum):
        return _plain(value.value, above)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        number = int(value)
        # The service refuses an integer that a double can't hold; the digits there are go as text.
        return number if abs(number) <= _MAX_SAFE_INTEGER else str(number)
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, (bytes, bytearray, memoryview)):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, BaseException):
        return {"name": type(value).__name__, "message": str(value)}
    if id(value) in above:
        return "[circular]"
    if len(above) >= _MAX_DEPTH:
        return "[too deep]"
    inside = (*above, id(value))
    if isinstance(value, Mapping):
        return {_key(key): _plain(_member(value, key), inside) for key in list(value)}
    # No other iterable: going over a generator would use it up.
    if isinstance(value, (list, tuple, deque, Set)):
        return [_plain(item, inside) for item in list(value)]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return {name: _plain(_attribute(value, name), inside) for name in names}
    return str(value)[:_MAX_TEXT]


def _key(key: Any) -> str:
    try:
        if key is None or isinstance(key, bool):
            return json.dumps(key)
        return str(key)[:_MAX_TEXT]
    except Exception as error:
        return _unreadable(error)


def _member(value: Any, key: Any) -> Any:
    try:
        return value[key]
    except Exception as error:
        return _unreadable(error)


def _attribute(value: Any, name: str) -> Any:
    try:
        return getattr(value, name)
    except Exception as error:
        return _unreadable(error)


def _unreadable(error: Exception) -> str:
    try:
        return f"[unreadable: {str(error)[:_MAX_TEXT]}]"
    except Exception:  # The reason is as hostile as the value.
        return "[unreadable]"


def _may_be_too_deep(text: str) -> bool:
    """Brackets inside strings count too: this only decides whether a closer look is worth it."""
    if text.count("{") + text.count("[") <= _MAX_DEPTH:
        return False
    brackets = _not_a_bracket.sub("", text)
    for _ in range(_MAX_DEPTH):
        if not brackets:
            return False
        # Each round takes the innermost level away.
        brackets = brackets.replace("{}", "").replace("[]", "")
    return bool(brackets)
