"""Addresses that leave the graph: which they are, what became of them, and the checks that tell of it."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from evgraph.errors import UnreadableError
from evgraph.namespaces import BIBO, PREFIXES, RDF, XSD
from evgraph.shacl.findings import Severity
from evgraph.store.select import select
from evgraph.validation.check import IN_CODE, Check, nothing
from evgraph.validation.links.outcome import NO_HOST, NO_LOOKUP, NOT_PUBLIC, Manners, Outcome, Status
from evgraph.writing import write_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from evgraph.store.protocol import Store, Term
    from evgraph.validation.check import Row

# What describes itself in the graph does not leave it.
_LEAVING = f"""
SELECT DISTINCT ?entity ?property ?value
WHERE {{
  ?entity ?property ?value .
  FILTER(STRSTARTS(LCASE(STR(?value)), "http"))
  FILTER(isIRI(?value) || DATATYPE(?value) = <{XSD}anyURI>)
  FILTER NOT EXISTS {{ ?value ?p ?o }}
}}
"""
_IDENTIFIERS = f"""
SELECT DISTINCT ?entity ?property ?value
WHERE {{
  VALUES ?property {{ <{BIBO}doi> <{BIBO}pmid> }}
  ?entity ?property ?value .
}}
"""
# A resolver's redirect says that the identifier is known, and that is all that was asked.
_RESOLVERS = {f"{BIBO}doi": "https://doi.org/", f"{BIBO}pmid": "https://pubmed.ncbi.nlm.nih.gov/"}
# Names of classes, properties, concepts and formats: what they mean does not hang on the web. Ours are among them.
_NAMES = (
    *PREFIXES.values(),
    "https://w3id.org/evgraph/",
    "http://www.w3.org/ns/formats/",
    "https://www.iana.org/assignments/",
)
_NAMING = {f"{RDF}{name}" for name in ("type", "predicate")}


class _Words(NamedTuple):
    severity: Severity
    summary: str
    problem: str
    solution: str


_CHECKS = {
    Status.DEAD: _Words(
        Severity.VIOLATION,
        "This address leads nowhere",
        "Whoever follows it finds nothing, and cannot see what the graph says is there.",
        "Look for the page or the document where it is now, or in an archive, and mend the address; take an identifier"
        " that its register does not know out, or correct it.",
    ),
    Status.MOVED: _Words(
        Severity.WARNING,
        "This address has moved",
        "The old address is forwarded for now, and often not for long.",
        "See that the new address shows the same thing, and write it instead of the old one.",
    ),
    Status.BLOCKED: _Words(
        Severity.INFO,
        "This address may be alive: it was not open to a program",
        "Some servers answer people only. Nothing is known of such an address until a person looks.",
        "Open it in a browser.",
    ),
    Status.UNKNOWN: _Words(
        Severity.INFO,
        "Nothing could be learnt of this address",
        "The server, or the way to it, failed while it was asked, and that may pass.",
        "Check again later, or open it in a browser.",
    ),
}


class Addresses:
    """Asks, once, the addresses that leave a graph.

    Args:
        manners: how servers are asked.
        memory: a file that keeps what was learnt, from one run to the next; None keeps nothing.
        max_age: how old what it keeps may be.

    Attributes:
        complaints: what went wrong with the memory, in plain words.

    """

    def __init__(
        self, manners: Manners | None = None, memory: Path | None = None, max_age: timedelta = timedelta(days=7)
    ) -> None:
        self._manners = manners
        self._memory, self._max_age = memory, max_age
        self._asked: dict[str, Outcome] = {}
        self.complaints: list[str] = []

    def rows(self, status: Status, store: Store) -> Iterator[Row]:
        """Find the addresses of which one thing is true; the first call asks them all."""
        leaving = sorted(_leaving(store), key=str)
        ahead = {address: follow for _, address, follow in leaving if address not in self._asked}
        self._asked |= self._ask(ahead) if ahead else {}
        for (entity, path, value, *_), address, _ in leaving:
            outcome = self._asked[address]
            if outcome.status is status:
                yield entity, path, value, outcome.detail

    def _ask(self, addresses: Mapping[str, bool]) -> dict[str, Outcome]:
        from evgraph.validation.links.checker import Asker

        kept = self._recall()
        ahead = {address: follow for address, follow in addresses.items() if address not in kept}
        asked = dict(Asker(self._manners).ask_all(ahead))
        if asked and all(one in {NO_HOST, NO_LOOKUP} for one in asked.values()):
            self.complaints.append("not one of the hosts could be found: is this machine online?")
            asked = dict.fromkeys(asked, NO_LOOKUP)
        self._remember(kept, asked)
        return {address: kept[address][1] for address in addresses if address in kept} | asked

    def _recall(self) -> dict[str, tuple[datetime, Outcome]]:
        """Read what is known and not too old."""
        if not self._memory or not self._memory.exists():
            return {}
        now = datetime.now(UTC)
        kept = {}
        try:
            for address, one in json.loads(self._memory.read_bytes()).items():
                asked = datetime.fromisoformat(one["asked"])
                if timedelta() <= now - asked < self._max_age:
                    kept[address] = asked, Outcome(Status(one["status"]), str(one["detail"]))
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            self.complaints.append(f"{self._memory}: not what evgraph keeps of addresses; it was written anew")
            return {}
        return kept

    def _remember(self, kept: dict[str, tuple[datetime, Outcome]], asked: dict[str, Outcome]) -> None:
        if not self._memory or not asked:
            return
        now = datetime.now(UTC)
        sure = {address: one for address, one in asked.items() if one.status is not Status.UNKNOWN}
        lasting = {address: (now, one) for address, one in sure.items() if NOT_PUBLIC not in one.detail}
        content = {
            address: {"status": outcome.status, "detail": outcome.detail, "asked": when.isoformat(timespec="seconds")}
            for address, (when, outcome) in sorted((kept | lasting).items())
        }
        try:
            write_file(self._memory, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())
        except UnreadableError as error:
            self.complaints.append(str(error))


def address_checks(addresses: Addresses | None) -> list[Check]:
    """Give the checks of addresses; without addresses to ask, they find nothing."""
    return [
        Check(
            name=f"{status}-address",
            severity=words.severity,
            summary=words.summary,
            problem=words.problem,
            solution=words.solution,
            source="src/evgraph/validation/addresses.py",
            component=IN_CODE,
            rows=partial(addresses.rows, status) if addresses else nothing,
        )
        for status, words in _CHECKS.items()
    ]


def _leaving(store: Store) -> Iterator[tuple[Row, str, bool]]:
    """Find the statements that lead out of a graph, with the address to ask and whether to follow its redirects."""
    for entity, path, value in _statements(store, _LEAVING):
        if path.value not in _NAMING and not value.value.startswith(_NAMES):
            yield (entity, path, value), value.value, True
    for entity, path, value in _statements(store, _IDENTIFIERS):
        yield (entity, path, value), _RESOLVERS[path.value] + quote(value.value, safe="/:;()<>._-"), False


def _statements(store: Store, query: str) -> Iterator[tuple[Term, NamedNode, NamedNode | Literal]]:
    for entity, path, value in select(store, query):
        if isinstance(path, NamedNode) and isinstance(value, NamedNode | Literal):
            yield entity, path, value
