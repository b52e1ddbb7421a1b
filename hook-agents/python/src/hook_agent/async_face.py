from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from .api import FLUSH_SECONDS

if TYPE_CHECKING:
    from .agent import HookAgent


class AsyncFace:
    """
    `await agent.aio.flush()`, `await agent.aio.close()`, `async with agent.aio:`. The calls that log don't wait for
    anything, so they have no second form; `await logged.receipt` waits for what became of one.
    """

    def __init__(self, agent: "HookAgent") -> None:
        self._agent = agent

    async def flush(self, timeout: float = FLUSH_SECONDS) -> bool:
        """As `HookAgent.flush`, without holding up the event loop."""
        flushing = asyncio.wrap_future(self._agent.flushing())
        done, _ = await asyncio.wait({flushing}, timeout=timeout)
        return flushing in done and flushing.result()

    async def close(self, timeout: float = FLUSH_SECONDS) -> bool:
        flushed = await self.flush(timeout)
        self._agent.release()
        return flushed

    async def __aenter__(self) -> "HookAgent":
        return self._agent

    async def __aexit__(self, *_: Any) -> None:
        await self.close()
