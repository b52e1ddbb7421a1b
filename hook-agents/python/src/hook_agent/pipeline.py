"""From a command to the service's acknowledgement, by way of the spool."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any, Callable, List, Mapping, Optional, Sequence, Union
from urllib.parse import urljoin

from .answer import Problem
from .api import Limits, Receipt, Stats
from .backlog import SPOOL_FULL
from .command import command_line, dropped_line
from .entry import Entry
from .exclusive import Exclusive
from .fate import PendingReceipt, Place, Told
from .record_queue import RecordQueue
from .rejected import RejectedFile
from .shipper import Shipper
from .spool import Spool
from .spool_folder import (
    claim_spool_folder,
    default_spool_directory,
    left_spool_folders,
    new_spool_folder,
    session_folder,
)
from .tally import Tally, Warnings
from .transport import Transport

_CLOSED = Receipt("dropped", reason="closed")


@dataclass(frozen=True)
class Target:
    """Which session is recorded, where to and by way of which spool."""

    session_id: str
    service_url: str
    token: Optional[str]
    spool_directory: Optional[str]
    session: Optional[Mapping[str, Any]]
    lease_epoch: Optional[Callable[[], Optional[int]]]
    limits: Limits


class Pipeline:
    def __init__(self, target: Target, warnings: Warnings) -> None:
        limits = target.limits
        session = dict(target.session or {})
        directory = os.path.abspath(target.spool_directory or default_spool_directory())
        self._folder = session_folder(directory, target.session_id)
        self._warnings = warnings
        self._record_bytes = limits.record_bytes
        self._session = session
        self._session_logged = target.session is None
        self._create_id = _create_id(session)
        self._exclusive = Exclusive(self._task_failed)
        self._closed = False
        # Drops that no `records_dropped` action tells of yet.
        self._untold = 0
        self._tally = Tally(target.session_id, warnings)
        url = target.service_url if target.service_url.endswith("/") else f"{target.service_url}/"
        path = f"api/sessions/{target.session_id}/events?reopen=true"
        transport = Transport(
            urljoin(url, path), target.token, limits.request_timeout_seconds, target.lease_epoch
        )
        self._queue = RecordQueue(
            limits,
            new_spool=lambda: Spool(new_spool_folder(self._folder)),
            on_relief=self._tally.relieved,
            on_damage=self._damaged,
            on_spool_condition=self._spool_condition,
        )
        self._rejected_file = RejectedFile(self._folder, limits.rejected_bytes)
        self._shipper = Shipper(self, self._queue, transport, limits, self._create_id, session)
        self.claim()

    def exclusively(self, task: Callable[[], Any]) -> Any:
        try:
            return self._exclusive.run(task)
        finally:
            self._warnings.say()

    def log(self, kind: str, record_id: str, data: Any) -> Optional[PendingReceipt]:
        """None when another thread has closed this pipeline meanwhile."""
        line, shortened = command_line(kind, record_id, data, self._record_bytes)
        # Empty as long as the call that this one interrupts is not done.
        taken: List[Union[Place, Receipt]] = []

        def take() -> None:
            taken.append(_CLOSED if self._closed else self._take(line, shortened) or SPOOL_FULL)

        def ask(told: Told) -> None:
            self.exclusively(lambda: _tell(taken[0], told))

        self.exclusively(take)
        return None if taken and taken[0] is _CLOSED else PendingReceipt(ask)

    def flush(self, ends_on_failure: bool) -> "Future[bool]":
        """True when everything logged before the call is decided, False when nobody here will learn it."""
        future: "Future[bool]" = Future()

        def end(flushed: bool) -> None:
            if not future.done() and future.set_running_or_notify_cancel():
                future.set_result(flushed)

        def begin() -> None:
            if self._closed:
                end(False)
                return
            last = self._queue.backlog.last()
            if last is None:
                end(True)
                return
            place = last.place_of(last.segment.lines - 1)
            place.fate.tell(place.line, lambda receipt: end(receipt is not None))
            if ends_on_failure:
                self._shipper.on_failure.append(lambda: end(False))
            self._start_thread()
            self._shipper.hurry()

        self.exclusively(begin)
        return future

    def close(self) -> None:
        def end() -> None:
            self._closed = True
            self._shipper.stop()
            self._queue.close()

        self.exclusively(end)

    def abandon(self) -> None:
        """In a forked child: the records, the files and the connection are the parent's."""
        self._exclusive.reset()
        self._shipper.stop()
        self._queue.abandon()

    def stats(self) -> Stats:
        entries = list(self._queue.backlog.entries)
        tally = self._tally
        return Stats(
            enabled=True,
            queued=sum(entry.unsent_lines for entry in entries),
            queued_bytes=sum(entry.unsent_bytes for entry in entries),
            memory_bytes=sum(entry.unsent_bytes for entry in entries if entry.spool is None),
            adopted=tally.adopted,
            sent=tally.sent,
            duplicates=tally.duplicates,
            retried=tally.retried,
            rejected=tally.rejected,
            dropped=tally.dropped,
            shortened=tally.shortened,
            last_error=tally.last_error,
        )

    def tick(self) -> None:
        """Called by the shipper's thread, every two seconds or so."""

        def look() -> None:
            if not self._closed:
                self._queue.tick()

        try:
            self.exclusively(look)
            self.claim()
        except Exception as error:  # It must not end the thread.
            self._warnings.warn("tick", "spool can't be looked after", repr(error))
            self._warnings.say()

    def stored(self, records: int, duplicates: int) -> None:
        self._tally.stored(records, duplicates)
        if self._untold > 0 and self._append(dropped_line(self._untold)) is not None:
            self._untold = 0

    def failed(self, reason: str, slow: bool) -> None:
        self._tally.failed(reason, slow)

    def rejected(self, lines: Sequence[bytes], problem: Problem) -> None:
        self._tally.refused(len(lines), problem)
        if not self._rejected_file.add(lines, problem):
            self._tally.lost(len(lines))

    def _take(self, line: bytes, shortened: bool) -> Optional[Place]:
        if not self._session_logged:
            self._session_logged = True
            data = self._session
            create = command_line("session_created", self._create_id, data, self._record_bytes)
            self._take(*create)
        place = self._append(line)
        self._tally.relieved(int(shortened), int(place is None))
        if place is None:
            self._untold += 1
        return place

    def _append(self, line: bytes) -> Optional[Place]:
        place = self._queue.append(line)
        self._start_thread()
        self._shipper.wake()
        return place

    def _start_thread(self) -> None:
        try:
            self._shipper.start()
        except RuntimeError as error:
            # The interpreter is ending, or can't have more threads: the spool keeps the record.
            self._warnings.warn("thread", "records stay in the spool", repr(error))

    def claim(self) -> None:
        """Takes over what processes that are gone have left of this session."""
        for folder in left_spool_folders(self._folder):
            spool: Optional[Spool] = self.exclusively(partial(self._claim, folder))
            if spool is None:
                continue
            try:
                # Without the lock: nobody is to wait for another process's megabytes.
                left = spool.left_segments()
                entries = [Entry(segment, spool, None, sent, bulky=True) for segment, sent in left]
            except OSError as error:
                self._warnings.warn("claim", "a spool can't be read", repr(error))
                _give_back(spool)
            else:
                self.exclusively(partial(self._adopt, spool, entries))

    def _claim(self, folder: str) -> Optional[Spool]:
        # Not once closed: the folder may be the one that was just released, and nobody here would send it.
        claimed = None if self._closed else claim_spool_folder(folder)
        return Spool(claimed) if claimed else None

    def _adopt(self, spool: Spool, entries: Sequence[Entry]) -> None:
        if self._closed:
            for entry in entries:
                entry.segment.close()
            _give_back(spool)
            return
        self._tally.adopted += self._queue.adopt(spool, entries)
        if self._queue.backlog.first() is not None:
            self._start_thread()
            self._shipper.wake()

    def _task_failed(self, error: Exception) -> None:
        self._warnings.warn("deferred", "a record could not be taken", repr(error))

    def _damaged(self, records: int) -> None:
        self._tally.damaged(records)
        self._append(dropped_line(records, "spool_damaged"))

    def _spool_condition(self, error: Optional[Exception]) -> None:
        if error is None:
            self._warnings.forget("spool")
        else:
            details = f"{self._folder}: {error}"
            self._warnings.warn("spool", "spool can't be used as it should", details)


def _tell(taken: Union[Place, Receipt], told: Told) -> None:
    if isinstance(taken, Receipt):
        told(taken)
    else:
        taken.fate.tell(taken.line, told)


def _give_back(spool: Spool) -> None:
    try:
        spool.release()
    except OSError:
        pass  # It is ours until this process ends; then somebody else takes it.


def _create_id(session: Mapping[str, Any]) -> str:
    """
    The same from every process: a session that is over is not opened again by one that only repeats what another
    had sent. With another user it is another command, which the service can refuse.
    """
    user = str(session.get("userId", "")).encode("utf-8", "surrogatepass")
    return f"created-{hashlib.sha256(user).hexdigest()[:32]}"
