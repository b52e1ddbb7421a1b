"""All calls, and the history they lead to: the same as the hook agent for Node makes of the same calls."""

from __future__ import annotations

from support.case import Case
from support.service import Service, shared_service

service: Service


def setUpModule() -> None:
    global service
    service = shared_service()


class AllCalls(Case):
    def environment(self, session_id: str) -> "dict[str, str]":
        return {
            "SESSION_ID": session_id,
            "SESSION_SERVICE_URL": service.url,
            "SESSION_SPOOL_DIR": self.directory(),
        }

    def run_python(self, session_id: str, **environment: str) -> None:
        given = {**self.environment(session_id), **environment}
        program = self.program("logs_everything_once", **given)
        _, errors = program.communicate(timeout=120)
        self.assertEqual((program.returncode, errors), (0, ""))

    def test_makes_the_history_that_the_hook_agent_for_node_makes(self) -> None:
        self.run_python("python")
        self.run_node("logs-everything-once", **self.environment("node"))
        history = [without_times(event) for event in service.events("python")]
        self.assertEqual(history, [without_times(event) for event in service.events("node")])
        self.assertEqual(len(history), 10)

    def test_stores_every_call_once_when_both_make_it_with_the_same_id(self) -> None:
        self.run_python("both")
        once = service.events("both")
        self.run_python("both")
        self.run_node("logs-everything-once", **self.environment("both"))
        self.assertEqual(service.events("both"), once)

    def test_creates_the_session_as_the_environment_says(self) -> None:
        self.run_python("named", SESSION_USER_ID="ada", SESSION_NAME="nightly")
        metadata = service.metadata("named")
        self.assertEqual((metadata["userId"], metadata["name"]), ("ada", "nightly"))
        self.assertEqual((metadata["model"], metadata["status"]), ("m", "completed"))

    def test_links_goals_and_agents_by_the_ids_that_it_hands_back(self) -> None:
        agent = self.agent(service.url, session_id="linked")
        goal = agent.add_goal({"description": "Process data", "priority": "high"})
        parent = agent.spawn_agent({"type": "governor"})
        child = agent.spawn_agent({"type": "worker", "parentAgentId": parent.agent_id})
        agent.complete_agent(child.agent_id, {"status": "failed", "result": "no"})
        agent.complete_agent(parent.agent_id)
        agent.update_goal(goal.goal_id, {"status": "completed"})
        agent.update_state({"phase": "done", "gone": None}, mode="merge")
        self.assertTrue(agent.flush(60))
        state = service.get("/api/state/linked")
        self.assertEqual(state["goals"][0]["goalId"], goal.goal_id)
        self.assertEqual(state["goals"][0]["status"], "completed")
        agents = {each["agentId"]: each for each in state["agents"]}
        self.assertEqual(agents[child.agent_id]["parentAgentId"], parent.agent_id)
        self.assertEqual(agents[child.agent_id]["status"], "failed")
        self.assertEqual(agents[parent.agent_id]["status"], "completed")
        self.assertNotIn("gone", state)

    def test_opens_a_session_again_by_what_is_logged_after_finalize(self) -> None:
        agent = self.agent(service.url, session_id="reopened", session={})
        agent.finalize({"status": "completed", "outcome": "ok"}).receipt.result(60)
        self.assertEqual(service.metadata("reopened")["status"], "completed")
        agent.log_action({"type": "step"}).receipt.result(60)
        self.assertEqual(service.metadata("reopened")["status"], "active")


def without_times(value: object) -> object:
    """What the two can't have in common: times, the session and the place in the journal."""
    own = {"timestamp", "sessionId", "position"}
    if isinstance(value, dict):
        members = {key: each for key, each in value.items() if key not in own}
        return {key: without_times(each) for key, each in members.items() if not key.endswith("At")}
    return [without_times(each) for each in value] if isinstance(value, list) else value
