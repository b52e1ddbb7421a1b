"""What an agent takes from the environment."""

from __future__ import annotations

import os
from pathlib import Path
from unittest.mock import patch

from hook_agent import list_spooled_sessions
from hook_agent.environment import create_from_environment
from support.case import Case
from support.scripted_service import ScriptedService, stored


class TheToken(Case):
    def test_is_the_one_that_is_given_or_the_first_of_a_key_file(self) -> None:
        keys = Path(self.directory(), "keys")
        keys.write_text("# made at the first start\n\n  first  \nsecond\n")
        for given, expected in (
            ({"SESSION_TOKEN_FILE": str(keys)}, "Bearer first"),
            ({"SESSION_TOKEN_FILE": str(keys), "SESSION_TOKEN": ""}, "Bearer first"),
            ({"SESSION_TOKEN_FILE": str(keys), "SESSION_TOKEN": "own"}, "Bearer own"),
            ({"SESSION_TOKEN_FILE": "/nowhere/keys"}, None),
        ):
            with self.subTest(given):
                scripted = ScriptedService(self.addCleanup, lambda batch, request: stored(batch))
                described = {
                    "SESSION_ID": self.session,
                    "SESSION_SERVICE_URL": scripted.url,
                    "SESSION_SPOOL_DIR": self.directory(),
                    **given,
                }
                with patch.dict(os.environ, described):
                    agent = create_from_environment()
                    agent.log_action({"type": "step"})
                self.assertTrue(agent.close(60))
                self.assertEqual(scripted.headers[0].get("Authorization"), expected)

    def test_that_cannot_be_read_is_told_once(self) -> None:
        with patch.dict(os.environ, {"SESSION_TOKEN_FILE": "/nowhere/keys"}):
            agent = self.agent()
        agent.log_action({"type": "step"})
        told = [each for each in self.warnings if "SESSION_TOKEN_FILE can't be read" in each]
        self.assertEqual(len(told), 1)


class TheSpooledSessions(Case):
    def test_are_those_of_which_an_agent_has_left_records(self) -> None:
        directory = self.directory()
        self.assertEqual(list_spooled_sessions(directory), [])
        for session_id in ("left", "open"):
            agent = self.agent(session_id=session_id, spool_directory=directory)
            agent.log_action({"type": "step"})
            if session_id == "left":
                agent.close(0)
        self.assertEqual(list_spooled_sessions(directory), ["left"])
