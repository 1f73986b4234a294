"""The phrases of a page's text that refer to something: "Corresponding US study below", "discussed in cell E3's bite".

Each sentence is read by itself. The rules run in this order, and no rule reads words that an earlier one has taken:

1. other cells: "Discussion in cell D2's bite"
2. sections of the page's own commentary (its *bite*): "Discussion in bite's Issues section"
3. links that lost their target: "click here"
4. places in a file: "on p. 1 of linked PDF file"
5. "see also … above", "… below"
6. pairs: "Corresponding study below", "Related review and guidance above"
7. implementation: "Implementation guidance below", "building on … (see above)"
8. "see" and "see also" with a dated document or an undated one: "See also a review (2006)"
9. dated documents in passing: "a simulation study (2011)"
10. studies from several countries: "UK and US studies"
11. every other "above" and "below"
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from evgraph.errors import UnreadableError
from evgraph.pages import patterns
from evgraph.pages.collapsed_whitespace import CollapsedWhitespace
from evgraph.pages.dates import Parenthesis, dated_parentheses
from evgraph.pages.page import Imprint
from evgraph.pages.references import Kind, Phrase
from evgraph.pages.sentences import ascii_lower, find_cues, offsets_of, sentences_at
from evgraph.pages.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_REFERENCES = 1000  # Of one page. Real ones have at most a hundred; the work grows with the square.
_SQUARE, _NUMBER = re.compile(r"[A-E][1-5]"), re.compile(r"\d+")
_COUNTRY_SEPARATOR = re.compile(r", and |, | and |/")
_OPEN_BRACKET = re.compile(r"\([ ]*$")
_NOUN_DISTANCE = 200  # A noun stands at most so many characters before its "above" or its year.
_PATTERN_REACH = 400  # No pattern reaches so far beyond the last of its anchor words.


class PhraseFinder:
    """Finds the phrases in the text of one page."""

    def __init__(self, source: Source) -> None:
        self._collapsed = CollapsedWhitespace(source) if source.has_space_runs else None
        self._source = self._collapsed.source if self._collapsed else source
        self._lower = ascii_lower(self._source.folded)
        self._cues = find_cues(self._lower)

    def find(self, within: Span) -> list[Phrase]:
        """Return the phrases in a stretch of the page's text, in the order of the text.

        Raises:
            UnreadableError: there are more than on any real page.

        """
        if self._collapsed is None:
            return self._find(within)
        original = self._collapsed.original
        return [
            phrase._replace(span=original(phrase.span), sentence=original(phrase.sentence))
            for phrase in self._find(self._collapsed.collapsed(within))
        ]

    def _find(self, within: Span) -> list[Phrase]:
        first, last = bisect_left(self._cues, within.start), bisect_left(self._cues, within.end)
        phrases: list[Phrase] = []
        if first == last:
            return phrases
        for sentence in sentences_at(self._source.folded, within, self._cues[first:last]):
            phrases += _SentenceReader(self._source, sentence, self._lower[sentence.start : sentence.end]).read()
            if len(phrases) > MAX_REFERENCES:
                raise _too_many(self._source, within)
        return phrases


def _too_many(source: Source, within: Span) -> UnreadableError:
    return UnreadableError(
        f"more than {MAX_REFERENCES} references in one line; no page has so many",
        path=source.path,
        line=source.line_of(within.start),
    )


class _SentenceReader:
    """Reads one sentence; a rule runs only where the sentence holds the words that it needs."""

    def __init__(self, source: Source, sentence: Span, lower: str) -> None:
        self.source, self.folded, self.sentence, self.lower = source, source.folded, sentence, lower
        self.taken: list[tuple[int, int]] = []
        self.phrases: list[Phrase] = []

    def read(self) -> list[Phrase]:
        lower = self.lower
        has_direction = "above" in lower or "below" in lower
        if "cell" in lower:
            self._other_cells()
        if "section" in lower:
            self._own_commentary()
        if "click" in lower:
            self._lost_links()
        if "linked" in lower:
            self._file_places()
        if has_direction:
            if "also" in lower:
                self._see_also_directed()
            self._pairs()
            if "implement" in lower or "build" in lower or "into practice" in lower:
                self._implementation()
        parentheses = self._free_parentheses() if "(" in lower else []
        if "see" in lower and (parentheses or "also" in lower):
            self._see(parentheses)
        if parentheses:
            self._inline(parentheses)
        if ("studies" in lower or "trials" in lower) and patterns.AND_STUDIES.search(lower):
            self._several_countries()
        if has_direction:
            self._positions()
        return sorted(self.phrases, key=lambda phrase: phrase.span)

    # The rules, in their order.

    def _other_cells(self) -> None:
        for match in self._take_near(patterns.CELL, ("cell",), 100) if patterns.SQUARE.search(self.lower) else ():
            for square in _SQUARE.findall(match["squares"]):
                self._add(
                    Kind.CELL, match, square=square, matrix=_matrix(match["matrix"] or match["matrix_before"]),
                    discusses=bool(match["discussed"] or match["bite"]),
                )  # fmt: skip
        for match in self._take_near(patterns.CELL_BY_LABEL, ("corresponding cell", "equivalent cell"), 4):
            label = match["label"]
            self._add(Kind.CELL, match, label=label and label.lower(), matrix=_matrix(match["matrix"]))
        for match in self._take_near(patterns.THIS_CELL, ("in this cell",), 20):
            for number in _numbers(match["numbers"]):
                self._add(Kind.POSITION, match, noun=patterns.NOUNS[match["noun"].lower()], number=number)

    def _own_commentary(self) -> None:
        for match in self._take_near(patterns.OWN_BITE, patterns.SECTION_ANCHORS, 100):
            sections = list(patterns.SECTION_WITH_NUMBERS.finditer(match["sections"] or match["unnamed"]))
            for section in sections:
                role = patterns.ROLES[section["name"].lower().strip("?'")]
                for number in _numbers(section["numbers"] or (match["numbers"] if section is sections[-1] else None)):
                    self._add(Kind.COMMENTARY, match, section=role, number=number)

    def _lost_links(self) -> None:
        for match in self._take_near(patterns.CLICK, ("click",), 80):
            count = max(1, (match["heres"] or match["heres_alone"] or "").lower().count("here"))
            for number in range(1, count + 1):
                self._add(Kind.COMMENTARY, match, number=number if count > 1 else None)

    def _file_places(self) -> None:
        for match in self._take_near(patterns.FILE_PLACE, ("linked",), 60):
            self._add(Kind.FILE_PLACE, match, locator=match["locator"])

    def _see_also_directed(self) -> None:
        for match in self._take_at(patterns.SEE_ALSO_DIRECTED, ("see also", "also see")):
            if match["items"]:
                self._add_items(Kind.SEE_ALSO, match)
            else:
                self._add(
                    Kind.SEE_ALSO, match, direction=match["direction"].lower(), **_noun_fields(_last_noun(match[0])),
                    listed=bool(match["listed"]), nearest=bool(match["nearest"]),
                )  # fmt: skip

    def _pairs(self) -> None:
        for match in self._take_at(patterns.PAIR, patterns.PAIR_WORDS):
            self._add_items(_pair_kind(match["kind"]), match)
            self._add_chain(self._chain(match)[1:], match["kind"])
        alone = patterns.NAMED_ALONE.match(self.folded, *self.sentence)
        chain = self._chain(alone) if alone else []
        if chain and not self.folded[chain[-1].end() : self.sentence.end].strip(" .)"):
            self._add_chain(chain, None)
        if "(" in self.lower and patterns.YEAR_DIRECTED.search(self.lower):
            for match in self._take_near(patterns.DATED_DIRECTED, ("(",), _NOUN_DISTANCE):
                self._add_items(Kind.POSITION, match)

    def _chain(self, match: re.Match[str]) -> list[re.Match[str]]:
        """Return a match, and those of "… and review above" that follow "Related study below"."""
        chain = [match]
        while (link := patterns.AND.match(self.folded, chain[-1].end(), self.sentence.end)) and (
            more := patterns.PAIR_CONTINUED.match(self.folded, link.end(), self.sentence.end)
        ):
            chain.append(more)
        return chain

    def _add_chain(self, chain: list[re.Match[str]], kind: str | None) -> None:
        for match in chain:
            kind = match.groupdict().get("kind") or kind
            if self._take(match.span()):
                self._add_items(_pair_kind(kind), match)

    def _add_items(self, kind: Kind, match: re.Match[str]) -> None:
        """Add a phrase for each document that a list names: ``US study, review (1 2) and guidance``."""
        groups = match.groupdict()
        direction = groups["direction"].lower()
        countries = _countries(groups.get("places"))
        items = list(patterns.ITEM.finditer(groups["items"]))
        for item in items:
            noun_fields = _noun_fields(item["noun"])
            countries = _countries(item["countries"] or item["before"]) or countries
            is_last = item is items[-1]
            for side in ("above", "below") if is_last and groups.get("both") else (direction,):
                for number in _numbers(item["numbers"] or (groups.get("behind") if is_last else None)):
                    self._add_directed(
                        kind, match, direction=side, **noun_fields, countries=countries, number=number,
                        imprint=Imprint(date=item["year"]), listed=bool(groups["listed"]),
                        nearest=bool(groups["nearest"]),
                    )  # fmt: skip

    def _implementation(self) -> None:
        for match in self._take_at(patterns.IMPLEMENTED_BY, ("implement",)):
            self._add_items(Kind.IMPLEMENTATION, match)
        for match in self._take_at(patterns.IMPLEMENTS, ("implement", "build", "put")):
            self._add(
                Kind.IMPLEMENTATION, match, direction=match["direction"].lower(), **_noun_fields(_last_noun(match[0])),
                implemented=True,
            )  # fmt: skip

    def _free_parentheses(self) -> list[Parenthesis]:
        parentheses = [one for one in dated_parentheses(self.folded, self.sentence) if self._is_free(one.span)]
        if len(parentheses) > MAX_REFERENCES:
            raise _too_many(self.source, self.sentence)
        return parentheses

    def _see(self, parentheses: list[Parenthesis]) -> None:
        for match in self._near(patterns.SEE, ("see",), 5):
            span = Span(*match.span())
            dated = [one for one in parentheses if span.start <= one.span.start and self._is_free(one.span)]
            for parenthesis in dated:
                self._take(parenthesis.span)
                words = Span(span.start, parenthesis.span.end)
                self._add(Kind.SEE_ALSO, words, **self._document_fields(parenthesis, span.start))
            undated = (match["also"] or match["also_2"]) and not patterns.NO_DOCUMENT.search(match["what"])
            if not dated and undated and self._take(span):
                numbered = patterns.NUMBERED.search(match["what"])
                for number in _numbers(numbered and numbered["numbers"]):
                    self._add(Kind.SEE_ALSO, span, **_noun_fields(_last_noun(match["what"])), number=number)

    def _inline(self, parentheses: list[Parenthesis]) -> None:
        for parenthesis in parentheses:
            if not patterns.PERIOD.search(parenthesis.content["date"]) and self._take(parenthesis.span):
                start = max(self.sentence.start, parenthesis.span.start - _NOUN_DISTANCE)
                self._add(Kind.INLINE, parenthesis.span, **self._document_fields(parenthesis, start))

    def _document_fields(self, parenthesis: Parenthesis, start: int) -> dict[str, Any]:
        """Return the fields of a phrase for a dated document, whose noun stands behind ``start``."""
        noun = _last_noun(self.folded[start : parenthesis.span.start])
        return {"imprint": parenthesis.imprint(self.source.text), **_noun_fields(noun)}

    def _several_countries(self) -> None:
        for match in self._take_near(patterns.SEVERAL_COUNTRIES, (" studies", " trials"), _NOUN_DISTANCE):
            directed = patterns.DIRECTED.match(self.folded, match.end())
            span = Span(match.start(), directed.end() if directed else match.end())
            if directed:
                self.taken.append(span)
            self._add(
                Kind.POSITION if directed else Kind.INLINE, span, direction=directed and directed["direction"],
                noun="study", plural=True, countries=_countries(match["countries"]),
            )  # fmt: skip

    def _positions(self) -> None:
        for match in self._at(patterns.POSITION, ("above", "below")):
            before = self.folded[max(self.sentence.start, match.start() - 35) : match.start()]
            if nearest := patterns.NEAREST_BEFORE.search(before):
                before = before[: nearest.start()]
            listed = patterns.LISTED_BEFORE.search(before)
            span = Span(match.start() - sum(len(part[0]) for part in (nearest, listed) if part), match.end())
            if (
                not self._is_free(span)
                or patterns.MEASURES_BEFORE.search(before)
                or patterns.MEASURES_AFTER.match(self.folded, match.end("direction"), self.sentence.end)
            ):
                continue
            word, countries, numbers, start = self._noun_before(span.start)
            after = patterns.NOUN_AFTER.match(self.folded, span.end, self.sentence.end) if listed else None
            noun_fields = _noun_fields(match["role"] or word or (after and after["noun"]))
            if not noun_fields["noun"]:
                several = patterns.SEVERAL_BEFORE.search(before[: listed.start() if listed else None])
                noun_fields["plural"] = bool(several)
            self._take(span)
            is_bracketed = "(" in self.folded[start : span.end] and self.folded[span.end : span.end + 1] == ")"
            for number in numbers:
                self._add_directed(
                    Kind.POSITION, Span(start, span.end + is_bracketed), direction=match["direction"].lower(),
                    **noun_fields, countries=countries, number=number, nearest=bool(nearest),
                    listed=bool(listed and "listed" in listed[0].lower()),
                    same_document=bool(listed and listed["same_document"]),
                )  # fmt: skip

    def _noun_before(self, end: int) -> tuple[str | None, tuple[str, ...], list[int | None], int]:
        """Return the noun that a following "above" belongs to, its countries and numbers, and where these words start.

        ``a British study (listed``, ``trials from the UK and USA``.
        """
        start = max(self.sentence.start, end - _NOUN_DISTANCE)
        words = self.folded[start:end]
        match = patterns.NOUN_BEFORE.search(words)
        if not match:
            bracket = _OPEN_BRACKET.search(words)
            return None, (), [None], start + bracket.start() if bracket else end
        countries = _countries(match["places"] or match["countries"])
        return match["noun"], countries, _numbers(match["numbers"]), start + match.start()

    # Matching: patterns are costly, so they are tried only near the words that they cannot do without.

    def _take_near(self, pattern: re.Pattern[str], anchors: tuple[str, ...], before: int) -> Iterator[re.Match[str]]:
        """Yield the free matches of a pattern that start up to ``before`` characters before an anchor; take them."""
        return (match for match in self._near(pattern, anchors, before) if self._take(match.span()))

    def _near(self, pattern: re.Pattern[str], anchors: tuple[str, ...], before: int) -> list[re.Match[str]]:
        begin, end = self.sentence
        offsets = offsets_of(anchors, self.lower)
        if not offsets:
            return []
        first, last = begin + offsets[0], begin + offsets[-1]
        matches = []
        for match in pattern.finditer(self.folded, max(begin, first - before), min(end, last + _PATTERN_REACH)):
            matches.append(match)
            if match.end() > last:
                break
        return matches

    def _take_at(self, pattern: re.Pattern[str], words: tuple[str, ...]) -> Iterator[re.Match[str]]:
        """Yield the free matches of a pattern that start with one of some words, and take them."""
        return (match for match in self._at(pattern, words) if self._take(match.span()))

    def _at(self, pattern: re.Pattern[str], words: tuple[str, ...]) -> list[re.Match[str]]:
        begin, end = self.sentence
        matches, matched_to = [], 0
        for offset in offsets_of(words, self.lower):
            if offset >= matched_to and (match := pattern.match(self.folded, begin + offset, end)):
                matches.append(match)
                matched_to = match.end() - begin
        return matches

    def _is_free(self, span: tuple[int, int]) -> bool:
        start, end = span
        for other_start, other_end in self.taken:  # noqa: SIM110 (any() takes three times as long)
            if start < other_end and other_start < end:
                return False
        return True

    def _take(self, span: tuple[int, int]) -> bool:
        """Take a span where it is free; return whether it was."""
        if not self._is_free(span):
            return False
        self.taken.append(span)
        if len(self.taken) > MAX_REFERENCES:
            raise _too_many(self.source, self.sentence)
        return True

    def _add(self, kind: Kind, where: re.Match[str] | Span, **fields: Any) -> None:
        span = where if isinstance(where, Span) else Span(*where.span())
        self.phrases.append(Phrase(kind, span, self.sentence, **fields))

    def _add_directed(self, kind: Kind, where: re.Match[str] | Span, *, noun: str | None, **fields: Any) -> None:
        """Add a phrase with a direction; a noun for a part of the commentary makes it one of that kind."""
        section = "supplement" if noun == "supplement" else None
        self._add(Kind.COMMENTARY if noun in patterns.PARTS else kind, where, noun=noun, section=section, **fields)


def _pair_kind(word: str | None) -> Kind:
    return Kind.CORRESPONDING if word and word.lower() == "corresponding" else Kind.RELATED


def _matrix(words: str | None) -> str | None:
    return words.split()[0].lower() if words else None


def _numbers(words: str | None) -> list[int | None]:
    """Return the link numbers, each one reference, or one None where there are none."""
    return [int(digits) for digits in _NUMBER.findall(words)] if words else [None]


def _countries(words: str | None) -> tuple[str, ...]:
    parts = _COUNTRY_SEPARATOR.split(words) if words else []
    return tuple(part.removeprefix("the ") for part in parts)


def _last_noun(words: str) -> str | None:
    nouns = patterns.ANY_NOUN.findall(words)
    return nouns[-1] if nouns else None


def _noun_fields(noun: str | None) -> dict[str, Any]:
    """Return the sort of document that a noun names, and whether it names several; "guidelines" are one document."""
    word = noun.lower() if noun else ""
    return {"noun": patterns.NOUNS.get(word), "plural": word.endswith("s") and word not in ("analysis", "guidelines")}
