"""What a process's end and its forks mean for its agents."""

from __future__ import annotations

import atexit
import os
import time
from typing import TYPE_CHECKING, Set

if TYPE_CHECKING:
    from .agent import HookAgent

_EXIT_SECONDS = 2.0

_open: "Set[HookAgent]" = set()


def remember(agent: "HookAgent") -> None:
    _open.add(agent)


def forget(agent: "HookAgent") -> None:
    _open.discard(agent)


def _at_exit() -> None:
    """Within one bound for all. Not for good: what other exit handlers log goes into a spool yet."""
    deadline = time.monotonic() + _EXIT_SECONDS
    agents = list(_open)
    flushings = []
    for agent in agents:
        try:
            flushings.append(agent.flush_for_exit())
        except Exception:  # The spool keeps it for the next process.
            continue
    for flushing in flushings:
        try:
            if flushing:
                flushing.result(max(0.0, deadline - time.monotonic()))
        except Exception:  # Late: the spool keeps it for the next process.
            continue
    for agent in agents:
        agent.release(for_good=False)


def _after_fork_in_child() -> None:
    for agent in list(_open):
        agent.after_fork()


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
