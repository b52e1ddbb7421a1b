"""Three children of a process that is logging log too; the last ends as those of multiprocessing do."""

import os
import sys

from hook_agent import hook_agent

for n in range(500):
    hook_agent.log_action({"type": "step", "writer": "parent", "n": n})
    if n in (100, 200, 300):
        child = os.fork()
        if child == 0:
            before = hook_agent.stats().sent
            for m in range(100):
                hook_agent.log_action({"type": "step", "writer": f"child {n}", "n": m})
            if n == 300:
                os._exit(0 if before == 0 else 1)
            sys.exit(0 if hook_agent.flush(60) else 1)
        _, status = os.waitpid(child, 0)
        if status:
            sys.exit(f"child {n} ended with {status}")
