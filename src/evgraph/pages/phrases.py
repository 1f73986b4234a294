"""The references that a stretch of text makes, as its words state them.

Each sentence is read by itself. A formula is matched once; what a stronger formula has taken, a weaker one does not
read again. From strong to weak: other cells, the own commentary, links that lost their words ("click here"), places in
a file, pairs ("corresponding", "related"), implementation, "see also", dated parentheses, and last every "above" and
"below" that is left.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, Any

from evgraph.errors import UnreadableError
from evgraph.pages import patterns as formulas
from evgraph.pages.collapsed_whitespace import Squeezed
from evgraph.pages.dates import Parenthesis, dated
from evgraph.pages.mention import Kind, Mention
from evgraph.pages.page import Stated
from evgraph.pages.sentences import hints, places, sentences_at, small_letters
from evgraph.pages.source import Source, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_REFERENCES = 1000  # Of one page. Real ones have at most a hundred; the work grows with the square.
_SQUARE, _NUMBER = re.compile(r"[A-E][1-5]"), re.compile(r"\d+")
_BOTH = ("above", "below")
_BETWEEN = re.compile(r", and |, | and |/")
_OPENED = re.compile(r"\([ ]*$")
_NEAR = 200  # So far before an "above" its noun is looked for.
_REACH = 400  # No formula goes on so far behind the last of its words.


class Phrases:
    """The references that the text of one page makes."""

    def __init__(self, source: Source) -> None:
        self.source, self.squeezed = source, None
        if source.spaced:
            self.squeezed = Squeezed(source)
            self.source = self.squeezed.source
        self.small = small_letters(self.source.folded)
        self.hints = hints(self.small)  # Most sentences hold none.

    def mentions(self, within: Span) -> list[Mention]:
        """Find the references in a stretch of the page's text, in the order of the text.

        Raises:
            UnreadableError: there are more than any page has.

        """
        if self.squeezed is None:
            return self._mentions(within)
        back = self.squeezed.unsqueezed
        found = self._mentions(self.squeezed.squeezed(within))
        return [one._replace(words=back(one.words), sentence=back(one.sentence)) for one in found]

    def _mentions(self, within: Span) -> list[Mention]:
        first, last = bisect_left(self.hints, within.start), bisect_left(self.hints, within.end)
        if first == last:
            return []
        found: list[Mention] = []
        for sentence in sentences_at(self.source.folded, within, self.hints[first:last]):
            words = self.small[sentence.start : sentence.end]
            found += _Reader(self.source, sentence, words).read()
            if len(found) > MOST_REFERENCES:
                raise _too_many(self.source, within)
        return found


def _too_many(source: Source, within: Span) -> UnreadableError:
    return UnreadableError(
        f"more than {MOST_REFERENCES} references in one line; no page has so many",
        path=source.path,
        line=source.line_of(within.start),
    )


class _Reader:
    """One sentence."""

    def __init__(self, source: Source, sentence: Span, words: str) -> None:
        self.source, self.folded, self.within, self.words = source, source.folded, sentence, words
        self.taken: list[tuple[int, int]] = []
        self.found: list[Mention] = []

    def read(self) -> list[Mention]:
        words = self.words
        directed = "above" in words or "below" in words
        if "cell" in words:
            self._other_cells()
        if "section" in words:
            self._own_commentary()
        if "click" in words:
            self._lost_links()
        if "linked" in words:
            self._places()
        if directed:
            if "also" in words:
                self._see_there()
            self._pairs()
            if "implement" in words or "build" in words or "into practice" in words:
                self._implementation()
        parentheses = self._parentheses() if "(" in words else []
        if "see" in words and (parentheses or "also" in words):
            self._see(parentheses)
        if parentheses:
            self._inline(parentheses)
        if ("studies" in words or "trials" in words) and formulas.HERE_AND_THERE.search(words):
            self._several_countries()
        if directed:
            self._positions()
        if len(self.found) < 2:
            return self.found
        return sorted(self.found, key=lambda one: one.words)

    # What each formula does with its match: check that it is free, take it, add a mention for each thing it names.

    def _other_cells(self) -> None:
        for found in self._matches(formulas.CELL, ("cell",), 100) if formulas.SQUARE.search(self.words) else ():
            matrix = found["matrix"] or found["matrix_before"]
            for square in _SQUARE.findall(found["squares"]):
                self._add(
                    Kind.CELL, found, square=square, matrix=matrix and matrix.split()[0].lower(),
                    discusses=bool(found["discussed"] or found["bite"]),
                )  # fmt: skip
        for found in self._matches(formulas.CELL_BY_LABEL, ("corresponding cell", "equivalent cell"), 4):
            label, matrix = found["label"], found["matrix"]
            self._add(Kind.CELL, found, label=label and label.lower(), matrix=matrix and matrix.split()[0].lower())
        for found in self._matches(formulas.THIS_CELL, ("in this cell",), 20):
            for number in _numbers(found["numbers"]):
                self._add(Kind.POSITION, found, noun=formulas.NOUNS[found["noun"].lower()], number=number)

    def _own_commentary(self) -> None:
        for found in self._matches(formulas.OWN_BITE, formulas.SECTIONS_NAMED, 100):
            parts = list(formulas.SECTION_WITH_NUMBERS.finditer(found["sections"] or found["unnamed"]))
            for part in parts:
                numbers = part["numbers"] or (found["numbers"] if part is parts[-1] else None)
                for number in _numbers(numbers):
                    self._add(
                        Kind.COMMENTARY, found, section=formulas.ROLES[part["name"].lower().strip("?'")], number=number
                    )

    def _lost_links(self) -> None:
        for found in self._matches(formulas.CLICK, ("click",), 80):
            count = max(1, (found["heres"] or found["heres_alone"] or "").lower().count("here"))
            for number in range(1, count + 1):
                self._add(Kind.COMMENTARY, found, number=number if count > 1 else None)

    def _places(self) -> None:
        for found in self._matches(formulas.FILE_PLACE, ("linked",), 60):
            self._add(Kind.FILE_PLACE, found, locator=found["locator"])

    def _pairs(self) -> None:
        for found in self._beginning(formulas.PAIR, formulas.PAIR_WORDS):
            self._named(_pair(found["kind"]), found)
            self._add_chain(self._chain(found)[1:], found["kind"])
        alone = formulas.NAMED_ALONE.match(self.folded, *self.within)
        chain = self._chain(alone) if alone else []
        if chain and not self.folded[chain[-1].end() : self.within.end].strip(" .)"):
            self._add_chain(chain, None)
        if "(" in self.words and formulas.YEAR_THERE.search(self.words):
            for found in self._matches(formulas.DATED_THERE, ("(",), _NEAR):
                self._named(Kind.POSITION, found)

    def _chain(self, found: re.Match[str]) -> list[re.Match[str]]:
        """Read ``… and review above`` behind ``Related study below``."""
        chain = [found]
        while (link := formulas.AND.match(self.folded, chain[-1].end(), self.within.end)) and (
            more := formulas.PAIR_GOES_ON.match(self.folded, link.end(), self.within.end)
        ):
            chain.append(more)
        return chain

    def _add_chain(self, chain: list[re.Match[str]], kind: str | None) -> None:
        for found in chain:
            kind = found.groupdict().get("kind") or kind
            if self._take(found.span()):
                self._named(_pair(kind), found)

    def _named(self, kind: Kind, found: re.Match[str]) -> None:
        """Add a mention for each document that a list names: ``US study, review (1 2) and guidance``."""
        direction = found["direction"].lower()
        groups = found.groupdict()
        countries = _countries(groups.get("places"))
        items = list(formulas.ITEM.finditer(found["items"]))
        for item in items:
            called = _called(item["noun"])
            noun = called["noun"]
            countries = _countries(item["countries"] or item["before"]) or countries
            stated = Stated(date=item["year"]) if item["year"] else Stated()
            last = item is items[-1]
            for side in _BOTH if last and groups.get("both") else (direction,):
                for number in _numbers(item["numbers"] or (groups.get("behind") if last else None)):
                    self._add(
                        Kind.COMMENTARY if noun in formulas.PARTS else kind, found, direction=side, **called,
                        countries=countries, number=number, stated=stated, listed=bool(found["listed"]),
                        nearest=bool(found["nearest"]), section="supplement" if noun == "supplement" else None,
                    )  # fmt: skip

    def _implementation(self) -> None:
        for found in self._beginning(formulas.IMPLEMENTED_BY, ("implement",)):
            self._named(Kind.IMPLEMENTATION, found)
        for found in self._beginning(formulas.IMPLEMENTS, ("implement", "build", "put")):
            self._add(
                Kind.IMPLEMENTATION, found, direction=found["direction"].lower(), **_called(_last_noun(found[0])),
                implemented=True,
            )  # fmt: skip

    def _see_there(self) -> None:
        for found in self._beginning(formulas.SEE_DIRECTED, ("see also", "also see")):
            if found["items"]:
                self._named(Kind.SEE_ALSO, found)
            else:
                self._add(
                    Kind.SEE_ALSO, found, direction=found["direction"].lower(), **_called(_last_noun(found[0])),
                    listed=bool(found["listed"]), nearest=bool(found["nearest"]),
                )  # fmt: skip

    def _parentheses(self) -> list[Parenthesis]:
        found = [one for one in dated(self.folded, self.within) if self._free(one.span)]
        if len(found) > MOST_REFERENCES:
            raise _too_many(self.source, self.within)
        return found

    def _see(self, parentheses: list[Parenthesis]) -> None:
        for found in self._around(formulas.SEE, ("see",), 5):
            span = Span(*found.span())
            here = [one for one in parentheses if span.start <= one.span.start and self._free(one.span)]
            for one in here:
                self._take(one.span)
                words = self.folded[span.start : one.span.start]
                self._add(Kind.SEE_ALSO, Span(span.start, one.span.end), **self._said(one, words))
            also = found["also"] or found["also_2"]
            if not here and also and self._undated(found["what"]) and self._take(span):
                numbered = formulas.NUMBERED.search(found["what"])
                for number in _numbers(numbered and numbered["numbers"]):
                    self._add(Kind.SEE_ALSO, span, **_called(_last_noun(found["what"])), number=number)

    @staticmethod
    def _undated(what: str) -> bool:
        return not formulas.NO_DOCUMENT.search(what)

    def _inline(self, parentheses: list[Parenthesis]) -> None:
        for one in parentheses:
            if not formulas.PERIOD.search(one.content["date"]) and self._take(one.span):
                before = self.folded[max(self.within.start, one.span.start - _NEAR) : one.span.start]
                self._add(Kind.INLINE, one.span, **self._said(one, before))

    def _said(self, one: Parenthesis, words_before: str) -> dict[str, Any]:
        return {"stated": one.stated(self.source.text), **_called(_last_noun(words_before))}

    def _several_countries(self) -> None:
        for found in self._matches(formulas.SEVERAL_COUNTRIES, (" studies", " trials"), _NEAR):
            after = formulas.THERE.match(self.folded, found.end())
            words = Span(found.start(), after.end()) if after else Span(*found.span())
            if after:
                self.taken.append(words)
            self._add(
                Kind.POSITION if after else Kind.INLINE, words, direction=after["direction"] if after else None,
                noun="study", plural=True, countries=_countries(found["countries"]),
            )  # fmt: skip

    def _positions(self) -> None:
        for found in self._at(formulas.POSITION, ("above", "below")):
            if not self._free(found.span()):
                continue
            before = self.folded[max(self.within.start, found.start() - 35) : found.start()]
            if nearest := formulas.NEAREST_BEFORE.search(before):
                before = before[: nearest.start()]
            listed = formulas.LISTED_BEFORE.search(before)
            start = found.start() - sum(len(one[0]) for one in (nearest, listed) if one)
            span = Span(start, found.end())
            if (
                not self._free(span)
                or formulas.MEASURES_BEFORE.search(before)
                or formulas.MEASURES_AFTER.match(self.folded, found.end("direction"), self.within.end)
            ):
                continue
            word, countries, numbers, start = self._noun_before(span.start)
            after = formulas.NOUN_AFTER.match(self.folded, span.end, self.within.end) if listed else None
            called = _called(found["role"] or word or (after and after["noun"]))
            noun = called["noun"]
            if not noun:
                called["plural"] = bool(formulas.SEVERAL_BEFORE.search(before[: listed.start() if listed else None]))
            self._take(span)
            opened = "(" in self.folded[start : span.end] and self.folded[span.end : span.end + 1] == ")"
            for number in numbers:
                self._add(
                    Kind.COMMENTARY if noun in formulas.PARTS else Kind.POSITION, Span(start, span.end + opened),
                    direction=found["direction"].lower(), **called, countries=countries, number=number,
                    nearest=bool(nearest), section="supplement" if noun == "supplement" else None,
                    listed=bool(listed and "listed" in listed[0].lower()), itself=bool(listed and listed["itself"]),
                )  # fmt: skip

    def _noun_before(self, end: int) -> tuple[str | None, tuple[str, ...], list[int | None], int]:
        """Read the noun that a following "above" belongs to: ``a British study (listed``, ``trials from the UK``."""
        start = max(self.within.start, end - _NEAR)
        words = self.folded[start:end]
        near = formulas.NOUN_BEFORE.search(words)
        if not near:
            bracket = _OPENED.search(words)
            return None, (), [None], start + bracket.start() if bracket else end
        countries = _countries(near["places"] or near["countries"])
        return near["noun"], countries, _numbers(near["numbers"]), start + near.start()

    # Bookkeeping.

    def _matches(self, pattern: re.Pattern[str], anchors: tuple[str, ...], before: int = 0) -> Iterator[re.Match[str]]:
        """Find a formula near the words that it cannot be without; it begins at most so many characters before one."""
        return filter(self._take_match, self._around(pattern, anchors, before))

    def _around(self, pattern: re.Pattern[str], anchors: tuple[str, ...], before: int) -> list[re.Match[str]]:
        begin, end = self.within
        anchored = places(anchors, self.words)
        if not anchored:
            return []
        first, last = begin + anchored[0], begin + anchored[-1]
        matches = []
        for found in pattern.finditer(self.folded, max(begin, first - before), min(end, last + _REACH)):
            matches.append(found)
            if found.end() > last:
                break
        return matches

    def _beginning(self, pattern: re.Pattern[str], words: tuple[str, ...]) -> Iterator[re.Match[str]]:
        """Find a formula that begins with one of some words."""
        return filter(self._take_match, self._at(pattern, words))

    def _at(self, pattern: re.Pattern[str], words: tuple[str, ...]) -> list[re.Match[str]]:
        begin, end = self.within
        matches, behind = [], 0
        for place in places(words, self.words):
            if place >= behind and (found := pattern.match(self.folded, begin + place, end)):
                matches.append(found)
                behind = found.end() - begin
        return matches

    def _free(self, span: tuple[int, int]) -> bool:
        start, end = span
        for other_start, other_end in self.taken:  # noqa: SIM110 (any() takes three times as long)
            if start < other_end and other_start < end:
                return False
        return True

    def _take(self, span: tuple[int, int]) -> bool:
        if not self._free(span):
            return False
        self.taken.append(span)
        if len(self.taken) > MOST_REFERENCES:
            raise _too_many(self.source, self.within)
        return True

    def _take_match(self, found: re.Match[str]) -> bool:
        return self._take(found.span())

    def _add(self, kind: Kind, where: re.Match[str] | Span, **said: Any) -> None:
        words = where if isinstance(where, Span) else Span(*where.span())
        self.found.append(Mention(kind, words, self.within, **said))


def _pair(word: str | None) -> Kind:
    return Kind.CORRESPONDING if word and word.lower() == "corresponding" else Kind.RELATED


def _numbers(words: str | None) -> list[int | None]:
    """Give the link numbers, or one None where there are none: each is one reference."""
    return [int(one) for one in _NUMBER.findall(words)] if words else [None]


def _countries(words: str | None) -> tuple[str, ...]:
    parts = _BETWEEN.split(words) if words else []
    return tuple(word.removeprefix("the ") for word in parts)


def _last_noun(words: str) -> str | None:
    nouns = formulas.ANY_NOUN.findall(words)
    return nouns[-1] if nouns else None


def _called(noun: str | None) -> dict[str, Any]:
    """Say what sort of document a noun names, and whether it names several; guidelines are one."""
    word = noun.lower() if noun else ""
    return {"noun": formulas.NOUNS.get(word), "plural": word.endswith("s") and word not in ("analysis", "guidelines")}
