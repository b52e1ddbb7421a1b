from __future__ import annotations

import os
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from hook_agent import HookAgent
from support.case import Case, numbers
from support.service import Service, shared_service

LIFE = ["goal_added", "agent_spawned", "agent_completed", "goal_updated"]


service: Service


def setUpModule() -> None:
    global service
    service = shared_service()


def live(agent: HookAgent) -> None:
    goal = agent.add_goal({"description": "survive"})
    child = agent.spawn_agent({"type": "worker"})
    agent.complete_agent(child.agent_id, {"result": "ok"})
    agent.update_goal(goal.goal_id, {"status": "completed"})


def split_by_kind(session_id: str) -> Any:
    actions = service.actions(session_id)
    steps = [action for action in actions if action["type"] == "step"]
    told = [action["details"] for action in actions if action["type"] == "records_dropped"]
    return steps, sum(details["records"] for details in told)


class AFullSpool(Case):
    def test_drops_the_oldest_bulk_records_keeps_the_sessions_life_and_owns_up(self) -> None:
        gate = self.gate(service)
        agent = self.agent(gate.url, limits={"spool_bytes": 200_000})
        live(agent)
        logged = [
            agent.log_action({"type": "step", "n": n, "text": "x" * 200}) for n in range(5_000)
        ]
        self.assertLessEqual(agent.stats().queued_bytes, 200_000)
        files = [path for path in Path(self.spool_directory).rglob("*") if path.is_file()]
        self.assertLess(sum(path.stat().st_size for path in files), 220_000)

        gate.start()
        self.assertTrue(agent.flush(60))
        types = [event["type"] for event in service.events(self.session)]
        self.assertEqual([each for each in types if each in LIFE], LIFE)
        steps, told = split_by_kind(self.session)
        gone = 5_000 - len(steps)
        self.assertGreater(gone, 0)
        self.assertEqual(numbers(steps), list(range(gone, 5_000)))
        self.assertEqual(told, gone)
        stats = agent.stats()
        self.assertEqual((stats.dropped, stats.queued, stats.rejected), (gone, 0, 0))
        receipts = [each.receipt.result(60) for each in logged]
        self.assertEqual((receipts[0].outcome, receipts[0].reason), ("dropped", "spool_full"))
        self.assertEqual(sum(each.outcome == "dropped" for each in receipts), gone)
        self.assertEqual(receipts[-1].outcome, "stored")

    def test_gives_up_bulky_payloads_before_it_gives_up_records(self) -> None:
        gate = self.gate(service)
        agent = self.agent(gate.url, limits={"spool_bytes": 1_000_000})
        for n in range(100):
            agent.log_action({"type": "read", "n": n, "content": "x" * 20_000})
        stats = agent.stats()
        self.assertEqual((stats.queued, stats.dropped), (100, 0))
        self.assertGreater(stats.shortened, 40)
        self.assertLessEqual(stats.queued_bytes, 1_000_000)
        gate.start()
        self.assertTrue(agent.flush(60))
        actions = service.actions(self.session)
        self.assertEqual(numbers(actions), list(range(100)))
        content = actions[0]["content"]
        self.assertEqual((content["shortened"], content["bytes"]), (True, 20_002))
        self.assertRegex(content["sha256"], r"^[0-9a-f]{64}$")
        self.assertEqual(len(actions[99]["content"]), 20_000)

    def test_refuses_what_is_new_when_only_the_sessions_life_is_left_and_tells_that_later(
        self,
    ) -> None:
        gate = self.gate(service)
        agent = self.agent(gate.url, limits={"spool_bytes": 50_000})
        goals = [agent.add_goal({"description": f"goal {n}"}) for n in range(1_000)]
        dropped = agent.stats().dropped
        self.assertGreater(dropped, 0)
        self.assertEqual(goals[-1].receipt.result(60).reason, "spool_full")
        gate.start()
        self.assertTrue(agent.flush(60) and agent.flush(60))
        _, told = split_by_kind(self.session)
        self.assertEqual(told, dropped)
        self.assertEqual(service.metadata(self.session)["counts"]["goals"], 1_000 - dropped)

    def test_does_not_slow_the_calls_down_by_more_than_a_millisecond_each(self) -> None:
        agent = self.agent(limits={"spool_bytes": 4_194_304})
        # Of this thread: what else runs here must not count.
        before = time.thread_time()
        for n in range(10_000):
            agent.log_action({"type": "step", "n": n, "text": "x" * 1_500})
        self.assertLess((time.thread_time() - before) / 10_000, 0.001)
        self.assertGreaterEqual(agent.stats().queued + agent.stats().dropped, 10_000)


class ASpoolThatCannotBeWritten(Case):
    def test_keeps_records_in_memory_up_to_the_bound_and_tells_what_is_beyond(self) -> None:
        gate = self.gate(service)
        agent = self.agent(
            gate.url, spool_directory="/dev/null/spool", limits={"memory_bytes": 100_000}
        )
        for n in range(2_000):
            agent.log_action({"type": "step", "n": n, "text": "x" * 100})
        stats = agent.stats()
        self.assertEqual(stats.memory_bytes, stats.queued_bytes)
        self.assertLessEqual(stats.memory_bytes, 100_000)
        self.assertIn("spool can't be used as it should", " ".join(self.warnings))
        gate.start()
        self.assertTrue(agent.flush(60))
        steps, told = split_by_kind(self.session)
        self.assertGreater(told, 0)
        self.assertEqual(numbers(steps), list(range(told, 2_000)))

    def test_moves_them_to_the_disk_once_that_takes_them_in_order(self) -> None:
        gate = self.gate(service)
        directory = os.path.join(self.directory(), "spool")
        Path(directory).write_text("in the way")
        agent = self.agent(gate.url, spool_directory=directory)
        for n in range(10):
            agent.log_action({"type": "step", "n": n})
        self.assertGreater(agent.stats().memory_bytes, 0)
        os.unlink(directory)
        self.until(lambda: agent.stats().memory_bytes == 0)
        for n in range(10, 20):
            agent.log_action({"type": "step", "n": n})
        agent.close(0)
        gate.start()
        heir = self.agent(gate.url, spool_directory=directory)
        self.assertEqual(heir.stats().adopted, 20)
        self.assertTrue(heir.flush(60))
        self.assertEqual(numbers(service.actions(self.session)), list(range(20)))

    def test_loses_nothing_on_a_disk_that_fills_up_in_the_middle_of_a_record(self) -> None:
        disk = tempfile.mkdtemp(prefix="disk-")
        self.addCleanup(os.rmdir, disk)
        mount = ["mount", "-t", "tmpfs", "-o", "size=262144", "tmpfs", disk]
        try:
            mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        except OSError:
            mounted = False
        if not mounted:
            self.skipTest("a small tmpfs can't be mounted here")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=True)
        gate = self.gate(service)
        agent = self.agent(gate.url, spool_directory=disk)
        for n in range(1_000):
            agent.log_action({"type": "step", "n": n, "text": "x" * 1_000})
        stats = agent.stats()
        self.assertEqual((stats.queued, stats.dropped), (1_000, 0))
        self.assertGreater(stats.memory_bytes, 0)
        gate.start()
        self.assertTrue(agent.flush(60))
        self.assertEqual(numbers(service.actions(self.session)), list(range(1_000)))
        self.assertEqual((agent.stats().rejected, agent.stats().dropped), (0, 0))
