"""pySHACL in a process of its own, which ends at a limit: nothing else stops it everywhere.

What SPARQL cannot say, and pySHACL judges, are not least regular expressions with lookaround or backreferences. Python
tries every way to match one, and for some texts there are more ways than anybody can wait for.
https://docs.python.org/3/library/re.html
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

from evgraph.errors import EvgraphError, Hint, LimitReachedError, UnreadableError
from evgraph.offline import refuse_connections
from evgraph.rdf.positions import place_of
from evgraph.shacl.pyshacl_adapter import findings_of
from evgraph.shacl.shapes_graph import ShapesGraph
from evgraph.text import summarize_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.shacl.findings import Finding
    from evgraph.shacl.shapes_graph import Node


class _Request(NamedTuple):
    data: Sequence[DataFile]
    beside: Sequence[DataFile]
    files: Sequence[DataFile]
    roots: Sequence[Node]
    seconds: float


def findings_within(
    seconds: float,
    data: Sequence[DataFile],
    beside: Sequence[DataFile],
    files: Sequence[DataFile],
    shapes: ShapesGraph,
    roots: Sequence[Node],
) -> list[Finding]:
    """Have pySHACL judge as `evgraph.shacl.pyshacl_adapter.findings_of` does, in so many seconds.

    Raises:
        LimitReachedError: it took longer.
        UnreadableError: pySHACL cannot work with the shapes, or its process ended.

    """
    try:
        done = subprocess.run(
            [sys.executable, "-m", "evgraph.shacl.pyshacl_process"],
            input=pickle.dumps(_Request(data, beside, files, roots, seconds)),
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _late(seconds, files, shapes, roots) from None
    if done.returncode != 0:
        told = done.stderr.decode(errors="replace").split("\n")
        last = next((line.strip() for line in reversed(told) if line.strip()), "without a word")
        raise UnreadableError(f"pySHACL's process ended (exit code {done.returncode}): {last}")
    found: list[Finding] | EvgraphError = pickle.loads(done.stdout)  # noqa: S301 - of our child
    if isinstance(found, EvgraphError):
        raise found
    return found


def _late(seconds: float, files: Sequence[DataFile], shapes: ShapesGraph, roots: Sequence[Node]) -> LimitReachedError:
    place = place_of(roots[0], files) if len(roots) == 1 else None
    return LimitReachedError(
        f"pySHACL, which alone can judge {summarize_names(map(shapes.rule, roots))}, took longer than {seconds:g} s"
        " and was ended",
        path=place and place.path,
        line=(place and place.line) or None,
        hint=Hint.ALLOW_MORE_TIME,
    )


def _main() -> None:
    """Do the work: the other process."""
    request: _Request = pickle.load(sys.stdin.buffer)  # noqa: S301 - of our parent
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if hasattr(signal, "setitimer"):  # Nobody may be left to end it.
        signal.setitimer(signal.ITIMER_REAL, request.seconds + 5)
    out, sys.stdout = sys.stdout, sys.stderr  # Whatever a library may print.
    found: list[Finding] | EvgraphError
    refuse_connections()
    try:
        found = findings_of(request.data, request.beside, request.files, ShapesGraph(request.files), request.roots)
    except EvgraphError as error:
        found = error
    pickle.dump(found, out.buffer)


if __name__ == "__main__":
    _main()
