from hook_agent import hook_agent

hook_agent.log_action({"type": "step", "n": "second"})
