"""Findings that people have looked at and accept: files of waivers, each with its reason, who gives it and until when.

A waiver is about a finding, not about the world, so it stands outside the graph, in TOML: people write and review it
line by line, with comments, and no tool takes it for data. https://toml.io/en/v1.0.0
"""

from __future__ import annotations

import datetime
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pyoxigraph import NamedNode

from evgraph.errors import UnreadableError
from evgraph.rdf.positions import Place
from evgraph.shacl.findings import Finding, Severity
from evgraph.spelling import did_you_mean
from evgraph.validation.check import IN_CODE, SHAPES
from evgraph.validation.report import Waived
from evgraph.validation.rule import Rule
from evgraph.validation.waiver import Waiver, read_iri

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from evgraph.validation.report import Report

FILE_NAME = "waivers.toml"
"""The file of a folder of data that is read unasked."""

_SOURCE = "src/evgraph/validation/waivers.py"
_STALE = Rule(
    "stale-waiver", Severity.WARNING, "waiver", "A waiver matches no finding.",
    "A waiver that nobody needs any more hides the fault when it comes back, and one with a slip in it hides nothing.",
    "Take it out of its file. If the finding is still there, write its rule, focus, path and value as the finding "
    "has them.", _SOURCE,
)  # fmt: skip
_EXPIRED = Rule(
    "expired-waiver", Severity.WARNING, "waiver", "A waiver has run out, and its findings count again.",
    "Someone accepted them for a time, and that is over.",
    "Mend what it waives and take the waiver out, or look again and give it another day (until).", _SOURCE,
)  # fmt: skip
RULES = (_STALE, _EXPIRED)
"""The rules that waivers themselves are judged by."""

_REQUIRED = ("rule", "focus", "reason", "who")
_KEYS = (*_REQUIRED, "path", "value", "until")
_HEADER = re.compile(r"^[ \t]*(\[\[[ \t]*waiver[ \t]*\]\])", re.MULTILINE)
_AT = re.compile(r" \(at line (\d+), column \d+\)$")
_AT_END = " (at end of document)"
_EXAMPLE = "a report in the format 'waivers' holds them, all but the reason"


def beside(folders: Iterable[str | Path]) -> list[Path]:
    """Find the file of waivers of each folder that has one."""
    return [path for folder in folders if (path := Path(folder) / FILE_NAME).is_file()]


def read(path: Path) -> list[Waiver]:
    """Read a file of waivers.

    Raises:
        UnreadableError: it cannot be read, or a waiver is malformed; the line is named.

    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UnreadableError("not UTF-8", path=path, line=line, hint="save the file as UTF-8") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UnreadableError(f"waivers cannot be read: {reason}", path=path, hint="check the name") from None
    try:
        whole = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message, found = str(error), _AT.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        message = _AT.sub("", message).removesuffix(_AT_END)
        raise UnreadableError(f"not well-formed TOML: {message}", path=path, line=line, hint=_EXAMPLE) from None
    tables, headers = whole.pop("waiver", []), list(_headers(text))
    if whole:
        line = _line_of(text, min(whole), 1, None)
        raise UnreadableError(f"'{min(whole)}' stands outside a waiver", path=path, line=line, hint=_EXAMPLE)
    if not isinstance(tables, list) or len(tables) != len(headers):
        raise UnreadableError("each waiver begins with a line [[waiver]] of its own", path=path, hint=_EXAMPLE)
    ends = [*(line for line, _ in headers), None][1:] if headers else []
    return [
        _waiver(table, text, Place(str(path), line, column), end)
        for table, (line, column), end in zip(tables, headers, ends, strict=True)
    ]


def _headers(text: str) -> Iterator[tuple[int, int]]:
    """Give line and column, from 1, of each line ``[[waiver]]`` that is not part of a text in quotes."""
    for found in _HEADER.finditer(text):
        before = text[: found.start(1)]
        if "'''" in before or '"""' in before:
            try:
                tomllib.loads(before)
            except tomllib.TOMLDecodeError:
                continue
        yield before.count("\n") + 1, found.start(1) - found.start() + 1


def _waiver(table: Mapping[str, object], text: str, place: Place, end: int | None) -> Waiver:
    def refused(message: str, key: str = "", hint: str = _EXAMPLE) -> UnreadableError:
        line = _line_of(text, key, place.line, end)
        return UnreadableError(message, path=place.path, line=line, hint=hint)

    def said(key: str) -> str:
        value = table[key]
        if not isinstance(value, str) or not value.strip():
            raise refused(f"the '{key}' of a waiver is text, and not empty", key)
        return value.strip()

    for key in table:
        if key not in _KEYS:
            raise refused(f"a waiver has no '{key}'{did_you_mean(key, _KEYS)}", key, f"it has {', '.join(_KEYS)}")
    for key in _REQUIRED:
        if key not in table:
            raise refused(f"a waiver needs a '{key}'")
    until = table.get("until")
    if until is not None and type(until) is not datetime.date:  # A datetime is a date, too.
        raise refused("the 'until' of a waiver is a day", "until", "write it without quotes, as in until = 2027-01-31")
    focus = read_iri(said("focus"))
    if focus is None:
        raise refused(
            f"'{said('focus')}' is neither a CURIE with one of evgraph's prefixes nor an IRI", "focus",
            "write doc:timko-2007, or an IRI in angle brackets",
        )  # fmt: skip
    return Waiver(
        rule=said("rule"),
        focus=focus,
        reason=said("reason"),
        who=said("who"),
        path=said("path") if "path" in table else None,
        value=said("value") if "value" in table else None,
        until=until,
        place=place,
    )


def _line_of(text: str, key: str, start: int, end: int | None) -> int:
    """Give the line of a key between two lines; where it does not stand there, the first."""
    lines = text.split("\n")[start - 1 : None if end is None else end - 1]
    pattern = re.compile(rf"[ \t]*\[*[\"']?{re.escape(key)}[\"']?[ \t]*[=.\]]")
    return next((start + i for i, line in enumerate(lines) if key and pattern.match(line)), start)


def applied(
    report: Report,
    waivers: Sequence[Waiver],
    *,
    today: datetime.date,
    left_out: Callable[[str], bool] = lambda _: False,
    known: Callable[[], Collection[str]] = tuple,
) -> tuple[Report, Mapping[Finding, Place]]:
    """Set the findings apart that waivers cover, and judge the waivers.

    Args:
        report: of a validation.
        waivers: as `read` gives them.
        today: a waiver holds on its last day.
        left_out: whether the validation left out a rule of this name; of its waivers none is stale.
        known: gives the names of all rules, for one that is misspelt.

    Returns:
        The report with the covered findings in `Report.waived`, and with findings about waivers; where these stand.

    """
    by_thing: dict[tuple[str, str], list[Waiver]] = {}
    for waiver in waivers:
        by_thing.setdefault((waiver.rule, waiver.focus), []).append(waiver)
    used: set[Waiver] = set()
    open_findings: list[Finding] = []
    waived: list[Waived] = []
    for finding in report.findings:
        focus = finding.focus.value if isinstance(finding.focus, NamedNode) else ""
        covering = [one for one in by_thing.get((finding.rule, focus), ()) if one.covers(finding)]
        used.update(covering)
        holding = next((one for one in covering if not _over(one, today)), None)
        if holding is None:
            open_findings.append(finding)
        else:
            waived.append(Waived(finding, holding))
    places: dict[Finding, Place] = {}
    for waiver in waivers:
        if waiver not in used and not left_out(waiver.rule):
            places[_finding(_STALE, waiver, _stale(waiver, known()))] = waiver.place
        elif _over(waiver, today):
            message = f"The waiver of {waiver.words} held until {waiver.until}. {_EXPIRED.mend}"
            places[_finding(_EXPIRED, waiver, message)] = waiver.place
    findings = sorted({*open_findings, *places}, key=lambda finding: finding.order)
    return replace(report, findings=tuple(findings), waived=tuple(waived)), places


def _over(waiver: Waiver, today: datetime.date) -> bool:
    return waiver.until is not None and today > waiver.until


def _stale(waiver: Waiver, known: Collection[str]) -> str:
    if known and waiver.rule not in known:
        near = did_you_mean(waiver.rule, known)
        return f"The waiver of {waiver.words} matches nothing: there is no such rule{near or '.'}"
    return f"The waiver of {waiver.words} matches no finding. {_STALE.mend}"


def _finding(rule: Rule, waiver: Waiver, message: str) -> Finding:
    return Finding(
        severity=rule.severity,
        rule=rule.name,
        focus=NamedNode(waiver.focus),
        path=None,
        value=None,
        message=message,
        source_shape=NamedNode(f"{SHAPES}check-{rule.name}"),
        component=IN_CODE,
    )
