"""The only file that reads the environment."""

from __future__ import annotations

import logging
import os
from typing import Any, Mapping, Optional

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
    logger: Optional[logging.Logger] = None,
    limits: Optional[Limits] = None,
    flush_at_exit: bool = True,
) -> HookAgent:
    """
    Records one session; cheap to make and independent of every other agent in the process. What isn't given comes
    from the environment: SESSION_ID, SESSION_SERVICE_URL (http://localhost:9000), SESSION_TOKEN, SESSION_SPOOL_DIR,
    SESSION_USER_ID, SESSION_NAME. `session` (`SessionOptions`) is what the session is created with when it isn't there.
    Without a usable session id it warns once, with `logging.getLogger("hook_agent")` unless told, and does nothing.
    It also sends what an ended process left of the session. Never raises.
    """

    def target() -> Target:
        described = _target_from_environment()
        return Target(
            session_id=described.session_id if session_id is None else session_id,
            service_url=service_url or described.service_url,
            token=token or described.token,
            spool_directory=spool_directory or described.spool_directory,
            session=described.session if session is None else session,
            limits=limits or described.limits,
        )

    agent = HookAgent(target, Warnings(logger), flush_at_exit)
    agent.open()
    return agent


def create_from_environment() -> HookAgent:
    """The agent that the environment describes at its first use."""
    return HookAgent(_target_from_environment, Warnings(None))


def _target_from_environment() -> Target:
    env = os.environ
    session = {"userId": env.get("SESSION_USER_ID"), "name": env.get("SESSION_NAME")}
    return Target(
        session_id=env.get("SESSION_ID") or "",
        service_url=env.get("SESSION_SERVICE_URL") or "http://localhost:9000",
        token=env.get("SESSION_TOKEN"),
        spool_directory=env.get("SESSION_SPOOL_DIR"),
        session={member: value for member, value in session.items() if value} or None,
        limits=Limits(),
    )
