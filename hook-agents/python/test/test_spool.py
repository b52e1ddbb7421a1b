from __future__ import annotations

import os
import resource
import subprocess
import sys
import threading
import time
import unittest
import uuid
from pathlib import Path

from hook_agent.process import this_process
from hook_agent.spool import Spool
from hook_agent.spool_folder import claim_spool_folder, left_spool_folders, new_spool_folder
from support.case import Case, numbers
from support.service import Service, shared_service

service: Service
SELF = this_process()


def setUpModule() -> None:
    global service
    service = shared_service()


@unittest.skipUnless(sys.platform == "linux", "needs /proc")
class TheFolderOfASpool(Case):
    def session_with(self, name: str, age: float = 0) -> str:
        """The session's folder, with a spool whose folder has this name in it."""
        folder = self.directory()
        os.mkdir(os.path.join(folder, name))
        at = os.stat(folder).st_mtime - age
        os.utime(os.path.join(folder, name), (at, at))
        return folder

    def test_is_taken_over_when_its_owner_is_gone(self) -> None:
        ended = subprocess.Popen([sys.executable, "-c", ""])
        ended.wait()
        mine = f"0a.{SELF.pid}.{SELF.start_ticks}.{SELF.realm}"
        for owner, name, age in (
            ("a process that ended", f"0a.{ended.pid}.17.{SELF.realm}", 0),
            ("an earlier process with our pid", f"0a.{SELF.pid}.17.{SELF.realm}", 0),
            ("an agent that was closed", "0a.released", 0),
            ("another container, silent for 13 s", "0a.1.17.boot-4", 13),
        ):
            with self.subTest(owner):
                folder = self.session_with(name, age)
                (left,) = left_spool_folders(folder)
                self.assertEqual(claim_spool_folder(left), os.path.join(folder, mine))
                self.assertEqual(os.listdir(folder), [mine])
                self.assertEqual(left_spool_folders(folder), [])
                # Another container must not take it for one that is silent still.
                self.assertLess(time.time() - os.stat(os.path.join(folder, mine)).st_mtime, 10)
                self.assertIsNone(claim_spool_folder(left))

    def test_is_left_alone_when_its_owner_may_be_there(self) -> None:
        for owner, name, age in (
            ("this process", f"0a.{SELF.pid}.{SELF.start_ticks}.{SELF.realm}", 60),
            ("another container that spoke a moment ago", "0a.1.17.boot-4", 0),
            ("somebody else", "notes", 60),
        ):
            with self.subTest(owner):
                folder = self.session_with(name, age)
                self.assertEqual(left_spool_folders(folder), [])
                self.assertEqual(os.listdir(folder), [name])

    def test_is_taken_over_while_the_agent_runs_when_a_container_has_fallen_silent(self) -> None:
        directory = self.directory()
        folder = os.path.join(directory, ".python", "silent", "0a.1.17.boot-4")
        line = b'{"type":"action","id":"a","data":{"type":"step","n":7}}\n'
        Spool(folder).open_segment().append(line)
        agent = self.agent(service.url, spool_directory=directory, session_id="silent")
        agent.log_action({"type": "step", "n": 0})
        self.assertTrue(agent.flush(60))
        os.utime(folder, (0, 0))
        self.until(lambda: agent.stats().sent == 2)
        self.assertEqual(numbers(service.actions("silent")), [0, 7])


class TheFilesOfASpool(Case):
    def contents(self, folder: str) -> "list[bytes]":
        return [segment.read(sent, 1_000) for segment, sent in Spool(folder).left_segments()]

    def test_are_read_in_order_from_the_cursor_on(self) -> None:
        folder = new_spool_folder(self.directory())
        spool = Spool(folder)
        first, second = spool.open_segment(), spool.open_segment()
        for segment, line in ((first, b"1\n"), (first, b"2\n"), (second, b"3\n")):
            segment.append(line)
        self.assertEqual(self.contents(folder), [b"1\n2\n", b"3\n"])
        spool.write_cursor(first, 2)
        self.assertEqual(self.contents(folder), [b"2\n", b"3\n"])

    def test_count_from_the_start_when_the_cursor_is_damaged_or_of_another_segment(self) -> None:
        folder = new_spool_folder(self.directory())
        Spool(folder).open_segment().append(b"1\n")
        for cursor in (b"", b"\0\0\0\0", b"\xff", b"00000001-0.jsonl x", b"00000009-0.jsonl 2"):
            Path(folder, "cursor").write_bytes(cursor)
            self.assertEqual(self.contents(folder), [b"1\n"])

    def test_count_only_in_their_last_revision_when_a_rewrite_was_cut_short(self) -> None:
        folder = new_spool_folder(self.directory())
        spool = Spool(folder)
        segment = spool.open_segment()
        segment.append(b"long\n")
        spool.write_cursor(segment, 5)
        rewritten = spool.rewrite_segment(segment, b"short\n")
        self.assertEqual(os.path.basename(rewritten.path), "00000001-1.jsonl")
        Path(folder, "00000001-2.jsonl.tmp").write_bytes(b"sho")
        self.assertEqual(self.contents(folder), [b"short\n"])

    def test_keep_no_part_of_a_line_for_which_there_was_no_room(self) -> None:
        folder = new_spool_folder(self.directory())
        segment = Spool(folder).open_segment()
        segment.append(b"x" * 599 + b"\n")
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
        try:
            with self.assertRaisesRegex(OSError, "short write: 400 of 600 bytes"):
                segment.append(b"y" * 599 + b"\n")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        self.assertEqual((segment.size, os.path.getsize(segment.path)), (600, 600))

    def test_are_brought_into_a_new_folder_when_somebody_takes_the_old_one_away(self) -> None:
        for taken in ("its own", "one that it took over"):
            with self.subTest(taken):
                self.session = f"run-{uuid.uuid4()}"
                agent = self.agent()
                for n in range(10):
                    agent.log_action({"type": "step", "n": n})
                directory = self.spool_directory
                if taken != "its own":
                    agent.close(0)
                    agent = self.agent(spool_directory=directory)
                folder = Path(directory, ".python", self.session)
                before = os.listdir(folder)
                os.rename(folder, Path(self.directory(), "elsewhere"))
                self.until(lambda: folder.exists() and len(os.listdir(folder)) == 1)
                self.assertNotEqual(os.listdir(folder), before)
                for n in range(10, 20):
                    agent.log_action({"type": "step", "n": n})
                agent.close(0)
                heir = self.agent(service.url, spool_directory=directory)
                self.assertEqual(heir.stats().adopted, 20)
                self.assertTrue(heir.flush(60))
                self.assertEqual(numbers(service.actions(self.session)), list(range(20)))

    def test_are_brought_there_as_soon_as_the_disk_has_room_for_a_new_one(self) -> None:
        agent = self.agent()
        for n in range(10):
            agent.log_action({"type": "step", "n": n})
        folder = Path(self.spool_directory, ".python", self.session)
        os.rename(folder, Path(self.directory(), "elsewhere"))
        folder.write_text("in the way")
        self.until(lambda: "spool can't be used as it should" in " ".join(self.warnings))
        for n in range(10, 20):
            agent.log_action({"type": "step", "n": n})
        folder.unlink()
        self.until(lambda: folder.exists())
        agent.close(0)
        heir = self.agent(service.url, spool_directory=self.spool_directory)
        self.assertTrue(heir.flush(60))
        self.assertEqual(numbers(service.actions(self.session)), list(range(20)))

    def test_take_at_the_close_what_is_only_in_memory(self) -> None:
        directory = os.path.join(self.directory(), "spool")
        Path(directory).write_text("in the way")
        agent = self.agent(spool_directory=directory)
        for n in range(10):
            agent.log_action({"type": "step", "n": n})
        self.assertGreater(agent.stats().memory_bytes, 0)
        os.unlink(directory)
        agent.close(0)
        self.assertEqual(self.agent(spool_directory=directory).stats().adopted, 10)

    def test_stay_with_nobody_when_an_agent_closes_while_it_looks_for_others(self) -> None:
        for look, left_before in ((os.scandir, 0), (os.listdir, 5)):
            with self.subTest(look.__name__):
                self.session = f"run-{uuid.uuid4()}"
                directory = self.directory()
                looks, closed, threads = threading.Event(), threading.Event(), []

                def hold(frame: object, event: str, called: object) -> None:
                    if event == "c_call" and called is look:
                        threads.append(threading.current_thread())
                        looks.set()
                        closed.wait(60)

                threading.setprofile(hold)
                agent = self.agent(spool_directory=directory)
                agent.log_action({"type": "step", "n": 0})
                threading.setprofile(None)
                spool = Spool(os.path.join(directory, ".python", self.session, "0a.released"))
                for n in range(left_before):
                    line = b'{"type":"action","id":"left-%d","data":{"type":"step"}}\n' % n
                    spool.open_segment().append(line)
                self.assertTrue(looks.wait(60))
                agent.close(0)
                closed.set()
                threads[0].join(60)
                heir = self.agent(spool_directory=directory)
                self.assertEqual(heir.stats().adopted, 1 + left_before)

    def test_may_be_emptied_by_somebody_which_is_told(self) -> None:
        down = self.gate(service)
        agent = self.agent(down.url)
        gone = [agent.log_action({"type": "step", "n": n}) for n in range(10)]
        (segment,) = Path(self.spool_directory).rglob("*.jsonl")
        os.truncate(segment, 0)
        down.start()
        self.assertEqual(gone[9].receipt.result(60).reason, "spool_damaged")
        agent.log_action({"type": "step", "n": 10})
        self.assertTrue(agent.flush(60))
        told, step = service.actions(self.session)
        self.assertEqual(told["details"], {"records": 10, "reason": "spool_damaged"})
        self.assertEqual((step["n"], agent.stats().dropped), (10, 10))

    def test_keep_many_sessions_of_one_process_apart(self) -> None:
        directory = self.directory()
        agents = [
            self.agent(service.url, spool_directory=directory, session_id=f"run-{index}")
            for index in range(20)
        ]
        for n in range(20):
            for agent in agents:
                agent.log_action({"type": "step", "n": n})
        self.assertEqual([agent.close(60) for agent in agents], [True] * 20)
        for agent in agents:
            self.assertEqual(numbers(service.actions(agent.session_id)), list(range(20)))
        self.assertEqual(os.listdir(directory), [])

    def test_are_out_of_reach_of_the_hook_agent_for_node(self) -> None:
        directory = self.directory()
        first = self.agent(spool_directory=directory, session_id=self.session)
        first.log_action({"type": "step", "n": 0})
        first.close(0)
        self.run_node(
            "logs-one-and-ends",
            SESSION_ID=self.session,
            SESSION_SERVICE_URL=service.url,
            SESSION_SPOOL_DIR=directory,
        )
        self.assertEqual(numbers(service.actions(self.session)), ["second"])
        second = self.agent(service.url, spool_directory=directory, session_id=self.session)
        self.assertEqual(second.stats().adopted, 1)
        self.assertTrue(second.flush(60))
        self.assertEqual(numbers(service.actions(self.session)), ["second", 0])
