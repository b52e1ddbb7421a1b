"""The real service, in a process of its own that can be killed and started again."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import socket
import subprocess
import tempfile
import urllib.request
from pathlib import Path
from typing import Any, Dict, List, Optional

ROOT = Path(__file__).resolve().parents[4]


class Service:
    """Not started yet. `test` is what cleans up after it: a test case or `unittest` itself."""

    def __init__(self, add_cleanup: Any) -> None:
        self._storage = tempfile.mkdtemp(prefix="sessions-")
        add_cleanup(shutil.rmtree, self._storage, ignore_errors=True)
        add_cleanup(self.kill)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._child: Optional[subprocess.Popen] = None

    def start(self) -> "Service":
        """Returns once it listens, on the same port and volume as before."""
        self._child = subprocess.Popen(
            ["node", "--import", "tsx", "services/session-storage/src/main.ts"],
            cwd=ROOT,
            env={
                "PATH": os.environ["PATH"],
                "PORT": str(self.port),
                "STORAGE_PATH": self._storage,
                "AUTH": "off",
                "BALLAST_BYTES": "65536",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        for line in self._child.stdout:
            if '"listening"' in line:
                return self
        raise RuntimeError(f"the service ended with {self._child.wait()}")

    def kill(self) -> None:
        """SIGKILL; returns once it is gone."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            child.stdout.close()

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=120) as response:
            return json.load(response)

    def post(self, path: str, body: Any) -> Any:
        request = urllib.request.Request(
            self.url + path,
            json.dumps(body).encode(),
            {"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=120) as response:
            return json.load(response)

    def actions(self, session_id: str) -> List[Dict[str, Any]]:
        return self.get(f"/api/actions/{session_id}?tail=10000")

    def metadata(self, session_id: str) -> Dict[str, Any]:
        return self.get(f"/api/sessions/{session_id}")["metadata"]

    def events(self, session_id: str) -> List[Dict[str, Any]]:
        events: List[Dict[str, Any]] = []
        page: Dict[str, Any] = {"next": 0, "hasMore": True}
        while page["hasMore"]:
            page = self.get(f"/api/sessions/{session_id}/events?after={page['next']}&limit=10000")
            events.extend(page["events"])
        return events


_shared: List[Service] = []


def shared_service() -> Service:
    """One for all tests, started by the first that wants it."""
    if not _shared:
        _shared.append(Service(atexit.register).start())
    return _shared[0]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]
