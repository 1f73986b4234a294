"""Causes: where one mistake breaks many rules, it is one finding, and the others are related to it.

A document that is misspelt or deleted, a missing file, a prefix that was not declared, a misspelt term, a decision that
was not ingested.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import pyoxigraph as ox

from evgraph.namespaces import DCTERMS, EVG, ID, PREFIXES, RDF, RESOURCES, SCHEMA, curie, expand
from evgraph.rdf.positions import statements_of
from evgraph.shacl.findings import Finding, term_text
from evgraph.store.protocol import select, select_for
from evgraph.terms import value_of
from evgraph.text import nearest, plural, summarize_names
from evgraph.validation.check import SHAPES
from evgraph.validation.checks_in_code import UNAPPLIED_DECISION
from evgraph.validation.locations import ingested

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from evgraph.rdf.positions import Place
    from evgraph.store.protocol import Store, Term
    from evgraph.validation.check import Rule
    from evgraph.validation.source import Source

UNDESCRIBED = "undescribed-thing"
"""The check that finds statements about things that nothing describes."""

_THING = re.compile(rf"(?:{re.escape(ID)}(?!(?:agent|dataset|graph|scheme)(?:/|$))|(?:{'|'.join(RESOURCES)}):)")
_OF_CELL = re.compile(rf"{re.escape(ID)}(?:commentary|entry|ref|section|snapshot)/((?:alcohol|drug)-[A-E][1-5])(?:/|$)")
_CLASSES = {name: f"{EVG}{name.capitalize()}" for name in RESOURCES} | {
    "doc": f"{EVG}Document",
    "org": f"{SCHEMA}Organization",
    "ref": f"{EVG}Reference",
    "snapshot": f"{EVG}CellSnapshot",
}
_KINDS_OF_FILES = {"doc": "documents.ttl", "org": "organisations.ttl"}  # Of the register.
_OF_TYPES = {UNDESCRIBED, "link-of-wrong-kind"}  # Other checks do not ask what a thing is.
_OF_REFERENCES = {
    f"ReferenceShape-{name}" for name in ("ambiguous", "dangling", "known", "outside", "resolution", "resolved")
}
_TARGET, _RESOLUTION = ox.NamedNode(f"{EVG}target"), ox.NamedNode(f"{EVG}resolution")
_SUBJECT = ox.NamedNode(f"{RDF}subject")
_REPLACED_BY = ox.NamedNode(f"{DCTERMS}isReplacedBy")
# What breaks them is that a statement or claim is not there.
_UNCLAIMED = "LinkShape-claimed"
_LACKING = {"guidance-not-citing-evidence", _UNCLAIMED, "unreached-document"}
_NAMELESS = {"passage", "snapshot"}  # Whose IRIs are made of numbers, so that the nearest means nothing.
_DID_YOU_MEAN = re.compile(r"did you mean (\S+)\?")
_MOST = 100  # So many things or uses are looked at, for the nearest name and for the place.
_FEW = 3  # So many things of a kind without a description make a file that is missing.
_SIMILAR = 70  # Of 100, each part of an IRI.
_Triple: TypeAlias = "tuple[Term, ox.NamedNode, Term]"


class Cause(NamedTuple):
    """A finding, and the findings that it explains."""

    lead: Finding
    members: Sequence[Finding]
    uses: Sequence[Finding] = ()  # The statements that show it, as findings, where the lead itself does not.


def causes(findings: Sequence[Finding], source: Source, rule: Rule) -> list[Cause]:
    """Return the causes of findings, the most general first.

    `rule` is that of things that nothing describes.
    """
    return [
        *_undescribed(findings, source, rule),
        *_decisions(findings, source),
        *_misspelt_terms(findings, source.store),
        *_dates(findings, source.store),
    ]


def places(found: Iterable[Cause], source: Source) -> dict[Finding, Place]:
    """Return the places of causes: of the statements that show them, one in a file that people write."""
    made_by_ingest = {file.path for file in source.files if ingested(file)}
    shown = {cause.lead: [cause.lead, *cause.uses] for cause in found}
    located = source.locate([finding for findings in shown.values() for finding in findings])
    at = {lead: [located[finding] for finding in findings if finding in located] for lead, findings in shown.items()}
    return {
        lead: min(candidates, key=lambda place: place.path in made_by_ingest)
        for lead, candidates in at.items()
        if candidates
    }


def fold(findings: Iterable[Finding], found: Iterable[Cause]) -> tuple[list[Finding], dict[Finding, list[Finding]]]:
    """Return findings with each cause in place of what it explains, sorted; and each cause → what it explains."""
    left = dict.fromkeys(findings)
    known = set(left)
    related: dict[Finding, list[Finding]] = {}
    for lead, members, _ in found:
        explained = [member for member in dict.fromkeys(members) if member in left and member != lead]
        if explained and (lead in left or lead not in known):  # Else something explains the lead itself.
            for member in explained:
                del left[member]
            left[lead] = None
            related[lead] = sorted(
                [*explained, *(finding for member in explained for finding in related.pop(member, ()))],
                key=lambda finding: finding.order,
            )
    return sorted(left, key=lambda finding: finding.order), related


class _Group(NamedTuple):
    """Things that lack a description for one reason."""

    things: list[Term]
    focus: ox.NamedNode  # What names the reason.
    message: str
    meant: Sequence[str] = ()  # The IRIs that were probably meant, one for each thing.


def _undescribed(findings: Sequence[Finding], source: Source, rule: Rule) -> Iterator[Cause]:
    by_thing = _by_thing(findings, source.store)
    for name in (f"<{RDF}type>", _REPLACED_BY):
        for thing in set(_subjects(f"?s {name} ?o", by_thing, source.store)):
            del by_thing[thing]
    uses: dict[Term, set[_Triple]] = defaultdict(set)
    for subject, predicate, value in _statements(by_thing, source.store):
        for thing in {subject, value} & by_thing.keys():
            uses[thing].add((subject, predicate, value))
    for group in _groups(by_thing, uses, source):
        members = [finding for thing in group.things for finding in by_thing[thing]]
        severity = min(finding.severity for finding in members)
        members += [finding for finding in findings if _is_consequence(finding, group, uses)]
        lead = replace(rule.finding(group.focus, f"{group.message} {rule.solution}"), severity=severity)
        if len(members) == 1 and members[0].value == group.focus and not any(group.meant):
            continue  # It says as much itself, and more.
        statements = sorted({use for thing in group.things for use in uses[thing]}, key=str)
        shown = [rule.finding(thing, "") for thing in group.things[:_MOST]]
        shown += [rule.finding(node, "", name, value) for node, name, value in statements[:_MOST]]
        yield Cause(lead, members, shown)


def _is_consequence(finding: Finding, group: _Group, uses: Mapping[Term, Collection[_Triple]]) -> bool:
    """Whether a finding is about what was meant, and lacks what is stated about the thing in its place."""
    if finding.rule in ("IdentificationShape-document", "ClaimShape-source"):
        identification = finding.focus if finding.rule == "IdentificationShape-document" else finding.value
        names = {value_of(thing).removeprefix(f"{ID}doc/") for thing in group.things}
        return value_of(identification).removeprefix(f"{ID}identification/").rpartition("/")[0] in names
    # What a claim states is missing where its subject is.
    is_claim = finding.rule == "ClaimShape-asserted"
    if is_claim and any((finding.focus, _SUBJECT, thing) in uses[thing] for thing in group.things):
        return True
    for thing, meant in zip(group.things, group.meant, strict=False):
        if (finding.focus, finding.path, thing) in uses[thing] and value_of(finding.value) == meant:
            return True
        if finding.rule == "ClaimShape-asserted" and finding.value in {value for _, _, value in uses[thing]}:
            return True
        if finding.rule == _UNCLAIMED and value_of(finding.value) == meant:
            return True
        if value_of(finding.focus) == meant:
            stated = {predicate for subject, predicate, _ in uses[thing] if subject == thing}
            return finding.rule in _LACKING or (finding.path in stated and finding.value is None)
    return False


def _by_thing(findings: Iterable[Finding], store: Store) -> dict[Term, list[Finding]]:
    """Return the things that evgraph's IRIs name, each with the findings about it, or about a statement of it."""
    by_thing: dict[Term, list[Finding]] = defaultdict(list)
    indirect: dict[ox.NamedNode, dict[Term, list[Finding]]] = {
        name: defaultdict(list) for name in (_TARGET, _REPLACED_BY)
    }
    for finding in findings:
        if value_of(finding.source_shape).startswith(f"{SHAPES}check-") and finding.rule not in _OF_TYPES:
            continue
        if finding.rule in _OF_REFERENCES:
            indirect[_TARGET][finding.focus].append(finding)
        if finding.rule == "ReplacementShape-described":
            indirect[_REPLACED_BY][finding.focus].append(finding)
        for thing in {finding.focus: None, finding.value: None}:
            is_ours = isinstance(thing, ox.NamedNode) and _THING.match(thing.value)
            if thing is not None and (is_ours or (thing == finding.focus and finding.rule == UNDESCRIBED)):
                by_thing[thing].append(finding)
    for name, about in indirect.items():
        query = f"SELECT DISTINCT ?s ?o WHERE {{ VALUES ?s {{}} ?s {name} ?o }}"
        for node, target in select_for(store, query, about):
            if isinstance(target, ox.NamedNode) and _THING.match(target.value):
                by_thing[target] += about[node]
    return by_thing


def _statements(things: Collection[Term], store: Store) -> Iterator[_Triple]:
    """Yield the statements about things, and those with them as values."""
    for name in "so":
        query = f"SELECT DISTINCT ?s ?p ?o WHERE {{ VALUES ?{name} {{}} ?s ?p ?o }}"
        for subject, predicate, value in select_for(store, query, things):
            if isinstance(predicate, ox.NamedNode):
                yield subject, predicate, value


def _groups(things: Collection[Term], uses: Mapping[Term, Collection[object]], source: Source) -> Iterator[_Group]:
    """Yield things that lack a description for one reason."""
    described = cache(partial(_described, source.store))
    left = {thing.value: thing for thing in sorted(things, key=str) if isinstance(thing, ox.NamedNode)}

    def taken(names: Iterable[str]) -> tuple[list[Term], str]:
        undescribed: list[Term] = [left.pop(name) for name in names]
        number = len({use for thing in undescribed for use in uses[thing]})
        return undescribed, f"{plural(number, 'statement')} {'uses' if number == 1 else 'use'}"

    for space in sorted({_space(name) for name in left} - {f"{ID}{kind}/" for kind in RESOURCES}):
        names = [name for name in left if _space(name) == space]
        undescribed, used = taken(names)
        prefix, kinds = space.removesuffix(":"), nearest(space.removeprefix(ID).strip("/"), RESOURCES)
        better = PREFIXES.get(prefix) or (f"{ID}{kinds[0]}/" if kinds else "".join(nearest(space, [ID], cutoff=0.8)))
        if prefix in PREFIXES:
            message = (
                f"<{names[0]}> is not {names[0]}: the prefix is not declared there, or the name is in angle brackets;"
                f" {used} {_pronoun(undescribed)}. Declare @prefix {prefix}: <{better}>,"
                " and write the name without angle brackets."
            )
        else:
            message = f"{space} is no namespace of evgraph; {used} {_pronoun(undescribed)}"
            message += f"; did you mean {better}?" if better else "."
        yield _Group(
            undescribed, ox.NamedNode(names[0]), message, [better + name.removeprefix(space) for name in names]
        )
    for cell in sorted({match[1] for name in left if (match := _OF_CELL.match(name))}):
        if source.store.query(f"ASK {{ ?snapshot <{PREFIXES['prov']}specializationOf> <{ID}cell/{cell}> }}") is True:
            continue
        names = [name for name in left if (match := _OF_CELL.match(name)) and match[1] == cell]
        hashes = {name.rpartition("/")[2] for name in names if _kind(name) == "snapshot"}
        names += [name for name in left if _kind(name) == "passage" and name.split("/")[-2] in hashes]
        if len(names) >= _FEW:
            yield _missing_file(*taken(names), cell, f"cells/{cell}.ttl")
    for kind, file in _KINDS_OF_FILES.items():
        names = [name for name in left if _kind(name) == kind]
        if len(names) >= max(_FEW, len(described(kind)) + 1):
            graph = file.removesuffix(".ttl")
            has_file = any(data_file.graph == f"{ID}graph/{graph}" for data_file in source.files)
            yield _missing_file(*taken(names), graph, file, "incomplete" if has_file else "missing")
    for name, thing in list(left.items()):
        undescribed, used = taken([name])
        looked_up = len(left) < _MOST and _kind(name) not in _NAMELESS
        near = _nearest(name, described(_kind(name))) if looked_up else ""
        offer = f"; did you mean {curie(near)}?" if near else "."
        yield _Group(
            undescribed, ox.NamedNode(name), f"{term_text(thing)} is described nowhere; {used} it{offer}", [near]
        )


def _missing_file(things: list[Term], used: str, graph: str, file: str, what: str = "missing") -> _Group:
    names = summarize_names(term_text(thing) for thing in things)
    message = f"The file {file} is {what}: {len(things)} things are described nowhere ({names}), and {used} them."
    return _Group(things, ox.NamedNode(f"{ID}graph/{graph}"), message)


def _pronoun(things: Sequence[Term]) -> str:
    return "it" if len(things) == 1 else f"{len(things)} such names"


def _space(iri: str) -> str:
    """Return what an IRI begins with: ``https://w3id.org/evgraph/id/doc/``, or ``doc:`` of ``doc:timko-2007``.

    Of one of another site, that is all up to ``/id/``, or to its last part.
    """
    if "://" in iri and not iri.startswith(ID):
        start, slash, _ = iri.partition("/id/")
        site = ID.removesuffix("id/")
        cut = iri.find("/", len(site)) if iri.startswith(site) else max(iri.rfind("/"), iri.rfind("#"))
        return f"{start}{slash}" if slash else iri[: cut + 1] or iri
    return f"{ID}{_kind(iri)}/" if iri.startswith(ID) else f"{iri.partition(':')[0]}:"


def _kind(iri: str) -> str:
    """Return the kind of thing that an IRI names: ``doc``."""
    return iri.removeprefix(ID).partition("/")[0]


def _described(store: Store, kind: str) -> list[str]:
    """Return the IRIs of the things of a kind."""
    rows = select(store, f"SELECT DISTINCT ?s WHERE {{ ?s <{RDF}type> <{_CLASSES[kind]}> }}")
    return [node.value for (node,) in rows if isinstance(node, ox.NamedNode)]


def _nearest(iri: str, known: Iterable[str]) -> str:
    """Return the thing of the same kind whose IRI is most like one in all its parts; empty where none is."""
    from rapidfuzz import fuzz, process

    start = len(_space(iri))
    parts = iri[start:].split("/")
    names = sorted(name[start:] for name in known)
    for name, _, _ in process.extract(iri[start:], names, scorer=fuzz.ratio, score_cutoff=_SIMILAR):
        others = name.split("/")
        alike = (fuzz.ratio(part, other) >= _SIMILAR for part, other in zip(parts, others, strict=False))
        if len(parts) == len(others) and all(alike):
            return iri[:start] + name
    return ""


def _decisions(findings: Iterable[Finding], source: Source) -> list[Cause]:
    """Return decisions in people's files that contradict each other, or what ingest wrote."""
    by_reference: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.rule in _OF_REFERENCES and isinstance(finding.focus, ox.NamedNode):
            by_reference[finding.focus.value].append(finding)
    decided: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for file in source.files if by_reference else ():
        if not ingested(file):
            for statement in statements_of(file, by_reference):
                decided[statement.subject, statement.predicate][statement.value] = f"{file.path}:{statement.line}"
    found = []
    for (reference, name), stated in decided.items():
        # What describes the reference itself is no decision about it.
        if name in {_TARGET.value, _RESOLUTION.value} and (reference, f"{RDF}type") not in decided:
            *_, last = stated
            message = f"This decision is not in the file of the cell yet: {term_text(ox.NamedNode(last))}."
            if len(stated) > 1:
                texts = (f"{term_text(ox.NamedNode(value))} ({place})" for value, place in stated.items())
                message = f"The decisions about this reference contradict each other: {' and '.join(texts)}."
            message = f"{message} {UNAPPLIED_DECISION.solution}"
            value = ox.NamedNode(last)
            lead = UNAPPLIED_DECISION.finding(ox.NamedNode(reference), message, ox.NamedNode(name), value)
            found.append(Cause(lead, by_reference[reference]))
    return found


def _misspelt_terms(findings: Sequence[Finding], store: Store) -> Iterator[Cause]:
    """Yield misspelt properties and classes, with the findings that the right ones are missing."""
    others = [finding for finding in findings if finding.rule != "undefined-term"]
    for lead in findings:
        meant = _DID_YOU_MEAN.search(lead.message) if lead.rule == "undefined-term" else None
        if meant is None or not isinstance(lead.focus, ox.NamedNode):
            continue
        wrong, right = lead.focus.value, expand(meant[1]) or ""
        while wrong[-1:] == right[-1:] != "":  # Where the namespace is wrong, so are all terms of it.
            wrong, right = wrong[:-1], right[:-1]
        terms: dict[ox.NamedNode, list[Finding]] = defaultdict(list)
        for finding in others:
            if (
                isinstance(finding.path, ox.NamedNode)
                and finding.value is None
                and finding.path.value.startswith(right)
            ):
                terms[ox.NamedNode(wrong + finding.path.value.removeprefix(right))].append(finding)
        members: list[Finding] = []
        for term, lacking in terms.items():
            users = set(_subjects(f"?s {term} ?o", [finding.focus for finding in lacking], store))
            members += [finding for finding in lacking if finding.focus in users]
        typed = set(
            _subjects(f"?s <{RDF}type> {lead.focus}", [term for finding in others for term in _terms(finding)], store)
        )
        claims = [finding.focus for finding in others if finding.rule == "ClaimShape-asserted"]
        members += _of_predicate(lead.focus, expand(meant[1]) or "", others, claims, store)
        typed.update(_subjects(f"?s {_SUBJECT} ?o . ?o <{RDF}type> {lead.focus}", claims, store))
        yield Cause(lead, [*members, *(finding for finding in others if not typed.isdisjoint(_terms(finding)))])


def _of_predicate(
    wrong: ox.NamedNode, right: str, findings: Sequence[Finding], claims: Sequence[Term], store: Store
) -> list[Finding]:
    """Return the findings on claims with a misspelt predicate, and on the links that these claims are of."""
    query = f"SELECT ?s ?o WHERE {{ VALUES ?s {{}} ?s <{RDF}predicate> {wrong} ; {_SUBJECT} ?o }}"
    subjects = {row[0]: row[1] for row in select_for(store, query, claims)}
    return [
        finding
        for finding in findings
        if (finding.rule == "ClaimShape-asserted" and finding.focus in subjects)
        or (finding.rule == _UNCLAIMED and finding.path == ox.NamedNode(right) and finding.focus in subjects.values())
    ]


def _subjects(where: str, nodes: Iterable[Term], store: Store) -> Iterator[Term]:
    query = f"SELECT DISTINCT ?s WHERE {{ VALUES ?s {{}} {where} }}"
    return (node for (node,) in select_for(store, query, nodes))


def _terms(finding: Finding) -> list[Term]:
    return [term for term in (finding.focus, finding.value) if isinstance(term, ox.NamedNode)]


def _dates(findings: Sequence[Finding], store: Store) -> Iterator[Cause]:
    """Yield documents that a page lists under two dates, with the findings that a date is not the document's."""
    of_entries = {finding.focus: finding for finding in findings if finding.rule == "stated-date-differs"}
    query = f"SELECT DISTINCT ?s ?o WHERE {{ VALUES ?s {{}} ?s <{EVG}lists> ?o }}"
    listed = list(select_for(store, query, of_entries))
    for lead in findings:
        if lead.rule == "listed-under-two-dates":
            cell = str(lead.focus).rpartition("/")[0]
            members = [of_entries[entry] for entry, document in listed if document == lead.value]
            yield Cause(lead, [finding for finding in members if str(finding.focus).startswith(f"{cell}/")])
