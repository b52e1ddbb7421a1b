"""
Records what an agent does in a session, from inside the agent's own process.

    from hook_agent import hook_agent

    hook_agent.log_action({"type": "task_start", "details": {"task": "process_data"}})
"""

from .agent import AsyncFace, HookAgent, Logged, LoggedAgent, LoggedGoal
from .api import DropReason, Limits, Receipt, SessionOptions, Stats
from .environment import create_from_environment, create_hook_agent
from .fate import PendingReceipt

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
    "hook_agent",
]

hook_agent: HookAgent = create_from_environment()
"""The agent that the environment describes, opened at its first use."""
