"""One process's folder of segments and the cursor into them. Every call may raise OSError."""

from __future__ import annotations

import os
import re
import shutil
import time
from typing import Dict, List, Optional, Tuple, Union

from .segment import FileSegment, MemorySegment

_CURSOR = "cursor"
_CURSOR_BYTES = 48


class Spool:
    """`folder` is what `new_spool_folder` or a claim gave; it is made with the first segment."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._made = False
        self._next = 1
        self._cursor = -1

    def open_segment(self) -> FileSegment:
        self._make()
        return FileSegment(os.path.join(self._folder, self._next_name()))

    def rewrite_segment(
        self, segment: Union[FileSegment, MemorySegment], text: bytes
    ) -> FileSegment:
        """A new segment with these lines in the place of `segment`, which stays until it is removed."""
        self._make()
        old = segment.path
        ours = old is not None and os.path.dirname(old) == self._folder
        name = os.path.basename(old) if ours and old else self._next_name()
        number, revision = name[: -len(".jsonl")].split("-")
        path = os.path.join(self._folder, f"{number}-{int(revision) + 1}.jsonl")
        descriptor = os.open(f"{path}.tmp", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(text)
        os.replace(f"{path}.tmp", path)
        return FileSegment(path)

    def left_segments(self) -> List[Tuple[FileSegment, int]]:
        """What an earlier process left: the segments, and how many bytes of each the service has."""
        self._made = True
        names = [name for name in os.listdir(self._folder) if name.endswith(".jsonl")]
        cursor_name, cursor_bytes = self._read_cursor()
        self._next = 1 + max((_number(name)[0] for name in names), default=0)
        left: List[Tuple[FileSegment, int]] = []
        try:
            for name in _latest_revisions(names):
                segment = FileSegment(os.path.join(self._folder, name))
                sent = min(cursor_bytes, segment.size) if name == cursor_name else 0
                left.append((segment, sent))
        except OSError:
            for segment, _ in left:
                segment.close()
            raise
        return left

    def write_cursor(
        self, segment: Union[FileSegment, MemorySegment], sent_bytes: int
    ) -> None:
        if segment.path is None:
            return
        if self._cursor < 0:
            path = os.path.join(self._folder, _CURSOR)
            self._cursor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        text = f"{os.path.basename(segment.path)} {sent_bytes}"
        os.lseek(self._cursor, 0, os.SEEK_SET)
        os.write(self._cursor, f"{text.ljust(_CURSOR_BYTES - 1)}\n".encode())

    def touch(self) -> bool:
        """Tells other processes that this one is there. False when one of them took the folder."""
        if not self._made:
            return True
        try:
            os.utime(self._folder)
            return True
        except OSError:
            return False

    def release(self) -> None:
        """Leaves the folder to whoever wants it."""
        self.close()
        if self._made:
            parent = os.path.dirname(self._folder)
            os.rename(self._folder, os.path.join(parent, f"{stamp_of(self._folder)}.released"))
        self._made = False

    def remove(self) -> None:
        self.close()
        if not self._made:
            return
        shutil.rmtree(self._folder, ignore_errors=True)
        self._made = False
        session_folder = os.path.dirname(self._folder)
        for folder in (session_folder, os.path.dirname(session_folder)):
            try:
                os.rmdir(folder)
            except OSError:
                return  # It holds rejected.jsonl or another process's spool.

    def close(self) -> None:
        if self._cursor >= 0:
            os.close(self._cursor)
        self._cursor = -1

    def _make(self) -> None:
        if not self._made:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
        self._made = True

    def _next_name(self) -> str:
        """`<number>-<revision>.jsonl`"""
        name = f"{self._next:08d}-0.jsonl"
        self._next += 1
        return name

    def _read_cursor(self) -> Tuple[Optional[str], int]:
        try:
            with open(os.path.join(self._folder, _CURSOR), encoding="ascii") as file:
                cursor = re.fullmatch(r"(\S+) (\d+)", file.read().strip())
        except (OSError, ValueError):
            cursor = None
        # A cursor that can't be read only means sending again: the service knows every id.
        return (cursor[1], int(cursor[2])) if cursor else (None, 0)


def new_stamp() -> str:
    """Lexical order is the order of creation."""
    return f"{time.time_ns() // 1_000_000:011x}{os.urandom(3).hex()}"


def stamp_of(folder: str) -> str:
    return os.path.basename(folder).split(".")[0]


def _number(name: str) -> Tuple[int, int]:
    match = re.fullmatch(r"(\d+)-(\d+)\.jsonl", name)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _latest_revisions(names: List[str]) -> List[str]:
    """A rewritten segment and the one it stands for are both there when the process ended in between."""
    latest: Dict[int, str] = {}
    for name in sorted(names, key=_number):
        latest[_number(name)[0]] = name
    return list(latest.values())
