"""A validation's report as SARIF 2.1.0, which code scanning reads.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from itertools import accumulate
from json import dumps
from os.path import commonpath
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote

from evgraph import __version__
from evgraph.errors import UnreadableError
from evgraph.render.findings.account import read_from, thing
from evgraph.render.findings.json import path_text, plain
from evgraph.shacl.findings import Severity
from evgraph.text import shown
from evgraph.validation.notices import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from evgraph.rdf.positions import Place
    from evgraph.render.findings.account import Account, Group
    from evgraph.shacl.findings import Finding
    from evgraph.validation.fixes.turtle_edits import Edit

_Object: TypeAlias = "dict[str, object]"

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_ROOT = "%SRCROOT%"
_NOTICES = {rule.name: rule for rule in RULES}


def sarif(account: Account) -> Iterator[str]:
    """Write one run: the rules that are broken, a result a finding, the notices as notifications of the tool.

    A result's fingerprint is of the rule and the statement, not of the line. Paths are told from the account's folder.
    """
    groups = account.groups()
    names = list(dict.fromkeys(group.name for group in groups))
    heads = {group.name: group for group in reversed(groups)}
    kinds = sorted({notice.kind for notice in account.report.notices})
    driver: _Object = {
        "name": "evgraph",
        "semanticVersion": __version__,
        "rules": [_rule(heads[name]) for name in names],
        "notifications": [{"id": kind, **_described(_NOTICES[kind].wrong)} for kind in kinds],
    }
    run: _Object = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder that evgraph was called in."}}},
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [
                    {
                        "descriptor": {"id": one.kind},
                        # An error here would say that the tool itself has failed.
                        "level": "warning" if _NOTICES[one.kind].severity is Severity.VIOLATION else "note",
                        "message": {"text": shown(one.message)},
                    }
                    for one in account.report.notices
                ],
            }
        ],
    }
    yield f'{{\n"$schema": {dumps(_SCHEMA)},\n"version": "2.1.0",\n"runs": [\n{_json(run)[:-1]}, "results": ['
    mark, places = "\n", _Places(account)
    for group in groups:
        index = names.index(group.name)
        for words, about in group.messages.items():
            for finding in about:
                yield mark + _json(_result(account, group, index, words, finding, places))
                mark = ",\n"
    yield "\n]}\n]\n}\n"


def _rule(group: Group) -> _Object:
    rule = group.rule
    told: _Object = {
        "id": group.name,
        "defaultConfiguration": {"level": _LEVELS[group.severity]},
        "properties": {"tags": [rule.kind] if rule else []},
    }
    if rule is None:
        return told | _described(next(iter(group.messages)))
    parts = [("Why it matters", rule.why), ("How to mend it", rule.mend), ("Where the rule stands", rule.source)]
    known = [(title, shown(words, 4000)) for title, words in parts if words]
    return told | {
        **_described(rule.wrong),
        "fullDescription": {"text": shown(" ".join(filter(None, [rule.wrong, rule.why])), 1000)},
        "help": {
            "text": "\n\n".join(f"{title}: {words}" for title, words in known),
            "markdown": "\n\n".join(f"**{title}.** {_markdown(words)}" for title, words in known),
        },
    }


def _described(words: str) -> _Object:
    return {"shortDescription": {"text": shown(words, 1000)}}


def _result(account: Account, group: Group, index: int, words: str, finding: Finding, places: _Places) -> _Object:
    triple = shown(finding.triple)
    statement = triple if finding.path is not None else ""
    page, said = read_from(account, finding)
    origin = (f"Read from {page}: {said}" if said else f"Read from {page}.") if page else ""
    physical = places.of(finding)
    logical = {"fullyQualifiedName": plain(finding.focus), "kind": "resource"}
    logical |= {"name": finding.label} if finding.label else {}
    properties: _Object = {"triple": triple, "component": finding.component}
    offer, fixes = account.fixes.get(finding), places.fixes(finding)
    place = account.places.get(finding)
    properties |= {"graph": place.path} if place and place.is_graph else {}
    properties |= {"page": page} if page else {}
    properties |= {"fix": shown(str(offer))} if offer else {}
    return {
        "ruleId": group.name,
        "ruleIndex": index,
        "level": _LEVELS[group.severity],
        "message": {
            "text": _unlinked("\n".join(filter(None, [shown(words, 4000), thing(finding), statement, origin])))
        },
        "locations": [({"physicalLocation": physical} if physical else {}) | {"logicalLocations": [logical]}],
        "partialFingerprints": {"evgraphStatement/v1": _fingerprint(finding)},
        **({"fixes": fixes} if fixes else {}),
        "properties": properties,
    }


def _in_common(paths: Sequence[str]) -> str:
    return commonpath(paths) if len({Path(path).is_absolute() for path in paths}) == 1 else paths[0]


def _artifact(path: str) -> _Object:
    if Path(path).is_absolute():
        return {"uri": Path(path).as_uri()}
    location: _Object = {"uri": quote(path or ".")}
    return location if path == "-" else location | {"uriBaseId": _ROOT}


class _Places:
    """Says where findings stand, reading each file once."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._files = {file.path: file for file in account.files}
        self._path, self._lines, self._starts = "", [""], [0]
        # Code scanning wants a place for each finding: one that stands nowhere gets what the files have in common.
        paths = [account.local(file.path) for file in account.files if file.path != "-"]
        self._anywhere: _Object | None = {"artifactLocation": _artifact(_in_common(paths))} if paths else None

    def of(self, finding: Finding) -> _Object | None:
        """Give a physical location; None where the data is in no file."""
        place = self._account.places.get(finding)
        if place is None or place.is_graph:
            return self._anywhere
        location: _Object = {"artifactLocation": _artifact(self._account.local(place.path))}
        return location | {"region": self._region(place)} if place.line else location

    def fixes(self, finding: Finding) -> list[_Object]:
        """Give what ``--fix`` would change, as one fix; none where that is not known."""
        edits = self._account.edits.get(finding, {})
        if not edits:
            return []
        changes = [
            {
                "artifactLocation": _artifact(self._account.local(path)),
                "replacements": [self._replacement(path, edit) for edit in some],
            }
            for path, some in edits.items()
        ]
        words = shown(self._account.fixes[finding].words)
        return [{"description": {"text": words[:1].upper() + words[1:]}, "artifactChanges": changes}]

    def _replacement(self, path: str, edit: Edit) -> _Object:
        start, end = (self._position(path, offset) for offset in edit[:2])
        region = {"startLine": start[0], "startColumn": start[1], "endLine": end[0], "endColumn": end[1]}
        return {"deletedRegion": region, "insertedContent": {"text": edit.text}}

    def _position(self, path: str, offset: int) -> tuple[int, int]:
        """Find line and column of a character, the latter in UTF-16 code units."""
        lines = self._of(path)
        number = bisect_right(self._starts, offset)
        before = lines[number - 1][: offset - self._starts[number - 1]]
        return number, len(before) + 1 + _pairs(before)

    def _of(self, path: str) -> list[str]:
        if path != self._path:
            self._path, self._lines = path, self._read(path)
            self._starts = [0, *accumulate(len(line) + 1 for line in self._lines[:-1])]
        return self._lines

    def _region(self, place: Place) -> _Object:
        """Count columns in UTF-16 code units; they differ only behind characters beyond the basic plane."""
        lines = self._of(place.path)
        before = lines[place.line - 1][: place.column - 1] if place.line <= len(lines) else ""
        return {"startLine": place.line, "startColumn": place.column + _pairs(before)}

    def _read(self, path: str) -> list[str]:
        try:
            return self._files[path].content().decode("utf-8", "replace").split("\n") if path in self._files else []
        except UnreadableError:
            return []


def _pairs(text: str) -> int:
    """Count the characters that UTF-16 writes in two units."""
    return sum(one > "\uffff" for one in text)


def _fingerprint(finding: Finding) -> str:
    path = "" if finding.path is None else path_text(finding.path)
    value = "" if finding.value is None else str(finding.value)
    words = (finding.rule, plain(finding.focus), path, value, finding.component)
    return hashlib.sha256("\x00".join(words).encode()).hexdigest()[:32]


def _unlinked(text: str) -> str:
    """Keep data from being read as a link, which a message may hold: ``[words](address)``."""
    return text.replace("](", "] (")


def _markdown(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", text)


def _json(whole: Mapping[str, object]) -> str:
    return dumps(whole, ensure_ascii=False)
