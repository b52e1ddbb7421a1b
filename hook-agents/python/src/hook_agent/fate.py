"""What became of records, told to whoever asks."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any, Callable, Dict, Generator, List, NamedTuple, Optional

from .api import Receipt

Told = Callable[[Optional[Receipt]], None]


class Fate:
    """What became of the records of one segment, by their line number. Costs nothing while nobody asks."""

    __slots__ = ("_abandoned", "_others", "_stored_below", "_waiting")

    def __init__(self) -> None:
        self._stored_below = 0
        self._others: Dict[int, Receipt] = {}
        self._waiting: Dict[int, List[Told]] = {}
        self._abandoned = False

    def settle(self, line: int, receipt: Receipt) -> None:
        """For a line that is not stored."""
        self._others[line] = receipt
        for told in self._waiting.pop(line, ()):
            told(receipt)

    def store_below(self, line: int, receipt: Receipt) -> None:
        """Every line below this one is stored, but those that were settled."""
        self._stored_below = line
        for waiting in [each for each in self._waiting if each < line]:
            for told in self._waiting.pop(waiting):
                told(receipt)

    def abandon(self) -> None:
        """Nobody here will learn what became of the rest."""
        waiting = self._waiting
        self.disown()
        for tolds in waiting.values():
            for told in tolds:
                told(None)

    def disown(self) -> None:
        """The same in a forked child, where nobody waits and the locks of those who did may be held for good."""
        self._abandoned = True
        self._waiting = {}

    def tell(self, line: int, told: Told) -> None:
        if line in self._others:
            told(self._others[line])
        elif line < self._stored_below:
            told(Receipt("stored"))
        elif self._abandoned:
            told(None)
        else:
            self._waiting.setdefault(line, []).append(told)


class Place(NamedTuple):
    """One record's line."""

    fate: Fate
    line: int


class PendingReceipt:
    """`result()` waits for the receipt in a thread, `await` in a coroutine. Neither raises."""

    __slots__ = ("_ask",)

    def __init__(self, ask: Callable[[Told], None]) -> None:
        self._ask = ask

    def result(self, timeout: Optional[float] = None) -> Optional[Receipt]:
        """
        Waits `timeout` seconds at most, or for as long as it takes.
        None: not decided yet, or this agent was closed (or is a forked child's) and will not learn it.
        """
        future = self._future()
        try:
            return future.result(timeout)
        except Exception:  # `concurrent.futures.TimeoutError`, which is another class before 3.11.
            return None

    def __await__(self) -> Generator[Any, None, Optional[Receipt]]:
        return asyncio.wrap_future(self._future()).__await__()

    def _future(self) -> "Future[Optional[Receipt]]":
        future: "Future[Optional[Receipt]]" = Future()

        def told(receipt: Optional[Receipt]) -> None:
            if not future.done() and future.set_running_or_notify_cancel():
                future.set_result(receipt)

        self._ask(told)
        return future


def decided(receipt: Receipt) -> PendingReceipt:
    return PendingReceipt(lambda told: told(receipt))
