from hook_agent import hook_agent

hook_agent.log_action({"type": "step"}, id="1")
hook_agent.log_response({"content": "said", "id": "2"})
hook_agent.update_state({"phase": "work"}, id="3")
hook_agent.add_goal({"goalId": "g", "description": "once"}, id="4")
hook_agent.update_goal("g", {"status": "completed"}, id="5")
hook_agent.spawn_agent({"agentId": "a", "type": "processor"}, id="6")
hook_agent.complete_agent("a", {"result": "ok"}, id="7")
hook_agent.update_metadata({"model": "m"}, id="8")
hook_agent.finalize({}, id="9")
hook_agent.flush(60)
