"""``changes-since``: the resources that differ from an earlier version of the graph."""

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
from evgraph.store.protocol import Rows, in_sparql
from evgraph.store.push import MARKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from evgraph.store.protocol import Store, Term

_LABELS = (f"{RDFS}label", f"{SKOS}prefLabel", f"{SCHEMA}headline", f"{DCTERMS}title")
_SIZE = 16  # Bytes of a digest.


class _Resource(NamedTuple):
    """The sum of the digests of a resource's statements, and its best label with the rank of that label's property."""

    digest: int = 0
    label: Literal | None = None
    rank: int = len(_LABELS)


def changes_since(store: Store, version: str) -> Iterator[tuple[Term | None, ...]]:
    """Compare a graph with an earlier version of it.

    Args:
        store: the graph.
        version: an RDF file, a folder of them, a store on disk, or ``git:REVISION:PATH`` for a file or folder at a
            revision.

    Yields:
        A row for each resource that differs, by IRI: resource, change (new, changed or gone), label.

    Raises:
        UsageError: there is no such version, or git does not know it.
        UnreadableError: the version cannot be read.

    """
    before, now = _resources(_open(version)), _resources(store)
    for iri in sorted(before.keys() | now.keys()):
        old, new = before.get(iri), now.get(iri)
        if old is None or new is None or old.digest != new.digest:
            change = "new" if old is None else "gone" if new is None else "changed"
            yield NamedNode(iri), Literal(change), (new or old or _Resource()).label


def _open(version: str) -> Store:
    path = Path(version)
    if path.exists():
        return open_store(Origin(directory=path) if (path / "evgraph-store.json").exists() else Origin((path,)))
    scheme, _, rest = version.partition(":")
    revision, _, path_then = rest.partition(":")
    if scheme != "git":
        raise UsageError("no such file or folder", parameter="version", value=version, hint=Hint.NAME_VERSION)
    if not revision or not path_then:
        raise UsageError(
            "expected git:REVISION:PATH", parameter="version", value=version, hint="such as git:HEAD~1:my-graph"
        )
    return _at_revision(revision, Path(path_then))


def _at_revision(revision: str, path: Path) -> Store:
    """Open a file or folder as it was at a revision, with the files that are loaded beside any data."""
    from evgraph.rdf.revision import Revision

    then = Revision(revision, path, Hint.NAME_VERSION)
    blobs = then.blobs()
    if not blobs:
        raise UsageError(
            f"there was no RDF file at {revision}",
            parameter="version",
            value=f"git:{revision}:{path}",
            hint=Hint.NAME_VERSION,
        )
    store = EmbeddedStore()
    paths = {str(then.root / name) for name in blobs}
    for file in always_loaded():
        if str(Path(file.path).resolve()) not in paths:
            store.load(file)
    for name, blob in blobs.items():
        store.load(then.file(name, blob))
    return store


def _statements(store: Store) -> Iterable[tuple[Term | None, ...]]:
    """Return each statement once; of a server, only those of evgraph's graphs."""
    if isinstance(store, OxigraphStore):
        answer = store.query("SELECT DISTINCT ?s ?p ?o WHERE { ?s ?p ?o }")
        return answer.rows if isinstance(answer, Rows) else ()
    from evgraph.store.endpoint import EndpointStore
    from evgraph.store.pull import graphs, triples

    if not isinstance(store, EndpointStore):
        raise TypeError(f"a {type(store).__name__} has no statements")
    pulled = (triple for graph in sorted(graphs(store)) for triple in triples(store, graph))
    return {(triple.subject, triple.predicate, triple.object): None for triple in pulled}


def _resources(store: Store) -> dict[str, _Resource]:
    """Return IRI → resource; all blank nodes count as the same value, since they have no lasting names."""
    resources: dict[str, _Resource] = {}
    for subject, predicate, value in _statements(store):
        if not isinstance(subject, NamedNode):
            continue
        name = predicate.value if isinstance(predicate, NamedNode) else ""
        if name in MARKS and subject.value.startswith(f"{ID}graph/"):
            continue
        text = "_:" if isinstance(value, BlankNode) else in_sparql(value)
        digest = int.from_bytes(blake2b(f"{predicate} {text}".encode(), digest_size=_SIZE).digest(), "big")
        total, label, rank = resources.get(subject.value, _Resource())
        if isinstance(value, Literal) and name in _LABELS:
            value_rank = _LABELS.index(name)
            if label is None or (value_rank, value.value) < (rank, label.value):
                label, rank = value, value_rank
        resources[subject.value] = _Resource((total + digest) % (1 << 8 * _SIZE), label, rank)
    return resources
