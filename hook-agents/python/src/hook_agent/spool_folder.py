"""Who owns a spool is said by its folder's name alone: `<stamp>.<pid>.<start ticks>.<realm>`."""

from __future__ import annotations

import os
import tempfile
import time
from typing import List, Optional

from .process import KnownProcess, Life, life_of, this_process
from .spool import new_stamp, stamp_of

TOUCH_EVERY_SECONDS = 2.0
# How long a process of another container is silent before it counts as gone: longer than a connection may take.
_GONE_AFTER_SECONDS = 12.0


def default_spool_directory() -> str:
    """
    `~/.local/state/agent-sessions/spool`, which outlives the process and, where home is a volume, the container;
    in a container whose home can't be written, a folder in the temporary one.
    """
    in_home = os.path.join(os.path.expanduser("~"), ".local", "state", "agent-sessions", "spool")
    try:
        os.makedirs(in_home, mode=0o700, exist_ok=True)
        if os.access(in_home, os.W_OK):
            return in_home
    except OSError:
        pass  # Then it is not a place for a spool.
    user = os.getuid() if hasattr(os, "getuid") else "user"
    return os.path.join(tempfile.gettempdir(), f"agent-sessions-spool-{user}")


def session_folder(spool_directory: str, session_id: str) -> str:
    return os.path.join(_our_folder(spool_directory), session_id)


def _our_folder(spool_directory: str) -> str:
    """Apart from the spools of hook agents in other languages: no session id begins with a dot."""
    return os.path.join(spool_directory, ".python")


def new_spool_folder(folder: str) -> str:
    return os.path.join(folder, _folder_name(new_stamp(), this_process()))


def list_spooled_sessions(spool_directory: str) -> List[str]:
    """
    The sessions of which a process that is gone, or may be gone, has left records.
    `create_hook_agent(session_id=..., spool_directory=...)` takes them over.
    """
    self = this_process()
    folder = _our_folder(spool_directory)
    return [
        session_id
        for session_id in _folder_names(folder)
        if any(_life(spool, self) != "alive" for spool in _spools(os.path.join(folder, session_id)))
    ]


def left_spool_folders(folder: str) -> List[str]:
    """What processes that are gone have left of this session; the oldest first."""
    self = this_process()
    return [spool for spool in _spools(folder) if _life(spool, self) == "gone"]


def claim_spool_folder(left: str) -> Optional[str]:
    """Takes over a folder that was left. Returns what it is called now, None when somebody else was faster."""
    ours = os.path.join(os.path.dirname(left), _folder_name(stamp_of(left), this_process()))
    try:
        # First, so that no other container sees ours with the silence of the one that left it.
        os.utime(left)
        # Renaming is atomic: of several that want the same folder one gets it.
        os.rename(left, ours)
        return ours
    except OSError:
        return None


def _life(folder: str, self: KnownProcess) -> Life:
    parts = os.path.basename(folder).split(".")
    if parts[1:] == ["released"]:
        return "gone"
    if len(parts) != 4 or not parts[1].isdigit():
        return "alive"  # No spool of ours.
    life = life_of(KnownProcess(int(parts[1]), parts[2], parts[3]), self)
    if life != "unknown":
        return life
    try:
        silent = time.time() - os.stat(folder).st_mtime
    except OSError:
        return "unknown"
    return "gone" if silent > _GONE_AFTER_SECONDS else "unknown"


def _folder_name(stamp: str, process: KnownProcess) -> str:
    return f"{stamp}.{process.pid}.{process.start_ticks}.{process.realm}"


def _spools(folder: str) -> List[str]:
    return [os.path.join(folder, name) for name in _folder_names(folder)]


def _folder_names(folder: str) -> List[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir())
    except OSError:
        # Nothing was ever spooled here, or it can't be read: either way there is nothing to take over.
        return []
