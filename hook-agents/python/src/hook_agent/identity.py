"""The ids and times that go into records."""

from __future__ import annotations

import os
import re
import time
from datetime import datetime, timezone
from typing import Any, Mapping, Optional

_SESSION_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_RECORD_ID = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,128}")


def uuid7() -> str:
    """RFC 9562, 5.7: milliseconds, then (6.2, method 3) the fraction of one, then 62 random bits."""
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    fraction = (rest << 12) // 1_000_000
    # From the kernel, so that a forked child doesn't repeat its parent.
    random = int.from_bytes(os.urandom(8), "big") & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    text = f"{milliseconds:012x}7{fraction:03x}{random:016x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def now() -> str:
    """ISO 8601 in UTC, milliseconds."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")[:-6] + "Z"


def is_session_id(value: object) -> bool:
    """It becomes the name of a folder, so it is checked before anything else is."""
    return isinstance(value, str) and ".." not in value and _SESSION_ID.fullmatch(value) is not None


def usable_id(value: object) -> Optional[str]:
    """The id itself, None when it can't be one."""
    return value if isinstance(value, str) and _RECORD_ID.fullmatch(value) else None


def id_in(value: Any, member: str) -> Optional[str]:
    """The id that the caller gave as this member; None when there is none or it can't be one."""
    try:
        return usable_id(value.get(member)) if isinstance(value, Mapping) else None
    except Exception:  # A mapping that raises gives no id; what else is wrong with it is found later.
        return None
