"""A TCP proxy in front of the service that can lose answers."""

from __future__ import annotations

import socket
import threading
from typing import Any


class CuttingProxy:
    def __init__(self, add_cleanup: Any, service_port: int, port: int = 0) -> None:
        self._service_port = service_port
        self._server = socket.create_server(("127.0.0.1", port))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self.left = 0
        """So many answers are yet to be lost: the service has given them, the client never gets them."""
        self.cuts = 0
        self.cut = threading.Event()
        """Set once an answer was lost."""
        add_cleanup(self._server.close)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return  # The test is over.
            try:
                service = socket.create_connection(("127.0.0.1", self._service_port))
            except OSError:
                client.close()
                continue
            for source, target, cuts in ((client, service, False), (service, client, True)):
                threading.Thread(target=self._pipe, args=(source, target, cuts), daemon=True).start()

    def _pipe(self, source: socket.socket, target: socket.socket, cuts: bool) -> None:
        try:
            while True:
                data = source.recv(65_536)
                if not data:
                    break
                if cuts and self.left > 0:
                    self.left -= 1
                    self.cuts += 1
                    self.cut.set()
                    break
                target.sendall(data)
        except OSError:
            pass  # A reset is what a cut looks like from the other side.
        for each in (source, target):
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # The other direction was faster.
            each.close()
