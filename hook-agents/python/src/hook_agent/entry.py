"""A segment in the queue and how far it has been sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Optional, Sequence, Set, Tuple, Union

from .api import Receipt
from .fate import Fate, Place
from .segment import FileSegment, MemorySegment
from .spool import Spool

Segment = Union[FileSegment, MemorySegment]
PlacedLine = Tuple[bytes, Place]
"""A line of the queue and where its fate is told."""


class Entry:
    __slots__ = (
        "_places",
        "bulky",
        "fate",
        "refused",
        "segment",
        "sent_bytes",
        "sent_lines",
        "spool",
        "stripped",
    )

    def __init__(
        self,
        segment: Segment,
        spool: Optional[Spool],
        places: Optional[Sequence[Place]] = None,
        sent_bytes: int = 0,
        bulky: bool = False,
        stripped: bool = False,
    ) -> None:
        self.segment = segment
        self.spool = spool
        """None in memory."""
        self.fate = Fate()
        self._places = places
        self.sent_bytes = sent_bytes
        self.sent_lines = segment.read(0, sent_bytes).count(b"\n") if sent_bytes else 0
        self.refused: Dict[int, Receipt] = {}
        """Lines that the service has refused; passed over, and settled in their turn."""
        self.bulky = bulky
        """May hold a bulk record worth shortening."""
        self.stripped = stripped
        """Has nothing left but what tells the session's life."""

    @property
    def is_sent(self) -> bool:
        return self.sent_bytes >= self.segment.size

    @property
    def unsent_lines(self) -> int:
        return self.segment.lines - self.sent_lines - len(self.refused)

    @property
    def unsent_bytes(self) -> int:
        return self.segment.size - self.sent_bytes

    def place_of(self, line: int) -> Place:
        return self._places[line] if self._places is not None else Place(self.fate, line)

    def remaining(self) -> List[PlacedLine]:
        """What is yet to be sent, line by line."""
        lines = self.segment.read(self.sent_bytes, self.unsent_bytes).splitlines(keepends=True)
        numbered = enumerate(lines, self.sent_lines)
        return [(line, self.place_of(n)) for n, line in numbered if n not in self.refused]

    def next_batch(self, max_bytes: int, max_records: int) -> "Optional[Batch]":
        """At least one line, also when that is larger than `max_bytes`. None: the lines that should be there are not."""
        text = self._read_lines(max_bytes)
        if not text:
            return None
        count = text.count(b"\n")
        if count > max_records:
            end = 0
            for _ in range(max_records):
                end = text.index(b"\n", end) + 1
            text, count = text[:end], max_records
        end_line = self.sent_lines + count
        numbers: Sequence[int] = range(self.sent_lines, end_line)
        body = text
        if self.refused:
            numbers = [n for n in numbers if n not in self.refused]
            lines = text.splitlines(keepends=True)
            body = b"".join(lines[n - self.sent_lines] for n in numbers)
        return Batch(self, body, len(text), numbers, end_line)

    def acknowledge(self, batch: "Batch", receipt: Receipt) -> None:
        self.settle_refused(batch.end_line)
        if self._places is None:
            self.fate.store_below(batch.end_line, receipt)
        else:
            for line in batch.numbers:
                place = self._places[line]
                # Places of one fate may have gaps, where a record was dropped and is settled.
                place.fate.store_below(place.line + 1, receipt)
        self.sent_bytes += batch.size
        self.sent_lines = batch.end_line

    def give_up(self, receipt: Receipt) -> int:
        """Settles what is unsent without its being stored. Returns how many records that is."""
        records = self.unsent_lines
        for line in range(self.sent_lines, self.segment.lines):
            place = self.place_of(line)
            place.fate.settle(place.line, self.refused.get(line, receipt))
        return records

    def fates(self) -> Set[Fate]:
        return {self.fate, *(place.fate for place in self._places or ())}

    def settle_refused(self, below: int) -> None:
        for line in [line for line in self.refused if line < below]:
            place = self.place_of(line)
            place.fate.settle(place.line, self.refused.pop(line))

    def _read_lines(self, max_bytes: int) -> bytes:
        length = max_bytes
        while True:
            text = self.segment.read(self.sent_bytes, length)
            end = text.rfind(b"\n") + 1
            if end > 0 or len(text) < length:
                return text[:end]
            length *= 2


@dataclass(frozen=True)
class Batch:
    """The next lines to send."""

    entry: Entry
    body: bytes
    """Without the refused lines."""
    size: int
    """The bytes of the segment that an acknowledgement covers."""
    numbers: Sequence[int]
    """Line numbers in the segment, in the order of the body."""
    end_line: int

    @property
    def records(self) -> int:
        return len(self.numbers)
