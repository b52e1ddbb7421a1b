"""Logs from a signal handler that interrupts the logging, and itself, again and again."""

import itertools
import signal

from hook_agent import hook_agent

count = itertools.count()


def on_alarm(*_: object) -> None:
    hook_agent.log_action({"type": "handled", "n": next(count)})


signal.signal(signal.SIGALRM, on_alarm)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
for n in range(5_000):
    hook_agent.log_action({"type": "step", "n": n})
signal.setitimer(signal.ITIMER_REAL, 0)
print(next(count), hook_agent.flush(20))
