"""How ``evgraph validate`` reports: findings, fixes, rules and progress."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from evgraph.cli.common import has_colours, say, terminal_width
from evgraph.errors import UsageError
from evgraph.formats import FINDING_FORMATS, Format
from evgraph.shacl.findings import Severity
from evgraph.text import plural, summarize_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evgraph.rdf.files import DataFile
    from evgraph.shacl.findings import Finding
    from evgraph.store.opening import Origin
    from evgraph.validation.check import Check
    from evgraph.validation.checks_in_code import Pages
    from evgraph.validation.fixes.plan import Plan
    from evgraph.validation.run import Validated, Validation

_MOST_RULES = 4
_DELAY = 1.0  # Seconds before a terminal shows that work goes on.


class Settings(NamedTuple):
    """How a report is written; of each rule it shows `most` findings, 0 for all."""

    format: Format
    output: str
    threshold: Severity
    most: int
    quiet: bool
    related: bool = False


def settings(name: str | None, output: str, fail_on: str, most: int | None, *, quiet: bool, related: bool) -> Settings:
    """Choose the format of a report: as named, else by the suffix of the file, else text; refuse contradictions."""
    is_report = Path(output).suffix not in {"", ".diff", ".patch"}  # What --fix writes is a diff.
    chosen = FINDING_FORMATS.choose(name, output if is_report else None)
    if quiet and chosen.name != "text":
        raise UsageError(f"--quiet: {chosen.name} has no shorter form", hint="leave --quiet out, or use --format text")
    if related and chosen.name != "text":
        raise UsageError(f"--related: {chosen.name} has no shorter form", hint="leave --related out")
    if most is not None and (quiet or chosen.most is None):
        raise UsageError(
            f"--max-findings: {'--quiet' if quiet else chosen.name} writes all of them",
            hint="leave it out, or choose --format text or html",
        )
    shown = chosen.most or 0 if most is None else most
    return Settings(chosen, output, Severity[fail_on.upper()], shown, quiet, related)


def report(
    validation: Validation, validated: Validated, settings: Settings, source_pages: Pages | None
) -> Iterator[str]:
    """Write the report of a validation in the format of the settings."""
    from evgraph.render.findings.text import one_line
    from evgraph.render.findings.view import ReportView
    from evgraph.validation.checks import can_run, rules
    from evgraph.validation.fixes.plan import edits_of, offers

    fixes = offers(validated.report.findings, validated.places, validated.files)
    fixable = [finding for finding, offer in fixes.items() if not offer.by_ingest]
    passages = {line.passage for line in validated.pages.values()} if source_pages else ()
    on_terminal = settings.format.name == "text" and settings.output == "-"
    view = ReportView(
        report=validated.report,
        today=validation.today,
        locations=validated.places,
        pages=validated.pages,
        passages={iri: words for iri in passages if source_pages and (words := source_pages.words(iri))},
        rules={rule.name: rule for rule in rules(validation.shapes, filter(can_run, validation.checks))},
        files=validated.files,
        store=_store_of(validation.origin),
        folder=Path.cwd(),
        threshold=settings.threshold,
        most=settings.most,
        fixes=fixes,
        edits=edits_of(fixable, validated.files) if fixable and settings.format.name == "sarif" else {},
        width=terminal_width() if on_terminal else None,
        colours=on_terminal and has_colours(),
        lists_related=settings.related,
    )
    if view.report.related and settings.format.name == "text" and not settings.quiet | settings.related:
        say("evgraph: --related lists the findings that others explain", err=True)
    return one_line(view) if settings.quiet else settings.format.write(view)


def _store_of(origin: Origin) -> str:
    address = origin.endpoint.query.partition("?")[0] if origin.endpoint else ""  # What follows may be a key.
    return str(origin.directory or address)


def report_fixes(plan: Plan, remaining: Sequence[Finding], *, write: bool) -> None:
    """Say on standard error what was fixed, or can be, and what not, because a person must decide."""
    numbers = f"{plural(len(plan.fixed), 'finding')} in {plural(len(plan.files), 'file')}"
    done = f"{'fixed' if write else 'can fix'} {numbers}" if plan.files else "nothing can be fixed"
    say(f"evgraph: {done}", err=True)
    if remaining:
        by_rule = Counter(finding.rule for finding in remaining).most_common()
        rules = ", ".join(f"{number} {rule}" for rule, number in by_rule[:_MOST_RULES])
        others = sum(number for _, number in by_rule[_MOST_RULES:])
        more = f" and {others} of other rules" if others else ""
        say(f"evgraph: {plural(len(remaining), 'finding')} without a safe fix: {rules}{more}", err=True)
    elif not plan.files and not plan.held_back:
        say("evgraph: there are no findings", err=True)
    held_back: dict[tuple[str, str], list[str]] = {}
    for finding, why in plan.held_back.items():
        held_back.setdefault((finding.rule, why), []).append(finding.triple)
    for (rule, why), triples in held_back.items():
        say(f"evgraph: did not fix {rule} ({summarize_names(triples)}): {why}", err=True)
    if plan.files and not write:
        say("  to apply these changes, run with --fix --write", err=True)


def listed_rules(shapes: Sequence[DataFile], checks: Sequence[Check], name: str | None, form: str) -> bytes:
    """Render all rules, or one rule."""
    from evgraph.render.findings.data import rules_as_json
    from evgraph.render.findings.text import explained_rule, rule_list
    from evgraph.validation.checks import explain, rules

    if form not in {"text", "json"}:
        raise UsageError("rules are listed as text or JSON", hint="leave --format out, or use --format json")
    known = rules(shapes, checks)
    chosen = known if name is None else [explain(name, known)]
    if form == "json":
        return rules_as_json(chosen).encode()
    return (rule_list(chosen) if name is None else explained_rule(chosen[0])).encode()


@contextmanager
def progress(message: str) -> Iterator[None]:
    """Show a message on a terminal while work takes more than a second."""
    if not sys.stderr.isatty():
        yield
        return
    timer = threading.Timer(_DELAY, print, [message], {"end": "", "file": sys.stderr, "flush": True})
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        print("\r\x1b[K", end="", file=sys.stderr, flush=True)
