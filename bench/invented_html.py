"""An invented page as HTML, whose phrases are links: what a phrase means is what it links to."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Collection, Sequence

    from bench.invented_bite import Part
    from bench.invented_gold import Draft, Pointer, Sentence
    from bench.invented_meaning import Meaning

_BANK = "https://findings.org.uk/PHP/dl.php"
_FURNITURE = ("Click to highlight passage referred to", "Opens new window", "")
_HOVERS = ("Scanned copy", "Longer than the printed version", "The authors’ own summary")


class Html:
    """The links of one page, and its parts written with them."""

    def __init__(self, dice: random.Random) -> None:
        self.dice, self.documents = dice, 0
        self.scripts = dice.random() < 0.5  # Whether links within the page are calls of a script.
        self.marked: dict[int, str] = {}

    def link(
        self, pointer: Pointer, meant: Meaning, taken: Collection[str | None], entries: int, sections: Sequence[str]
    ) -> tuple[Meaning, str]:
        """Return what a pointer means on a page with links, and the address of its link.

        Args:
            pointer: one whose words are a link.
            meant: what it means in text.
            taken: what the sentence already refers to, and its own entry; no second link leads there.
            entries: their number.
            sections: names of the sections that a link can mean.

        """
        resolution, target, candidates = meant
        if pointer.kind == "cell":
            cell = (target or candidates[-1]).split("-")
            folder = {"drug": "Drugs", "alcohol": "Alcohol"}[cell[0]]
            return ("outside", "-".join(cell), ()), f"{_BANK}?file=Matrix/{folder}/{cell[1]}.htm"
        if resolution == "dangling":
            candidates = {
                "commentary": tuple(sections),
                "inline": tuple(f"entry {number}" for number in range(1, entries + 1)),
                "see-also": ("document",),
                "file-place": ("document",),
            }.get(pointer.kind, ())
        if candidates:
            target = self.dice.choice([candidate for candidate in candidates if candidate not in taken] or candidates)
        if target is None or resolution == "outside":
            return meant, ""
        if target == "document":
            self.documents += 1
            place = "#page=14" if pointer.kind == "file-place" else ""
            return ("resolved", target, ()), f"{_BANK}?f=Elsewhere_{self.documents}.txt{place}"
        anchor = target.replace("entry ", "e") if target.startswith("entry") else f"b-{target}"
        return ("resolved", target, ()), f"javascript:Highlight('{anchor}')" if self.scripts else f"#{anchor}"

    def mark(self, sentence: Sentence, links: Sequence[tuple[str, str]]) -> None:
        """Note a sentence with its links, in the order of its words."""
        text, done = "", 0
        for words, address in links:
            start = sentence.text.index(words, done)
            shown = escape(words)
            if address:
                title = self.dice.choice(_FURNITURE)
                title = f' title="{title}"' if title else ""
                shown = f'<a href="{escape(address)}"{title}>{shown}</a>'
            text += escape(sentence.text[done:start]) + shown
            done = start + len(words)
        self.marked[id(sentence)] = text + escape(sentence.text[done:])

    def _words(self, sentences: Sequence[Sentence]) -> str:
        return " ".join(self.marked.get(id(sentence)) or escape(sentence.text) for sentence in sentences)

    @staticmethod
    def paragraph(line: str) -> str:
        """Write a line that has no links."""
        return f"<p>{escape(line.strip())}</p>"

    def entry(self, number: int, draft: Draft) -> str:
        """Write an entry, whose headline is a link, with the notes that show under the pointer."""
        title = f' title="{escape(draft.hover)}"' if draft.hover else ""
        of_icon = bool(title) and self.dice.random() < 0.3
        icon = f'<img src="i.gif" alt=""{title}> ' if of_icon else ""
        address = f"{_BANK}?f=Rest_{number}.txt"
        headline = f'<a href="{address}"{"" if of_icon else title}>{icon}{escape(draft.headline)}</a>'
        tags = f"<b>{' '.join(draft.markers)}</b> " if draft.markers else ""
        paren = f" {escape(draft.parenthesis)}" if draft.parenthesis else ""
        return f'<p id="e{number}">{tags}{headline}{paren}{escape(draft.stop)}{self._words(draft.body)}</p>'

    def draw_hover(self) -> str | None:
        """Draw the note of an entry, or None."""
        return self.dice.choice((*_HOVERS, None, None))

    def trailer(self, lines: Sequence[str], topics: Sequence[str]) -> list[str]:
        """Write the lines under the list, each topic as a link."""
        found = []
        for line in lines:
            before, on, words = line.partition("hot topic")
            for number, topic in enumerate(topics):
                words = words.replace(topic, f'<a href="{_BANK}?f=topic{number}.hot">{topic}</a>', 1)
            found.append(f"<p>{before}{on}{words}</p>" if "hot topic" in line else self.paragraph(line))
        return found

    def bite(self, above: Sequence[str], parts: Sequence[Part], close: str) -> list[str]:
        """Write the commentary, each part under the anchor of its name."""
        found = [self.paragraph(line) for line in above]
        for part in parts:
            first, *more = part.paragraphs or [[]]
            if part.aside:
                found.append(f'<div class="pullquote">{self._words(first)}</div>')
                continue
            heading = f'<span class="hd">{escape(part.heading)}</span>'
            found.append(f'<p id="b-{part.name}">{heading} {self._words(first)}</p>')
            found += [f"<p>{self._words(paragraph)}</p>" for paragraph in more]
        return [*found, *([self.paragraph(close)] if parts else [])]

    @staticmethod
    def page(blocks: Sequence[str]) -> str:
        """Write the whole page."""
        return "\n".join(["<html><head><title>x</title></head><body>", *blocks, "</body></html>"])
