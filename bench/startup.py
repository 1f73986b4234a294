"""How long a command takes from a cold start, as a ratio to importing the two libraries that it cannot do without.

Usage: python bench/startup.py [RUNS]

Each command runs in turn with the bare import. The best run of each counts, in time of the processor: what else the
machine does shall not count (on an idle one it is the time that passes). Modules are compiled beforehand, as installing
them does, whatever PYTHONDONTWRITEBYTECODE says.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile

BARE = [sys.executable, "-c", "import click, pyoxigraph"]
EVGRAPH = [sys.executable, "-m", "evgraph"]
COMMANDS = (
    ["query"],
    ["query", "cell-contents", "-p", "cell=drug:E4"],
    ["query", "shared-documents"],
    ["query", "guidance-citing-trials"],
    ["query", "see-also", "-p", "document=timko-2007"],
    ["export", "--cell", "drug:E4"],
    ["validate"],
)


def seconds(command: list[str], compiled: str) -> float:
    """Run a command once; the time of the processor that it took."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = _of_children()
    subprocess.run(  # noqa: S603
        command,
        env=env | {"PYTHONPYCACHEPREFIX": compiled},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return _of_children() - start


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print a row a command."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    print(f"{'command':50} {'ms':>6} {'bare':>6} {'ratio':>6}")
    with tempfile.TemporaryDirectory() as compiled:
        for words in COMMANDS:
            seconds([*EVGRAPH, *words], compiled)  # The first run reads from the disk, and compiles.
            pairs = [(seconds([*EVGRAPH, *words], compiled), seconds(BARE, compiled)) for _ in range(runs)]
            own, bare = (min(column) for column in zip(*pairs, strict=True))
            print(f"{'evgraph ' + ' '.join(words):50} {own * 1000:6.0f} {bare * 1000:6.0f} {own / bare:6.2f}")


if __name__ == "__main__":
    main()
