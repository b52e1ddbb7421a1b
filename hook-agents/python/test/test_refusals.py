from __future__ import annotations

import logging
import time

from support.case import Case, numbers
from support.scripted_service import ScriptedService, problem, stored
from support.service import Service, shared_service

service: Service


def setUpModule() -> None:
    global service
    service = shared_service()


class ARecordRefusedForGood(Case):
    def test_goes_to_rejected_jsonl_with_the_reason_and_does_not_hold_up_the_others(self) -> None:
        agent = self.agent(service.url, session_id="refused")
        agent.log_action({"type": "step", "n": 0})
        bad = agent.log_action({"type": "step", "n": 1, "timestamp": "yesterday"})
        agent.log_action({"type": "step", "n": 2})
        no_goal = agent.update_goal("nowhere", {"status": "completed"})
        agent.add_goal({"goalId": "g", "description": "first"})
        again = agent.add_goal({"goalId": "g", "description": "second"})
        agent.update_state({"version": 7})
        agent.log_action({"type": "step", "n": 3})
        self.assertTrue(agent.flush(60))
        self.assertEqual(numbers(service.actions("refused")), [0, 2, 3])
        receipt = bad.receipt.result(60)
        self.assertEqual((receipt.outcome, receipt.problem["status"]), ("rejected", 422))
        self.assertEqual(no_goal.receipt.result(60).problem["code"], "goal_not_found")
        self.assertEqual(again.receipt.result(60).problem["code"], "goal_exists")
        stats = agent.stats()
        self.assertEqual((stats.sent, stats.rejected, stats.dropped, stats.queued), (4, 4, 0, 0))
        lines = self.rejected()
        codes = sorted(line["problem"]["code"] for line in lines)
        expected = ["goal_exists", "goal_not_found", "invalid_content", "invalid_content"]
        self.assertEqual(codes, expected)
        kept = next(line["record"] for line in lines if line["record"]["id"] == bad.id)
        self.assertEqual((kept["type"], kept["data"]["n"]), ("action", 1))

    def test_is_found_by_halving_when_the_service_does_not_say_which_it_is(self) -> None:
        bad = {13, 14, 77}

        def answer(batch, _):
            is_bad = any(command["data"].get("n") in bad for command in batch)
            return problem(422, "invalid_content") if is_bad else stored(batch)

        scripted = ScriptedService(self.addCleanup, answer)
        agent = self.agent(scripted.url)
        for n in range(100):
            agent.log_action({"type": "step", "n": n})
        self.assertTrue(agent.flush(60))
        self.assertEqual((agent.stats().sent, agent.stats().rejected), (97, 3))
        self.assertEqual({line["record"]["data"]["n"] for line in self.rejected()}, bad)
        self.assertLess(len(scripted.batches), 60)

    def test_is_made_room_for_by_smaller_batches_when_the_body_is_too_large(self) -> None:
        scripted = ScriptedService(
            self.addCleanup,
            lambda batch, _: (413, "<html>nginx</html>", {}) if len(batch) > 10 else stored(batch),
        )
        agent = self.agent(scripted.url)
        for n in range(100):
            agent.log_action({"type": "step", "n": n})
        self.assertTrue(agent.flush(60))
        self.assertEqual((agent.stats().sent, agent.stats().rejected), (100, 0))


class TheSession(Case):
    def test_is_created_without_the_options_when_those_are_refused(self) -> None:
        agent = self.agent(
            service.url, session_id="plain", session={"userId": "ada", "unknown": True}
        )
        agent.log_action({"type": "step", "n": 0})
        self.assertTrue(agent.flush(60))
        self.assertEqual(numbers(service.actions("plain")), [0])
        types = [line["record"]["type"] for line in self.rejected()]
        self.assertEqual(types, ["session_created"])

    def test_of_another_user_takes_nothing_with_one_warning(self) -> None:
        service.post("/api/sessions", {"sessionId": "foreign", "userId": "grace"})
        agent = self.agent(service.url, session_id="foreign", session={"userId": "ada"})
        logged = [agent.log_action({"type": "step", "n": n}) for n in range(10)]
        self.assertTrue(agent.flush(60))
        self.assertEqual(logged[9].receipt.result(60).problem["code"], "session_exists")
        late = agent.log_action({"type": "late"})
        self.assertEqual(late.receipt.result(60).outcome, "rejected")
        self.assertEqual(service.actions("foreign"), [])
        self.assertEqual(len(self.rejected()), 12)
        self.assertEqual(len(self.warnings), 1)


class WhatIsNoRefusal(Case):
    def test_keeps_the_records_slowly_tried_again_and_warns_once(self) -> None:
        for name, said in {
            "a wrong token": problem(401, "unauthorized"),
            "a token without the right": problem(403, "forbidden"),
            "another server's 404": (404, "<html>", {}),
            "another server's 200": (200, {"ok": True}, {}),
            "a redirect": (302, "", {"location": "/login"}),
        }.items():
            with self.subTest(name):
                wrong = [True]
                scripted = ScriptedService(
                    self.addCleanup, lambda batch, _: said if wrong else stored(batch)
                )
                agent = self.agent(scripted.url, token="k")
                begin = time.monotonic()
                for n in range(10):
                    agent.log_action({"type": "step", "n": n})
                for attempt in (1, 2):
                    self.assertFalse(agent.flush(0.05))
                    self.until(lambda: agent.stats().retried >= attempt)
                # Unless a flush hurries it waits for at least 15 s.
                self.assertLessEqual(len(scripted.batches), 3 + (time.monotonic() - begin) // 15)
                self.assertEqual(scripted.headers[0]["Authorization"], "Bearer k")
                stats = agent.stats()
                self.assertEqual((stats.queued, stats.rejected, stats.dropped), (10, 0, 0))
                self.assertEqual(len(self.warnings), 1)
                wrong.clear()
                self.assertTrue(agent.flush(60))
                self.assertEqual((agent.stats().sent, agent.stats().last_error), (10, None))

    def test_is_tried_again_at_once_when_somebody_asks_for_that_as_it_fails(self) -> None:
        wrong = problem(401, "unauthorized")
        scripted = ScriptedService(
            self.addCleanup, lambda batch, n: wrong if n == 1 else stored(batch)
        )
        logger = logging.Logger("asks")
        agent = self.agent(scripted.url, logger=logger)

        class Asks(logging.Handler):
            def emit(self, record: logging.LogRecord) -> None:
                agent.flush(0)

        logger.addHandler(Asks())
        # Sooner than the 15 s after which it would be tried again anyway.
        self.assertEqual(agent.log_action({"type": "step"}).receipt.result(14).outcome, "stored")

    def test_is_tried_again_until_it_works(self) -> None:
        for name, said in {
            "408": problem(408, "internal"),
            "425": problem(425, "internal"),
            "429": problem(429, "rate_limited"),
            "500": problem(500, "internal"),
            "503": problem(503, "overloaded"),
            "507": problem(507, "storage_full"),
        }.items():
            with self.subTest(name):
                scripted = ScriptedService(
                    self.addCleanup, lambda batch, n: said if n < 4 else stored(batch)
                )
                agent = self.agent(scripted.url, limits={"retry_max_seconds": 0.01})
                logged = agent.log_action({"type": "step"})
                self.assertEqual(logged.receipt.result(60).outcome, "stored")
                stats = agent.stats()
                self.assertEqual((stats.retried, stats.sent, stats.rejected), (3, 1, 0))

    def test_waits_as_long_as_retry_after_says(self) -> None:
        busy = problem(503, "overloaded", {"retry-after": "1"})
        scripted = ScriptedService(
            self.addCleanup, lambda batch, n: busy if n == 1 else stored(batch)
        )
        agent = self.agent(scripted.url)
        agent.log_action({"type": "step"}).receipt.result(60)
        first, second = scripted.times
        self.assertGreaterEqual(second - first, 1)
        self.assertLess(second - first, 20)
