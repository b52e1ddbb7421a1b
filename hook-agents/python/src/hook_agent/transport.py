from __future__ import annotations

import selectors
import time
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import Callable, NamedTuple, Optional
from urllib.parse import urlsplit

# Of connecting and of sending; meanwhile the thread can't say that the process is there.
_CONNECT_SECONDS = 5.0
_SLICE_SECONDS = 1.0
_MAX_ANSWER_BYTES = 1_048_576


class Answer(NamedTuple):
    status: int
    body: bytes
    retry_after: Optional[float]
    """Seconds, when there is such a header."""


class Transport:
    """One keep-alive connection. Raises ValueError for an address that is none."""

    def __init__(
        self,
        url: str,
        token: Optional[str],
        timeout: float,
        lease_epoch: Optional[Callable[[], Optional[int]]] = None,
    ) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"not an http address: {url!r}")
        self._secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port
        self._path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        self._timeout = timeout
        self._lease_epoch = lease_epoch
        self._connection: Optional[HTTPConnection] = None
        self._headers = {"Content-Type": "application/x-ndjson", "Accept": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def post(self, body: bytes, while_waiting: Callable[[], None]) -> Answer:
        """
        Raises when there is no whole answer in time. `while_waiting` is called every second;
        what it raises ends the wait.
        """
        deadline = time.monotonic() + self._timeout
        epoch = self._lease_epoch() if self._lease_epoch else None
        headers = self._headers if epoch is None else {**self._headers, "Lease-Epoch": str(epoch)}
        try:
            connection = self._connected()
            connection.request("POST", self._path, body, headers)
            while not _is_readable(connection, _SLICE_SECONDS):
                while_waiting()
                if time.monotonic() > deadline:
                    raise TimeoutError("no answer in time")
            connection.sock.settimeout(self._timeout)
            response = connection.getresponse()
            text = response.read(_MAX_ANSWER_BYTES + 1)
            if len(text) > _MAX_ANSWER_BYTES:
                raise ValueError("the answer is too large")
            return Answer(response.status, text, _retry_after(response))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self) -> HTTPConnection:
        connection = self._connection
        # Something to read before anything was asked is the end: the service has closed a connection at rest.
        if connection is not None and (connection.sock is None or _is_readable(connection, 0)):
            self.close()
        if self._connection is None:
            kind = HTTPSConnection if self._secure else HTTPConnection
            self._connection = kind(self._host, self._port, timeout=_CONNECT_SECONDS)
            self._connection.connect()
        self._connection.sock.settimeout(_CONNECT_SECONDS)
        return self._connection


def _is_readable(connection: HTTPConnection, timeout: float) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(connection.sock, selectors.EVENT_READ)
        return bool(selector.select(timeout))


def _retry_after(response: HTTPResponse) -> Optional[float]:
    """RFC 9110, 10.2.3: seconds, or a date."""
    text = response.getheader("retry-after")
    if text is None:
        return None
    try:
        if text.isdigit():
            return float(text)
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None
