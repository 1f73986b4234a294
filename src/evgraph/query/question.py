"""A canned question: a ``.rq`` file whose head is checked against its query."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from evgraph import shipped_files
from evgraph.errors import Hint, UnreadableError, UsageError
from evgraph.query import head as heads
from evgraph.query.suggest import did_you_mean, nearest
from evgraph.sparql import tokens as sparql

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

TYPES = {
    "cell": "iri",
    "document": "iri",
    "matrix": "iri",
    "marker": "iri",
    "country": "iri",
    "topic": "iri",
    "organisation": "iri",
    "iri": "iri",
    "year": "integer",
    "integer": "integer",
    "doi": "string",
    "pmid": "string",
    "text": "string",
    "words": "string",
    "choice": "string",
    "version": "string",
}
"""Type of a parameter → the end of its variable's name: a cell called ``other`` is ``?_other_iri`` in the query."""

ANSWERED = ("changes-since",)
"""The questions that SPARQL cannot answer, and evgraph does: see `evgraph.query.runner.ask`."""

OF_CHECKS = frozenset({"problem", "solution", "severity"})
"""What the head of a check says besides: see `evgraph.validation.checks`."""

_TEXTS = {"summary", "description", "one_of", "answered_by"}
_LISTS = {"tags", "parameters", "columns"}
_PARAMETER = {"name", "type", "required", "default", "example", "description", "choices", "pick_list"}


class Parameter(NamedTuple):
    """What a question may, or must, be told.

    Attributes:
        name: as in ``-p name=value``.
        type: one of `TYPES`.
        description: one line.
        example: a value that works.
        required: whether the question cannot be asked without it; an optional one left out stays a free variable.
        default: what an optional one is taken to be, or None.
        choices: the values that a ``choice`` takes.
        pick_list: a SELECT of one variable, the values to choose from; empty for those that its type has.

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
        """The variable's name in the query, without the question mark (grlc's convention)."""
        return f"_{self.name}_{TYPES[self.type]}"


class Question(NamedTuple):
    """A query with its head read and checked.

    Attributes:
        name: the file's name without its suffix.
        group: the folder it lies in.
        summary: one line.
        description: what it answers and how to read the rows; may be empty.
        tags: at least one in the catalogue.
        parameters: by name, in the order of the head.
        one_of: names of optional parameters of which at least one must be given; may be empty.
        answered_by_evgraph: whether the file holds no query, and evgraph answers by itself, with rows.
        columns: of a SELECT, name → what it is, in the order of the query; empty for a CONSTRUCT.
        text: the whole file.
        path: the file as the user would name it.

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
    answered_by_evgraph: bool = False

    def parameter(self, name: str) -> Parameter:
        """Give a parameter.

        Raises:
            UsageError: there is none of that name; the nearest is named.

        """
        if name not in self.parameters:
            raise UsageError(
                f"{self.name} has no parameter '{name}'{did_you_mean(name, self.parameters)}",
                value=name,
                expected=tuple(self.parameters),
                nearest=next(iter(nearest(name, self.parameters)), None),
                question=self.name,
                hint=f"its parameters: {', '.join(self.parameters) or 'none'}",
            )
        return self.parameters[name]

    @property
    def is_shipped(self) -> bool:
        """Whether evgraph brings it along, and nobody else wrote it."""
        return Path(self.path).is_relative_to(shipped_files.queries())

    @property
    def tokens(self) -> tuple[sparql.Token, ...]:
        """The query cut into tokens."""
        return sparql.tokens(self.text)

    @property
    def form(self) -> str | None:
        """SELECT, CONSTRUCT, ASK or DESCRIBE; None for what is no query, or needs none."""
        return sparql.form(self.tokens)


def read(path: Path) -> Question:
    """Read a canned question.

    Raises:
        UnreadableError: the file cannot be read or its head does not fit its query; file and line are named.

    """
    return _parsed(_text(_bytes(path), path), path)


@lru_cache(maxsize=64)  # A question is asked again and again; its file is read each time, since it may have changed.
def _parsed(text: str, path: Path) -> Question:
    return parse(text, path)


def read_head(path: Path) -> Question:
    """Read a canned question without looking at its query, which takes most of the time; see `read`."""
    return parse(_text(_bytes(path), path), path, whole=False)


def read_check(path: Path) -> Question:
    """Read the query of a check, whose head holds more; see `read`."""
    return parse(_text(_bytes(path), path), path, OF_CHECKS)


def read_own(path: Path) -> Question:
    """Read a query of somebody's own from a file; see `own`."""
    return own(_bytes(path), path)


def own(body: bytes, path: str | Path) -> Question:
    """Read a query of somebody's own; with a head it may have parameters, without one it has none.

    Raises:
        UnreadableError: it is not UTF-8 or its head does not fit it; file and line are named.

    """
    text = _text(body, path)
    if any(line.startswith("#+") for line in text.splitlines()):
        return parse(text, Path(path), OF_CHECKS)
    return Question(str(path), "", "", "", (), {}, {}, text, str(path))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UnreadableError("no such file", path=path, hint=Hint.LIST_QUESTIONS) from None
    except IsADirectoryError:
        raise UnreadableError("a folder, and no query", path=path, hint=Hint.OPEN_FOLDER_OF_QUESTIONS) from None
    except (OSError, ValueError) as error:
        raise UnreadableError(f"cannot be read: {getattr(error, 'strerror', None) or error}", path=path) from None


def _text(body: bytes, path: str | Path) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise UnreadableError("not UTF-8", path=path, line=line, hint="save it as UTF-8") from None


def parse(text: str, path: Path, more: Collection[str] = (), *, whole: bool = True) -> Question:
    """Read a query with a head, and check the one against the other.

    Args:
        text: the query.
        path: where it stands.
        more: keys that the head may have besides, each with a text.
        whole: look at the query, too, and not only at the head.

    Raises:
        UnreadableError: the head is malformed, a key is unknown or missing, or parameters or columns differ from the
            query's; file and line are named.

    """
    head = heads.read(text, path)
    known = _TEXTS.union(_LISTS, more)
    for key, line in head.lines.items():
        if key not in known:
            raise heads.refused(f"unknown key '{key}'{did_you_mean(key, known)}", path, line)
        if (key in head.lists) != (key in _LISTS):
            raise heads.refused(f"'{key}' is {'a list' if key in _LISTS else 'a text'}", path, line)
    if "summary" not in head.texts:
        raise heads.refused("the head has no summary", path, 1)
    parameters = _parameters(head, path)
    by_evgraph = "answered_by" in head.texts
    if by_evgraph:
        _check_answered(head, path)
    if by_evgraph or not whole:
        columns = _described(head, path)
    else:
        query = sparql.tokens(text)
        _check_parameters(parameters, head, query, path)
        columns = _columns(head, query, path)
    return Question(
        name=path.stem,
        group=path.parent.name,
        summary=head.texts["summary"].text,
        description=head.texts["description"].text if "description" in head.texts else "",
        tags=tuple(item.text for item in head.lists.get("tags", ())),
        parameters=parameters,
        columns=columns,
        text=text,
        path=str(path),
        one_of=_one_of(head, parameters, path),
        answered_by_evgraph=by_evgraph,
    )


def _parameters(head: heads.Head, path: Path) -> dict[str, Parameter]:
    found: dict[str, Parameter] = {}
    for item in head.lists.get("parameters", ()):
        fields = {key: text.text for key, text in item.fields.items()}
        for key, text in item.fields.items():
            if key not in _PARAMETER:
                raise heads.refused(f"unknown key '{key}'{did_you_mean(key, _PARAMETER)}", path, text.line)
        for key in ("name", "type", "required", "description", "example"):
            if key not in fields:
                raise heads.refused(f"a parameter without '{key}'", path, item.line)
        name, kind = fields["name"], fields["type"]
        if name in found or not name.isidentifier() or name.startswith("_") or name != name.lower():
            message = f"'{name}' stands twice" if name in found else f"'{name}' is no name for a parameter"
            raise heads.refused(message, path, item.fields["name"].line)
        if kind not in TYPES:
            raise heads.refused(f"unknown type '{kind}'{did_you_mean(kind, TYPES)}", path, item.fields["type"].line)
        if fields["required"] not in {"true", "false"}:
            raise heads.refused("'required' is true or false", path, item.fields["required"].line)
        required = fields["required"] == "true"
        if required and "default" in fields:
            raise heads.refused("a required parameter has no default", path, item.fields["default"].line)
        if (kind == "choice") != ("choices" in fields):
            raise heads.refused("'choices' belongs to the type 'choice', and to no other", path, item.line)
        if kind in {"choice", "version"} and "pick_list" in fields:
            raise heads.refused(f"a '{kind}' has no pick_list", path, item.fields["pick_list"].line)
        found[name] = Parameter(
            name=name,
            type=kind,
            description=fields["description"],
            example=fields["example"],
            required=required,
            default=fields.get("default"),
            choices=tuple(choice.strip() for choice in fields.get("choices", "").split(",") if choice.strip()),
            pick_list=fields.get("pick_list", ""),
        )
    return found


def _one_of(head: heads.Head, parameters: Mapping[str, Parameter], path: Path) -> tuple[str, ...]:
    if "one_of" not in head.texts:
        return ()
    text, line = head.texts["one_of"]
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in parameters:
            raise heads.refused(f"'one_of': no parameter '{name}'{did_you_mean(name, parameters)}", path, line)
        if parameters[name].required or parameters[name].default is not None:
            raise heads.refused(f"'one_of': '{name}' is required or has a default", path, line)
    return names


def _check_parameters(
    parameters: Mapping[str, Parameter], head: heads.Head, query: Sequence[sparql.Token], path: Path
) -> None:
    declared = {parameter.variable for parameter in parameters.values()}
    handed_out = {token.text[1:]: token for token in sparql.columns(query) or ()}
    used = set()
    for token in query:
        name = token.text[1:]
        if token.kind != "var" or not name.startswith("_"):
            continue
        used.add(name)
        if name not in declared:
            raise heads.refused(
                f"the head declares no parameter for {token.text}{did_you_mean(name, declared)}", path, token.line
            )
        if name in handed_out:
            raise heads.refused(
                f"{token.text} is a parameter and no column: BIND it to another name", path, handed_out[name].line
            )
    for parameter, item in zip(parameters.values(), head.lists.get("parameters", ()), strict=True):
        if parameter.variable not in used:
            raise heads.refused(
                f"the query does not use the parameter '{parameter.name}', which is ?{parameter.variable} in it",
                path,
                item.line,
            )


def _check_answered(head: heads.Head, path: Path) -> None:
    text, line = head.texts["answered_by"]
    if text != "evgraph" or path.stem not in ANSWERED:
        raise heads.refused(f"evgraph itself answers {', '.join(ANSWERED)} and no other question", path, line)


def _described(head: heads.Head, path: Path) -> dict[str, str]:
    items = head.lists.get("columns", [])
    for item in items:
        if len(item.fields) != 1:
            raise heads.refused("a column is one '- name: what it is'", path, item.line)
    return {name: text.text for item in items for name, text in item.fields.items()}


def _columns(head: heads.Head, query: Sequence[sparql.Token], path: Path) -> dict[str, str]:
    kind = sparql.form(query)
    line = next((word.line for word in sparql.words(query) if word.text in {"SELECT", "ASK", "DESCRIBE"}), 1)
    if kind not in {"SELECT", "CONSTRUCT"}:
        raise heads.refused("a question is a SELECT or a CONSTRUCT", path, line)
    _described(head, path)
    items = head.lists.get("columns", [])
    if kind == "CONSTRUCT":
        if items:
            raise heads.refused("a CONSTRUCT has no columns", path, items[0].line)
        return {}
    selected = sparql.columns(query)
    if selected is None:
        raise heads.refused("name the columns: 'SELECT *' says nothing to a reader", path, line)
    described = {name: text for item in items for name, text in item.fields.items()}
    for name, text in described.items():
        if name not in {token.text[1:] for token in selected}:
            raise heads.refused(f"the query does not select the column '{name}'", path, text.line)
    for token in selected:
        if token.text[1:] not in described:
            raise heads.refused(f"the head does not describe the column {token.text}", path, token.line)
    order = [token.text[1:] for token in selected]
    if list(described) != order or len(items) != len(order):
        raise heads.refused(
            f"the columns stand in another order than in the query: {', '.join(order)}", path, items[0].line
        )
    return {name: text.text for name, text in described.items()}
