"""What to give up when there is no room: bulky payloads first, wherever they are; then bulk records, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Optional, Sequence

from .command import BULKY_BYTES, dropped_line, is_bulk, records_told, shorten_line
from .entry import Entry, PlacedLine
from .fate import Fate, Place

# Less than this part of a segment isn't worth the rewriting.
_WORTHWHILE_PART = 4


@dataclass(frozen=True)
class Relief:
    victim: Entry
    absorbed: Optional[Entry]
    """A neighbour that the victim takes in, so that the leftovers of many segments don't become many files."""
    lines: List[PlacedLine]
    """What stands in the place of both."""
    stripped: bool
    shortened: int
    dropped: List[PlacedLine]


def find_relief(
    entries: Sequence[Entry], in_flight: Optional[Entry], segment_bytes: int
) -> Optional[Relief]:
    """None when nothing worth it is left to give. What is on its way stays."""
    least = segment_bytes / _WORTHWHILE_PART
    worthwhile = [each for each in entries if each is not in_flight and each.unsent_bytes >= least]
    bulky = next((entry for entry in worthwhile if entry.bulky), None)
    if bulky is not None:
        return _shorten(bulky)
    victim = next((entry for entry in worthwhile if not entry.stripped), None)
    if victim is None:
        return None
    at = entries.index(victim)
    before = entries[at - 1] if at > 0 else None
    absorbs = (
        before is not None
        and before.stripped
        and before is not in_flight
        and before.spool is victim.spool
        and before.unsent_bytes < segment_bytes
    )
    return _strip(victim, before if absorbs else None)


def _shorten(victim: Entry) -> Relief:
    lines, shortened = [], 0
    for line, place in victim.remaining():
        if len(line) > BULKY_BYTES and is_bulk(line):
            line, shortened = shorten_line(line, BULKY_BYTES), shortened + 1
        lines.append((line, place))
    return Relief(victim, None, lines, victim.stripped, shortened, [])


def _strip(victim: Entry, absorbed: Optional[Entry]) -> Relief:
    """Keeps what tells the session's life, and one action that says how much went."""
    lines = [*(absorbed.remaining() if absorbed else ()), *victim.remaining()]
    dropped, kept, records = [], [], 0
    for placed in lines:
        told = records_told(placed[0])
        if told:
            records += told
        elif is_bulk(placed[0]):
            dropped.append(placed)
        else:
            kept.append(placed)
    records += len(dropped)
    report = [(dropped_line(records), Place(Fate(), 0))] if records else []
    return Relief(victim, absorbed, report + kept, True, 0, dropped)
