"""Stands in for answers that the real service can't be brought to give."""

from __future__ import annotations

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Callable, Dict, List, Optional, Tuple

Batch = List[Dict[str, Any]]
Said = Optional[Tuple[int, Any, Dict[str, str]]]
"""Status, body, headers. None: silence."""


class ScriptedService:
    """`answer(batch, number of the request)`"""

    def __init__(
        self, add_cleanup: Any, answer: Callable[[Batch, int], Said], closes: bool = False
    ) -> None:
        """`closes`: the connection after each answer, without having said so."""
        self.batches: List[Batch] = []
        self.headers: List[Dict[str, str]] = []
        self.times: List[float] = []
        over = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                batch = [json.loads(line) for line in body.splitlines()]
                outer.headers.append(dict(self.headers))
                outer.times.append(time.monotonic())
                outer.batches.append(batch)
                said = answer(batch, len(outer.batches))
                if said is None:
                    over.wait()
                    return
                status, content, headers = said
                text = content if isinstance(content, str) else json.dumps(content)
                self.send_response(status)
                for name, value in {**headers, "content-length": str(len(text))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(text.encode())
                self.close_connection = closes

            def log_message(self, *_: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        server.block_on_close = False
        self.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        add_cleanup(server.server_close)
        add_cleanup(server.shutdown)
        add_cleanup(over.set)


def stored(batch: Batch) -> Said:
    receipt = {"success": True, "accepted": len(batch), "duplicates": 0, "offset": len(batch)}
    return 200, receipt, {}


def problem(status: int, code: str, headers: Optional[Dict[str, str]] = None) -> Said:
    return status, {"status": status, "code": code, "detail": "no"}, headers or {}
