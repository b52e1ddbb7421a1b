"""Forks, and the async face."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
import unittest

from hook_agent import hook_agent
from support.case import Case, numbers
from support.scripted_service import ScriptedService
from support.service import Service, shared_service

service: Service


def setUpModule() -> None:
    global service
    service = shared_service()


@unittest.skipUnless(hasattr(os, "fork"), "this system has no fork")
class AFork(Case):
    def test_leaves_each_record_to_the_process_that_logged_it(self) -> None:
        # What doesn't go within two seconds at the end stays in the spool, on a busy machine now and then.
        for attempt in range(5):
            session_id, spool = f"forks-{attempt}", self.directory()
            program = self.program(
                "forks",
                SESSION_ID=session_id,
                SESSION_SERVICE_URL=service.url,
                SESSION_SPOOL_DIR=spool,
                # From 3.12 on Python itself warns about a fork beside a thread.
                PYTHONWARNINGS="ignore::DeprecationWarning",
            )
            _, errors = program.communicate(timeout=120)
            self.assertEqual((program.returncode, errors), (0, ""))
            if os.listdir(spool) == []:
                break
        # The child that ended without a flush has left its spool, which the parent takes over.
        actions = service.actions(session_id)
        for writer, count in {"parent": 500, "child 100": 100, "child 200": 100, "child 300": 100}.items():
            own = [action for action in actions if action["writer"] == writer]
            self.assertEqual(numbers(own), list(range(count)))

    def test_gives_the_child_no_receipts_of_its_parent(self) -> None:
        agent = self.agent()
        logged = agent.log_action({"type": "step"})
        child = os.fork()
        if child == 0:
            own = agent.log_action({"type": "step"}).receipt.result(0.05)
            # Decided at once for the parent's record; the child's own waits for the service.
            os._exit(0 if logged.receipt.result() is None and own is None and agent.stats().queued == 1 else 1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)
        self.assertEqual(agent.stats().queued, 1)


class TheAsyncFace(Case):
    def test_waits_for_receipts_and_flushes_without_holding_up_the_event_loop(self) -> None:
        async def run() -> None:
            agent = self.agent(service.url, session_id="async")
            async with agent.aio:
                logged = [agent.log_action({"type": "step", "n": n}) for n in range(100)]
                receipts = await asyncio.gather(*(each.receipt for each in logged))
                self.assertEqual({each.outcome for each in receipts}, {"stored"})
                agent.log_action({"type": "step", "n": 100})
                self.assertTrue(await agent.aio.flush(60))
                agent.log_action({"type": "step", "n": 101})

        asyncio.run(run())
        self.assertEqual(numbers(service.actions("async")), list(range(102)))

    def test_lets_others_run_while_a_flush_waits_for_a_silent_service(self) -> None:
        silent = ScriptedService(self.addCleanup, lambda batch, request: None)

        async def run() -> int:
            agent = self.agent(silent.url)
            logged = agent.log_action({"type": "step"})
            waiting = asyncio.ensure_future(agent.aio.flush(0.3))
            turns = 0
            while not waiting.done():
                turns += 1
                await asyncio.sleep(0)
            self.assertFalse(await waiting)
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(_receipt(logged), 0.05)
                self.fail("nobody has answered")
            self.assertFalse(await agent.aio.close(0.01))
            # Closed: what became of it is not learnt here any more.
            self.assertIsNone(await logged.receipt)
            return turns

        before = time.monotonic()
        self.assertGreater(asyncio.run(run()), 100)
        self.assertLess(time.monotonic() - before, 20)

    def test_works_disabled_as_well(self) -> None:
        async def run() -> None:
            agent = self.agent(session_id="")
            self.assertEqual((await agent.log_action({"type": "x"}).receipt).reason, "disabled")
            self.assertTrue(await agent.aio.close())

        asyncio.run(run())
        self.assertTrue(callable(hook_agent.log_action))


async def _receipt(logged: object) -> object:
    return await logged.receipt
