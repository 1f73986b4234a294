"""Read a question from its file, and check its head against its query."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from evgraph.errors import Hint, UnreadableError
from evgraph.namespaces import expand
from evgraph.query import head as heads
from evgraph.query.question import ANSWERED, OF_CHECKS, TYPES, Evidence, Parameter, Question
from evgraph.sparql import tokens as sparql
from evgraph.sparql.guard import MAX_LENGTH, read_tokens
from evgraph.text import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

MAX_BYTES = 4 * MAX_LENGTH + 1
"""So many bytes of a query are read: enough to see that it is too long."""

_TEXTS = {"summary", "description", "one_of", "labels", "answered_by"}
_LISTS = {"tags", "parameters", "columns", "evidence"}
_PARAMETER = {"name", "type", "required", "default", "example", "description", "choices", "pick_list"}


def read(path: Path, *, whole: bool = True) -> Question:
    """Read a canned question, or the query of a check.

    Args:
        path: its file.
        whole: whether to read the query too, which takes most of the time, and not only the head.

    Raises:
        UnreadableError: the file cannot be read or its head does not fit its query; the error has file and line.

    """
    return parse(_decoded(_bytes(path), path), path, whole=whole)


def read_ad_hoc(path: Path) -> Question:
    """Read a user's own query from a file; see `ad_hoc`."""
    return ad_hoc(_bytes(path), path)


def ad_hoc(body: bytes, path: str | Path) -> Question:
    """Return a user's own query as a question; with a head it may have parameters, without one it has none.

    Raises:
        UnreadableError: it is not UTF-8 or its head does not fit it; the error has file and line.

    """
    text = _decoded(body, path)
    read_tokens(text, path)
    if any(line.startswith("#+") for line in text.splitlines()):
        return parse(text, Path(path))
    return Question(str(path), "", "", "", (), {}, {}, text, str(path))


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES)
    except FileNotFoundError:
        raise UnreadableError("no such file", path=path, hint=Hint.LIST_QUESTIONS) from None
    except IsADirectoryError:
        raise UnreadableError("this is a folder, not a query", path=path, hint=Hint.OPEN_FOLDER_OF_QUESTIONS) from None
    except (OSError, ValueError) as error:
        raise UnreadableError(f"cannot be read: {getattr(error, 'strerror', None) or error}", path=path) from None


def _decoded(body: bytes, path: str | Path) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise UnreadableError("not UTF-8", path=path, line=line, hint="save it as UTF-8") from None


@lru_cache(maxsize=64)  # A question is asked again and again; its file is read each time, since it may have changed.
def parse(text: str, path: Path, *, whole: bool = True) -> Question:
    """Read a query with a head, and check the head against the query.

    Args:
        text: the query.
        path: its file.
        whole: whether to read the query too, and not only the head.

    Raises:
        UnreadableError: the head is malformed, a key is unknown or missing, or parameters or columns differ from the
            query's; the error has file and line.

    """
    head = heads.read(text, path)
    keys = _TEXTS | _LISTS | OF_CHECKS
    for key, line in head.lines.items():
        _check_name("key", key, keys, path, line)
        if (key in head.lists) != (key in _LISTS):
            raise heads.refused(f"'{key}' is {'a list' if key in _LISTS else 'a text'}", path, line)
    if "summary" not in head.texts:
        raise heads.refused("the head has no summary", path, 1)
    parameters = _parameters(head, path)
    one_of = _one_of(head, parameters, path)
    columns = _described_columns(head, path)
    by_evgraph = "answered_by" in head.texts
    if by_evgraph:
        answered_by, line = head.texts["answered_by"]
        if answered_by != "evgraph" or path.stem not in ANSWERED:
            raise heads.refused(f"evgraph itself answers {', '.join(ANSWERED)} and no other question", path, line)
    elif whole:
        query = read_tokens(text, path)
        _check_parameters(parameters, head, query, path)
        _check_columns(columns, head, query, path)
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
        one_of=one_of,
        labels=_labels(head, columns, path),
        evidence=tuple(_evidence(item, columns, path) for item in head.lists.get("evidence", ())),
        answered_by_evgraph=by_evgraph,
    )


def _check_name(kind: str, name: str, known: Collection[str], path: Path, line: int) -> None:
    if name not in known:
        raise heads.refused(f"unknown {kind} '{name}'{did_you_mean(name, known)}", path, line)


def _parameters(head: heads.Head, path: Path) -> dict[str, Parameter]:
    parameters: dict[str, Parameter] = {}
    for item in head.lists.get("parameters", ()):
        parameter = _parameter(item, path)
        if parameter.name in parameters:
            raise heads.refused(f"a second parameter '{parameter.name}'", path, item.line)
        parameters[parameter.name] = parameter
    return parameters


def _parameter(item: heads.Item, path: Path) -> Parameter:
    for key, text in item.fields.items():
        _check_name("key", key, _PARAMETER, path, text.line)
    for key in ("name", "type", "required", "description", "example"):
        if key not in item.fields:
            raise heads.refused(f"a parameter without '{key}'", path, item.line)
    fields = {key: text.text for key, text in item.fields.items()}
    name, kind, required = fields["name"], fields["type"], fields["required"]
    _check_name("type", kind, TYPES, path, item.fields["type"].line)
    mistakes = (
        (
            not re.fullmatch(r"[a-z][a-z0-9]*", name),
            "name",
            f"'{name}' cannot be a parameter's name: it has lower-case letters and digits only",
        ),
        (required not in {"true", "false"}, "required", "'required' is true or false"),
        (required == "true" and "default" in fields, "default", "a required parameter has no default"),
        ((kind == "choice") != ("choices" in fields), "choices", "a parameter has 'choices' if its type is 'choice'"),
        (kind in {"choice", "version"} and "pick_list" in fields, "pick_list", f"a '{kind}' has no pick_list"),
    )
    for is_wrong, key, message in mistakes:
        if is_wrong:
            raise heads.refused(message, path, item.fields.get(key, item).line)
    choices = (choice.strip() for choice in fields.get("choices", "").split(","))
    return Parameter(
        name=name,
        type=kind,
        description=fields["description"],
        example=fields["example"],
        required=required == "true",
        default=fields.get("default"),
        choices=tuple(filter(None, choices)),
        pick_list=fields.get("pick_list", ""),
    )


def _labels(head: heads.Head, columns: Mapping[str, str], path: Path) -> tuple[str, ...]:
    if "labels" not in head.texts:
        return ()
    text, line = head.texts["labels"]
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        _check_name("column in 'labels':", name, columns, path, line)
        if f"{name}_label" in columns:
            raise heads.refused(f"the query has a column '{name}_label' already", path, line)
    return names


def _evidence(item: heads.Item, columns: Mapping[str, str], path: Path) -> Evidence:
    words = item.text.split()
    terms = [word if word.startswith("?") else expand("rdf:type" if word == "a" else word) for word in words]
    if len(terms) not in {1, 3} or None in terms:
        raise heads.refused(f"'{item.text}' is neither a triple nor a variable", path, item.line)
    for word in words:
        if word.startswith("?"):
            _check_name("column in 'evidence':", word[1:], columns, path, item.line)
    return Evidence(*filter(None, terms))


def _one_of(head: heads.Head, parameters: Mapping[str, Parameter], path: Path) -> tuple[str, ...]:
    if "one_of" not in head.texts:
        return ()
    text, line = head.texts["one_of"]
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        _check_name("parameter in 'one_of':", name, parameters, path, line)
        if parameters[name].required or parameters[name].default is not None:
            raise heads.refused(f"'one_of': '{name}' is required or has a default", path, line)
    return names


def _check_parameters(
    parameters: Mapping[str, Parameter], head: heads.Head, query: Sequence[sparql.Token], path: Path
) -> None:
    declared = {parameter.variable for parameter in parameters.values()}
    columns = {token.text[1:]: token.line for token in sparql.columns(query) or ()}
    used = set()
    for token in query:
        name = token.text[1:]
        if token.kind != "var" or not name.startswith("_"):
            continue
        used.add(name)
        if name not in declared:
            message = f"the head declares no parameter for {token.text}{did_you_mean(name, declared)}"
            raise heads.refused(message, path, token.line)
        if name in columns:
            message = f"{token.text} is a parameter and cannot be a column: BIND it to another name"
            raise heads.refused(message, path, columns[name])
    for parameter, item in zip(parameters.values(), head.lists.get("parameters", ()), strict=True):
        if parameter.variable not in used:
            message = f"the query does not use the parameter '{parameter.name}', which is ?{parameter.variable} in it"
            raise heads.refused(message, path, item.line)


def _described_columns(head: heads.Head, path: Path) -> dict[str, str]:
    columns: dict[str, str] = {}
    for item in head.lists.get("columns", ()):
        if len(item.fields) != 1 or columns.keys() & item.fields.keys():
            raise heads.refused("a column is one '- name: what it is'", path, item.line)
        columns |= {name: text.text for name, text in item.fields.items()}
    return columns


def _check_columns(described: Mapping[str, str], head: heads.Head, query: Sequence[sparql.Token], path: Path) -> None:
    form = sparql.form(query)
    line = next((token.line for token in query if token.keyword in {"SELECT", "ASK", "DESCRIBE"}), 1)
    if form not in {"SELECT", "CONSTRUCT"}:
        raise heads.refused("a question is a SELECT or a CONSTRUCT", path, line)
    lines = [item.line for item in head.lists.get("columns", ())]
    if form == "CONSTRUCT":
        if described:
            raise heads.refused("a CONSTRUCT has no columns", path, lines[0])
        return
    selected = sparql.columns(query)
    if selected is None:
        raise heads.refused("name the columns: 'SELECT *' does not", path, line)
    names = [token.text[1:] for token in selected]
    for name, line_of_name in zip(described, lines, strict=True):
        if name not in names:
            raise heads.refused(f"the query does not select the column '{name}'", path, line_of_name)
    for token in selected:
        if token.text[1:] not in described:
            raise heads.refused(f"the head does not describe the column {token.text}", path, token.line)
    if list(described) != names:
        raise heads.refused(f"the columns are in another order than in the query: {', '.join(names)}", path, lines[0])
