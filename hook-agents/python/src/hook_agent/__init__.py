"""
Records what an agent does in a session, from inside the agent's own process.

    from hook_agent import hook_agent

    hook_agent.log_action({"type": "task_start", "details": {"task": "process_data"}})
"""

from .agent import HookAgent, Logged, LoggedAgent, LoggedGoal
from .api import DropReason, Limits, Receipt, SessionOptions, Stats
from .async_face import AsyncFace
from .environment import create_from_environment, create_hook_agent
from .fate import PendingReceipt
from .spool_folder import default_spool_directory, list_spooled_sessions

__all__ = [
    "AsyncFace",
    "DropReason",
    "HookAgent",
    "Limits",
    "Logged",
    "LoggedAgent",
    "LoggedGoal",
    "PendingReceipt",
    "Receipt",
    "SessionOptions",
    "Stats",
    "create_hook_agent",
    "default_spool_directory",
    "hook_agent",
    "list_spooled_sessions",
]

hook_agent: HookAgent = create_from_environment()
"""The agent that the environment describes, opened at its first use."""
