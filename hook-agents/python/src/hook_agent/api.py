"""What the calls take and hand back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Mapping, Optional, TypedDict


FLUSH_SECONDS = 2.0

DropReason = Literal["disabled", "closed", "invalid", "spool_full", "spool_damaged"]
"""
`disabled`: there is no session id. `closed`: the call came after `close()`. `invalid`: not a mapping.
`spool_full`: neither spool nor memory had room. `spool_damaged`: somebody else changed the spool's files.
"""


@dataclass(frozen=True)
class Receipt:
    """What became of one call, once the service or the library has decided."""

    outcome: Literal["stored", "rejected", "dropped"]
    offset: Optional[int] = None
    """The session's last offset once the batch with the record was durable; None when that isn't known any more."""
    duplicate: bool = False
    """Nothing in the batch was new to the service."""
    problem: Optional[Mapping[str, Any]] = None
    """`{status, code, detail, errors?}` of a record refused for good; the record is in `rejected.jsonl`."""
    reason: Optional[DropReason] = None


@dataclass(frozen=True)
class Stats:
    enabled: bool
    """False: no usable session id, every call is a no-op."""
    queued: int = 0
    """Records not yet acknowledged."""
    queued_bytes: int = 0
    memory_bytes: int = 0
    """The part of `queued_bytes` that is only in memory, because the spool can't be written."""
    adopted: int = 0
    """Records of earlier processes that this one took over."""
    sent: int = 0
    """Records acknowledged; `duplicates` of them were already there."""
    duplicates: int = 0
    retried: int = 0
    """Requests that failed and were, or will be, made again."""
    rejected: int = 0
    """Records refused for good."""
    dropped: int = 0
    """Records that went for want of room, or that could not be taken at all."""
    shortened: int = 0
    """Records whose bulky members were replaced by size and hash."""
    last_error: Optional[str] = None
    """Why nothing moves at the moment; None when the last request went well."""


@dataclass(frozen=True)
class Limits:
    """The service's own are 1 MiB a record, 4 MiB and 10,000 records a batch."""

    spool_bytes: int = 67_108_864
    memory_bytes: int = 8_388_608
    """Kept in memory while the spool can't be written."""
    record_bytes: int = 1_047_552
    """The bulky members of a larger record are replaced by size and hash."""
    batch_bytes: int = 524_288
    batch_records: int = 1_000
    rejected_bytes: int = 16_777_216
    """Of `rejected.jsonl`."""
    retry_base_seconds: float = 0.2
    retry_max_seconds: float = 30.0
    request_timeout_seconds: float = 30.0


class SessionOptions(TypedDict, total=False):
    """What the session is created with when it isn't there; the names are the wire's."""

    userId: str
    name: str
    initial: Any
    labels: Mapping[str, str]
    tags: "list[str]"
    parentSession: str
    model: str
    workingDirectory: str
