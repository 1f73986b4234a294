"""Waivers: findings that somebody accepts, with the reason, the person and the last day.

A waiver is about a finding and not about a document, so it is kept outside the graph, in a TOML file that people review
line by line. https://toml.io/en/v1.0.0
"""

from __future__ import annotations

import datetime
import re
from collections import defaultdict
from functools import lru_cache
from os.path import normpath
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from pyoxigraph import Literal, NamedNode

from evgraph.errors import UnreadableError
from evgraph.namespaces import NOT_IN_IRI, expand
from evgraph.rdf.faults import merge_conflict, shortened
from evgraph.rdf.positions import Place
from evgraph.regular_files import read_file
from evgraph.shacl.findings import Finding, Severity, path_text, term_text
from evgraph.terms import value_of
from evgraph.text import did_you_mean, shown
from evgraph.validation.check import Rule

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from evgraph.store.protocol import Term

FILE_NAME = "waivers.toml"
"""The name of the file that is read from each folder of data."""

_SOURCE = "src/evgraph/validation/waivers.py"
_STALE = Rule(
    "stale-waiver", Severity.WARNING, "waiver", "A waiver matches no finding.",
    "If the same fault comes back, the waiver hides it; if the waiver is misspelt, it hides nothing.",
    "Delete the waiver. If the finding is still there, copy its rule, focus, path and value into the waiver.", _SOURCE,
)  # fmt: skip
_EXPIRED = Rule(
    "expired-waiver", Severity.WARNING, "waiver", "A waiver has expired.", "Its findings count again.",
    "Fix the finding and delete the waiver, or review it and set a later day (until).", _SOURCE,
)  # fmt: skip
RULES = (_STALE, _EXPIRED)
"""The rules for waivers themselves."""

_REQUIRED = ("rule", "focus", "reason", "who")
_KEYS = (*_REQUIRED, "path", "value", "file", "until")
_HEADER = re.compile(  # With what may hold its like: https://toml.io/en/v1.0.0#string
    r"'''.*?'''|\"\"\"(?:[^\\]|\\.)*?\"\"\"|'[^'\n]*+'|\"(?:[^\"\\\n]|\\.)*+\"|#[^\n]*+"
    r"|^[ \t]*+(\[\[[ \t]*waiver[ \t]*\]\])",
    re.MULTILINE | re.DOTALL,
)
_LARGEST = 1 << 24  # Bytes.
_UNWIELDY = {
    re.compile(r"(?<![\w\-\"'])[\w\-\"']++(?:[ \t]*+\.[ \t]*+[\w\-\"']++){50}"): "a key with more than 50 parts",
    re.compile(r"[0-9_]{1000}"): "a number with more than a thousand digits",
}
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
_HINT = "a report in the format 'waivers' has an entry for each finding; write a reason and a name (who) into it"


class Waiver(NamedTuple):
    """A waiver of one finding, or of several alike. In rule, focus node and file, ``*`` matches any characters."""

    rule: str  # The name of the rule.
    focus: str  # The IRI of the focus node; with ``*``, a CURIE or an IRI.
    reason: str  # Why the finding is accepted.
    who: str  # Who accepts it.
    path: str | None  # The property, as an IRI or as findings write it; None for any.
    value: str | None  # As an IRI, as findings write it, or its text alone; None for any.
    until: datetime.date | None  # The last day on which it is valid.
    place: Place  # Where it is written.
    file: str | None = None  # The file that the findings are in, from the folder of the waivers; None for any.

    @property
    def is_pattern(self) -> bool:
        """Whether it is about more than one rule and focus node."""
        return "*" in self.rule + self.focus

    def covers(self, finding: Finding, place: Place | None = None) -> bool:
        """Whether it matches a finding, in a file where its place is known."""
        if not _fits(self.rule, finding.rule):
            return False
        if not _fits(self.focus, value_of(finding.focus)) and not _fits(self.focus, term_text(finding.focus)):
            return False
        if self.file is not None and (place is None or not self._is_in(place.path)):
            return False
        return (self.path is None or (finding.path is not None and _matches(self.path, finding.path))) and (
            self.value is None or (finding.value is not None and _matches(self.value, finding.value))
        )

    def _is_in(self, path: str) -> bool:
        files = (Path(self.file or ""), Path(self.place.path).parent / (self.file or ""))
        return any(_fits(normpath(file), normpath(path)) for file in files)

    def expired(self, today: datetime.date) -> bool:
        """Whether its last day is over."""
        return self.until is not None and today > self.until

    def __str__(self) -> str:
        """``RULE for FOCUS PATH VALUE``."""
        focus = self.focus if "*" in self.focus else term_text(NamedNode(self.focus))
        statement = " ".join(part for part in (focus, self.path, self.value) if part)
        return f"{self.rule} for {statement}{f' in {self.file}' if self.file else ''}"

    @property
    def node(self) -> Term:
        """The focus node of findings about it."""
        return Literal(self.focus) if "*" in self.focus else NamedNode(self.focus)


class Waived(NamedTuple):
    """A finding and the waiver that covers it."""

    finding: Finding
    waiver: Waiver


class Applied(NamedTuple):
    """The findings of a validation after waivers."""

    findings: tuple[Finding, ...]  # Those that no waiver covers, and those about waivers, sorted.
    waived: tuple[Waived, ...]
    locations: Mapping[Finding, Place]  # Finding about a waiver → where the waiver is written.
    again: Mapping[Finding, Finding]  # Finding about an expired waiver → the first that counts again.


def beside(folders: Iterable[str | Path]) -> list[Path]:
    """Return the file of waivers of each folder that has one."""
    return [path for folder in folders if (path := Path(folder) / FILE_NAME).is_file()]


def read(path: Path) -> list[Waiver]:
    """Read a file of waivers; raise UnreadableError with the line where it cannot be read, or a waiver is malformed."""
    import tomllib  # Most runs have no waivers.

    try:
        text = read_file(path, _LARGEST).decode("utf-8-sig")
        if fault := _unwieldy(text):
            raise UnreadableError(fault[0], path=path, line=fault[1], hint=_HINT)
        content = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UnreadableError("not UTF-8", path=path, line=line, hint="save the file as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        match = _TOML_PLACE.search(str(error))
        line = int(match[1]) if match and match[1] else text.count("\n") + 1
        message, hint = _toml_fault(_TOML_PLACE.sub("", str(error)), text.split("\n")[line - 1].strip())
        raise UnreadableError(f"not well-formed TOML: {message}", path=path, line=line, hint=hint) from None
    except RecursionError:
        lines = text.split("\n")
        line = max(range(len(lines)), key=lambda index: lines[index].count("[") + lines[index].count("{")) + 1
        raise UnreadableError("nested too deeply", path=path, line=line, hint=_HINT) from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UnreadableError(f"waivers cannot be read: {reason}", path=path, hint="check the name") from None
    tables, headers = content.pop("waiver", []), list(_headers(text))
    if content:
        key = min(content)
        line = _line_of(text, key, 1, None)
        raise UnreadableError(f"'{key}' is outside a waiver", path=path, line=line, hint=_HINT)
    if not isinstance(tables, list) or len(tables) != len(headers):
        raise UnreadableError("each waiver begins with a line [[waiver]] of its own", path=path, hint=_HINT)
    ends = [*(line for line, _ in headers), None][1:] if headers else []
    return [
        _waiver(table, text, Place(str(path), line, column), end)
        for table, (line, column), end in zip(tables, headers, ends, strict=True)
    ]


def _unwieldy(text: str) -> tuple[str, int] | None:
    """Return what the parser takes very long for, or refuses without a place, and its line; None without such."""
    for pattern, what in _UNWIELDY.items():
        if match := pattern.search(text):
            return f"{what}: {shortened(match[0])}", text.count("\n", 0, match.start()) + 1
    return None


def _toml_fault(reason: str, line: str) -> tuple[str, str]:
    """Return what is wrong in a line that a TOML parser refuses, and what to do about it."""
    value = line.partition("=")[2].strip()
    if conflict := merge_conflict(line):
        return conflict.message, conflict.hint
    if value[:1] in {"“", "”", "„", "‘", "’"}:
        return f"{shown(value)} has printed quotation marks", "write it in straight ones: \"…\" or '…'"
    if value[:1] in {'"', "'"} and "Illegal character" in reason:
        return f"the string {shown(value)} does not end", f"close it with {value[0]}"
    if value and reason == "Invalid value":
        return f"{shown(value)} is not a value", "write text in quotation marks: \"…\" or '…'"
    if line.startswith("[") and not line.endswith("]]"):
        return shown(line), "a waiver begins with a line [[waiver]]"
    return f"{reason}: {shown(line)}" if line else reason, _HINT


def read_iri(text: str) -> str | None:
    """Read a CURIE or an IRI; in angle brackets, one of any scheme."""
    inner = text[1:-1]
    bracketed = text.startswith("<") and text.endswith(">") and ":" in inner and not NOT_IN_IRI.search(inner)
    iri = expand(text) or (inner if bracketed else None)
    try:
        return iri and NamedNode(iri).value
    except ValueError:  # Such as one with square brackets.
        return None


def apply(
    findings: Iterable[Finding],
    waivers: Sequence[Waiver],
    *,
    today: datetime.date,
    is_unchecked: Callable[[str], bool] = lambda _: False,
    rule_names: Callable[[], Collection[str]] = tuple,
    places: Mapping[Finding, Place] = MappingProxyType({}),
) -> Applied:
    """Separate the findings that waivers cover, and validate the waivers.

    Args:
        findings: of a validation.
        waivers: such as those of a file.
        today: a waiver is valid on its last day.
        is_unchecked: whether the validation did not check a rule of this name; none of its waivers is stale.
        rule_names: returns the names of all rules, to suggest one for a name that is misspelt.
        places: the places of findings.

    """
    by_focus: defaultdict[tuple[str, Term], list[Waiver]] = defaultdict(list)
    patterns = [waiver for waiver in waivers if waiver.is_pattern]
    for waiver in waivers:
        if not waiver.is_pattern:
            by_focus[waiver.rule, NamedNode(waiver.focus)].append(waiver)
    used: set[Waiver] = set()
    counting: dict[Waiver, Finding] = {}  # Expired waiver → the first finding that it covers, and no other does.
    again: dict[Finding, Finding] = {}
    locations: dict[Finding, Place] = {}
    not_waived: list[Finding] = []
    waived: list[Waived] = []
    for finding in findings:
        possible = [*by_focus.get((finding.rule, finding.focus), ()), *patterns]
        covering = [waiver for waiver in possible if waiver.covers(finding, places.get(finding))]
        valid = next((waiver for waiver in covering if not waiver.expired(today)), None)
        for waiver in covering:
            if valid is None:
                counting.setdefault(waiver, finding)
            used.add(waiver)
        if valid is None:
            not_waived.append(finding)
        else:
            waived.append(Waived(finding, valid))
    for waiver in waivers:
        if waiver not in used and not is_unchecked(waiver.rule):
            names = rule_names()
            message = f"The waiver of {waiver} matches no finding. {_STALE.solution}"
            if names and "*" not in waiver.rule and waiver.rule not in names:
                suggestion = did_you_mean(waiver.rule, names) or "."
                message = f"The waiver of {waiver} matches nothing: there is no such rule{suggestion}"
            locations[_STALE.finding(waiver.node, message)] = waiver.place
        elif waiver.expired(today):
            message = f"The waiver of {waiver} was valid until {waiver.until}. {_EXPIRED.solution}"
            expired = _EXPIRED.finding(waiver.node, message)
            locations[expired] = waiver.place
            if waiver in counting:
                again[expired] = counting[waiver]
    all_findings = sorted({*not_waived, *locations}, key=lambda finding: finding.order)
    return Applied(tuple(all_findings), tuple(waived), locations, again)


@lru_cache(maxsize=1000)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, text.split("*"))), re.DOTALL)


def _fits(text: str, name: str) -> bool:
    """Whether a text with ``*`` for any characters, or without, means a name."""
    return text == name or ("*" in text and _pattern(text).fullmatch(name) is not None)


def _matches(text: str, term: object) -> bool:
    """Whether the text of a waiver means a path or a value."""
    if isinstance(term, NamedNode):
        return (read_iri(text) or text) == term.value
    if isinstance(term, Literal):
        return text in (term.value, term_text(term))
    return text == path_text(term)  # type: ignore[arg-type]  # What remains is a path of several steps.


def _headers(text: str) -> Iterator[tuple[int, int]]:
    """Yield line and column, from 1, of each line ``[[waiver]]`` that is not part of a quoted text."""
    line, end = 1, 0
    for match in _HEADER.finditer(text):
        if match[1]:
            line, end = line + text.count("\n", end, match.start(1)), match.start(1)
            yield line, match.start(1) - match.start() + 1


def _waiver(table: Mapping[str, object], text: str, place: Place, end: int | None) -> Waiver:
    def error(message: str, key: str = "", hint: str = _HINT) -> UnreadableError:
        line = _line_of(text, key, place.line, end)
        return UnreadableError(message, path=place.path, line=line, hint=hint)

    def text_of(key: str) -> str:
        value = table[key]
        if not isinstance(value, str) or not value.strip():
            raise error(f"the '{key}' of a waiver is text, and not empty", key)
        return value.strip()

    for key in table:
        if key not in _KEYS:
            raise error(f"a waiver has no '{key}'{did_you_mean(key, _KEYS)}", key, f"it has {', '.join(_KEYS)}")
    for key in _REQUIRED:
        if key not in table and not (key == "focus" and "file" in table):
            raise error(f"a waiver needs a '{key}'")
    until = table.get("until")
    if until is not None and type(until) is not datetime.date:  # A datetime is a date, too.
        raise error("the 'until' of a waiver is a day", "until", "write it without quotes, as in until = 2027-01-31")
    text_of_focus = text_of("focus") if "focus" in table else "*"
    focus = text_of_focus if "*" in text_of_focus else read_iri(text_of_focus)
    if focus is None:
        raise error(
            f"'{text_of_focus}' is neither a CURIE with one of evgraph's prefixes nor an IRI", "focus",
            "write doc:timko-2007, an IRI in angle brackets, or with * for any characters: ref:drug-E4/*",
        )  # fmt: skip
    rule, reason, who = map(text_of, ("rule", "reason", "who"))
    path, value, file = (text_of(key) if key in table else None for key in ("path", "value", "file"))
    if not (rule + focus + (file or "*")).strip("*"):
        raise error("this waiver would accept everything", "rule", "name a rule, a focus or a file")
    return Waiver(rule, focus, reason, who, path, value, until, place, file)


def _line_of(text: str, key: str, start: int, end: int | None) -> int:
    """Return the line of a key between two lines, or the first of these where the key is not in between."""
    lines = text.split("\n")[start - 1 : None if end is None else end - 1]
    pattern = re.compile(rf"[ \t]*\[*[\"']?{re.escape(key)}[\"']?[ \t]*[=.\]]")
    return next((start + i for i, line in enumerate(lines) if key and pattern.match(line)), start)
