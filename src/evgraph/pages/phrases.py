"""The phrases of a page's text that refer to something: "Corresponding US study below", "discussed in cell E3's bite".

Each sentence is read by itself. `_RULES`, at the end, lists the rules in their order; no rule reads words that an
earlier one has taken.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from evgraph.errors import UnreadableError
from evgraph.pages import patterns
from evgraph.pages.dates import Parenthesis, dated_parentheses
from evgraph.pages.page import Imprint, Kind, Phrase
from evgraph.pages.source import Source, Span, collapse_spaces

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_REFERENCES = 1000  # Of one page. Real ones have at most a hundred; the work grows with the square.
MAX_SENTENCE = 2000  # Characters: a longer sentence than on any real page is cut, since patterns match in square time.
_SQUARE, _NUMBER = re.compile(r"[A-E][1-5]"), re.compile(r"\d+")
_COUNTRY_SEPARATOR = re.compile(r", and |, | and |/")
_OPEN_BRACKET = re.compile(r"\([ ]*$")
_NOUN_DISTANCE = 200  # Characters, at most, between a noun and its "above" or its year.


class PhraseFinder:
    """Finds the phrases in the text of one page."""

    def __init__(self, source: Source) -> None:
        self._page = source
        self._source, self._offsets = collapse_spaces(source)  # The patterns expect single spaces.

    def find(self, within: Span) -> list[Phrase]:
        """Return the phrases in a stretch of the page's text, in the order of the text.

        Raises:
            UnreadableError: there are more than on any real page.

        """
        phrases: list[Phrase] = []
        start, end = (bisect_left(self._offsets, offset) for offset in within)
        for sentence in sentences(self._source.folded, Span(start, end)):
            phrases += _SentenceReader(self._source, sentence).read()
            if len(phrases) > MAX_REFERENCES:
                raise UnreadableError(
                    f"more than {MAX_REFERENCES} references in one line; no page has so many",
                    path=self._page.path,
                    line=self._page.line_of(within.start),
                )
        return [
            phrase._replace(span=self._original(phrase.span), sentence=self._original(phrase.sentence))
            for phrase in phrases
        ]

    def _original(self, span: Span) -> Span:
        return Span(self._offsets[span.start], self._offsets[span.end - 1] + 1)


def sentences(folded: str, within: Span) -> Iterator[Span]:
    """Yield the sentences of a stretch of text; a sentence longer than `MAX_SENTENCE` is cut."""
    start = within.start
    for gap in [*(match.span("gap") for match in patterns.SENTENCE_END.finditer(folded, *within)), (within.end,) * 2]:
        for cut in range(start, gap[0], MAX_SENTENCE):
            yield Span(cut, min(cut + MAX_SENTENCE, gap[0]))
        start = gap[1]


class _SentenceReader:
    def __init__(self, source: Source, sentence: Span) -> None:
        self.source, self.folded, self.sentence = source, source.folded, sentence
        self.taken: list[tuple[int, int]] = []
        self.phrases: list[Phrase] = []

    def read(self) -> list[Phrase]:
        words = set(_RULE_WORDS.findall(self.folded[slice(*self.sentence)].lower()))
        for rule, rule_words in _RULES if words else ():
            if not words.isdisjoint(rule_words):
                rule(self)
        return sorted(self.phrases, key=lambda phrase: phrase.span)

    def _other_cells(self) -> None:
        for match in self._free_matches(patterns.CELL):
            squares = _SQUARE.findall(match["squares"])
            # "Cells C2 and D2 of the Alcohol Matrix" are both of it; "cell C2 and cell D2 of the …" may not be.
            is_repeated = bool(match["matrix"]) and "cell" in match["squares"].lower()
            for place, square in enumerate(squares, 1):
                self._add(
                    Kind.CELL, match, square=square, matrix=_matrix(match["matrix"] or match["matrix_before"]),
                    matrix_uncertain=is_repeated and place < len(squares),
                    discusses=bool(match["discussed"] or match["bite"]),
                )  # fmt: skip
        for match in self._free_matches(patterns.CELL_BY_LABEL):
            label = match["label"]
            self._add(Kind.CELL, match, label=label and label.lower(), matrix=_matrix(match["matrix"]))
        for match in self._free_matches(patterns.THIS_CELL):
            for number in _numbers(match["numbers"]):
                self._add(Kind.POSITION, match, noun=patterns.NOUNS[match["noun"].lower()], number=number)

    def _own_commentary(self) -> None:
        for match in self._free_matches(patterns.OWN_BITE):
            sections = list(patterns.SECTION_WITH_NUMBERS.finditer(match["sections"] or match["unnamed"]))
            for section in sections:
                role = patterns.ROLES[section["name"].lower().strip("?'")]
                for number in _numbers(section["numbers"] or (match["numbers"] if section is sections[-1] else None)):
                    self._add(Kind.COMMENTARY, match, section=role, number=number)

    def _lost_links(self) -> None:
        for match in self._free_matches(patterns.CLICK):
            count = max(1, (match["heres"] or match["heres_alone"] or "").lower().count("here"))
            for number in range(1, count + 1):
                self._add(Kind.COMMENTARY, match, number=number if count > 1 else None)

    def _file_places(self) -> None:
        for match in self._free_matches(patterns.FILE_PLACE):
            self._add(Kind.FILE_PLACE, match, locator=match["locator"])

    def _see_also_directed(self) -> None:
        for match in self._free_matches(patterns.SEE_ALSO_DIRECTED):
            if match["items"]:
                self._add_items(Kind.SEE_ALSO, match)
            else:
                self._add(
                    Kind.SEE_ALSO, match, direction=match["direction"].lower(), **_noun_fields(_last_noun(match[0])),
                    listed=bool(match["listed"]), nearest=bool(match["nearest"]),
                )  # fmt: skip

    def _pairs(self) -> None:
        for match in self._free_matches(patterns.PAIR):
            self._add_items(_pair_kind(match["kind"]), match)
            self._add_chain(self._chain(match)[1:], match["kind"])
        alone = patterns.NAMED_ALONE.match(self.folded, *self.sentence)
        chain = self._chain(alone) if alone else []
        if chain and not self.folded[chain[-1].end() : self.sentence.end].strip(" .)"):
            self._add_chain(chain, None)
        for match in self._free_matches(patterns.DATED_DIRECTED):
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
                numbers = _numbers(item["numbers"] or (groups.get("behind") if is_last else None))
                for fields in _by_country(noun_fields, countries, numbers):
                    self._add_directed(
                        kind, match, direction=side, **fields, imprint=Imprint(date=item["year"]),
                        listed=bool(groups["listed"]), nearest=bool(groups["nearest"]),
                    )  # fmt: skip

    def _implementation(self) -> None:
        for match in self._free_matches(patterns.IMPLEMENTED_BY):
            self._add_items(Kind.IMPLEMENTATION, match)
        for match in self._free_matches(patterns.IMPLEMENTS):
            self._add(
                Kind.IMPLEMENTATION, match, direction=match["direction"].lower(), **_noun_fields(_last_noun(match[0])),
                implemented=True,
            )  # fmt: skip

    def _see(self) -> None:
        parentheses = list(dated_parentheses(self.folded, self.sentence))
        for match in patterns.SEE.finditer(self.folded, *self.sentence):
            span = Span(*match.span())
            dated = [
                parenthesis
                for parenthesis in parentheses
                if span.start <= parenthesis.span.start and self._take(parenthesis.span)
            ]
            for parenthesis in dated:
                words = Span(span.start, parenthesis.span.end)
                self._add(Kind.SEE_ALSO, words, **self._document_fields(parenthesis, span.start))
            undated = (match["also"] or match["also_2"]) and not patterns.NO_DOCUMENT.search(match["what"])
            if not dated and undated and self._take(span):
                numbered = patterns.NUMBERED.search(match["what"])
                for number in _numbers(numbered and numbered["numbers"]):
                    self._add(Kind.SEE_ALSO, span, **_noun_fields(_head_noun(match["what"])), number=number)
        for match in self._free_matches(patterns.SEE_LOST_LINK):
            self._add(Kind.SEE_ALSO, match, **_noun_fields(_head_noun(match["what"])), link_lost=True)

    def _inline(self) -> None:
        for parenthesis in dated_parentheses(self.folded, self.sentence):
            if not patterns.PERIOD.search(parenthesis.content["date"]) and self._take(parenthesis.span):
                start = max(self.sentence.start, parenthesis.span.start - _NOUN_DISTANCE)
                self._add(Kind.INLINE, parenthesis.span, **self._document_fields(parenthesis, start))

    def _link_numbers(self) -> None:
        for match in self._free_matches(patterns.LINK_NUMBERS):
            noun, _, _, start = self._noun_before(match.start())
            for number in _numbers(match["numbers"]):
                self._add(
                    Kind.INLINE, Span(start if noun else match.start(), match.end()), **_noun_fields(noun),
                    number=number, link_lost=True,
                )  # fmt: skip

    def _document_fields(self, parenthesis: Parenthesis, start: int) -> dict[str, Any]:
        """Return the fields of a phrase for a dated document, whose noun comes after ``start``."""
        noun = _last_noun(parenthesis.content["lead"] or self.folded[start : parenthesis.span.start])
        return {"imprint": parenthesis.imprint(self.source.text), **_noun_fields(noun)}

    def _several_countries(self) -> None:
        for match in self._free_matches(patterns.SEVERAL_COUNTRIES):
            directed = patterns.DIRECTED.match(self.folded, match.end())
            span = Span(match.start(), directed.end() if directed else match.end())
            if directed:
                self.taken.append(span)
            for fields in _by_country(_noun_fields(match["noun"]), _countries(match["countries"]), [None]):
                self._add(
                    Kind.POSITION if directed else Kind.INLINE, span, direction=directed and directed["direction"],
                    **fields,
                )  # fmt: skip

    def _positions(self) -> None:
        for match in patterns.POSITION.finditer(self.folded, *self.sentence):
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
            self.taken.append(Span(start, span.end))
            is_bracketed = "(" in self.folded[start : span.end] and self.folded[span.end : span.end + 1] == ")"
            for fields in _by_country(noun_fields, countries, numbers):
                self._add_directed(
                    Kind.POSITION, Span(start, span.end + is_bracketed), direction=match["direction"].lower(),
                    **fields, nearest=bool(nearest),
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

    def _free_matches(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Yield the matches of a pattern that no rule has taken, and take them."""
        return (match for match in pattern.finditer(self.folded, *self.sentence) if self._take(match.span()))

    def _is_free(self, span: tuple[int, int]) -> bool:
        start, end = span
        return not any(start < other_end and other_start < end for other_start, other_end in self.taken)

    def _take(self, span: tuple[int, int]) -> bool:
        """Take a span where it is free; return whether it was."""
        is_free = self._is_free(span)
        if is_free:
            self.taken.append(span)
        return is_free

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


def _head_noun(words: str) -> str | None:
    """Return the noun that words for a document begin with: "report" in "report on the same study"."""
    end = patterns.HEAD_END.search(words)
    return _last_noun(words[: end.start()] if end else words)


def _noun_fields(noun: str | None) -> dict[str, Any]:
    """Return the sort of document that a noun names, and whether it names several; "guidelines" are one document."""
    word = noun.lower() if noun else ""
    return {"noun": patterns.NOUNS.get(word), "plural": word.endswith("s") and word not in ("analysis", "guidelines")}


def _by_country(
    noun_fields: dict[str, Any], countries: tuple[str, ...], numbers: list[int | None]
) -> Iterator[dict[str, Any]]:
    """Yield the fields of each phrase that a noun makes: one per link number, else one per country."""
    if not noun_fields["plural"] or len(countries) < 2 or len(numbers) not in (1, len(countries)):
        for number in numbers:
            yield {**noun_fields, "countries": countries, "number": number}
        return
    for country, number in zip(countries, numbers if len(numbers) > 1 else numbers * len(countries), strict=True):
        yield {**noun_fields, "plural": False, "countries": (country,), "number": number}


_DIRECTIONS = ("above", "below")
# In their order, each with words of which it needs one in the sentence.
_RULES = (
    (_SentenceReader._other_cells, ("cell",)),  # "Discussion in cell D2's bite".
    (_SentenceReader._own_commentary, ("section",)),  # "Discussion in bite's Issues section".
    (_SentenceReader._lost_links, ("click",)),  # "Click here".
    (_SentenceReader._file_places, ("linked", "pdf")),  # "On p. 1 of linked PDF file".
    (_SentenceReader._see_also_directed, _DIRECTIONS),  # "See also … above".
    (_SentenceReader._pairs, _DIRECTIONS),  # "Corresponding study below", "Related review and guidance above".
    (_SentenceReader._implementation, _DIRECTIONS),  # "Implementation guidance below", "building on … (see above)".
    (_SentenceReader._see, ("see", "more")),  # "See a review (2006)", "see also these reviews (1 2)".
    (_SentenceReader._inline, ("(",)),  # "A simulation study (2011)", in passing.
    (_SentenceReader._several_countries, ("studies", "trials")),  # "UK and US studies".
    (_SentenceReader._positions, _DIRECTIONS),  # Every other "above" and "below".
    (_SentenceReader._link_numbers, ("(",)),  # "Two trials (1 2)".
)
_RULE_WORDS = re.compile("|".join(sorted({re.escape(word) for _, words in _RULES for word in words})))
