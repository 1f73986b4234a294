"""A canned question: a ``.rq`` file whose head is checked against its query."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from evgraph import shipped_files
from evgraph.sparql import tokens as sparql
from evgraph.text import unknown_name

if TYPE_CHECKING:
    from collections.abc import Mapping

TYPES = {
    "cell": "_iri",
    "document": "_iri",
    "section": "_iri",
    "matrix": "_iri",
    "marker": "_iri",
    "country": "_iri",
    "topic": "_iri",
    "organisation": "_iri",
    "iri": "_iri",
    "year": "_integer",
    "integer": "_integer",
    "doi": "",
    "pmid": "",
    "text": "",
    "words": "",
    "choice": "",
    "version": "",
}
"""Type of a parameter → the end of its variable's name; see `Parameter.variable`."""

ANSWERED = ("changes-since",)
"""The questions that evgraph answers without SPARQL: see `evgraph.query.runner.ask`."""

OF_CHECKS = frozenset({"problem", "solution", "severity"})
"""The additional keys in the head of a check: see `evgraph.validation.checks`."""


class Parameter(NamedTuple):
    """A parameter of a question.

    Attributes:
        name: its name.
        type: one of `TYPES`.
        description: one line.
        example: a value that works.
        required: whether the question cannot be asked without it; an optional one left out stays a free variable.
        default: the value of an optional one that is left out, or None.
        choices: the values that a ``choice`` takes.
        pick_list: a SELECT of one variable, the values to choose from; empty for those of its type.

    """

    name: str
    type: str
    description: str
    example: str
    required: bool
    default: str | None = None
    choices: tuple[str, ...] = ()
    pick_list: str = ""

    @property
    def variable(self) -> str:
        """The variable's name in the query, without the question mark.

        As grlc has it: a required cell called ``other`` is ``?_other_iri``, an optional one ``?__other_iri``, a
        required text ``?_other``. See https://github.com/CLARIAH/grlc/wiki/Parameter-Mapping.
        """
        return f"{'_' if self.required else '__'}{self.name}{TYPES[self.type]}"


class Evidence(NamedTuple):
    """What a row rests on: a triple that claims accompany, or a thing that is itself stated in passages.

    Attributes:
        subject: a variable such as ``?guidance``, or an IRI.
        predicate: the same; empty where the subject itself is stated in passages.
        value: the same; empty where the subject itself is stated in passages.

    """

    subject: str
    predicate: str = ""
    value: str = ""


class Question(NamedTuple):
    """A query with its head.

    Attributes:
        name: the file's name without its suffix.
        group: the name of its folder.
        summary: one line.
        description: what it answers and how to read the rows; may be empty.
        tags: at least one in the catalogue.
        parameters: by name, in the order of the head.
        columns: of a SELECT, name → what it is, in the order of the query; empty for a CONSTRUCT.
        text: the whole file.
        path: the file as the user would name it.
        one_of: names of optional parameters of which at least one is needed; may be empty.
        labels: the columns that get a label beside them.
        evidence: what a row rests on, in the variables of its columns.
        answered_by_evgraph: whether the file has no query, and evgraph answers with rows.

    """

    name: str
    group: str
    summary: str
    description: str
    tags: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    columns: Mapping[str, str]
    text: str
    path: str
    one_of: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    answered_by_evgraph: bool = False

    def parameter(self, name: str) -> Parameter:
        """Return a parameter.

        Raises:
            UsageError: there is none of that name; the error has the nearest.

        """
        if name not in self.parameters:
            hint = f"its parameters: {', '.join(self.parameters) or 'none'}"
            message = f"{self.name} has no parameter '{name}'"
            raise unknown_name(message, name, self.parameters, hint, question=self.name)
        return self.parameters[name]

    @property
    def is_shipped(self) -> bool:
        """Whether it is one of evgraph's own."""
        return Path(self.path).is_relative_to(shipped_files.queries())

    @property
    def tokens(self) -> tuple[sparql.Token, ...]:
        """The query cut into tokens."""
        return sparql.tokens(self.text)

    @property
    def order(self) -> list[tuple[str, bool]] | None:
        """The columns that the rows are ordered by, each with whether the order is descending.

        None where the query orders by anything else than its columns.
        """
        conditions = _order(self.text)
        return conditions if conditions is None or all(name in self.columns for name, _ in conditions) else None

    @property
    def is_distinct(self) -> bool:
        """Whether the query is a ``SELECT DISTINCT``."""
        words = [token.keyword for token in sparql.significant(self.tokens) if token.kind == "word"]
        return self.form == "SELECT" and words[words.index("SELECT") + 1 :][:1] == ["DISTINCT"]

    def asked_class(self, parameter: str) -> str | None:
        """Return the class that the query asks the value of a parameter to be of, as the query writes it."""
        return _classes(self.text).get(f"?{self.parameters[parameter].variable}")

    @property
    def form(self) -> str | None:
        """SELECT, CONSTRUCT, ASK or DESCRIBE; None for what is no query, or needs none."""
        return sparql.form(self.tokens)

    @property
    def selected(self) -> list[str] | None:
        """The names of the columns that the query selects; None for ``SELECT *`` and for what is no SELECT."""
        columns = sparql.columns(self.tokens)
        return None if columns is None else [token.text[1:] for token in columns]


@lru_cache(maxsize=64)  # A question is asked again and again.
def _order(text: str) -> list[tuple[str, bool]] | None:
    return sparql.order_conditions(sparql.tokens(text))


@lru_cache(maxsize=64)
def _classes(text: str) -> dict[str, str]:
    """Return variable → class, for each ``?variable a class`` of a query."""
    query = [token.text for token in sparql.significant(sparql.tokens(text))]
    return {query[i]: query[i + 2] for i in range(len(query) - 2) if query[i + 1] == "a"}
