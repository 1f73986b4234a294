"""The checks of external addresses: which addresses the data has, and what the link checker found, kept in a cache."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from evgraph.errors import UnreadableError
from evgraph.namespaces import BIBO, PREFIXES, RDF, XSD
from evgraph.regular_files import read_file
from evgraph.shacl.findings import Severity
from evgraph.store.protocol import select
from evgraph.validation.check import IN_CODE, Check, Rule, nothing
from evgraph.writing import write_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from evgraph.store.protocol import Store
    from evgraph.validation.check import Row


class Status(StrEnum):
    """The state of an address."""

    ALIVE = "alive"
    MOVED = "moved"
    BLOCKED = "blocked"
    DEAD = "dead"
    UNKNOWN = "unknown"


class Outcome(NamedTuple):
    """The outcome of checking an address: its status, and what the server answered (``404 Not Found``)."""

    status: Status
    detail: str = ""


NO_HOST = Outcome(Status.DEAD, "there is no such host")
NO_LOOKUP = Outcome(Status.UNKNOWN, "the name of the host could not be looked up")
NOT_PUBLIC = "is not on the public internet"
"""Why an address was not checked; not worth keeping, since a later run may be allowed to."""

# An address that the graph describes is not external.
_EXTERNAL = f"""
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
# A resolver answers a known identifier with a redirect; its target is not checked.
_RESOLVERS = {f"{BIBO}doi": "https://doi.org/", f"{BIBO}pmid": "https://pubmed.ncbi.nlm.nih.gov/"}
# Names of classes, properties, concepts and formats are no links: what they mean does not depend on the web.
_NAMES = (
    *PREFIXES.values(),
    "https://w3id.org/evgraph/",
    "http://www.w3.org/ns/formats/",
    "https://www.iana.org/assignments/",
)
_SOURCE = "src/evgraph/validation/addresses.py"
_NAMING = {f"{RDF}{name}" for name in ("type", "predicate")}

# Status → severity, summary, problem and solution of its check.
_CHECKS = {
    Status.DEAD: (
        Severity.VIOLATION,
        "This address does not work",
        "Readers who follow it cannot see the source, or the document, that the graph refers to.",
        "Find the page or document at a new address or in an archive, and correct the address; correct or delete an"
        " identifier that its register does not know.",
    ),
    Status.MOVED: (
        Severity.WARNING,
        "This address has moved",
        "The redirect from the old address may end.",
        "Check that the new address shows the same content, and write it instead of the old one.",
    ),
    Status.BLOCKED: (
        Severity.INFO,
        "The server refuses this address to programs",
        "It may work in a browser: some servers answer only people.",
        "Open it in a browser.",
    ),
    Status.UNKNOWN: (
        Severity.INFO,
        "This address could not be checked",
        "The server or the network failed, perhaps for a short time.",
        "Check again later, or open it in a browser.",
    ),
}


class Addresses:
    """The external addresses of a graph, each checked once; `complaints` says what is wrong with cache or network.

    Args:
        check_all: as `evgraph.validation.link_checker.LinkChecker.check_all`.
        cache: a file that keeps outcomes from one run to the next; None to keep nothing.
        max_age: how old an outcome in the cache may be.

    """

    def __init__(
        self,
        check_all: Callable[[Mapping[str, bool]], Iterable[tuple[str, Outcome]]],
        cache: Path | None = None,
        max_age: timedelta = timedelta(days=7),
    ) -> None:
        self._check_all, self._cache, self._max_age = check_all, cache, max_age
        self._outcomes: dict[str, Outcome] = {}
        self.complaints: list[str] = []

    def rows(self, status: Status, store: Store) -> Iterator[Row]:
        """Yield the statements whose address has a status; the first call checks all addresses."""
        statements = sorted(_external(store), key=str)
        self._check({address: follow for _, address, follow in statements if address not in self._outcomes})
        for (entity, path, value, *_), address, _ in statements:
            outcome = self._outcomes[address]
            if outcome.status is status:
                yield entity, path, value, outcome.detail

    def _check(self, addresses: Mapping[str, bool]) -> None:
        """Look addresses up in the cache, and check those that it does not have."""
        if not addresses:
            return
        entries = self._read_cache()
        outcomes = dict(self._check_all({name: follow for name, follow in addresses.items() if name not in entries}))
        if outcomes and all(outcome in {NO_HOST, NO_LOOKUP} for outcome in outcomes.values()):
            self.complaints.append("no host was found: is this machine online?")
            outcomes = dict.fromkeys(outcomes, NO_LOOKUP)
        self._outcomes |= outcomes
        if self._cache and outcomes:
            asked = datetime.now(UTC).isoformat(timespec="seconds")
            for address, outcome in outcomes.items():
                if outcome.status is not Status.UNKNOWN and NOT_PUBLIC not in outcome.detail:
                    entries[address] = {**outcome._asdict(), "asked": asked}
            try:
                content = json.dumps(entries, ensure_ascii=False, indent=1, sort_keys=True)
                write_file(self._cache, f"{content}\n".encode())
            except UnreadableError as error:
                self.complaints.append(str(error))

    def _read_cache(self) -> dict[str, dict[str, str]]:
        """Read the outcomes that are not too old, and return their entries: address → status, detail, time."""
        if not self._cache or not self._cache.exists():
            return {}
        now, entries = datetime.now(UTC), {}
        try:
            for address, entry in json.loads(read_file(self._cache)).items():
                if timedelta() <= now - datetime.fromisoformat(entry["asked"]) < self._max_age:
                    self._outcomes[address] = Outcome(Status(entry["status"]), str(entry["detail"]))
                    entries[address] = entry
        except (UnreadableError, OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            self.complaints.append(f"{self._cache}: not a cache of evgraph; it was written anew")
            return {}
        return entries


def address_checks(addresses: Addresses | None) -> list[Check]:
    """Return the checks of addresses; without addresses, they find nothing."""
    return [
        Check(
            Rule(f"{status}-address", severity, "check", f"{summary}.", problem, solution, _SOURCE),
            IN_CODE,
            partial(addresses.rows, status) if addresses else nothing,
        )
        for status, (severity, summary, problem, solution) in _CHECKS.items()
    ]


def _external(store: Store) -> Iterator[tuple[Row, str, bool]]:
    """Yield statements with the address to check, and whether to follow its redirects."""
    for query in (_EXTERNAL, _IDENTIFIERS):
        for entity, path, value in select(store, query):
            if not isinstance(path, NamedNode) or not isinstance(value, NamedNode | Literal):
                continue
            if query == _IDENTIFIERS:
                yield (entity, path, value), _RESOLVERS[path.value] + quote(value.value, safe="/:;()<>._-"), False
            elif path.value not in _NAMING and not value.value.startswith(_NAMES):
                yield (entity, path, value), value.value, True
