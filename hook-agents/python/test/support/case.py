from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import uuid
from pathlib import Path
from typing import Any, Callable, Dict, List

import hook_agent
from hook_agent import HookAgent, Limits, create_hook_agent

from .cutting_proxy import CuttingProxy
from .service import ROOT, Service, free_port

# Also where that is a changed copy.
SOURCES = str(Path(hook_agent.__file__).parents[1])
TEST = Path(__file__).resolve().parents[1]
NOWHERE = "http://127.0.0.1:9"


class Case(unittest.TestCase):
    def setUp(self) -> None:
        self.session = f"run-{uuid.uuid4()}"

    def gate(self, service: Service) -> "Gate":
        return Gate(self.addCleanup, service)

    def directory(self) -> str:
        path = tempfile.mkdtemp(prefix="spool-")
        self.addCleanup(shutil.rmtree, path, ignore_errors=True)
        return path

    def service(self) -> Service:
        return Service(self.addCleanup)

    def agent(self, service_url: str = NOWHERE, **options: Any) -> HookAgent:
        """For the test's own session unless told, closed when the test is over, with short waits before retries."""
        limits = {"retry_base_seconds": 0.005, "retry_max_seconds": 0.1, **options.pop("limits", {})}
        self.warnings: List[str] = []
        logger = logging.Logger("test")
        logger.addHandler(_Collector(self.warnings))
        given = {"session_id": self.session, "logger": logger, "flush_at_exit": False, **options}
        given.setdefault("spool_directory", self.directory())
        self.spool_directory = given["spool_directory"]
        agent = create_hook_agent(service_url=service_url, limits=Limits(**limits), **given)
        self.addCleanup(agent.close, timeout=0)
        return agent

    def rejected(self) -> List[Dict[str, Any]]:
        (path,) = Path(self.spool_directory, ".python").glob("*/rejected.jsonl")
        return [json.loads(line) for line in path.read_text().splitlines()]

    def program(self, name: str, **environment: str) -> "subprocess.Popen[str]":
        program = subprocess.Popen(
            [sys.executable, str(TEST / "programs" / f"{name}.py")],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": SOURCES, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(_end, program)
        return program

    def run_node(self, name: str, **environment: str) -> None:
        """Ends when all is sent that a program of the hook agent for Node has logged."""
        program = ROOT / "hook-agents/node/test/programs" / f"{name}.ts"
        flush = "import agent from '@sessions/hook-agent'; await agent.close({ timeoutMs: 60_000 });"
        node = ["node", "--import", "tsx"]
        given = {"cwd": ROOT, "env": {"PATH": os.environ["PATH"], **environment}, "timeout": 120}
        subprocess.run([*node, program], check=True, **given)
        # What didn't go within the two seconds at its end.
        if set(os.listdir(environment["SESSION_SPOOL_DIR"])) - {".python"}:
            subprocess.run([*node, "--input-type=module", "-e", flush], check=True, **given)

    def until(self, is_so: Callable[[], bool], seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while not is_so():
            self.assertLess(time.monotonic(), deadline, "it never came to be")
            threading.Event().wait(0.01)


class Gate:
    """An address at which nobody listens until `start()`; then the service is there."""

    def __init__(self, add_cleanup: Any, service: Service) -> None:
        self._add_cleanup = add_cleanup
        self._service = service
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        CuttingProxy(self._add_cleanup, self._service.port, self._port)


def numbers(records: List[Dict[str, Any]]) -> List[Any]:
    """What the test put into its records, in the order of the log."""
    return [record.get("n") for record in records]


class _Collector(logging.Handler):
    def __init__(self, messages: List[str]) -> None:
        super().__init__()
        self._messages = messages

    def emit(self, record: logging.LogRecord) -> None:
        self._messages.append(record.getMessage())


def _end(program: "subprocess.Popen[str]") -> None:
    program.kill()
    program.communicate()
