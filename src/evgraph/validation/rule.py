"""What a finding can come from, told in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from evgraph.shacl.findings import Severity


class Rule(NamedTuple):
    """Something that is checked.

    Attributes:
        name: as findings name it.
        severity: how much a finding of it weighs.
        kind: ``shape``, ``check``, ``waiver`` or ``notice``.
        wrong: what is wrong, or what is demanded.
        why: why it matters; empty where a shape does not say.
        mend: how to mend it; empty where a shape does not say it apart.
        source: the file that holds it.

    """

    name: str
    severity: Severity
    kind: str
    wrong: str
    why: str
    mend: str
    source: str
