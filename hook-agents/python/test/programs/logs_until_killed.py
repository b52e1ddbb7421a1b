import itertools

from hook_agent import hook_agent

for n in itertools.count():
    hook_agent.log_action({"type": "step", "n": n})
    if n == 499:
        print("logged 500", flush=True)
