import signal

from hook_agent import hook_agent

for n in range(2_000):
    hook_agent.log_action({"type": "step", "n": n})
print("logged", signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, flush=True)
signal.pause()
