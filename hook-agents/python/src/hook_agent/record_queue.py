"""Every record that the service doesn't have yet, oldest first: on disk, and in memory where the disk refuses."""

from __future__ import annotations

from typing import Callable, List, Optional, Sequence, Set

from .api import Limits, Receipt
from .backlog import Backlog, bound_of
from .entry import Batch, Entry
from .fate import Fate, Place
from .spool import Spool

_DAMAGED = Receipt("dropped", reason="spool_damaged")


class RecordQueue:
    """Never raises for the disk's sake. Its caller sees to it that one thread at a time is in here."""

    def __init__(
        self,
        limits: Limits,
        new_spool: Callable[[], Spool],
        on_relief: Callable[[int, int], None],
        on_damage: Callable[[int], None],
        on_spool_condition: Callable[[Optional[Exception]], None],
    ) -> None:
        """
        `on_damage(records)`: they were spooled and are not there any more.
        `on_spool_condition`: the spool can't be written (an error), or can again (None).
        """
        self._on_disk_bound = bound_of(limits.spool_bytes, 16, memory_only=False)
        self._in_memory_bound = bound_of(limits.memory_bytes, 8, memory_only=True)
        self._new_spool = new_spool
        self._on_damage = on_damage
        self._on_spool_condition = on_spool_condition
        self._spool = new_spool()
        self._adopted: Set[Spool] = set()
        self._lost: Set[Spool] = set()
        """Somebody took or deleted their folders; what is unsent is still readable."""
        self._disk_refuses = False
        self.backlog = Backlog(on_relief)

    def append(self, line: bytes) -> Optional[Place]:
        """Where the record's fate is told, None when there is no room."""
        if not self._disk_refuses:
            try:
                return self.backlog.append(line, self._spool, self._on_disk_bound)
            except (OSError, ValueError) as error:
                self._refused_by_disk(error)
        return self.backlog.append(line, None, self._in_memory_bound)

    def adopt(self, left: Spool, entries: Sequence[Entry]) -> int:
        """Puts what an earlier process left behind what is there. Returns how many records that is."""
        self._adopted.add(left)
        self.backlog.add(entries)
        self._on_disk(self._remove_sent)
        return sum(entry.unsent_lines for entry in entries)

    def peek(self, max_bytes: int, max_records: int) -> Optional[Batch]:
        """The next batch, None when all is sent."""
        while True:
            entry = self.backlog.first()
            if entry is None:
                return None
            try:
                batch = entry.next_batch(max_bytes, max_records)
            except OSError as error:
                self._on_spool_condition(error)
                batch = None
            if batch is None:
                self._give_up(entry)
            elif batch.records == 0:
                self.acknowledge(batch, Receipt("stored"))
            else:
                self.backlog.in_flight = entry
                return batch

    def acknowledge(self, batch: Batch, receipt: Receipt) -> None:
        self.let_go()
        entry = batch.entry
        entry.acknowledge(batch, receipt)

        def clean() -> None:
            # Without the cursor these records are sent again after a crash, and recognised by their ids.
            if entry.spool is not None and entry in self.backlog.entries and not entry.is_sent:
                entry.spool.write_cursor(entry.segment, entry.sent_bytes)
            self._remove_sent()

        self._on_disk(clean)

    def refuse(self, batch: Batch, indices: Sequence[int], receipt: Receipt) -> List[bytes]:
        """Takes records out of the batch. Returns their lines."""
        lines = batch.body.splitlines()
        for index in indices:
            batch.entry.refused[batch.numbers[index]] = receipt
        return [lines[index] for index in indices]

    def let_go(self) -> None:
        """The batch is not on its way any more."""
        self.backlog.in_flight = None

    def tick(self) -> None:
        """Says that the process is there, and tries the disk again."""
        self._lose_spools()
        self._on_disk(self._rescue)
        self._on_disk(self._spill)

    def close(self) -> None:
        # What can be on the disk now has an heir.
        self.tick()
        spools = {self._spool, *self._adopted}
        entries = self.backlog.entries
        with_rest = {entry.spool for entry in entries if not entry.is_sent}
        self._on_disk(self.backlog.close)
        for spool in spools:
            self._on_disk(spool.release if spool in with_rest else spool.remove)
        for lost in self._lost:
            self._on_disk(lost.close)

    def abandon(self) -> None:
        """Closes what a forked child has inherited, and leaves the files to its parent."""
        for spool in {self._spool, *self._adopted, *self._lost}:
            self._on_disk(spool.close)
        self._on_disk(lambda: self.backlog.close(Fate.disown))

    def _on_disk(self, task: Callable[[], None]) -> None:
        try:
            task()
        except (OSError, ValueError) as error:
            self._refused_by_disk(error)

    def _refused_by_disk(self, error: Exception) -> None:
        self.backlog.seal()
        self._disk_refuses = True
        self._on_spool_condition(error)

    def _spill(self) -> None:
        """Moves what is only in memory to the disk, once that takes it again."""
        if not self._disk_refuses:
            return
        for entry in self.backlog.of(None):
            self.backlog.rewrite(entry, entry.remaining(), self._spool)
        self._disk_refuses = False
        if not self._lost:
            self._on_spool_condition(None)

    def _lose_spools(self) -> None:
        if not self._spool.touch():
            self._lost.add(self._spool)
            self._spool = self._new_spool()
        gone = {left for left in self._adopted if not left.touch()}
        self._adopted -= gone
        self._lost |= gone

    def _rescue(self) -> None:
        """Moves what is unsent of lost spools into a folder that is there."""
        for lost in list(self._lost):
            for entry in self.backlog.of(lost):
                if entry.is_sent:
                    self.backlog.replace(entry, None)
                else:
                    self.backlog.rewrite(entry, entry.remaining(), self._spool)
            # Its folder may be there all the same, when only the touch had failed.
            lost.remove()
            self._lost.discard(lost)

    def _remove_sent(self) -> None:
        self.backlog.remove_sent(self._on_disk_bound.segment_bytes // 16)
        for left in [each for each in self._adopted if not self.backlog.of(each)]:
            self._adopted.discard(left)
            left.remove()

    def _give_up(self, entry: Entry) -> None:
        """Somebody cut the file: what it no longer has must not hold up the rest."""
        records = entry.give_up(_DAMAGED)
        self._on_disk(lambda: self.backlog.replace(entry, None))
        self._on_damage(records)
