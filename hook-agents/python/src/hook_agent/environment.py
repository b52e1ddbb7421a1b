"""The only file that reads the environment."""

from __future__ import annotations

import logging
import os
from typing import Any, Callable, Mapping, Optional

from .agent import HookAgent
from .api import Limits
from .pipeline import Target
from .tally import Warnings


def create_hook_agent(
    *,
    session_id: Optional[str] = None,
    service_url: Optional[str] = None,
    token: Optional[str] = None,
    spool_directory: Optional[str] = None,
    session: Optional[Mapping[str, Any]] = None,
    lease_epoch: Optional[Callable[[], Optional[int]]] = None,
    logger: Optional[logging.Logger] = None,
    limits: Optional[Limits] = None,
    flush_at_exit: bool = True,
) -> HookAgent:
    """
    Records one session; cheap to make and independent of every other agent in the process. What isn't given comes
    from the environment: SESSION_ID, SESSION_SERVICE_URL (http://localhost:9000), SESSION_TOKEN or SESSION_TOKEN_FILE,
    SESSION_SPOOL_DIR, SESSION_USER_ID, SESSION_NAME. `session` (`SessionOptions`) is what the session is created with
    when it isn't there. `lease_epoch` is asked before each request for the epoch of the session's lease under which to
    write, once there is one.
    Without a usable session id it warns once, with `logging.getLogger("hook_agent")` unless told, and does nothing.
    It also sends what an ended process left of the session. Never raises.
    """

    warnings = Warnings(logger)

    def target() -> Target:
        described = _target_from_environment(warnings)
        return Target(
            session_id=described.session_id if session_id is None else session_id,
            service_url=service_url or described.service_url,
            token=token or described.token,
            spool_directory=spool_directory or described.spool_directory,
            session=described.session if session is None else session,
            lease_epoch=lease_epoch,
            limits=limits or described.limits,
        )

    agent = HookAgent(target, warnings, flush_at_exit)
    agent.open()
    return agent


def create_from_environment() -> HookAgent:
    """The agent that the environment describes at its first use."""
    warnings = Warnings(None)
    return HookAgent(lambda: _target_from_environment(warnings), warnings)


def _target_from_environment(warnings: Warnings) -> Target:
    env = os.environ
    session = {"userId": env.get("SESSION_USER_ID"), "name": env.get("SESSION_NAME")}
    return Target(
        session_id=env.get("SESSION_ID") or "",
        service_url=env.get("SESSION_SERVICE_URL") or "http://localhost:9000",
        token=env.get("SESSION_TOKEN") or _token_in(env.get("SESSION_TOKEN_FILE"), warnings),
        spool_directory=env.get("SESSION_SPOOL_DIR"),
        session={member: value for member, value in session.items() if value} or None,
        lease_epoch=None,
        limits=Limits(),
    )


def _token_in(path: Optional[str], warnings: Warnings) -> Optional[str]:
    """The first line that is not empty or a comment, as in the service's own file of keys."""
    if not path:
        return None
    try:
        with open(path, encoding="utf-8") as file:
            lines = [line.strip() for line in file]
    except (OSError, ValueError) as error:
        warnings.warn("token", "SESSION_TOKEN_FILE can't be read", repr(error))
        return None
    return next((line for line in lines if line and not line.startswith("#")), None)
