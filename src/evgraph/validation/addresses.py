"""The checks of external addresses: which addresses the data has, and what the link checker found, kept in a cache."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode

from evgraph.errors import UnreadableError
from evgraph.namespaces import BIBO, PREFIXES, RDF, XSD
from evgraph.shacl.findings import Severity
from evgraph.store.select import select
from evgraph.validation.check import IN_CODE, Check, nothing
from evgraph.validation.links.outcome import NO_HOST, NO_LOOKUP, NOT_PUBLIC, CrawlSettings, Outcome, Status
from evgraph.writing import write_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from evgraph.store.protocol import Store
    from evgraph.validation.check import Row

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
_NAMING = {f"{RDF}{name}" for name in ("type", "predicate")}

# Status → severity, summary, problem and solution of its check.
_CHECKS = {
    Status.DEAD: (
        Severity.VIOLATION,
        "This address does not work",
        "Whoever follows it cannot see the source, or the document, that the graph refers to.",
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
    """The external addresses of a graph, each checked once.

    Args:
        settings: of the link checker.
        cache: a file that keeps outcomes from one run to the next; None to keep nothing.
        max_age: how old an outcome in the cache may be.

    Attributes:
        complaints: what is wrong with the cache or the network.

    """

    def __init__(
        self,
        settings: CrawlSettings | None = None,
        cache: Path | None = None,
        max_age: timedelta = timedelta(days=7),
    ) -> None:
        self._settings = settings
        self._cache, self._max_age = cache, max_age
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
        from evgraph.validation.links.checker import LinkChecker

        cached = self._read_cache()
        missing = {address: follow for address, follow in addresses.items() if address not in cached}
        outcomes = dict(LinkChecker(self._settings).check_all(missing))
        if outcomes and all(outcome in {NO_HOST, NO_LOOKUP} for outcome in outcomes.values()):
            self.complaints.append("no host was found: is this machine online?")
            outcomes = dict.fromkeys(outcomes, NO_LOOKUP)
        self._outcomes |= {address: outcome for address, (_, outcome) in cached.items()} | outcomes
        if self._cache and outcomes:
            self._write_cache(self._cache, cached, outcomes)

    def _read_cache(self) -> dict[str, tuple[datetime, Outcome]]:
        """Read the outcomes that are not too old: address → when it was checked, and the outcome."""
        if not self._cache or not self._cache.exists():
            return {}
        import json

        now = datetime.now(UTC)
        cached = {}
        try:
            for address, entry in json.loads(self._cache.read_bytes()).items():
                checked = datetime.fromisoformat(entry["asked"])
                if timedelta() <= now - checked < self._max_age:
                    cached[address] = checked, Outcome(Status(entry["status"]), str(entry["detail"]))
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            self.complaints.append(f"{self._cache}: not a cache of evgraph; it was written anew")
            return {}
        return cached

    def _write_cache(
        self, path: Path, cached: dict[str, tuple[datetime, Outcome]], outcomes: dict[str, Outcome]
    ) -> None:
        import json

        now = datetime.now(UTC)
        lasting = {
            address: (now, outcome)
            for address, outcome in outcomes.items()
            if outcome.status is not Status.UNKNOWN and NOT_PUBLIC not in outcome.detail
        }
        content = {
            address: {
                "status": outcome.status,
                "detail": outcome.detail,
                "asked": checked.isoformat(timespec="seconds"),
            }
            for address, (checked, outcome) in sorted((cached | lasting).items())
        }
        try:
            write_file(path, (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode())
        except UnreadableError as error:
            self.complaints.append(str(error))


def address_checks(addresses: Addresses | None) -> list[Check]:
    """Return the checks of addresses; without addresses, they find nothing."""
    return [
        Check(
            f"{status}-address",
            *texts,
            source="src/evgraph/validation/addresses.py",
            component=IN_CODE,
            rows=partial(addresses.rows, status) if addresses else nothing,
        )
        for status, texts in _CHECKS.items()
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
