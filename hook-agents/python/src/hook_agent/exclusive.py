from __future__ import annotations

import threading
from collections import deque
from typing import Any, Callable, Deque


class Exclusive:
    """
    Runs tasks one at a time, whichever thread they come from. A task out of a signal handler or a finaliser that
    interrupts another one in the same thread waits for that one.
    """

    def __init__(self, on_error: Callable[[Exception], None]) -> None:
        """`on_error`: a task that had to wait has raised."""
        self._on_error = on_error
        self.reset()

    def reset(self) -> None:
        """In a forked child: whoever was in here is not in this process."""
        self._lock = threading.RLock()
        self._busy = False
        self._waiting: Deque[Callable[[], Any]] = deque()

    def run(self, task: Callable[[], Any]) -> Any:
        """What the task returns; None when it has to wait."""
        with self._lock:
            if self._busy:
                self._waiting.append(task)
                return None
            try:
                # One may have come when the task before was just done, or Ctrl-C before it could be run.
                self._run_waiting()
                return self._run(task)
            finally:
                self._run_waiting()

    def _run_waiting(self) -> None:
        while self._waiting:
            self._run(self._run_first)

    def _run_first(self) -> None:
        try:
            # None when another task came just before this one and has run it.
            if self._waiting:
                self._waiting.popleft()()
        except Exception as error:  # It belongs to the call that was interrupted as little as to its caller.
            self._on_error(error)

    def _run(self, task: Callable[[], Any]) -> Any:
        self._busy = True
        try:
            return task()
        finally:
            self._busy = False
