"""Logs from a signal handler that interrupts the logging and up to two of its own calls."""

import itertools
import random
import signal

from hook_agent import hook_agent

count = itertools.count()
running = []


def arm() -> None:
    """Once, and again by each call: a timer that repeats by itself leaves a busy machine nothing but handlers."""
    signal.setitimer(signal.ITIMER_REAL, random.uniform(0.000_005, 0.000_1))


def on_alarm(*_: object) -> None:
    running.append(None)
    if len(running) < 3:
        arm()
    hook_agent.log_action({"type": "handled", "n": next(count)})
    running.pop()


signal.signal(signal.SIGALRM, on_alarm)
for n in range(1_000):
    arm()
    hook_agent.log_action({"type": "step", "n": n})
# Not by ignoring the signal: Python complains of one that came before and finds its handler gone.
running.extend([None] * 3)
signal.setitimer(signal.ITIMER_REAL, 0)
print(next(count), hook_agent.flush(60))
