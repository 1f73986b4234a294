"""Why other SHACL engines differ from the standard: an evaluator that reads single constraints as an engine does.

An engine is asked about one value and one constraint at a time. If the standard's evaluator with these answers gives
the engine's results for the whole case, the answers that differ from the standard explain the difference; an answer is
a cause only if the results change without it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Set

    from tests.shacl.specification import Result


def causes_of(
    engine: str,
    data: str,
    shapes: str,
    *,
    failure: str = "",
    found: Set[Result] = frozenset(),
    roots: Set[str] = frozenset(),
) -> list[str]:
    return []
