"""A validation's report as SARIF 2.1.0, which code scanning reads.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
"""

from __future__ import annotations

import hashlib
import os.path
import re
from functools import lru_cache
from itertools import chain
from json import dumps
from os.path import commonpath
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote

from evgraph import __version__
from evgraph.errors import UnreadableError
from evgraph.render.findings.view import LONG, path_iri, plain, thing
from evgraph.shacl.findings import Severity
from evgraph.text import shown
from evgraph.validation.notices import RULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evgraph.rdf.positions import Place
    from evgraph.render.findings.view import Group, ReportView
    from evgraph.shacl.findings import Finding

_Object: TypeAlias = "dict[str, object]"

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.VIOLATION: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_ROOT = "%SRCROOT%"
MOST_RESULTS = 25_000
"""GitHub refuses a run with more.

https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning
"""
_NOTICES = {rule.name: rule for rule in RULES}


def sarif(view: ReportView) -> Iterator[str]:
    """Write one run: the rules with findings, one result per finding, and the notices as notifications of the tool.

    A result's fingerprint is of the rule and the statement, not of the line. Paths are relative to the view's folder.
    After a comparison with a revision, each result has its `baselineState`, and those that are gone are there, too.
    """
    report = view.report
    states = {"new": view.groups()}
    if report.since:
        states |= {"unchanged": view.groups(report.unchanged), "absent": view.groups(report.gone)}
    first = {group.name: group for group in reversed([*chain.from_iterable(states.values())])}
    indexes = {name: index for index, name in enumerate(first)}
    kinds = sorted({notice.kind for notice in report.notices})
    kinds_of_notice: list[_Object] = [{"id": kind, **_described(_NOTICES[kind].summary)} for kind in kinds]
    driver: _Object = {
        "name": "evgraph",
        "semanticVersion": __version__,
        "rules": [*map(_rule, first.values())],
        "notifications": kinds_of_notice,
    }
    more = sum(len(group.findings) for groups in states.values() for group in groups) - MOST_RESULTS
    notifications: list[_Object] = [
        {
            "descriptor": {"id": notice.kind},
            # An error here would say that the tool itself has failed.
            "level": "warning" if _NOTICES[notice.kind].severity is Severity.VIOLATION else "note",
            "message": {"text": shown(notice.message)},
        }
        for notice in report.notices
    ]
    if more > 0:
        text = f"{more:,} more findings are not here: code scanning takes {MOST_RESULTS:,}. CSV and JSON have all."
        notifications.append({"descriptor": {"id": "cut"}, "level": "warning", "message": {"text": text}})
        kinds_of_notice.append({"id": "cut", **_described("The report does not have all findings.")})
    run: _Object = {
        "tool": {"driver": driver},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder that evgraph was called in."}}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notifications}],
    }
    yield f'{{\n"$schema": {dumps(_SCHEMA)},\n"version": "2.1.0",\n"runs": [\n{_json(run)[:-1]}, "results": ['
    separator, regions, left = "\n", _Regions(view), MOST_RESULTS
    for state, groups in states.items():
        baseline = {"baselineState": state} if report.since else {}
        for group in groups:
            head = {
                "ruleId": group.name,
                "ruleIndex": indexes[group.name],
                "level": _LEVELS[group.severity],
                **baseline,
            }
            findings = group.findings[:left]
            left -= len(findings)
            for finding in findings:
                location = regions.anywhere if state == "absent" else regions.location(finding)
                result = head | _result(view, finding, location)
                related = regions.related(finding)
                result |= {"relatedLocations": related} if related else {}
                fixes = regions.fixes(finding)
                yield separator + _json(result | {"fixes": fixes} if fixes else result)
                separator = ",\n"
    yield "\n]}\n]\n}\n"


def _rule(group: Group) -> _Object:
    rule = group.rule
    descriptor: _Object = {
        "id": group.name,
        "defaultConfiguration": {"level": _LEVELS[group.severity]},
        "properties": {"tags": [rule.kind] if rule else []},
    }
    if rule is None:
        return descriptor | _described(group.findings[0].message)
    parts = [("Why it matters", rule.problem), ("How to fix it", rule.solution), ("Defined in", rule.source)]
    texts = [(title, shown(text, LONG)) for title, text in parts if text]
    return descriptor | {
        **_described(rule.summary),
        "fullDescription": {"text": shown(" ".join(filter(None, [rule.summary, rule.problem])), 1000)},
        "help": {
            "text": "\n\n".join(f"{title}: {text}" for title, text in texts),
            "markdown": "\n\n".join(f"**{title}.** {_markdown(text)}" for title, text in texts),
        },
    }


def _described(text: str) -> _Object:
    return {"shortDescription": {"text": shown(text, 1000)}}


def _result(view: ReportView, finding: Finding, location: _Object | None) -> _Object:
    triple = shown(finding.triple)
    statement = triple if finding.path is not None else ""
    page, words = view.page(finding)
    origin = (f"Read from {page}: {words}" if words else f"Read from {page}.") if page else ""
    logical = {"fullyQualifiedName": plain(finding.focus), "kind": "resource"}
    logical |= {"name": finding.label} if finding.label else {}
    properties: _Object = {"triple": triple, "component": finding.component}
    place, offer = view.locations.get(finding), view.fixes.get(finding)
    properties |= {"graph": place.path} if place and place.is_graph else {}
    properties |= {"page": page} if page else {}
    properties |= {"fix": shown(str(offer))} if offer else {}
    lines = [shown(finding.message, LONG), thing(finding), statement, origin, *view.notes(finding)]
    return {
        # A message may hold links, ``[words](address)``, and data must not be read as one.
        "message": {"text": "\n".join(filter(None, lines)).replace("](", "] (")},
        "locations": [({"physicalLocation": location} if location else {}) | {"logicalLocations": [logical]}],
        "partialFingerprints": {"evgraphStatement/v1": _fingerprint(finding)},
        "properties": properties,
    }


class _Regions:
    """Locations and edits as SARIF writes them."""

    def __init__(self, view: ReportView) -> None:
        self._view = view
        self._lines = lru_cache(maxsize=1)(self._read)
        self._files = {file.path: file for file in view.files}
        paths = [view.local(file.path) for file in view.files if file.path != "-"]
        # For a finding without a location, since code scanning wants one: the folder of all files.
        self.anywhere: _Object | None = {"artifactLocation": _artifact(_common(paths))} if paths else None

    def location(self, finding: Finding) -> _Object | None:
        """Return a physical location; None where the data is in no file."""
        place = self._view.locations.get(finding)
        if place is None or place.is_graph:
            return self.anywhere
        location: _Object = {"artifactLocation": _artifact(self._view.local(place.path))}
        return location | {"region": self._position(place, "start")} if place.line else location

    def related(self, finding: Finding) -> list[_Object]:
        """Return the locations of the findings that a finding explains."""
        return [
            {
                "id": number,
                "physicalLocation": location,
                "message": {"text": shown(f"{related.rule}: {related.triple}")},
            }
            for number, related in enumerate(self._view.related(finding))
            if (location := self.location(related))
        ]

    def fixes(self, finding: Finding) -> list[_Object]:
        """Return the edits of the finding's fix as one fix; empty where it has none."""
        replacements: dict[str, list[_Object]] = {}
        for start, end, text in self._view.edits.get(finding, ()):
            region = self._position(start, "start") | self._position(end, "end")
            replacement: _Object = {"deletedRegion": region, "insertedContent": {"text": text}}
            replacements.setdefault(start.path, []).append(replacement)
        if not replacements:
            return []
        changes = [
            {"artifactLocation": _artifact(self._view.local(path)), "replacements": of_file}
            for path, of_file in replacements.items()
        ]
        description = shown(self._view.fixes[finding].description)
        return [{"description": {"text": description[:1].upper() + description[1:]}, "artifactChanges": changes}]

    def _position(self, place: Place, name: str) -> _Object:
        """Return line and column; columns count UTF-16 code units, of which some characters have two."""
        lines = self._lines(place.path)
        before = lines[place.line - 1][: place.column - 1] if place.line <= len(lines) else ""
        pairs = sum(character > "\uffff" for character in before)
        return {f"{name}Line": place.line, f"{name}Column": place.column + pairs}

    def _read(self, path: str) -> list[str]:
        try:
            return self._files[path].content().decode("utf-8", "replace").split("\n") if path in self._files else []
        except UnreadableError:
            return []


def _artifact(path: str) -> _Object:
    if path.startswith("../") or path == "..":  # Code scanning refuses such a path below the root.
        path = os.path.abspath(path)  # noqa: PTH100 - `Path.resolve` follows links
    if Path(path).is_absolute():
        return {"uri": Path(path).as_uri()}
    location: _Object = {"uri": quote(path or ".")}
    return location if path == "-" else location | {"uriBaseId": _ROOT}


def _common(paths: Sequence[str]) -> str:
    return commonpath(paths) if len({Path(path).is_absolute() for path in paths}) == 1 else paths[0]


def _fingerprint(finding: Finding) -> str:
    value = "" if finding.value is None else str(finding.value)
    parts = (finding.rule, plain(finding.focus), path_iri(finding.path), value, finding.component)
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:32]


def _markdown(text: str) -> str:
    return re.sub(r"([\\`*_{}\[\]<>#|~])", r"\\\1", text)


def _json(value: _Object) -> str:
    return dumps(value, ensure_ascii=False)
