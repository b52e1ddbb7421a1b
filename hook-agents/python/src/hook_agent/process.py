"""Names a process so that another one can tell whether it is still there."""

from __future__ import annotations

import os
import re
from typing import Literal, NamedTuple, Optional

Life = Literal["alive", "gone", "unknown"]


class KnownProcess(NamedTuple):
    pid: int
    start_ticks: str
    """Clock ticks from the boot to the start of the process; 0 where the system doesn't tell."""
    realm: str
    """The pid namespace and the boot that give the pid its meaning."""


def this_process() -> KnownProcess:
    pid = os.getpid()
    return KnownProcess(pid, _start_ticks(pid) or "0", _realm())


def life_of(known: KnownProcess, self: KnownProcess) -> Life:
    """`unknown` when it lives, or lived, in another container: its pid says nothing here."""
    if known.realm != self.realm or os.name != "posix":
        return "alive" if known == self else "unknown"
    ticks = _start_ticks(known.pid)
    if ticks is not None:
        return "alive" if ticks == known.start_ticks else "gone"
    return "alive" if known.start_ticks == "0" and _answers_signals(known.pid) else "gone"


def _realm() -> str:
    boot = _read("/proc/sys/kernel/random/boot_id")
    try:
        namespace = re.search(r"\d+", os.readlink("/proc/self/ns/pid"))
    except OSError:  # Where /proc is not what Linux promises, the answer is "not known".
        namespace = None
    return f"{(boot or '0')[:8]}-{namespace.group() if namespace else '0'}"


def _start_ticks(pid: int) -> Optional[str]:
    stat = _read(f"/proc/{pid}/stat")
    if stat is None:
        return None
    # proc(5): the name, field 2, stands in brackets and may hold anything; state is field 3, starttime field 22.
    fields = stat[stat.rfind(")") + 2 :].split(" ")
    # A zombie has ended; only its parent hasn't looked yet.
    return fields[19] if len(fields) > 19 and fields[0] != "Z" else None


def _answers_signals(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return True
    except PermissionError:
        return True
    except (OSError, OverflowError):
        return False


def _read(path: str) -> Optional[str]:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return None
