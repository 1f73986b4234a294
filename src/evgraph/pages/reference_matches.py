"""Which reference of an earlier version of a page is which one of the new version.

References of one entry or section are the same if their kind, direction and words are: those of the whole sentence, or
those around the reference in a sentence that otherwise changed. Where the earlier words are not known, the sentences
must be as long as they were, and as many.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, TypeAlias

from evgraph.pages.matching import Matches, match_nearest, ratio
from evgraph.register import normalize

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from evgraph.pages.earlier import EarlierReference
    from evgraph.pages.page import Phrase
    from evgraph.pages.source import Source

_BEFORE, _AFTER = 4, 1  # Words around a reference that tell it from others of its sentence.
_UNLIKE = 0.5  # Sentences less similar than this are different.
_Groups: TypeAlias = "dict[Hashable, tuple[list[int], list[int]]]"  # Traits → earlier and new ones that share them.


def match_references(earlier: Sequence[EarlierReference], new: Sequence[Phrase], source: Source) -> Matches:
    """Match the references of one entry, section or trailer in two versions of a page.

    Args:
        earlier: those of the earlier version; alike ones in the order of the text.
        new: the phrases of the new version, in the order of the text.
        source: the text that they are in.

    """
    return _Matcher(earlier, new, source).run()


class _Matcher:
    def __init__(self, earlier: Sequence[EarlierReference], new: Sequence[Phrase], source: Source) -> None:
        self.source = source
        self.traits = (
            [
                (reference.kind, reference.direction, _stated(reference.imprint), reference.locator or None)
                for reference in earlier
            ],
            [(phrase.kind.value, phrase.direction, _stated(phrase.imprint), phrase.locator or None) for phrase in new],
        )
        self.earlier, self.new = earlier, new
        self.old_words = [None if reference.words is None else normalize(reference.words) for reference in earlier]
        self.new_words = [normalize(source.folded[slice(*phrase.sentence)]) for phrase in new]
        self.matches: Matches = {}

    def run(self) -> Matches:
        by_words = _groups()
        for index, words in enumerate(self.old_words):
            if words is not None:
                by_words[self.traits[0][index], words][0].append(index)
        for index, words in enumerate(self.new_words):
            by_words[self.traits[1][index], words][1].append(index)
        self._add_equal(by_words)
        self._match_changed_sentences()
        by_traits = _groups()
        for side in (0, 1):
            for index in self._unmatched(side):
                if side or self.old_words[index] is None:
                    by_traits[self.traits[side][index]][side].append(index)
        self._add_equal({key: pair for key, pair in by_traits.items() if self._as_long(*pair)})
        return self.matches

    def _add_equal(self, groups: _Groups) -> None:
        for olds, news in groups.values():
            if len(olds) == len(news):
                self.matches.update(zip(news, olds, strict=True))

    def _unmatched(self, side: int) -> Iterable[int]:
        used = self.matches.keys() if side else set(self.matches.values())
        return [index for index in range(len(self.traits[side])) if index not in used]

    def _as_long(self, olds: Sequence[int], news: Sequence[int]) -> bool:
        passages = [self.earlier[index].passage for index in olds]
        lengths = [passage and passage.span.end - passage.span.start for passage in passages]
        return lengths == [self.new[index].sentence.end - self.new[index].sentence.start for index in news]

    def _match_changed_sentences(self) -> None:
        """Match references whose nearest words are unchanged, in sentences that are the same but for others."""
        olds, news = defaultdict[object, list[int]](list), defaultdict[object, list[int]](list)
        for index in self._unmatched(0):
            if self.old_words[index] is not None:
                olds[self.earlier[index].passage].append(index)
        for index in self._unmatched(1):
            news[self.new[index].sentence].append(index)
        old_sentences, new_sentences = list(olds.values()), list(news.values())

        def likeness(old: int, own: int) -> float:
            alike = ratio(self.old_words[old_sentences[old][0]] or "", self.new_words[new_sentences[own][0]])
            return alike if alike >= _UNLIKE else 0

        sentences: Matches = {}
        match_nearest(len(old_sentences), len(new_sentences), sentences, likeness)
        for own, old in sentences.items():
            groups: _Groups = _groups()
            for side, indexes in enumerate((old_sentences[old], new_sentences[own])):
                for index in indexes:
                    groups[self.traits[side][index]][side].append(index)
            self._add_equal({key: pair for key, pair in groups.items() if pair[0] and self._same_words(*pair)})

    def _same_words(self, olds: Sequence[int], news: Sequence[int]) -> bool:
        """Return whether the words around each new reference are in the earlier sentence as often as in the new one."""
        earlier = f" {self.old_words[olds[0]]} "
        for index in news:
            words, around = f" {self.new_words[index]} ", f" {self._around(self.new[index])} "
            if not around.strip() or earlier.count(around) != words.count(around):
                return False
        return True

    def _around(self, phrase: Phrase) -> str:
        folded, (start, end) = self.source.folded, phrase.sentence
        before = normalize(folded[start : phrase.span.start]).split()
        after = normalize(folded[phrase.span.end : end]).split()
        return " ".join([*before[-_BEFORE:], normalize(folded[slice(*phrase.span)]), *after[:_AFTER]])


def _groups() -> _Groups:
    return defaultdict(lambda: ([], []))


def _stated(imprint: Iterable[str | None]) -> tuple[str | None, ...]:
    return tuple(value or None for value in imprint)
