"""``changes-since``: the resources that differ from an earlier version of the graph."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode

from evgraph.errors import Hint, UsageError
from evgraph.namespaces import ID, LABEL_PROPERTIES
from evgraph.rdf.files import always_loaded
from evgraph.store.embedded import EmbeddedStore, OxigraphStore
from evgraph.store.opening import Origin, open_store
from evgraph.store.protocol import select_rows
from evgraph.store.transfer import MARKS
from evgraph.terms import in_sparql
from evgraph.text import label_rank

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.store.protocol import Store, Term

_SIZE = 16  # Bytes of a digest.


class _Resource(NamedTuple):
    """The sum of the digests of a resource's triples, and its best label with the rank of that."""

    digest: int = 0
    label: Literal | None = None
    rank: tuple[int, bool, bool, str] | None = None


def changes_since(store: Store, version: str) -> Iterator[tuple[Term | None, ...]]:
    """Compare a graph with an earlier version of it.

    Args:
        store: the graph as it is.
        version: an RDF file, a folder of them, a store on disk, or ``git:REVISION:PATH`` for what a file or folder
            was at a revision.

    Returns:
        One row per resource that differs, by IRI: resource, change (new, changed, gone), label.

    Raises:
        UsageError: there is no such file, folder or revision.
        UnreadableError: the earlier version cannot be read.

    """
    before, now = _resources(_opened(version)), _resources(store)
    for iri in sorted(before.keys() | now.keys()):
        old, new = before.get(iri), now.get(iri)
        if old and new and old.digest == new.digest:
            continue
        change = "gone" if not new else "changed" if old else "new"
        yield NamedNode(iri), Literal(change), (new or old or _Resource()).label


def _opened(version: str) -> Store:
    path = Path(version)
    if path.exists():
        return open_store(Origin(directory=path) if (path / "evgraph-store.json").exists() else Origin((path,)))
    scheme, _, rest = version.partition(":")
    revision, _, place = rest.partition(":")
    if scheme != "git":
        raise UsageError("no such file or folder", parameter="version", value=version, hint=Hint.NAME_VERSION)
    if not revision or not place:
        raise UsageError(
            "expected git:REVISION:PATH", parameter="version", value=version, hint="such as git:HEAD~1:my-graph"
        )
    return _at_revision(revision, Path(place))


def _at_revision(revision: str, place: Path) -> Store:
    """Open a file or folder as it was at a revision, with the data that is always loaded."""
    from evgraph.rdf.revision import files_at

    files = {(place / inner).resolve(): file for file, inner in files_at(revision, place, Hint.NAME_VERSION) if file}
    if not files:
        raise UsageError(
            f"no RDF file was there at {revision}",
            parameter="version",
            value=f"git:{revision}:{place}",
            hint=Hint.NAME_VERSION,
        )
    store = EmbeddedStore()
    beside = [file for file in always_loaded() if Path(file.path).resolve() not in files]
    for file in (*beside, *files.values()):
        store.load(file)
    return store


def _statements(store: Store) -> Iterable[tuple[Term | None, ...]]:
    """Return each triple once; of a server only those in graphs that evgraph wrote."""
    if isinstance(store, OxigraphStore):
        return select_rows(store, "SELECT DISTINCT ?s ?p ?o WHERE { ?s ?p ?o }").rows
    from evgraph.store.endpoint import EndpointStore
    from evgraph.store.transfer import pull, pullable

    if not isinstance(store, EndpointStore):
        raise TypeError(f"no statements of a {type(store).__name__}")
    named = sorted(pullable(store))
    return {(triple.subject, triple.predicate, triple.object) for graph in named for triple in pull(store, graph)}


def _resources(store: Store) -> dict[str, _Resource]:
    """Return IRI → its triples, summed up; all blank nodes count as one, since their names do not last."""
    resources: dict[str, _Resource] = {}
    for subject, predicate, value in _statements(store):
        if not isinstance(subject, NamedNode):
            continue
        property_ = predicate.value if isinstance(predicate, NamedNode) else ""
        if property_ in MARKS and subject.value.startswith(f"{ID}graph/"):
            continue
        text = "_:" if isinstance(value, BlankNode) else in_sparql(value)
        digest = int.from_bytes(blake2b(f"{predicate} {text}".encode(), digest_size=_SIZE).digest(), "big")
        total, label, rank = resources.get(subject.value, _Resource())
        if isinstance(value, Literal) and property_ in LABEL_PROPERTIES:
            own_rank = label_rank(value.value, value.language, property_)
            if rank is None or own_rank < rank:
                label, rank = value, own_rank
        resources[subject.value] = _Resource((total + digest) % (1 << 8 * _SIZE), label, rank)
    return resources
