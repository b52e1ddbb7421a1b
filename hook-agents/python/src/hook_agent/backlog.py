"""The entries that wait, oldest first, the last of them open for appends. Every call may raise OSError."""

from __future__ import annotations

from typing import Callable, List, NamedTuple, Optional, Sequence

from .api import Receipt
from .command import BULKY_BYTES
from .entry import Entry, PlacedLine
from .fate import Fate, Place
from .relief import find_relief
from .segment import MemorySegment
from .spool import Spool

SPOOL_FULL = Receipt("dropped", reason="spool_full")


class Bound(NamedTuple):
    """How much may wait, and in pieces of what size."""

    max_bytes: int
    segment_bytes: int
    memory_only: bool
    """Only what is in memory counts."""


def bound_of(max_bytes: int, parts: int, memory_only: bool) -> Bound:
    """Segments are a part of the bound, so that dropping the oldest gives up a part and not all."""
    return Bound(max_bytes, max(4_096, max_bytes // parts), memory_only)


class Backlog:
    def __init__(self, on_relief: Callable[[int, int], None]) -> None:
        """`on_relief(shortened, dropped)`: queued records gave way to newer ones."""
        self._on_relief = on_relief
        self._open: Optional[Entry] = None
        self.entries: List[Entry] = []
        self.in_flight: Optional[Entry] = None
        """What is on its way, which nothing may be taken from."""

    def append(self, line: bytes, spool: Optional[Spool], bound: Bound) -> Optional[Place]:
        """Into memory without a spool. None when the bound leaves no room."""
        if not self._make_room(len(line), bound):
            return None
        entry = self._open
        if (
            entry is None
            or entry.spool is not spool
            or entry.segment.size + len(line) > bound.segment_bytes
        ):
            entry = Entry(spool.open_segment() if spool else MemorySegment(), spool)
            self.entries.append(entry)
            self._open = entry
        number = entry.segment.lines
        entry.segment.append(line)
        if len(line) > BULKY_BYTES:
            entry.bulky = True
        return entry.place_of(number)

    def add(self, entries: Sequence[Entry]) -> None:
        self.entries.extend(entries)
        self._open = None

    def rewrite(
        self,
        old: Entry,
        lines: Sequence[PlacedLine],
        spool: Optional[Spool],
        stripped: bool = False,
    ) -> None:
        """Puts these lines, in `spool` or in memory, in the place of the entry."""
        text = b"".join(line for line, _ in lines)
        segment = spool.rewrite_segment(old.segment, text) if spool else MemorySegment(text)
        places = [place for _, place in lines]
        self.replace(old, Entry(segment, spool, places, stripped=stripped))

    def replace(self, old: Entry, by: Optional[Entry]) -> None:
        at = self.entries.index(old)
        self.entries[at : at + 1] = [by] if by else []
        self.seal(old)
        old.settle_refused(old.segment.lines)
        old.segment.remove()

    def seal(self, entry: Optional[Entry] = None) -> None:
        """The next append begins a new segment."""
        if entry is None or entry is self._open:
            self._open = None

    def remove_sent(self, kept_bytes: int) -> None:
        """An open segment up to this size stays open."""
        for entry in [each for each in self.entries if each.is_sent]:
            if entry is not self._open or entry.segment.size > kept_bytes:
                self.replace(entry, None)

    def of(self, spool: Optional[Spool]) -> List[Entry]:
        return [entry for entry in self.entries if entry.spool is spool]

    def first(self) -> Optional[Entry]:
        return next((entry for entry in self.entries if not entry.is_sent), None)

    def last(self) -> Optional[Entry]:
        return next((entry for entry in reversed(self.entries) if not entry.is_sent), None)

    def close(self, abandon: Callable[[Fate], None] = Fate.abandon) -> None:
        for entry in self.entries:
            for fate in entry.fates():
                abandon(fate)
            entry.segment.close()
        self.entries = []
        self._open = None

    def _make_room(self, size: int, bound: Bound) -> bool:
        """Shortens, then drops, what is oldest until there is room. False when nothing is left to give."""
        while True:
            scope = self.of(None) if bound.memory_only else self.entries
            if sum(entry.unsent_bytes for entry in scope) + size <= bound.max_bytes:
                return True
            relief = find_relief(scope, self.in_flight, bound.segment_bytes)
            if relief is None:
                return False
            if relief.lines:
                self.rewrite(relief.victim, relief.lines, relief.victim.spool, relief.stripped)
            else:
                self.replace(relief.victim, None)
            if relief.absorbed is not None:
                self.replace(relief.absorbed, None)
            for _, place in relief.dropped:
                place.fate.settle(place.line, SPOOL_FULL)
            self._on_relief(relief.shortened, len(relief.dropped))
