import os

from hook_agent import hook_agent

for n in range(1_000):
    hook_agent.log_action({"type": "step", "n": n, "writer": os.environ["WRITER"]})
