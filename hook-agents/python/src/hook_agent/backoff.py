from __future__ import annotations

import random

# A wait that a service asks for is honoured up to this.
_LONGEST_ASKED_SECONDS = 600.0


class Backoff:
    """Full jitter over a bound that doubles with each call."""

    def __init__(self, base_seconds: float, max_seconds: float) -> None:
        self._base = base_seconds
        self._max = max_seconds
        self._attempts = 0

    def next(self, at_least: float = 0.0) -> float:
        """Seconds until the next attempt."""
        bound = min(self._max, self._base * 2 ** min(self._attempts, 30))
        self._attempts += 1
        return min(_LONGEST_ASKED_SECONDS, at_least) + random.random() * bound

    def reset(self) -> None:
        self._attempts = 0
