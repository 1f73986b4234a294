"""``changes-since``: which resources are not what they were in an earlier version of the graph."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import BlankNode, Literal, NamedNode

from evgraph.errors import Hint, UsageError
from evgraph.namespaces import DCTERMS, ID, RDFS, SCHEMA, SKOS
from evgraph.rdf.files import always_loaded
from evgraph.store.embedded import EmbeddedStore, OxigraphStore
from evgraph.store.opening import Origin, open_store
from evgraph.store.protocol import Rows
from evgraph.store.transfer import MARKS
from evgraph.terms import in_sparql

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.store.protocol import Store, Term

_LABELS = (f"{RDFS}label", f"{SKOS}prefLabel", f"{SCHEMA}headline", f"{DCTERMS}title")
_SIZE = 16  # Bytes of a digest.


class _Resource(NamedTuple):
    """What two versions are compared by: the sum of its statements' digests, and its label with that one's rank."""

    digest: int
    label: Literal | None
    rank: int


def changes_since(store: Store, version: str) -> Iterator[tuple[Term | None, ...]]:
    """Compare a graph with an earlier version of it.

    Args:
        store: the graph as it is.
        version: an RDF file, a folder of them, a store on disk, or ``git:REVISION:PATH`` for what a file or folder
            was at a revision.

    Returns:
        A row a resource that is not what it was, by IRI: resource, change (new, changed, gone), label.

    Raises:
        UsageError: there is nothing at that place, or git does not know it.
        UnreadableError: what is there cannot be read.

    """
    before, now = _resources(_opened(version)), _resources(store)
    for iri in sorted(before.keys() | now.keys()):
        old, new = before.get(iri), now.get(iri)
        if old and new and old.digest == new.digest:
            continue
        change = "gone" if not new else "changed" if old else "new"
        yield NamedNode(iri), Literal(change), (new or old or _Resource(0, None, 0)).label


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
    """Open what a file or folder was at a revision, and beside it what stands beside any data."""
    from evgraph.rdf.revision import Revision

    then = Revision(revision, place, Hint.NAME_VERSION)
    blobs = then.blobs()
    if not blobs:
        raise UsageError(
            f"no RDF file was there at {revision}",
            parameter="version",
            value=f"git:{revision}:{place}",
            hint=Hint.NAME_VERSION,
        )
    store = EmbeddedStore()
    known = {str(then.root / name) for name in blobs}
    for file in always_loaded():
        if str(Path(file.path).resolve()) not in known:
            store.load(file)
    for name, blob in blobs.items():
        store.load(then.file(name, blob))
    return store


def _statements(store: Store) -> Iterable[tuple[Term | None, ...]]:
    """Give each statement once. A server keeps statements of its own, too: of these, evgraph knows nothing."""
    if isinstance(store, OxigraphStore):
        answer = store.query("SELECT DISTINCT ?s ?p ?o WHERE { ?s ?p ?o }")
        return answer.rows if isinstance(answer, Rows) else ()
    from evgraph.store.endpoint import EndpointStore
    from evgraph.store.transfer import pull, pullable

    if not isinstance(store, EndpointStore):
        raise TypeError(f"no statements of a {type(store).__name__}")
    named = sorted(pullable(store))
    return {(one.subject, one.predicate, one.object): None for graph in named for one in pull(store, graph)}


def _resources(store: Store) -> dict[str, _Resource]:
    """Sum up each resource's statements; blank nodes count as one, since nothing else tells them apart."""
    found: dict[str, _Resource] = {}
    for subject, predicate, value in _statements(store):
        if not isinstance(subject, NamedNode):
            continue
        name = predicate.value if isinstance(predicate, NamedNode) else ""
        if name in MARKS and subject.value.startswith(f"{ID}graph/"):
            continue
        said = "_:" if isinstance(value, BlankNode) else in_sparql(value)
        digest = int.from_bytes(blake2b(f"{predicate} {said}".encode(), digest_size=_SIZE).digest(), "big")
        one = found.get(subject.value, _Resource(0, None, len(_LABELS)))
        label, rank = one.label, one.rank
        if isinstance(value, Literal) and name in _LABELS:
            here = _LABELS.index(name)
            if label is None or (here, value.value) < (rank, label.value):
                label, rank = value, here
        found[subject.value] = _Resource((one.digest + digest) % (1 << 8 * _SIZE), label, rank)
    return found
