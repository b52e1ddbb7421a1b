"""Sends the queue in order, a batch at a time, for as long as it takes, in a daemon thread."""

from __future__ import annotations

import threading
import time
from queue import Empty, SimpleQueue
from typing import Any, Callable, List, Optional, Protocol, Sequence

from .answer import Problem, Verdict, judge
from .api import Limits, Receipt
from .backoff import Backoff
from .command import command_line
from .entry import Batch
from .record_queue import RecordQueue
from .spool_folder import TOUCH_EVERY_SECONDS
from .transport import Transport

# A token can be put right and a service exchanged, but not within a second.
_SLOW_RETRY_SECONDS = 15.0
# Long enough to put what one turn of an agent logs into one request, too short to notice.
_LINGER_SECONDS = 0.01


class Owner(Protocol):
    """The pipeline, seen from its thread."""

    def exclusively(self, task: Callable[[], Any]) -> Any: ...
    def tick(self) -> None: ...
    def stored(self, records: int, duplicates: int) -> None: ...
    def failed(self, reason: str, slow: bool) -> None: ...
    def rejected(self, lines: Sequence[bytes], problem: Problem) -> None: ...


class _Stopped(Exception):
    pass


class Shipper:
    """`wake`, `hurry` and what changes the queue run exclusively; the network is waited for outside."""

    def __init__(
        self,
        owner: Owner,
        queue: RecordQueue,
        transport: Transport,
        limits: Limits,
        create_id: str,
        session: Any,
    ) -> None:
        self._owner = owner
        self._queue = queue
        self._transport = transport
        self._limits = limits
        self._backoff = Backoff(limits.retry_base_seconds, limits.retry_max_seconds)
        self._create_id = create_id
        self._session = session
        # Put before the next batch, because the service doesn't know the session: "no", "next" or "tried".
        self._creates = "no"
        self._refused_session: Optional[Problem] = None
        self._records_at_most = limits.batch_records
        self._thread: Optional[threading.Thread] = None
        # Reentrant, as the other primitives are not: a finaliser or a signal handler may log anywhere.
        self._bell: "SimpleQueue[None]" = SimpleQueue()
        self._due: Optional[float] = None
        self._next_tick = time.monotonic() + TOUCH_EVERY_SECONDS
        self._sending = False
        self._stopped = False
        self.on_failure: List[Callable[[], None]] = []
        """Called once, after the next failed attempt."""

    def start(self) -> None:
        """Raises RuntimeError when the interpreter is ending."""
        if self._thread is None:
            thread = threading.Thread(target=self._run, name="hook-agent", daemon=True)
            thread.start()
            self._thread = thread

    def wake(self) -> None:
        """Something is queued: send it soon."""
        if self._due is None and not self._sending:
            self._due = time.monotonic() + _LINGER_SECONDS
            self._bell.put(None)

    def hurry(self) -> None:
        """Don't wait any longer for the next attempt."""
        if not self._sending:
            self._due = time.monotonic()
            self._bell.put(None)

    def stop(self) -> None:
        self._stopped = True
        self._bell.put(None)

    def _run(self) -> None:
        while not self._stopped:
            until = self._next_tick if self._due is None else min(self._next_tick, self._due)
            try:
                self._bell.get(timeout=max(0.0, until - time.monotonic()))
            except Empty:
                pass  # It is time.
            self._tick_when_due()
            if self._due is not None and time.monotonic() >= self._due:
                self._send_all()
        self._transport.close()

    def _tick_when_due(self) -> None:
        if time.monotonic() >= self._next_tick and not self._stopped:
            self._owner.tick()
            self._next_tick = time.monotonic() + TOUCH_EVERY_SECONDS

    def _send_all(self) -> None:
        self._due = None
        self._sending = True
        try:
            while not self._stopped and self._send_next():
                self._tick_when_due()
        except _Stopped:
            return
        except Exception as error:  # Ours or the network's: the records are in the spool, and it is tried again.
            slow = not isinstance(error, OSError)
            reason = str(error) or type(error).__name__
            self._owner.exclusively(lambda: self._retry_later(reason, slow))
        finally:
            self._owner.exclusively(self._rest)

    def _rest(self) -> None:
        self._sending = False
        if self._due is None and self._queue.backlog.first() is not None:
            self._due = time.monotonic() + _LINGER_SECONDS

    def _send_next(self) -> bool:
        """True to go on at once."""
        batch: Optional[Batch] = self._owner.exclusively(self._peek)
        if batch is None:
            return False
        problem = self._refused_session
        if problem is not None:
            self._owner.exclusively(lambda: self._refuse(batch, range(batch.records), problem))
            return True
        create = b""
        if self._creates != "no":
            limit = self._limits.batch_bytes
            create = command_line("session_created", self._create_id, self._session, limit)[0]
            self._creates = "tried"
        prefix = 1 if create else 0
        answer = self._transport.post(create + batch.body, self._while_waiting)
        verdict = judge(answer, batch.records + prefix)
        return self._owner.exclusively(
            lambda: self._apply(batch, verdict, prefix, answer.retry_after or 0.0)
        )

    def _peek(self) -> Optional[Batch]:
        if self._stopped:
            return None
        return self._queue.peek(self._limits.batch_bytes, self._records_at_most)

    def _while_waiting(self) -> None:
        if self._stopped:
            raise _Stopped
        self._tick_when_due()

    def _apply(self, batch: Batch, verdict: Verdict, prefix: int, retry_after: float) -> bool:
        # Closed meanwhile: whoever takes the spool over sends the batch again, and the service knows the ids.
        if self._stopped:
            return False
        if verdict.kind == "stored":
            self._store(batch, verdict)
        elif verdict.kind == "retry":
            self._retry_later(verdict.reason, verdict.slow, retry_after)
            return False
        elif verdict.kind == "session_missing":
            if self._creates == "tried":
                self._retry_later("session_not_found", slow=False)
                return False
            self._creates = "next"
        elif verdict.kind == "session_refused":
            self._refused_session = verdict.problem
        else:
            return self._apply_refusal(batch, verdict, prefix)
        return True

    def _apply_refusal(self, batch: Batch, verdict: Verdict, prefix: int) -> bool:
        own = [index - prefix for index in verdict.indices]
        if -1 in own:
            # A session without the options that were refused is better than none.
            if not self._session:
                self._retry_later(str(verdict.problem.get("detail")), slow=True)
                return False
            self._session = {}
            self._creates = "next"
        elif not own and batch.records > 1:
            self._records_at_most = (batch.records + 1) // 2
        elif not own:
            own = [0]
        self._refuse(batch, [index for index in own if index >= 0], verdict.problem)
        return True

    def _store(self, batch: Batch, verdict: Verdict) -> None:
        duplicates = min(verdict.duplicates, batch.records)
        self._records_at_most = min(self._limits.batch_records, self._records_at_most * 2)
        self._creates = "no"
        self._backoff.reset()
        # Counted first: who waits for the receipt may ask for the counts next.
        self._owner.stored(batch.records, duplicates)
        self._queue.acknowledge(batch, verdict.receipt)

    def _refuse(self, batch: Batch, indices: Sequence[int], problem: Problem) -> None:
        self._queue.let_go()
        if indices:
            lines = self._queue.refuse(batch, indices, Receipt("rejected", problem=problem))
            self._owner.rejected(lines, problem)

    def _retry_later(self, reason: str, slow: bool, retry_after: float = 0.0) -> None:
        self._queue.let_go()
        self._owner.failed(reason, slow)
        wait = self._backoff.next(max(_SLOW_RETRY_SECONDS, retry_after) if slow else retry_after)
        self._due = time.monotonic() + wait
        # Whoever is in a hurry from now on means the next attempt.
        self._sending = False
        told, self.on_failure = self.on_failure, []
        for tell in told:
            tell()
