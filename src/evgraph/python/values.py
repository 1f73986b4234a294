"""Python values of RDF terms, alone and in data frames and graphs, and the text of values that users give.

pandas (https://pandas.pydata.org/docs/) and polars (https://docs.pola.rs/) are imported only when a frame is made.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, datetime
from importlib import import_module
from operator import index
from typing import TYPE_CHECKING, Any, SupportsIndex, TypeAlias

import pyoxigraph as ox

from evgraph.errors import UsageError
from evgraph.limits import MOST_SECONDS, are_seconds
from evgraph.namespaces import PREFIXES, XSD, curie
from evgraph.render.rows import INTEGERS, TRUTH
from evgraph.terms import to_rdflib as term
from evgraph.terms import value_of as plain

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pandas
    import polars
    import rdflib

    from evgraph.python.things import Thing
    from evgraph.store.protocol import Term as Stored

Value: TypeAlias = "str | int | float | bool | date | datetime"
"""A plain Python value."""
DISPLAYED = 50
"""The largest number of rows that a notebook displays."""
Single: TypeAlias = "str | SupportsIndex | float | Thing"
Argument: TypeAlias = "Single | Iterable[Single] | None"
"""A value for a parameter: text (rdflib's terms are text), a number, a thing of the graph, or several of these."""

_READERS: dict[str, Callable[[str], Value]] = {
    **dict.fromkeys([*INTEGERS, f"{XSD}gYear"], int),
    **dict.fromkeys([f"{XSD}decimal", f"{XSD}double", f"{XSD}float"], float),
    f"{XSD}boolean": TRUTH.__getitem__,
    f"{XSD}date": date.fromisoformat,
    f"{XSD}dateTime": datetime.fromisoformat,
}
# Type of a column's values → its type in pandas (one that allows missing values) and in polars.
_COLUMN_TYPES: dict[type, tuple[str, str]] = {
    bool: ("boolean", "Boolean"),
    int: ("Int64", "Int64"),
    float: ("Float64", "Float64"),
    date: ("datetime64[s]", "Date"),
    str: ("string", "String"),
}
_LARGEST = 2**63 - 1


def value(stored: Stored | None, *, curies: bool = False) -> Value | None:
    """Return a plain value: an int for whole numbers and years, a date for dates, text for IRIs and everything else.

    A literal that does not match its datatype stays text; an unbound variable gives None. With `curies`, IRIs are
    shortened (``doc:timko-2007``).
    """
    if stored is None:
        return None
    if isinstance(stored, ox.Literal):
        with suppress(ValueError, KeyError):
            return _READERS.get(stored.datatype.value, str)(stored.value)
    text = plain(stored)
    return curie(text) if curies and isinstance(stored, ox.NamedNode) else text


def dataset_of(rows: Iterable[tuple[Stored | None, ...]]) -> rdflib.Dataset:
    """Return rows of graph, subject, predicate, object as an rdflib dataset with evgraph's prefixes."""
    import rdflib

    dataset = rdflib.Dataset(default_union=True)
    _bind_prefixes(dataset)
    graphs: dict[Stored, rdflib.Graph] = {}
    for row in rows:
        name, *triple = (cell for cell in row if cell is not None)
        if name not in graphs:
            graphs[name] = dataset.graph(rdflib.URIRef(plain(name)))
        subject, predicate, target = map(term, triple)
        graphs[name].add((subject, predicate, target))
    return dataset


def graph_of(triples: Iterable[ox.Triple]) -> rdflib.Graph:
    """Return triples as an rdflib graph with evgraph's prefixes."""
    import rdflib

    graph = rdflib.Graph(bind_namespaces="none")
    _bind_prefixes(graph)
    for triple in triples:
        graph.add((term(triple.subject), term(triple.predicate), term(triple.object)))
    return graph


def _bind_prefixes(graph: rdflib.Graph) -> None:
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace, replace=True)


def in_html(macro: str, *values: object) -> str:
    """Return HTML for a notebook, by a macro of the template ``notebook.html.j2``."""
    from evgraph.render.findings.markup import template

    return str(getattr(template("notebook.html.j2").module, macro)(*values))


class Tabular(ABC):
    """Rows with named columns, which data frames can hold."""

    columns: tuple[str, ...]

    @abstractmethod
    def to_dicts(self, *, curies: bool = False) -> list[dict[str, Value | None]]:
        """Return the rows as dictionaries of plain values; with `curies`, IRIs are shortened."""

    def to_pandas(self, *, curies: bool = False) -> pandas.DataFrame:
        """Return the rows of `to_dicts` as a pandas data frame with a type for each column; None becomes ``<NA>``.

        Without pandas, raise a `UsageError`.
        """
        pd = _library("pandas")
        columns = _typed(self.columns, self.to_dicts(curies=curies))
        frame: pandas.DataFrame = pd.DataFrame(
            {name: pd.Series(cells, dtype=_COLUMN_TYPES[kind][0]) for name, kind, cells in columns}
        )
        return frame

    def to_polars(self, *, curies: bool = False) -> polars.DataFrame:
        """Return the rows of `to_dicts` as a polars data frame with a type for each column; None becomes null.

        Without polars, raise a `UsageError`.
        """
        pl = _library("polars")
        columns = _typed(self.columns, self.to_dicts(curies=curies))
        frame: polars.DataFrame = pl.DataFrame(
            [pl.Series(name, cells, dtype=getattr(pl, _COLUMN_TYPES[kind][1])) for name, kind, cells in columns]
        )
        return frame


def _typed(columns: Sequence[str], rows: Sequence[Mapping[str, Value | None]]) -> Iterable[tuple[str, type, list[Any]]]:
    """Yield name, type and values of each column: int beside float becomes float, other mixtures become text."""
    for name in columns:
        cells = [row[name] for row in rows]
        kinds = {type(cell) for cell in cells if cell is not None}
        kind = float if kinds == {int, float} else kinds.pop() if len(kinds) == 1 else str
        too_large = kind is int and any(cell is not None and abs(cell) > _LARGEST for cell in cells)  # type: ignore[arg-type]
        if kind not in _COLUMN_TYPES or too_large:
            kind = str
        convert: Callable[[Any], Any] = kind if kind in {float, str} else lambda cell: cell
        yield name, kind, [None if cell is None else convert(cell) for cell in cells]


def _library(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        raise UsageError(
            f"{name} is not installed", hint=f"pip install {name}; without it, use to_dicts() for plain Python values"
        ) from None


def texts_of(values: Mapping[str, Argument]) -> dict[str, list[str]]:
    """Return the values of each parameter as text, without None; a wrong type or an empty list is a `UsageError`."""
    texts: dict[str, list[str]] = {}
    for name, value in values.items():
        if value is None:
            continue
        is_list = isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)
        texts[name] = [text_of(name, single) for single in (value if is_list else [value])]  # type: ignore[union-attr]
        if not texts[name]:
            raise UsageError(f"{name}: an empty list", hint=f"leave {name} out to get every value")
    return texts


def text_of(name: str, value: object) -> str:
    """Return one value as text, or raise a `UsageError` for a type that no parameter takes."""
    iri = getattr(value, "iri", value)
    if isinstance(iri, str):
        return str(iri)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # Data frames give whole numbers beside missing values as floats.
    with suppress(TypeError):
        if not isinstance(value, bool):
            return str(index(value))  # type: ignore[arg-type] # An int, or a whole number of numpy.
    raise UsageError(
        f"{name}={value!r}: expected text, a whole number or a thing of the graph, not {type(value).__name__}",
        hint='such as cell="drug:E4", or a list of such values',
    )


def whole_number(name: str, value: int | None, *, least: int, most: int | None = None) -> int | None:
    """Return a limit, or raise a UsageError if it is not a whole number, too small or too large."""
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < least):
        raise UsageError(f"{name}={value!r}: expected a whole number from {least}, or None for no limit")
    if value is not None and most is not None and value > most:
        raise UsageError(f"{name}={value!r}: expected at most {most}, or None for no limit")
    return value


def seconds(timeout: float | None) -> float | None:
    """Return a time limit, or raise a UsageError if it is not a number of seconds."""
    if timeout is not None and not are_seconds(timeout):
        message = f"expected a number of seconds above 0 and up to {MOST_SECONDS}, or None for no limit"
        raise UsageError(f"timeout={timeout!r}: {message}")
    return timeout
