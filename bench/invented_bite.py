"""The commentary of an invented page, the "Matrix Bite": folded away, or open with its headings run into the text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.invented_frame import LINKS
from bench.invented_further import LOST, numbers
from bench.invented_gold import COUNTRIES, NEW, Draft, GoldSection, Pointer, Sentence
from bench.invented_meaning import one_of

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Sequence

    from bench.invented_html import Html
    from bench.invented_phrases import Phrases

_FOLDED = "Matrix Bite Open Matrix Bite guide to this cell Open Matrix Bite guide and commentary"
_CLOSE = "Close Matrix Bite guide and commentary Close Matrix Bite Close Matrix Bite guide and commentary"
_STANDING = {
    "about": "What is this cell about?",
    "start": "Where should I start?",
    "highlighted": "Highlighted study",
    "issues": "Issues to consider and discuss",
}
_ISSUES = (
    "Is it worth the bother?",
    "Who should pay for it?",
    "What if nobody comes?",
    "Would you do it yourself?",
    "Build the rota on trust",
    "Set the hours with staff",
    "Keep the old doors open",
    "Pay those who travel",
)
_SPACED_ISSUES = (
    "Tired, hungry, or both",
    "Kindness is quicker than forms",
    "Late is lively",
    "Choose, don’t wait",
    "Asking starts a queue that somebody must then serve",
)
# Words that open a sentence of prose, whatever comes before them.
_OPENINGS = ("The", "It seems that the", "Despite what was said, the", "When asked, the", "In most places the")
_MORE_OPENINGS = (*_OPENINGS, "Without doubt the", "Usually the", "Perhaps the")
_SPACED_OPENINGS = (
    *_MORE_OPENINGS,
    "Managers who know the",
    "Anyone can see that the",
    "More often the",
    "Or is it only that the",
    "Leeds is where the",
)
_NO_OPENING = "Staff and the"  # Nothing tells such a start of a sentence from a name within a heading.
HEADING_LIKE_TEXT = f"{NEW}pages with an issue heading that has a comma or is a sentence, blank lines kept"
UNENDED = "pages with an issue heading that nothing ends: no ?, no blank line, a noun next"
_SUBJECTS = (
    "rota",
    "waiting room",
    "evening team",
    "kettle",
    "front door",
    "telephone",
    "garden",
    "notice board",
    "van",
    "budget",
    "back stairs",
    "calendar",
    "kitchen",
    "key box",
)
_REST = (
    "had been there for longer than anybody could say, and it stayed.",
    "was moved twice without a trial of either move.",
    "cost more than the clinic’s manager had planned for that year.",
    "worked for some, and others never noticed it.",
    "came up whenever clients were asked what they would change.",
)


@dataclass(slots=True)
class Part:
    """A part of the commentary; an aside is a caption or a pull quote."""

    name: str
    heading: str
    feature: str
    paragraphs: list[list[Sentence]] = field(default_factory=list)
    aside: bool = False


@dataclass(slots=True)
class Bite:
    """The commentary's parts."""

    parts: list[Part]
    spaced: bool
    open: bool
    hard: str = ""  # The feature of its headings where a reader may miss one, and count the others wrongly.

    @property
    def names(self) -> list[str]:
        """Names of the sections that a phrase can mean."""
        return [part.name for part in self.parts if not part.aside and part.name != "issues"]

    def gold(self) -> list[GoldSection]:
        """Return the correct reading of the sections."""
        return [GoldSection(part.name, part.heading, self.hard or part.feature) for part in self.parts]


def draw_bite(dice: random.Random, kinds: Collection[str] = (), *, spaced: bool) -> Bite:
    """Draw the commentary, still without references."""
    if dice.random() < (0.1 if kinds else 0.45):
        return Bite([], spaced, open=False)
    subjects = iter(dice.sample(_SUBJECTS, len(_SUBJECTS)))
    parts: list[Part] = []
    hard = ""
    aside = {"caption": 0, "pull-quote": 0}

    def prose(opening: str = "The") -> Sentence:
        return Sentence(f"{opening} {next(subjects)} {dice.choice(_REST)}")

    names = ["about", "start", "highlighted", "issues"]
    if dice.random() < 0.3:
        names.remove("highlighted")
    for name in names:
        paragraphs = [] if name == "issues" else [[prose(dice.choice(_OPENINGS))]]
        parts.append(
            Part(name, _STANDING[name], f"{'spaced' if spaced else 'collapsed'}: {_STANDING[name]}", paragraphs)
        )
    issues = (*_ISSUES[:3], *_SPACED_ISSUES) if spaced and "headings" in kinds else _ISSUES
    for number, heading in enumerate(dice.sample(issues, dice.randint(1, 4)), 1):
        asks = heading.endswith("?")
        feature = f"{'spaced' if spaced else 'collapsed'}: issue heading {'with' if asks else 'without'} ?"
        opening = dice.choice(_MORE_OPENINGS)
        if heading in _SPACED_ISSUES:
            opening = dice.choice(_SPACED_OPENINGS)
            hard = HEADING_LIKE_TEXT
        elif dice.random() < 0.1:
            opening, hard = _NO_OPENING, hard or ("" if spaced or asks else UNENDED)
        sentence = prose(opening)
        part = Part(f"issue-{number}", heading, feature, [[sentence]])
        if dice.random() < 0.5:
            part.paragraphs.append([prose("After that the")])
        parts.append(part)
        kind = dice.choice(("", "", "", "caption", "pull-quote"))
        if kind:
            aside[kind] += 1
            quoted = " ".join(sentence.text.split()[:9]).rstrip(",.") + dice.choice(("", ".", "?"))
            words = f"% of clients who came back, year {number}" if kind == "caption" else quoted
            parts.append(Part(f"{kind}-{aside[kind]}", "", kind, [[Sentence(words)]], aside=True))
    return Bite(parts, spaced, open=True, hard=hard)


def add_pointers(dice: random.Random, bite: Bite, phrases: Phrases, drafts: Sequence[Draft]) -> None:
    """Add references to the commentary's paragraphs: to cells, sections and entries."""
    names = bite.names
    level, row = phrases.square[0], phrases.square[1]
    for part in bite.parts:
        if part.aside or not part.paragraphs:
            continue
        at = names.index(part.name)
        below = Pointer("position", "below", fixed=one_of(names[at + 1 :]), words="below")
        square = phrases.other_square()
        choices = [
            Sentence(
                f"It overlaps with what cell {square}’s bite says.", "bite: cell …’s bite", (phrases.cell(square),)
            ),
            Sentence("Much hangs on how people come in ( below).", "bite: ( below)", (below,)),
            phrases.anywhere(in_entry=False),
        ]
        if level == "E" and row != "2":
            words = "See the corresponding cell on treatment systems as a whole."
            choices.append(Sentence(words, "bite: corresponding cell on …", (phrases.cell("E2"),)))
        elif level != "E":
            words = "For more go to the corresponding cell on treatment systems."
            choices.append(Sentence(words, "bite: corresponding cell on …", (phrases.cell(f"E{row}"),)))
        if at:
            pointer = Pointer("commentary", "above", fixed=("resolved", names[at - 1], ()), words="above")
            choices.append(Sentence("The section above asked that too.", "bite: the section above", (pointer,)))
        if drafts:
            code = dice.choice(sorted(COUNTRIES))
            studies = [i for i, draft in enumerate(drafts) if not draft.kinds or "study" in draft.kinds] or list(
                range(len(drafts))
            )
            there = [i for i in studies if drafts[i].country == code] or studies
            pointer = Pointer("position", "above", "study", fixed=one_of([f"entry {i + 1}" for i in there]),
                              words="listed above")  # fmt: skip
            words = f"Compare it with a {COUNTRIES[code][-1]} study (listed above) of nights."
            choices.append(Sentence(words, "bite: a … study (listed above)", (pointer,)))
            if "bare pointers" in phrases.kinds:
                choices = _bare(dice, drafts, names[:at])
        if "numbers" in phrases.kinds:
            place = Pointer("file-place", fixed=LOST, words="p. 14")
            choices.append(
                Sentence(
                    "Begin with its table (p. 14 of its PDF file).", f"{NEW}bite: (p. … of its PDF file)", (place,)
                )
            )
            choices.append(numbers(phrases, in_entry=False))
        if dice.random() < (0.9 if phrases.kinds else 0.6):
            part.paragraphs[-1].append(dice.choice(choices))
            part.paragraphs[-1].append(Sentence("That was all."))


def _bare(dice: random.Random, drafts: Sequence[Draft], sections: Sequence[str]) -> list[Sentence]:
    """Return sentences in which a bare "( above)" means an entry that the words before it choose, or anything."""
    found = []

    def add(words: str, feature: str, targets: Sequence[str]) -> None:
        pointer = Pointer("position", "above", fixed=one_of(targets), words="above")
        found.append(Sentence(f"{words} ( above).", f"{NEW}bite: bare ( above), {feature}", (pointer,)))

    places = [f"entry {i + 1}" for i in range(len(drafts))]
    code = dice.choice(sorted(COUNTRIES))
    there = [place for place, draft in zip(places, drafts, strict=True) if draft.country == code]
    if there:
        add(f"Next take the {COUNTRIES[code][-1]} clinics", "a country before it", there)
    at = dice.randrange(len(drafts))
    subject = re.search("Night clinics|Shared meals|Postal reminders|Group walks|Paper diaries", drafts[at].headline)
    if subject and sum(subject[0] in draft.headline for draft in drafts) == 1:
        add(f"Hard to square with the {subject[0].lower()}", "words of a headline before it", [places[at]])
    add("Nobody would have guessed it", "no hint before it", [*places, *sections])
    return found


def lines(dice: random.Random, bite: Bite, html: Html | None = None) -> tuple[list[str], list[tuple[str, str, str]]]:
    """Write the commentary's lines; blank lines that announce a heading come with it. In HTML each is a paragraph.

    Returns:
        The lines, and who funded it, with role and feature.

    """
    folded, supports = _FOLDED, []
    if dice.random() < 0.3:
        folded += ". First ‘bites’ funded by Society for the Study of Rest web site. Opens new window"
        supports = [("Society for the Study of Rest", "funded", "First ‘bites’ funded by …")]
    if html:
        return html.bite([folded, *([_CLOSE, LINKS] if bite.open else [])], bite.parts, _CLOSE), supports
    if not bite.open:
        return [folded], supports
    found = [folded, _CLOSE, LINKS]
    for part in bite.parts:
        gap = "\n\n" if bite.spaced and not part.aside and part.name != "issues" else ""
        first, *more = part.paragraphs or [[]]
        found.append(f"{gap}{part.heading} {' '.join(sentence.text for sentence in first)}".rstrip().removeprefix(" "))
        found += [" ".join(sentence.text for sentence in paragraph) for paragraph in more]
    return [*found, _CLOSE], supports
