"""The `Graph` that `evgraph.open` returns."""

from __future__ import annotations

import datetime
import warnings
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal, TypeVar, overload

from evgraph.characters import printable
from evgraph.errors import Hint, UnreadableError, UsageError
from evgraph.formats import FORMATS
from evgraph.limits import MOST_MEMORY, Limits
from evgraph.namespaces import curie
from evgraph.python.citing import Citable
from evgraph.python.hints import in_python
from evgraph.python.questions import Questions
from evgraph.python.result import Result
from evgraph.python.searching import Searchable
from evgraph.python.things import Cell, Document, Thing, described, find
from evgraph.python.validation import Validation
from evgraph.python.values import dataset_of, graph_of, seconds, text_of, texts_of, whole_number
from evgraph.query import limited, runner
from evgraph.query.added_columns import complete
from evgraph.query.catalogue import Catalogue
from evgraph.query.names import labels
from evgraph.query.notes import absence, unknown_names
from evgraph.query.parameters import pick_list, read
from evgraph.query.passages import Passages
from evgraph.query.question import Parameter
from evgraph.query.reading import ad_hoc
from evgraph.rdf.files import find as find_files
from evgraph.store.opening import Origin, open_store
from evgraph.store.protocol import Rows, select_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import rdflib

    from evgraph.python.values import Argument
    from evgraph.query.question import Question

_Kind = TypeVar("_Kind", bound=Thing)


class Graph(Searchable, Citable):
    """A graph that you can query, browse, validate and export; `evgraph.open` returns one.

    Several threads can use it. A pickled graph opens its data again. Its `store` is the engine, in pyoxigraph's terms.
    """

    def __init__(self, origin: Origin, name: str, queries: Sequence[str | Path] = ()) -> None:
        self.store = open_store(origin)
        self._origin = origin
        self._name = name
        self._queries = queries
        self._passages: dict[Path, Passages] = {}
        self._lock = Lock()

    def __reduce__(self) -> tuple[Callable[..., Graph], tuple[Origin, str, Sequence[str | Path]]]:
        """Pickle the origin of the data, not the data."""
        return Graph, (self._origin, self._name, self._queries)

    def __repr__(self) -> str:
        return f"<evgraph.Graph of {self._name}>"

    @cached_property
    def questions(self) -> Questions:
        """The canned questions by name, each with its summary, parameters and columns.

        >>> evgraph.open().questions["shared-documents"].summary
        'Documents that both matrices list, with the headline each gives them'
        """
        return Questions(Catalogue.with_own(self._queries))

    @overload
    def query(  # type: ignore[overload-overlap] # No other canned question of evgraph is a CONSTRUCT.
        self,
        name: Literal["describe"],
        /,
        *,
        limit: int | None = None,
        labels: bool = True,
        passages: bool = True,
        timeout: float | None = None,
        max_memory: int | None = None,
        **values: Argument,
    ) -> rdflib.Graph: ...
    @overload
    def query(
        self,
        name: str,
        /,
        *,
        limit: int | None = None,
        labels: bool = True,
        passages: bool = True,
        timeout: float | None = None,
        max_memory: int | None = None,
        **values: Argument,
    ) -> Result: ...
    @in_python()
    def query(
        self,
        name: str,
        /,
        *,
        limit: int | None = None,
        labels: bool = True,
        passages: bool = True,
        timeout: float | None = None,
        max_memory: int | None = None,
        **values: Argument,
    ) -> Result | rdflib.Graph:
        """Answer a canned question, like ``evgraph query NAME -p parameter=value``.

        >>> rows = evgraph.open().query("guidance-citing-trials", trial="timko-2007")
        >>> [str(row["guidance_label"]) for row in rows]
        ['NICE clinical guidelines on alcohol use disorders (2011)', 'NICE on commissioning alcohol services (2011)']

        Args:
            name: the name of one of `questions`.
            limit: the largest number of rows; `Result.cut` says whether there are more.
            labels: whether the labels of things, such as those in ``trial``, are beside them in ``trial_label``.
            passages: whether ``passages`` has the IRIs of the passages that a row rests on, where the question says.
            timeout: stop the query after this many seconds. It then runs in a process of its own. For a server, this
                is how long to wait for its answer (default: 60).
            max_memory: stop the query when it needs more megabytes than this.
            values: a value for each parameter, as text (``"drug:E4"``), a number, a term of rdflib or a thing of the
                graph, or a list of these. None leaves the parameter out.

        Returns:
            A `Result`; for a question that gives triples (``describe``), an rdflib graph. What would be the notes of
            a result is then a warning.

        Raises:
            UsageError: a question, a parameter or a value is not known; the message names the nearest.
            LimitReachedError: the query reached a limit, or a server cut its answer.

        """
        if isinstance(name, str) and "{" in name:
            raise UsageError("query() takes the name of a question", hint='sparql("…") runs a SPARQL query')
        question = self.questions[name]
        return self._ask(question, texts_of(values), limit, timeout, max_memory, labels, passages)  # type: ignore[return-value]

    @in_python()
    def describe(self, thing: str | Thing) -> rdflib.Graph:
        """Return everything that the graph says about a thing, like ``evgraph export --resource``.

        >>> len(evgraph.open().describe("marker:K")) > 10
        True

        Args:
            thing: a thing of the graph, an IRI, a CURIE, or a name: of a document, a section, an organisation or a
                cell. A warning says which thing was taken for a name, or that nothing is said about it.

        Raises:
            UsageError: nothing has this name, or several things may have it; the message lists them.

        """
        return self._ask(self.questions["describe"], texts_of({"iri": thing}), None, None, None)  # type: ignore[return-value]

    @in_python()
    def pick_list(self, question: str, parameter: str) -> dict[str, str]:
        """Return the values of a parameter with their labels, like ``evgraph query NAME --values PARAMETER``.

        >>> evgraph.open().pick_list("guidance-citing-trials", "trial")["timko-2007"]
        'Timko & DeBenedetti (2007)'

        The label is empty if the value speaks for itself. Raise UsageError if a name is not known, or the parameter
        accepts any text, number or file.
        """
        return pick_list(self.store, self.questions[question].parameter(parameter))

    @in_python()
    def sparql(
        self, query: str, *, limit: int | None = None, timeout: float | None = None, max_memory: int | None = None
    ) -> Result | rdflib.Graph | bool:
        """Run a SPARQL query (https://www.w3.org/TR/sparql11-query/); evgraph's prefixes need no declaration.

        >>> evgraph.open().sparql("ASK { doc:timko-2007 a evg:Trial }")
        True

        Limits are those of `query`.

        Returns:
            A `Result` for a SELECT, an rdflib graph for a CONSTRUCT or DESCRIBE, a bool for an ASK.

        Raises:
            UnreadableError: it is not legal SPARQL, or an update, or has SERVICE or FROM; the message names its line.
            LimitReachedError: see `query`.

        """
        if not isinstance(query, str):
            raise UsageError(f"a query is a str, not {type(query).__name__}")
        if query in self.questions:
            raise UsageError(f"'{query}' is a canned question, not SPARQL", hint=f'graph.query("{query}")')
        return self._ask(ad_hoc(query.encode(errors="surrogatepass"), "query"), {}, limit, timeout, max_memory)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells whose page was ingested.

        >>> [str(cell) for cell in evgraph.open().cells][0]
        'Alcohol Treatment Matrix cell E4: Treatment systems; Psychosocial therapies'
        """
        return find(self, Cell, "?snapshot prov:specializationOf ?thing .")

    def cell(self, name: str) -> Cell:
        """Return a cell by its name, ``drug:E4`` or ``drug matrix cell E4``, its CURIE or its IRI.

        >>> evgraph.open().cell("drug:E4").entries[0]
        <Entry entry:drug-E4/schmidt-2012: Forging inter-service links to promote patient transition and aftercare>

        Raise UsageError if it is not a cell, or its page was not ingested; the message names the cells of the graph.
        """
        return self._find("cell", name, Cell)

    def document(self, name: str) -> Document:
        """Return a document by its name, ``timko-2007``, its CURIE, IRI, DOI or PubMed number, or words of its title.

        >>> evgraph.open().document("timko")
        <Document doc:timko-2007: Timko & DeBenedetti (2007)>

        Raise UsageError if it is not in the graph, or the words may mean several; the message names the nearest.
        """
        return self._find("document", name, Document)

    @in_python()
    def _find(self, type_: str, name: str, kind: type[_Kind]) -> _Kind:
        """Return the thing that a question would take as the value of a parameter of this type."""
        parameter = Parameter(type_, type_, "", "", required=True)
        (term,) = read(parameter, text_of(type_, name), self.store)
        found = described(self, kind, [term.value])
        if (note := absence(self.store, parameter, term)) or not found:
            raise UsageError(note or f"this graph says nothing about {curie(term.value)}")
        return found[0]

    @in_python()
    def validate(
        self,
        *,
        shapes: Sequence[str | Path] = (),
        add_shapes: Sequence[str | Path] = (),
        pages: str | Path | None = None,
        since: str | None = None,
        year: int | None = None,
        timeout: float | None = 600,
    ) -> Validation:
        """Validate the data with shapes and checks, like ``evgraph validate``.

        A store on disk and a server are validated in place; `Validation.notices` names the rules not checked there.

        >>> evgraph.open("examples/faulty.ttl").validate().of("violation")[0].rule
        'DocumentShape-issued'

        Args:
            shapes: files of shapes to use instead of evgraph's shapes and checks.
            add_shapes: files of shapes to use as well.
            pages: a folder of pages, to compare with the snapshots.
            since: a git revision, such as ``HEAD``; return only findings that are new since then.
            year: the current year (default: the clock's).
            timeout: seconds for the queries of shapes and checks, and as many for what only pySHACL can validate; None
                for no limit. Nothing ends a query at work: it goes on in the background.

        Raises:
            UnreadableError: the shapes cannot be used.
            NothingCheckedError: the data has nothing of a class that a shape or check is about.
            LimitReachedError: it took longer, or a server cut its answer.

        """
        from evgraph.validation.checks import our_checks
        from evgraph.validation.checks_in_code import Pages
        from evgraph.validation.run import Validation as Run
        from evgraph.validation.validate import our_shapes

        rules = [*(find_files(shapes) if shapes else our_shapes()), *find_files(add_shapes)]
        compared = Pages(Path(pages)) if pages is not None else None
        year = year or datetime.datetime.now(datetime.UTC).year
        checks = [] if shapes else our_checks(present=year, pages=compared)
        today, longest = datetime.date(year, 12, 31), seconds(timeout)
        run = Run(self._origin, shapes=rules, checks=checks, today=today, since=since, longest=longest).run()
        return Validation(run.report, run.places)

    @in_python()
    def export(
        self,
        *,
        cells: Sequence[str | Thing] = (),
        resources: Sequence[str | Thing] = (),
        format: str = "turtle",  # noqa: A002 - what the command calls it
        with_ontology: bool = False,
    ) -> str:
        """Return the data, or a part of it, as RDF, like ``evgraph export``: the same data gives the same text.

        From a server it takes the graphs that `evgraph load` wrote, and those under evgraph's IRIs.

        >>> "org:harbour-forum a " in evgraph.open("examples/register").export(resources=["org:harbour-forum"])
        True

        Args:
            cells: each as in `cell`; ``E4`` means that cell of both matrices.
            resources: each as in `describe`; a warning says which thing was taken for a name.
            format: ``turtle``, ``ntriples``, ``nquads``, ``trig``, ``rdfxml`` or ``jsonld``.
            with_ontology: add the ontology, the schemes and the matrices.

        Raises:
            UsageError: the format is not known, or a cell or a resource is not in the data or may mean several things.

        """
        from evgraph.export.export import export
        from evgraph.rdf.write import write

        kind = FORMATS.choose(format, None)
        for name, names in (("cells", cells), ("resources", resources)):
            if isinstance(names, str):
                raise UsageError(f"{name} is a list", hint=f'{name}=["{names}"]')
        notes: list[str] = []
        quads = export(
            self._origin,
            cells=[text_of("cells", cell) for cell in cells],
            resources=[text_of("resources", resource) for resource in resources],
            with_ontology=with_ontology,
            notes=notes,
        )
        for note in notes:
            warnings.warn(printable(note), stacklevel=3)
        return write(quads, kind).decode()

    def to_rdflib(self) -> rdflib.Dataset:
        """Return a copy as an rdflib dataset (https://rdflib.readthedocs.io/).

        It has the named graphs, their union as the default graph, and evgraph's prefixes.

        >>> dataset = evgraph.open().to_rdflib()
        >>> len(list(dataset.subjects(rdflib.RDF.type, dataset.namespace_manager.expand_curie("evg:Cell"))))
        50
        """
        return dataset_of(select_rows(self.store, "SELECT DISTINCT ?g ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } }").rows)

    def text_of(self, passage: str, pages: str | Path) -> str:
        """Return the words of a passage; see `Passage.text`."""
        folder = Path(pages)
        with self._lock:
            for is_stale in (False, True):  # A page that was missing at the first call may be there now.
                if is_stale or folder not in self._passages:
                    self._passages[folder] = Passages(self.store, folder)
                passages = self._passages[folder]
                passages.look_up([passage])
                text = passages.text(passage)
                if text is not None:
                    return text
        message, _, hint = next(iter(passages.complaints()), "the page is missing").partition("\n  ")
        raise UnreadableError(message, hint=hint or None)

    def labels(self, iris: Iterable[str]) -> dict[rdflib.URIRef, str]:
        """Return IRI → label, without things that have no label."""
        from rdflib import URIRef

        return {URIRef(iri): label for iri, label in labels(self.store, iris).items()}

    def _ask(
        self,
        question: Question,
        values: dict[str, list[str]],
        limit: int | None,
        timeout: float | None,
        max_memory: int | None,
        labels: bool = False,
        passages: bool = False,
    ) -> Result | rdflib.Graph | bool:
        """Run a query: with a limit of time or memory in a worker process, which opens the data for itself."""
        limit = whole_number("limit", limit, least=0)
        limits = Limits(seconds(timeout), whole_number("max_memory", max_memory, least=1, most=MOST_MEMORY))
        endpoint = self._origin.endpoint
        if endpoint is not None and max_memory is not None:
            raise UsageError("a server has memory limits of its own", hint=Hint.LEAVE_OUT_MEMORY_LIMIT)
        if timeout is None and max_memory is None:
            answer, notes = runner.ask(self.store, question, values, limit)
        elif endpoint is not None and timeout is not None:
            store = open_store(Origin(endpoint=replace(endpoint, timeout=timeout)))
            answer, notes = runner.ask(store, question, values, limit)
        else:
            answer, notes = limited.ask(self._origin, question, values, limit, limits)
        if isinstance(answer, bool):
            return answer
        if not isinstance(answer, Rows):
            for note in notes:
                warnings.warn(printable(note), stacklevel=4)
            return graph_of(answer.triples)
        completed = complete(
            self.store, question, answer, labels=labels, passages=Passages(self.store) if passages else None
        )
        rows = list(completed.rows)  # Read here: an engine's rows belong to the thread of the query.
        notes = notes if rows or answer.rows.truncated else [*notes, *unknown_names(self.store, question)]
        return Result(self, tuple(completed.columns), rows, question.columns, tuple(notes), answer.rows.more)
