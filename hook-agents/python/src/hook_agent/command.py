"""A line of the spool and of a batch: one command as JSON text, with its line feed."""

from __future__ import annotations

import json
import re
from typing import Any, Tuple

from .identity import now, uuid7
from .serialise import to_exact_json, to_json
from .shorten import shorten

BULKY_BYTES = 1_024
"""A bulk record of more bytes counts as bulky, and has at most this many once it is shortened."""

# The records whose number has no bound; the others tell the session's life and go last.
_bulk = re.compile(rb'\{"type":"(?:action|response)"')
_report = re.compile(
    rb'\{"type":"action","id":"dropped-[0-9a-f-]{36}","data":\{"timestamp":"[^"]+","type":"records_dropped",'
    rb'"details":\{"records":(\d+),'
)


def command_line(kind: str, record_id: str, data: Any, max_bytes: int) -> Tuple[bytes, bool]:
    """
    The line, and whether its bulky members had to be shortened. The id needs no escapes.
    Raises for an entry that JSON can't hold.
    """
    if kind == "transcript_entry":
        # A changed entry would not be the transcript's: whoever resumes from it needs each as it was.
        return _line(kind, record_id, to_exact_json(data)), False
    line = _line(kind, record_id, to_json(data))
    return (line, False) if len(line) <= max_bytes else (shorten_line(line, max_bytes), True)


def shorten_line(line: bytes, max_bytes: int) -> bytes:
    command = json.loads(line)
    envelope = len(_line(command["type"], command["id"], b""))
    data = to_json(shorten(command["data"], max_bytes - envelope))
    return _line(command["type"], command["id"], data)


def dropped_line(records: int, reason: str = "spool_full") -> bytes:
    """The action that owns up to records that went."""
    details = {"records": records, "reason": reason}
    data = {"timestamp": now(), "type": "records_dropped", "details": details}
    return _line("action", f"dropped-{uuid7()}", to_json(data))


def is_bulk(line: bytes) -> bool:
    """The library writes these lines itself, so their beginning tells enough and nothing has to be parsed."""
    return _bulk.match(line) is not None and not records_told(line)


def records_told(line: bytes) -> int:
    """How many records this line owns up to; 0 when it is another one."""
    report = _report.match(line)
    return int(report[1]) if report else 0


def _line(kind: str, record_id: str, data: bytes) -> bytes:
    return b'{"type":"%s","id":"%s","data":%s}\n' % (kind.encode(), record_id.encode(), data)
