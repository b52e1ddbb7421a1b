from __future__ import annotations

import os
from typing import Sequence

from .answer import Problem
from .identity import now
from .serialise import to_json


class RejectedFile:
    """The records that the service refused for good, with its reason, a JSON object a line."""

    def __init__(self, session_folder: str, max_bytes: int) -> None:
        self._folder = session_folder
        self._max_bytes = max_bytes

    def add(self, lines: Sequence[bytes], problem: Problem) -> bool:
        """False when the file is full or can't be written; the caller counts and tells it."""
        head = to_json({"rejectedAt": now(), "problem": problem})[:-1]
        text = b"".join(b'%s,"record":%s}\n' % (head, line) for line in lines)
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            path = os.path.join(self._folder, "rejected.jsonl")
            descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                if os.fstat(descriptor).st_size + len(text) > self._max_bytes:
                    return False
                return os.write(descriptor, text) == len(text)
            finally:
                os.close(descriptor)
        except OSError:
            return False
