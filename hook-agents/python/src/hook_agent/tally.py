"""What `stats()` tells beside the sizes, and the warnings that go with it."""

from __future__ import annotations

import logging
from collections import deque
from typing import Any, Deque, Optional, Set, Tuple

from .answer import Problem

# A service that starts a little later than the agent is nothing to warn about.
_TOLD_AFTER_FAILURES = 6


class Warnings:
    """Warns about each thing once until it is forgotten, and never raises."""

    def __init__(self, logger: Optional[logging.Logger]) -> None:
        self._logger = logger or logging.getLogger("hook_agent")
        self._warned: Set[str] = set()
        self._waiting: Deque[Tuple[str, Any]] = deque()

    def warn(self, about: str, message: str, details: Any) -> None:
        if about not in self._warned:
            self._warned.add(about)
            self._waiting.append((message, details))

    def forget(self, about: str) -> None:
        self._warned.discard(about)

    def say(self) -> None:
        """To be called without any lock: a logging handler may have locks of its own, and may log to this agent."""
        while self._waiting:
            try:
                message, details = self._waiting.popleft()
                self._logger.warning("%s: %s", message, details)
            except Exception:  # A log that raises must not reach the agent, and there is nowhere else to say it.
                continue


class Tally:
    def __init__(self, session_id: str, warnings: Warnings) -> None:
        self._session_id = session_id
        self._warnings = warnings
        self._failures = 0  # Since the last success.
        self.adopted = 0
        self.sent = 0
        self.duplicates = 0
        self.retried = 0
        self.rejected = 0
        self.dropped = 0
        self.shortened = 0
        self.last_error: Optional[str] = None

    def stored(self, records: int, duplicates: int) -> None:
        self.sent += records
        self.duplicates += duplicates
        self.last_error = None
        self._failures = 0
        self._warnings.forget("service")

    def failed(self, reason: str, slow: bool) -> None:
        """A request that will be made again. `slow`: somebody has to change something first."""
        self.retried += 1
        self.last_error = reason
        self._failures += 1
        if slow or self._failures >= _TOLD_AFTER_FAILURES:
            self._warn("service", "service takes no records, they stay in the spool", reason)

    def refused(self, records: int, problem: Problem) -> None:
        self.rejected += records
        self._warn("rejected", "record refused for good", dict(problem))

    def lost(self, records: int) -> None:
        """Refused records for which `rejected.jsonl` had no room."""
        self.dropped += records
        self._warn("rejected.jsonl", "rejected.jsonl is full or can't be written", records)

    def relieved(self, shortened: int, dropped: int) -> None:
        """Queued records gave way to newer ones."""
        self.shortened += shortened
        self.dropped += dropped
        if dropped > 0:
            self._warn("full", "spool is full, bulk records give way", dropped)

    def damaged(self, records: int) -> None:
        self.dropped += records
        self._warn("damaged", "spool was changed by somebody else", records)

    def _warn(self, about: str, message: str, details: Any) -> None:
        self._warnings.warn(about, message, {"session": self._session_id, "details": details})
