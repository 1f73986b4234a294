"""The workers of a server, without the server."""

from __future__ import annotations

import asyncio

from evgraph.web.pool import Pool


def nothing() -> list[object]:
    """Load nothing, and yield nothing."""
    return []


def test_a_worker_whose_loader_ends_as_it_is_forked_is_replaced() -> None:
    class Losing(Pool):
        has_lost = False

        def _receive(self) -> None:
            forked = len(self._forked)
            super()._receive()
            if not self.has_lost and len(self._forked) < forked:
                self.has_lost = True
                self._lose_loader()
                self._start_renewing()

    async def generations() -> set[int]:
        pool = Losing(nothing, (), nothing, size=1, seconds=5, megabytes=500, on_problem=lambda _: None)
        await pool.start()
        for _ in range(500):
            if pool.load().idle == 2 and {worker.generation for worker in pool._workers.values()} == {2}:
                break
            await asyncio.sleep(0.02)
        found = {worker.generation for worker in pool._workers.values()}
        await pool.close()
        return found

    assert asyncio.run(generations()) == {2}
