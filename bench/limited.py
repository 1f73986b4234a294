"""How long a query takes within limits, as a ratio to the same query without any.

Usage: python bench/limited.py [RUNS]

The command runs in turn with and without --timeout, from a cold start. In Python, the first query within limits starts
a worker process that opens the data; later ones find it open. The median run counts.
"""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median
from typing import TYPE_CHECKING

import evgraph

if TYPE_CHECKING:
    from collections.abc import Callable

QUESTION, CELL = "cell-contents", "drug:E4"
COMMAND = [sys.executable, "-m", "evgraph", "query", QUESTION, "-p", f"cell={CELL}"]


def seconds(function: Callable[[], object]) -> float:
    """Return how long a call takes."""
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def command(*words: str) -> float:
    """Return how long the command takes."""
    return seconds(lambda: subprocess.run([*COMMAND, *words], capture_output=True, check=True))  # noqa: S603


def row(name: str, plain: float, limited: float) -> None:
    """Print a row."""
    print(f"{name:45} {plain * 1000:9.1f} {limited * 1000:9.1f} {limited / plain:6.2f}")


def main() -> None:
    """Print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    print(f"{'milliseconds':45} {'unlimited':>9} {'limited':>9} {'ratio':>6}")
    plain, timeout, both = zip(
        *((command(), command("--timeout", "60"), command("--timeout", "60", "--max-memory", "2000"))
          for _ in range(runs)), strict=True
    )  # fmt: skip
    row("evgraph query --timeout 60", median(plain), median(timeout))
    row("evgraph query --timeout 60 --max-memory 2000", median(plain), median(both))
    opening = seconds(evgraph.open)
    graph = evgraph.open()
    first = seconds(lambda: graph.query(QUESTION, cell=CELL))
    limited_first = seconds(lambda: graph.query(QUESTION, cell=CELL, timeout=60))
    row("Python, opening and the first query", opening + first, limited_first)
    later, limited_later = zip(
        *(
            (
                seconds(lambda: graph.query(QUESTION, cell=CELL)),
                seconds(lambda: graph.query(QUESTION, cell=CELL, timeout=60)),
            )
            for _ in range(runs * 5)
        ),
        strict=True,
    )
    row("Python, a later query", median(later), median(limited_later))


if __name__ == "__main__":
    main()
