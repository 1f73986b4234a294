"""A graph to ask, to walk through, to check and to hand on."""

from __future__ import annotations

import datetime
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Literal, TypeVar, overload

from evgraph.errors import UnreadableError, UsageError
from evgraph.formats import FORMATS
from evgraph.python.arguments import seconds, text_of, texts_of
from evgraph.python.asking import ask
from evgraph.python.hints import in_python
from evgraph.python.questions import Questions
from evgraph.python.result import Result
from evgraph.python.thing import Thing, described, find
from evgraph.python.things import Cell, Document
from evgraph.python.validation import Validation
from evgraph.python.values import dataset_of, graph_of
from evgraph.query import runner
from evgraph.query.catalogue import Catalogue
from evgraph.query.names import labels
from evgraph.query.notes import notes as notes_on
from evgraph.query.notes import unknown_names
from evgraph.query.passages import Passages
from evgraph.query.pick_list import pick_list
from evgraph.query.question import Parameter, Question, ad_hoc
from evgraph.rdf.files import find as find_files
from evgraph.store.opening import open_store
from evgraph.store.protocol import Rows
from evgraph.store.select import select_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import rdflib

    from evgraph.python.arguments import Argument
    from evgraph.store.opening import Origin
    from evgraph.store.protocol import Store


_Kind = TypeVar("_Kind", bound=Thing)


def _opened(origin: Origin, name: str, queries: Sequence[str | Path]) -> Graph:
    return Graph(open_store(origin), name, origin, queries)


class Graph:
    """A graph that answers questions; `open` makes one.

    Several threads may ask it at the same time.

    Attributes:
        store: the engine beneath; it speaks the terms of pyoxigraph.

    """

    def __init__(self, store: Store, name: str, origin: Origin, queries: Sequence[str | Path] = ()) -> None:
        self.store = store
        self._name = name
        self._origin = origin
        self._queries = queries
        self._pages: dict[Path, Passages] = {}
        self._reading = Lock()

    def __reduce__(self) -> tuple[Callable[..., Graph], tuple[Origin, str, Sequence[str | Path]]]:
        """Pickle where the data is, so that rows and things of a graph can be pickled: it is opened again there."""
        return _opened, (self._origin, self._name, self._queries)

    def __repr__(self) -> str:
        """Say what it is a graph of."""
        return f"<evgraph.Graph of {self._name}>"

    @cached_property
    def questions(self) -> Questions:
        """The canned questions, and one's own beside them, by name, each with its summary, parameters and columns.

        >>> evgraph.open().questions["shared-documents"].summary
        'Documents that both matrices list, with the headline each gives them'
        """
        return Questions(Catalogue.with_own(self._queries))

    @overload
    def query(  # type: ignore[overload-overlap] # No other question that evgraph brings along gives triples.
        self,
        name: Literal["describe"],
        /,
        *,
        limit: int | None = None,
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
        timeout: float | None = None,
        max_memory: int | None = None,
        **values: Argument,
    ) -> Result: ...
    def query(
        self,
        name: str,
        /,
        *,
        limit: int | None = None,
        timeout: float | None = None,
        max_memory: int | None = None,
        **values: Argument,
    ) -> Result | rdflib.Graph:
        """Ask a canned question, as ``evgraph query NAME -p parameter=value`` does.

        >>> rows = evgraph.open().query("guidance-citing-trials", trial="timko-2007")
        >>> [str(row["label"]) for row in rows]
        ['NICE clinical guidelines on alcohol use disorders (2011)', 'NICE on commissioning alcohol services (2011)']

        Args:
            name: one of `questions`.
            limit: at most so many rows; `Result.cut` says whether there are more.
            timeout: end the query when it has taken so many seconds. It then runs in a process of its own, which opens
                the data first; a server is given so long for its answer (60 seconds unless told).
            max_memory: end the query when it needs more megabytes than this.
            values: a value for each parameter, as people write it (``"drug:E4"``, ``2007``) or as a term of rdflib,
                or a list of them; None leaves it out.

        Returns:
            Rows; for a question that gives triples (``describe``), a graph of rdflib.

        Raises:
            UsageError: a question, a parameter or a value is not known; the nearest is named.
            LimitReachedError: the query was ended at its limit of time or memory, or a server cut the answer.

        """
        if isinstance(name, str) and "{" in name:
            raise UsageError("query() takes the name of a question", hint='sparql("…") runs SPARQL of your own')
        return self._ask(self.questions[name], texts_of(values), limit, timeout, max_memory)  # type: ignore[return-value]

    def pick_list(self, question: str, parameter: str) -> dict[str, str]:
        """List what a parameter of a question may be told, as ``evgraph query NAME --values PARAMETER`` does.

        >>> evgraph.open().pick_list("guidance-citing-trials", "trial")["timko-2007"]
        'Timko & DeBenedetti (2007)'

        Returns:
            Value → what it is called; empty where it says so itself.

        Raises:
            UsageError: a name is not known, or the parameter takes any text, number or file.

        """
        with in_python():
            return pick_list(self.store, self.questions[question].parameter(parameter))

    def sparql(
        self, query: str, *, limit: int | None = None, timeout: float | None = None, max_memory: int | None = None
    ) -> Result | rdflib.Graph | bool:
        """Run SPARQL of one's own; evgraph's prefixes need not be declared.

        >>> evgraph.open().sparql("ASK { doc:timko-2007 a evg:Trial }")
        True

        Args:
            query: a SELECT, CONSTRUCT, DESCRIBE or ASK. https://www.w3.org/TR/sparql11-query/
            limit: at most so many rows or triples.
            timeout: as for `query`.
            max_memory: as for `query`.

        Returns:
            Rows for a SELECT, a graph of rdflib for a CONSTRUCT or DESCRIBE, a bool for an ASK.

        Raises:
            UnreadableError: it is not legal SPARQL, or an update, or it holds SERVICE or FROM; its line is named.
            LimitReachedError: as for `query`.

        """
        if not isinstance(query, str):
            raise UsageError(f"a query is a str, not {type(query).__name__}")
        if query in self.questions:
            raise UsageError(f"'{query}' is a canned question, and no SPARQL", hint=f'query("{query}")')
        return self._ask(ad_hoc(query.encode(errors="surrogatepass"), "query"), {}, limit, timeout, max_memory)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells of which a page was read.

        >>> [str(cell) for cell in evgraph.open().cells][0]
        'Alcohol Treatment Matrix cell E4: Treatment systems; Psychosocial therapies'
        """
        return find(self, Cell, "?snapshot prov:specializationOf ?thing .")

    def cell(self, name: str) -> Cell:
        """Find a cell.

        >>> evgraph.open().cell("drug:E4").entries[0]
        <Entry entry:drug-E4/schmidt-2012: Forging inter-service links to promote patient transition and aftercare>

        Args:
            name: ``drug:E4``, ``cell:drug-E4`` or its IRI.

        Raises:
            UsageError: it is no cell, or no page of it was read; those that were are named.

        """
        return self._one(Cell, "cell", name)

    def document(self, name: str) -> Document:
        """Find a document.

        >>> evgraph.open().document("timko-2007")
        <Document doc:timko-2007: Timko & DeBenedetti (2007)>

        Args:
            name: ``timko-2007``, ``doc:timko-2007`` or its IRI.

        Raises:
            UsageError: it is not in the graph; the nearest are named.

        """
        return self._one(Document, "document", name)

    def _one(self, kind: type[_Kind], word: str, name: str) -> _Kind:
        """Find a thing as a question would find the value of a parameter."""
        parameter = Parameter(word, word, f"the {word}", "", required=True)
        question = Question("", "", "", "", (), {word: parameter}, {}, "", "")
        with in_python():
            bound = runner.bind(self.store, question, {word: text_of(word, name)})
        found = described(self, kind, (term.value for term in bound[word]))
        notes = list(notes_on(self.store, question, bound))
        if notes or not found:
            raise UsageError(*notes)
        return found[0]

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
        """Check the data against the shapes and checks, as ``evgraph validate`` does.

        A store on disk and a server are judged where they are; `Validation.notices` name the rules that could not be.

        >>> evgraph.open("examples/faulty.ttl").validate().of("violation")[0].rule
        'DocumentShape-issued'

        Args:
            shapes: files of shapes to judge by instead of evgraph's own shapes and checks.
            add_shapes: files of shapes to judge by as well.
            pages: a folder of pages, to compare the snapshots with.
            since: a git revision, such as ``HEAD``; only findings that are new since then are returned.
            year: the year of today; the clock's, unless it is given.
            timeout: seconds for what only pySHACL can judge, such as a regular expression with lookaround; None for no
                limit.

        Raises:
            UnreadableError: nobody can work with the shapes.
            NothingCheckedError: nothing in the data is of a class that a shape or a check is about.
            LimitReachedError: pySHACL took longer, or a server cut its answers.

        """
        from evgraph.validation.changed_pages import Pages
        from evgraph.validation.checks import our_checks
        from evgraph.validation.run import Validation as Judging
        from evgraph.validation.validate import our_shapes

        rules = [*(find_files(shapes) if shapes else our_shapes()), *find_files(add_shapes)]
        compared = Pages(Path(pages)) if pages is not None else None
        year = year or datetime.datetime.now(datetime.UTC).year
        checks = [] if shapes else our_checks(present=year, pages=compared)
        day, longest = datetime.date(year, 12, 31), seconds(timeout)
        with in_python():
            judged = Judging(
                origin=self._origin, shapes=rules, checks=checks, today=day, since=since, longest=longest
            ).run()
        return Validation(judged.report, judged.places)

    def export(
        self,
        *,
        cells: Sequence[str] = (),
        resources: Sequence[str] = (),
        format: str = "turtle",  # noqa: A002 - what the command calls it
        with_ontology: bool = False,
    ) -> str:
        """Write the data, or a part of it, as ``evgraph export`` does: the same data gives the same text.

        Of a server, what `evgraph load` has put there, and the graphs below evgraph's own IRIs.

        >>> print(evgraph.open("examples/register").export(resources=["org:harbour-forum"], format="ntriples")[:54])
        <https://w3id.org/evgraph/id/org/harbour-forum> <http:

        Args:
            cells: each as ``drug:E4``; ``E4`` stands for that square of both matrices.
            resources: each as a CURIE or an IRI.
            format: ``turtle``, ``ntriples``, ``nquads``, ``trig``, ``rdfxml`` or ``jsonld``.
            with_ontology: add the ontology, the schemes and the matrices.

        Raises:
            UsageError: there is no such format, or a cell or a resource is not in the data.

        """
        from evgraph.export.export import export
        from evgraph.rdf.write import write

        kind = FORMATS.choose(format, None)
        for name, given in (("cells", cells), ("resources", resources)):
            if isinstance(given, str):
                raise UsageError(f"{name} is a list", hint=f'{name}=["{given}"]')
        quads = export(self._origin, cells=cells, resources=resources, with_ontology=with_ontology)
        return write(quads, kind).decode()

    def to_rdflib(self) -> rdflib.Dataset:
        """Hand the graph to rdflib: a copy, with its named graphs, evgraph's prefixes, and their union as the default.

        https://rdflib.readthedocs.io/

        >>> dataset = evgraph.open().to_rdflib()
        >>> len(list(dataset.subjects(rdflib.RDF.type, dataset.namespace_manager.expand_curie("evg:Cell"))))
        50
        """
        return dataset_of(select_rows(self.store, "SELECT DISTINCT ?g ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } }").rows)

    def text_of(self, passage: str, pages: str | Path) -> str:
        """Give the words of a passage; see `Passage.text`."""
        folder = Path(pages)
        with self._reading:
            for again in (False, True):  # Pages that were not there may be there now.
                if again or folder not in self._pages:
                    self._pages[folder] = Passages(self.store, folder)
                passages = self._pages[folder]
                passages.look_up([passage])
                text = passages.text(passage)
                if text is not None:
                    return text
        message, _, hint = next(iter(passages.complaints()), "the page is not there").partition("\n  ")
        raise UnreadableError(message, hint=hint or None)

    def labels(self, iris: Iterable[str]) -> dict[rdflib.URIRef, str]:
        """Look up what things are called: IRI → label; one without a name is left out."""
        from rdflib import URIRef

        return {URIRef(iri): label for iri, label in labels(self.store, iris).items()}

    def _ask(
        self,
        question: Question,
        values: dict[str, list[str]],
        limit: int | None,
        timeout: float | None,
        max_memory: int | None,
    ) -> Result | rdflib.Graph | bool:
        answer, notes = ask(self.store, self._origin, question, values, limit, timeout, max_memory)
        if isinstance(answer, bool):
            return answer
        with in_python():
            if not isinstance(answer, Rows):
                return graph_of(answer.triples)
            rows = list(answer.rows)  # Read here: an engine's rows belong to the thread that asked.
            notes = notes if rows or answer.rows.truncated else [*notes, *unknown_names(self.store, question)]
        return Result(self, answer.columns, rows, descriptions=question.columns, notes=notes, more=answer.rows.more)
