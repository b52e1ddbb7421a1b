from __future__ import annotations

import os
from pathlib import Path

from support.case import Case, numbers
from support.cutting_proxy import CuttingProxy
from support.scripted_service import ScriptedService, stored
from support.service import Service, shared_service

service: Service


def setUpModule() -> None:
    global service
    service = shared_service()


class ARecordThatWasTaken(Case):
    def test_reaches_a_service_that_is_down_at_the_start(self) -> None:
        own = self.service()
        agent = self.agent(own.url)
        logged = [agent.log_action({"type": "step", "n": n}) for n in range(100)]
        self.assertFalse(agent.flush(0.1))
        self.assertEqual((agent.stats().queued, agent.stats().sent), (100, 0))
        own.start()
        self.assertTrue(agent.flush(60))
        self.assertEqual(logged[99].receipt.result(60).outcome, "stored")
        self.assertEqual(numbers(own.actions(self.session)), list(range(100)))
        stats = agent.stats()
        self.assertEqual((stats.queued, stats.sent, stats.dropped, stats.rejected), (0, 100, 0, 0))

    def test_reaches_a_service_that_is_killed_and_started_again_meanwhile(self) -> None:
        own = self.service().start()
        agent = self.agent(own.url, limits={"batch_records": 20})
        for n in range(1_500):
            last = agent.log_action({"type": "step", "n": n})
            if n == 500:
                self.assertEqual(last.receipt.result(60).outcome, "stored")
                for more in range(200):
                    agent.log_response({"more": more})
                own.kill()
            if n == 1_000:
                own.start()
        self.assertEqual(last.receipt.result(60).outcome, "stored")
        self.assertEqual(numbers(own.actions(self.session)), list(range(1_500)))
        self.assertEqual(own.metadata(self.session)["counts"]["responses"], 200)

    def test_survives_the_agent_killed_with_a_non_empty_spool_and_started_again(self) -> None:
        gate = self.gate(service)
        environment = {
            "SESSION_ID": self.session,
            "SESSION_SERVICE_URL": gate.url,
            "SESSION_SPOOL_DIR": self.directory(),
            "SESSION_USER_ID": "ada",
        }
        first = self.program("logs_until_killed", **environment)
        self.assertEqual(first.stdout.readline(), "logged 500\n")
        first.kill()
        first.wait()
        gate.start()
        second = self.program("logs_one_and_ends", **environment)
        self.assertEqual(second.wait(120), 0)
        # What didn't go within the two seconds at its end.
        spool = environment["SESSION_SPOOL_DIR"]
        self.assertTrue(self.agent(service.url, spool_directory=spool).close(60))
        told = numbers(service.actions(self.session))
        self.assertGreaterEqual(len(told), 501)
        self.assertEqual(told, [*range(len(told) - 1), "second"])
        self.assertEqual(service.metadata(self.session)["userId"], "ada")
        self.assertEqual(os.listdir(spool), [])

    def test_survives_an_agent_closed_without_the_service_and_made_again(self) -> None:
        gate = self.gate(service)
        directory = self.directory()
        first = self.agent(gate.url, spool_directory=directory)
        logged = [first.log_action({"type": "step", "n": n}) for n in range(10)]
        self.assertFalse(first.close(0.05))
        self.assertIsNone(logged[0].receipt.result(60))
        gate.start()
        second = self.agent(gate.url, spool_directory=directory)
        self.assertEqual(second.stats().adopted, 10)
        second.log_action({"type": "step", "n": 10})
        self.assertTrue(second.close(60))
        self.assertEqual(numbers(service.actions(self.session)), list(range(11)))
        self.assertEqual(os.listdir(directory), [])

    def test_is_sent_again_after_a_restart_only_when_it_was_not_acknowledged(self) -> None:
        service = ScriptedService(
            self.addCleanup, lambda batch, request: stored(batch) if request <= 3 else None
        )
        directory = self.directory()
        limits = {"batch_records": 10}
        first = self.agent(service.url, spool_directory=directory, limits=limits)
        for n in range(100):
            first.log_action({"type": "step", "n": n})
        self.until(lambda: len(service.batches) >= 4)
        first.close(0)
        sent = sum(len(batch) for batch in service.batches[:3])
        second = self.agent(service.url, spool_directory=directory, limits=limits)
        self.assertEqual(second.stats().adopted, 100 - sent)

    def test_is_cut_when_torn_and_completed_when_it_only_lacks_its_line_feed(self) -> None:
        gate = self.gate(service)
        directory = self.directory()
        ends = {
            "torn": b'{"type":"action","id":"torn","da',
            "whole": b'{"type":"action","id":"whole","data":{"type":"step","n":1}}',
        }
        for session_id, end in ends.items():
            first = self.agent(gate.url, spool_directory=directory, session_id=session_id)
            first.log_action({"type": "step", "n": 0})
            first.close(0)
            (segment,) = Path(directory, ".python", session_id).glob("*/*.jsonl")
            segment.write_bytes(segment.read_bytes() + end)
        gate.start()
        for session_id, expected in {"torn": [0, 2], "whole": [0, 1, 2]}.items():
            second = self.agent(gate.url, spool_directory=directory, session_id=session_id)
            second.log_action({"type": "step", "n": 2})
            self.assertTrue(second.flush(60))
            self.assertEqual(numbers(service.actions(session_id)), expected)


class ARecordIsStoredOnce(Case):
    def test_when_answers_are_lost_after_the_commit(self) -> None:
        proxy = CuttingProxy(self.addCleanup, service.port)
        agent = self.agent(proxy.url, session={"userId": "ada"}, limits={"batch_records": 50})
        proxy.left = 3
        for n in range(500):
            agent.log_action({"type": "step", "n": n})
        goal = agent.add_goal({"description": "once"})
        agent.update_goal(goal.goal_id, {"status": "completed"})
        self.assertTrue(agent.flush(60))
        self.assertEqual(proxy.cuts, 3)
        self.assertEqual(numbers(service.actions(self.session)), list(range(500)))
        types = [event["type"] for event in service.events(self.session)]
        self.assertEqual((types.count("goal_added"), types.count("session_created")), (1, 1))
        stats = agent.stats()
        self.assertEqual((stats.retried, stats.rejected, stats.sent), (3, 0, 503))
        self.assertGreater(stats.duplicates, 0)

    def test_when_the_answer_is_lost_and_the_service_is_killed(self) -> None:
        own = self.service().start()
        proxy = CuttingProxy(self.addCleanup, own.port)
        agent = self.agent(proxy.url, session={})
        proxy.left = 1
        logged = [agent.log_action({"type": "step", "n": n}) for n in range(100)]
        self.assertTrue(proxy.cut.wait(60))
        own.kill()
        own.start()
        self.assertEqual(logged[99].receipt.result(60).outcome, "stored")
        self.assertEqual(numbers(own.actions(self.session)), list(range(100)))

    def test_when_it_was_there_already(self) -> None:
        agent = self.agent(service.url)
        first = agent.log_action({"type": "step"}, id="mine").receipt.result(60)
        self.assertEqual((first.outcome, first.duplicate), ("stored", False))
        again = agent.log_action({"type": "step", "id": "mine"})
        self.assertEqual(again.id, "mine")
        self.assertTrue(again.receipt.result(60).duplicate)
        self.assertEqual(len(service.actions(self.session)), 1)
