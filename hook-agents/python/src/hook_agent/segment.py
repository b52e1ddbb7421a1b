"""A stretch of the queue: whole lines, appended at the end and read from the start."""

from __future__ import annotations

import json
import os
from typing import List, Optional

_READ_BYTES = 1_048_576


class MemorySegment:
    path: Optional[str] = None

    def __init__(self, text: bytes = b"") -> None:
        self._parts: List[bytes] = [text] if text else []
        self.size = len(text)
        self.lines = text.count(b"\n")

    def append(self, line: bytes) -> None:
        self._parts.append(line)
        self.size += len(line)
        self.lines += 1

    def read(self, start: int, length: int) -> bytes:
        if len(self._parts) > 1:
            self._parts = [b"".join(self._parts)]
        return self._parts[0][start : start + length] if self._parts else b""

    def close(self) -> None:
        pass

    def remove(self) -> None:
        self._parts, self.size, self.lines = [], 0, 0


class FileSegment:
    """Opens or creates the file. A last line without its line feed is completed when it is JSON, and cut when not."""

    def __init__(self, path: str) -> None:
        self.path: Optional[str] = path
        # One write to an O_APPEND descriptor: after kill -9 a line is there or is the torn last one.
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
        self._descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0), 0o600)
        self.size = 0
        self.lines = 0
        self._measure()

    def append(self, line: bytes) -> None:
        """Raises OSError when the line could not be stored whole; then nothing of it counts."""
        try:
            written = os.write(self._descriptor, line)
            if written == len(line):
                self.size += written
                self.lines += 1
                return
        except OSError:
            raise
        except BaseException:
            # An exception out of a signal handler (Ctrl-C) may come between the write and the count.
            self._measure()
            raise
        os.ftruncate(self._descriptor, self.size)
        raise OSError(f"short write: {written} of {len(line)} bytes")

    def read(self, start: int, length: int) -> bytes:
        """Up to `length` bytes from byte `start`, which begins a line."""
        return _read_at(self._descriptor, max(0, min(length, self.size - start)), start)

    def close(self) -> None:
        """Lets go of what it holds open and leaves its file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = -1

    def remove(self) -> None:
        self.close()
        try:
            os.unlink(self.path or "")
        except FileNotFoundError:
            pass  # Somebody else was faster.

    def _measure(self) -> None:
        size = os.fstat(self._descriptor).st_size
        self.size, self.lines = 0, 0
        tail = b""
        for start in range(0, size, _READ_BYTES):
            part = _read_at(self._descriptor, min(_READ_BYTES, size - start), start)
            whole = part.rfind(b"\n") + 1
            self.lines += part.count(b"\n")
            tail = part[whole:] if whole else tail + part
        self.size = size - len(tail)
        if tail and _is_json(tail):
            os.write(self._descriptor, b"\n")
            self.size = size + 1
            self.lines += 1
        elif tail:
            os.ftruncate(self._descriptor, self.size)


def _read_at(descriptor: int, length: int, start: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(descriptor, length, start)
    os.lseek(descriptor, start, os.SEEK_SET)
    return os.read(descriptor, length)


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
        return True
    except (ValueError, RecursionError):
        return False
