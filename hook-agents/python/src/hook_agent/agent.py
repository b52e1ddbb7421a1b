from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Callable, Dict, Mapping, Optional

from . import lives
from .api import FLUSH_SECONDS, DropReason, Receipt, Stats
from .async_face import AsyncFace
from .fate import PendingReceipt, decided
from .identity import id_in, is_session_id, now, usable_id, uuid7
from .pipeline import Pipeline, Target
from .serialise import members_of
from .tally import Warnings

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Literal


@dataclass(frozen=True)
class Logged:
    """A record that was taken."""

    id: str
    """UUIDv7, or the `id` that the caller gave; the service stores it once."""
    receipt: PendingReceipt


@dataclass(frozen=True)
class LoggedGoal(Logged):
    goal_id: str


@dataclass(frozen=True)
class LoggedAgent(Logged):
    agent_id: str


class HookAgent:
    """
    Records one session. No call raises, waits for the network or loses what it has taken; calls may come from any
    thread, coroutine, signal handler or forked child. Mappings have the wire's names (`currentStep`, `parentAgentId`).

    Every call that logs takes `id`, 1-128 visible ASCII characters without quote and backslash, a UUIDv7 unless given.
    The same id in the same session is stored once, whichever process sends it.
    """

    def __init__(
        self,
        target: Callable[[], Target],
        warnings: Warnings,
        flush_at_exit: bool = True,
    ) -> None:
        self._target_of = target
        self._target: Optional[Target] = None
        self._warnings = warnings
        # A dict, because taking out of it and putting into it unless it is full are not to be interrupted.
        self._opened: "Dict[str, Pipeline]" = {}
        self._disabled = False
        self._closed = False
        self._dropped = 0
        self._opening = threading.RLock()
        self._flush_at_exit = flush_at_exit
        self.aio = AsyncFace(self)
        """The calls that wait, for coroutines."""

    @property
    def _pipeline(self) -> Optional[Pipeline]:
        return self._opened.get("pipeline")

    @property
    def session_id(self) -> Optional[str]:
        """None when the agent is disabled."""
        self._open()
        return self._target.session_id if self._target and not self._disabled else None

    def log_action(self, action: Mapping[str, Any], *, id: Optional[str] = None) -> Logged:
        """`{type, timestamp?, ...}`: `timestamp` (ISO 8601) is now unless given, other members are kept as sent."""
        return self._log_record("action", action, id)

    def log_response(self, response: Mapping[str, Any], *, id: Optional[str] = None) -> Logged:
        """`{type?, timestamp?, ...}`"""
        return self._log_record("response", response, id)

    def update_state(
        self,
        patch: Mapping[str, Any],
        *,
        mode: "Literal['deep', 'merge']" = "deep",
        id: Optional[str] = None,
    ) -> Logged:
        """`deep`: None is stored, mappings merge, lists are replaced. `merge`: RFC 7396, None deletes."""
        return self._log("state_updated", lambda: {"mode": mode, "patch": members_of(patch)}, id)

    def add_goal(self, goal: Mapping[str, Any], *, id: Optional[str] = None) -> LoggedGoal:
        """`{goalId?, description, status?, priority?, ...}`"""
        goal_id = id_in(goal, "goalId") or id_in(goal, "id") or uuid7()
        logged = self._log("goal_added", lambda: {**members_of(goal), "goalId": goal_id}, id)
        return LoggedGoal(logged.id, logged.receipt, goal_id)

    def update_goal(
        self, goal_id: str, patch: Mapping[str, Any], *, id: Optional[str] = None
    ) -> LoggedGoal:
        """`{description?, status?, priority?, ...}`"""
        data = lambda: {"goalId": goal_id, "patch": members_of(patch)}  # noqa: E731
        logged = self._log("goal_updated", data, id)
        return LoggedGoal(logged.id, logged.receipt, goal_id)

    def spawn_agent(self, agent: Mapping[str, Any], *, id: Optional[str] = None) -> LoggedAgent:
        """`{agentId?, type, parentAgentId?, task?, ...}`; without a parent the session's main agent spawned it."""
        agent_id = id_in(agent, "agentId") or id_in(agent, "id") or uuid7()
        logged = self._log("agent_spawned", lambda: {**members_of(agent), "agentId": agent_id}, id)
        return LoggedAgent(logged.id, logged.receipt, agent_id)

    def complete_agent(
        self,
        agent_id: str,
        completion: Optional[Mapping[str, Any]] = None,
        *,
        id: Optional[str] = None,
    ) -> LoggedAgent:
        """`{status?, result?, ...}`: `completed` unless `failed` or `stopped`."""
        given = {} if completion is None else completion
        data = lambda: {"agentId": agent_id, "completion": members_of(given)}  # noqa: E731
        logged = self._log("agent_completed", data, id)
        return LoggedAgent(logged.id, logged.receipt, agent_id)

    def log_entry(
        self,
        project_key: str,
        entry: Mapping[str, Any],
        subpath: Optional[str] = None,
        id: Optional[str] = None,
    ) -> Logged:
        """
        Adds an entry to the transcript of a project, or, below it, of an agent such as `subagents/agent-1`. It is kept
        as it is: never shortened, never dropped to make room for others. One with a `uuid` is stored once there.
        """
        place = {"projectKey": project_key, **({} if subpath is None else {"subpath": subpath})}
        return self._log("transcript_entry", lambda: {**place, "entry": members_of(entry)}, id)

    def update_metadata(self, patch: Mapping[str, Any], *, id: Optional[str] = None) -> Logged:
        """`{name?, model?, labels?, tags?}`, a merge patch (RFC 7396)."""
        return self._log("metadata_updated", lambda: members_of(patch), id)

    def finalize(
        self, outcome: Optional[Mapping[str, Any]] = None, *, id: Optional[str] = None
    ) -> Logged:
        """`{status?, outcome?, response?}`: `completed` unless told. Anything logged later opens the session again."""
        given = {} if outcome is None else outcome
        return self._log("session_finalized", lambda: members_of(given), id)

    def flush(self, timeout: float = FLUSH_SECONDS) -> bool:
        """
        Sends what is queued now, and waits `timeout` seconds for it at most.
        True when everything logged before the call is decided.
        """
        try:
            return self.flushing().result(timeout)
        except Exception:  # `concurrent.futures.TimeoutError`, which is another class before 3.11.
            return False

    def close(self, timeout: float = FLUSH_SECONDS) -> bool:
        """Flushes within the bound and lets go of thread, socket and files. What is left stays in the spool."""
        flushed = self.flush(timeout)
        self.release()
        return flushed

    def stats(self) -> Stats:
        pipeline = self._open()
        stats = pipeline.stats() if pipeline else Stats(enabled=False)
        return replace(stats, dropped=stats.dropped + self._dropped)

    def __enter__(self) -> "HookAgent":
        return self

    def __exit__(
        self,
        kind: "Optional[type[BaseException]]",
        error: Optional[BaseException],
        trace: "Optional[TracebackType]",
    ) -> None:
        self.close()

    def open(self) -> None:
        """Takes over now, and not with the first call, what an ended process left of the session."""
        self._open()

    def release(self, for_good: bool = True) -> None:
        with self._opening:
            self._closed = self._closed or for_good
            pipeline = self._opened.pop("pipeline", None)
        if for_good:
            lives.forget(self)
        if pipeline:
            try:
                pipeline.close()
            except Exception as error:  # What is in the spool stays there.
                self._warn("close", "could not be closed as it should", repr(error))

    def flush_for_exit(self) -> "Optional[Future[bool]]":
        """What can't be sent now is in the spool, so an unreachable service must not hold up the end."""
        pipeline = self._pipeline
        if pipeline is None or not self._flush_at_exit:
            return None
        # Children that are gone by now may have left some: those of multiprocessing end without a flush.
        pipeline.claim()
        return pipeline.flush(ends_on_failure=True)

    def after_fork(self) -> None:
        """In the child: the parent's pipeline is the parent's, and the next call opens another."""
        pipeline = self._opened.pop("pipeline", None)
        self._opening = threading.RLock()
        if pipeline:
            pipeline.abandon()

    def flushing(self) -> "Future[bool]":
        pipeline = self._pipeline
        if pipeline:
            return pipeline.flush(ends_on_failure=False)
        future: "Future[bool]" = Future()
        future.set_result(True)
        return future

    def _log_record(self, kind: str, record: Mapping[str, Any], id: Optional[str]) -> Logged:
        def data() -> Any:
            # With the time at which it was logged: it may be sent much later.
            members = {"timestamp": now(), **members_of(record)}
            members.pop("id", None)
            return members

        return self._log(kind, data, usable_id(id) or id_in(record, "id"))

    def _log(self, kind: str, data: Callable[[], Any], id: Optional[str]) -> Logged:
        record_id = usable_id(id) or uuid7()
        pipeline = self._pipeline or self._open()
        if pipeline is None:
            if self._disabled:
                return _not_taken(record_id, "disabled")
            self._warn("closed", "logged after close", kind)
            return self._drop(record_id, "closed")
        try:
            receipt = pipeline.log(kind, record_id, data())
        except Exception as error:
            # Whatever is wrong with the caller's value, or with us, it must not become the agent's problem.
            self._warn("invalid", "a record could not be taken", f"{kind}: {type(error).__name__}")
            return self._drop(record_id, "invalid")
        # Closed by another thread meanwhile, for good or at the process's end.
        return Logged(record_id, receipt) if receipt else self._log(kind, data, record_id)

    def _drop(self, record_id: str, reason: DropReason) -> Logged:
        self._dropped += 1
        return _not_taken(record_id, reason)

    def _open(self) -> Optional[Pipeline]:
        if self._pipeline or self._disabled or self._closed:
            return self._pipeline
        with self._opening:
            if self._pipeline or self._disabled or self._closed:
                return self._pipeline
            try:
                target = self._target = self._target or self._target_of()
                if not is_session_id(target.session_id):
                    reason = "the session id is not valid" if target.session_id else "there is no session id"
                    raise ValueError(reason)
                pipeline = Pipeline(target, self._warnings)
                used = self._opened.setdefault("pipeline", pipeline)
                lives.remember(self)
                if used is not pipeline:
                    # A signal handler has logged meanwhile.
                    pipeline.close()
                    used.claim()
            except Exception as error:
                self._disabled = True
                self._warnings.warn("disabled", "session hook agent is off", str(error))
        self._warnings.say()
        return self._pipeline

    def _warn(self, about: str, message: str, details: Any) -> None:
        self._warnings.warn(about, message, details)
        self._warnings.say()


def _not_taken(record_id: str, reason: DropReason) -> Logged:
    return Logged(record_id, decided(Receipt("dropped", reason=reason)))
