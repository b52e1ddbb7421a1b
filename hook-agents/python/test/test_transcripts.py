from __future__ import annotations

import json
import urllib.request
from typing import Any, List

from support.case import Case
from support.service import Service, shared_service

service: Service
PROJECT = "-work-app"


def setUpModule() -> None:
    global service
    service = shared_service()


def load(session_id: str, subpath: str = "") -> List[Any]:
    query = f"?subpath={subpath}" if subpath else ""
    url = f"{service.url}/v1/store/{PROJECT}/sessions/{session_id}/entries{query}"
    with urllib.request.urlopen(url, timeout=120) as response:
        return [json.loads(line) for line in response.read().decode().split("\n") if line]


class AnEntryOfATranscript(Case):
    def test_is_shipped_as_it_is_in_order(self) -> None:
        agent = self.agent(service.url)
        entries = [
            {"uuid": "u-1", "text": "\u00e4\u2028\ud800", "deep": json.loads("[" * 200 + "]" * 200)},
            {"type": "mode", "number": 1e300, "huge": 9007199254740992, "timestamp": None},
            {"uuid": "u-2", "image": "x" * 3_000_000},
        ]
        for entry in entries:
            agent.log_entry(PROJECT, entry)
        agent.log_entry(PROJECT, {"uuid": "u-1"}, "subagents/agent-1")
        agent.log_entry(PROJECT, {"uuid": "u-1", "text": "again"}, subpath=None, id="mine")
        self.assertTrue(agent.flush(60))
        stats = agent.stats()
        self.assertEqual((stats.sent, stats.duplicates, stats.rejected, stats.shortened), (5, 1, 0, 0))
        self.assertEqual(load(self.session), entries)
        self.assertEqual(load(self.session, "subagents/agent-1"), [{"uuid": "u-1"}])

    def test_stays_when_the_spool_is_full_and_records_go(self) -> None:
        agent = self.agent(limits={"spool_bytes": 200_000})
        entries = [{"uuid": f"u-{n}", "text": "x" * 2_000} for n in range(50)]
        for entry in entries:
            agent.log_entry(PROJECT, entry)
            agent.log_action({"type": "step", "text": "x" * 4_000})
        self.assertGreater(agent.stats().shortened, 0)
        agent.close(0)
        heir = self.agent(service.url, spool_directory=self.spool_directory)
        self.assertTrue(heir.flush(60))
        self.assertEqual(load(self.session), entries)

    def test_that_json_cannot_hold_is_told_and_not_changed(self) -> None:
        agent = self.agent()
        for entry in ({"n": float("nan")}, {"bytes": b"x"}, {"set": {1}}, [1], None):
            with self.subTest(entry):
                receipt = agent.log_entry(PROJECT, entry).receipt.result(60)
                self.assertEqual((receipt.outcome, receipt.reason), ("dropped", "invalid"))
        self.assertEqual((agent.stats().queued, agent.stats().dropped), (0, 5))

    def test_goes_to_rejected_jsonl_when_its_place_is_none(self) -> None:
        agent = self.agent(service.url)
        bad = agent.log_entry("../escape", {"uuid": "u-1"})
        agent.log_entry(PROJECT, {"uuid": "u-2"})
        self.assertTrue(agent.flush(60))
        self.assertEqual(bad.receipt.result(60).outcome, "rejected")
        self.assertEqual(self.rejected()[0]["record"]["data"]["projectKey"], "../escape")
        self.assertEqual(load(self.session), [{"uuid": "u-2"}])


class ALease(Case):
    def test_sets_aside_what_was_made_too_late_for_it(self) -> None:
        path = f"/api/sessions/{self.session}/lease"
        agent = self.agent(service.url, lease_epoch=lambda: 1)
        service.post("/api/sessions", {"sessionId": self.session})
        service.post(path, {"owner": "first"})
        agent.log_action({"type": "in time"})
        self.assertTrue(agent.flush(60))
        service.post(path, {"owner": "second", "force": True})
        receipt = agent.log_action({"type": "late"}).receipt.result(60)
        self.assertEqual((receipt.problem["status"], receipt.problem["code"]), (412, "stale_epoch"))
        self.assertEqual([each["type"] for each in service.actions(self.session)], ["in time"])
        self.assertEqual(self.rejected()[0]["record"]["data"]["type"], "late")
