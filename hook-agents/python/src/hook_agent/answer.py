"""What the service's answer means for the batch."""

from __future__ import annotations

import json
import re
from typing import Any, Dict, List, Literal, Mapping, NamedTuple, Optional

from .api import Receipt
from .transport import Answer

Problem = Mapping[str, Any]
"""`{status, code, detail, errors?}`: the service's problem, as far as it concerns the record."""

_RETRIED_STATUSES = {408, 425, 429}
_SESSION_REFUSALS = {"session_exists", "session_id_case_conflict", "stale_epoch"}
_RECORD_REFUSALS = {
    "malformed_json",
    "invalid_request",
    "invalid_content",
    "payload_too_large",
    "goal_not_found",
    "goal_exists",
    "agent_not_found",
    "agent_exists",
    "session_finalized",
}


class Verdict(NamedTuple):
    kind: Literal["stored", "retry", "refused", "session_missing", "session_refused"]
    """
    `retry`: again, later. `refused`: some records are refused for good, those with `indices`, or, when none is named,
    one or more of them all. `session_refused`: nothing for this session will ever be taken.
    """
    receipt: Receipt = Receipt("stored")
    duplicates: int = 0
    reason: str = ""
    slow: bool = False
    """Somebody has to change something first."""
    indices: List[int] = []
    problem: Problem = {}


def judge(answer: Answer, records: int) -> Verdict:
    """`records`: how many the batch had."""
    status = answer.status
    body = _parse(answer.body)
    if 200 <= status < 300:
        offset = body.get("offset")
        # Something else that listens there and says 200 has stored nothing.
        if body.get("success") is not True or not isinstance(offset, int):
            return Verdict("retry", slow=True, reason=f"{status} that is no receipt")
        duplicates = min(body.get("duplicates", 0), records)
        receipt = Receipt("stored", offset=offset, duplicate=duplicates >= records)
        return Verdict("stored", receipt, duplicates)

    problem = _problem_of(body)
    if status == 413 and problem is None:
        unnamed = {"status": 413, "code": "payload_too_large", "detail": "the answer was 413"}
        return Verdict("refused", problem=unnamed)
    if status >= 500 or status in _RETRIED_STATUSES:
        code = problem["code"] if problem else ""
        return Verdict("retry", reason=f"{status} {code}".strip())
    if problem is None:
        return Verdict("retry", slow=True, reason=f"{status} that is no problem")

    code = problem["code"]
    fields = _fields_of(problem)
    if code == "session_not_found":
        return Verdict("session_missing", problem=problem)
    if code in _SESSION_REFUSALS or ":sessionId" in fields:
        return Verdict("session_refused", problem=problem)
    if code in _RECORD_REFUSALS:
        return Verdict("refused", indices=_indices_of(fields, records), problem=problem)
    return Verdict("retry", slow=True, reason=f"{status} {code}")


def _indices_of(fields: List[str], records: int) -> List[int]:
    """`/3/data/type` and `/3` both mean the fourth record."""
    matches = [re.match(r"/(\d+)(?:/|$)", field) for field in fields]
    return sorted({int(match[1]) for match in matches if match and int(match[1]) < records})


def _fields_of(problem: Problem) -> List[str]:
    errors = problem.get("errors", [])
    return [str(error.get("field", "")) for error in errors if isinstance(error, dict)]


def _problem_of(body: Dict[str, Any]) -> Optional[Problem]:
    if not isinstance(body.get("code"), str):
        return None
    problem = {member: body.get(member) for member in ("status", "code", "detail")}
    errors = body.get("errors")
    return {**problem, "errors": errors} if isinstance(errors, list) else problem


def _parse(text: bytes) -> Dict[str, Any]:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
