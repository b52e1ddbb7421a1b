"""Logs from a signal handler that interrupts the logging again and again."""

import signal

from hook_agent import hook_agent

handled = 0


def on_alarm(*_: object) -> None:
    global handled
    hook_agent.log_action({"type": "handled", "n": handled})
    handled += 1


signal.signal(signal.SIGALRM, on_alarm)
signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)
for n in range(5_000):
    hook_agent.log_action({"type": "step", "n": n})
signal.setitimer(signal.ITIMER_REAL, 0)
print(handled, hook_agent.flush(20))
