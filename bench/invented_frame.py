"""The rest of an invented page around its entries: title, supporters, navigation, legend, trailer, characters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bench.invented_gold import FIRST_ROW, LEVELS, NEW, OTHER, TYPES

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Collection

_LEGENDS = {
    "fused": "S Seminal studiesK Key studiesR ReviewsG Guidancemore Search for more studies",
    "spaced": "S Seminal studies K Key studies R Reviews G Guidance more Search for more studies",
    "missing": "",
}
LINKS = (
    "Links to other documents. Hover over for notes. Click to highlight passage referred to. Unfold extra text Unfold"
    " supplementary text"
)
_TITLES = (
    "plain",
    "no Treatment",
    "Effectiveness Bank before it",
    "colon for semicolon",
    "none",
    "after the legend",
    "compact, row label only",
    "none, needs --cell",
)
_NAMES = (
    "Example Trust",
    "Harbour Forum",
    "Society for the Study of Rest",
    "Council of Counties UK",
    "Northfield Institute",
)
_ROLES = {
    "Funded by": "funded",
    "2020/21 update funded by": "funded",
    "Previously also funded by": "previously-funded",
    "Supported by": "supported",
    "Developed with": "developed-with",
}
_INTRO = (
    "An invented page about an invented cell.",
    "It asks two questions and answers neither of them.",
    "Asks “Is it worth the bother?” and “Who should pay?” of all who plan.",
    "Nobody lives here, and that is that.",
)


@dataclass(slots=True)
class Frame:
    """The lines above the entries, and their correct reading."""

    title: str = ""
    cell_option: str | None = None
    lines: list[str] = field(default_factory=list)
    supports: list[tuple[str, str, str]] = field(default_factory=list)
    intro: bool = False


def draw_frame(dice: random.Random, matrix: str, square: str, kinds: Collection[str] = ()) -> Frame:
    """Draw the lines above the entries."""
    title = dice.choice([title for title in _TITLES if square[1] == "1" or not title.startswith("compact")])
    title = "middle layout" if "middle layout" in kinds else title
    frame = Frame(title)
    label = FIRST_ROW[matrix] if square[1] == "1" else TYPES[square[1]]
    level = LEVELS[square[0]]
    if square[0] == "E" and dice.random() < 0.4:
        level = "Local and national systems"
        frame.title += ", local and national systems"
    named = f"{matrix.capitalize()} Treatment Matrix cell {square}"
    words = f"{named}: {level}; {label}"
    words = words.replace("Treatment Matrix", "Matrix") if title in ("no Treatment", "after the legend") else words
    words = words.replace(";", ":") if title == "colon for semicolon" else words
    words = f"Effectiveness Bank {words}" if title == "Effectiveness Bank before it" else words
    navigation = dice.choice(
        (
            [
                "Alcohol Treatment Matrix",
                "Effectiveness Bank Alcohol Treatment Matrix",
                "Includes brief interventions",
                "Drug Treatment Matrix",
                "Effectiveness Bank Drug Treatment Matrix",
                "Includes harm reduction",
                "About the matrices",
                "Effectiveness Bank matrices",
                "Articles, slides, and video",
                "Effectiveness bank home page. Opens new window Matrix cell",
            ],
            [
                "Send email for updates",
                "About updates",
                "Matrix cell",
                "Title and link for copying Comment/query to editor Drug Matrix Alcohol Matrix",
            ],
            [
                "Copy title and link Comment/query Send email for updates",
                f"{OTHER[matrix].capitalize()} Matrix",
                f"{matrix.capitalize()} Matrix",
            ],
            [
                "Send email for updates About updates Matrix cell Title and link for copying Comment/query to editor",
                "Drug Treatment Matrix Includes harm reduction Alcohol Treatment Matrix Includes brief interventions",
            ],
        )
    )
    if title == "compact, row label only":
        logo = dice.choice(([f"Matrix cell {square}", f"{level}; {label}"], [f"Cell {square}", level, label]))
    elif title == "none, needs --cell":
        logo, frame.cell_option = [], f"{matrix}:{square}"
    else:
        logo = [f"{named} Matrix cell logo", f"{level}; {label}"]
    intro = []
    if title != "after the legend" and dice.random() < 0.7:
        frame.intro = True
        intro = [" ".join(dice.sample(_INTRO, dice.randint(1, 4)))]
        if dice.random() < 0.3:
            intro[0] += f" See the rest of row {square[1]} of the matrix."
    legend = [legend for legend in [_LEGENDS[dice.choice(sorted(_LEGENDS))]] if legend]
    above = [*legend, LINKS]
    if legend and dice.random() < 0.2:
        above = [" ".join(above)]
    funders = _supporters(dice, frame, kinds)
    if title == "middle layout":
        copy = dice.choice(("Copy title and link", "Title and link for copying"))
        updates = dice.choice(("Get updates", "Send email for updates"))
        bar = f"{copy} | Comment/query | Drug Treatment Matrix | Alcohol Treatment Matrix | {updates} |"
        logo = [named, f"{level}; {label}", f"One of 25 cells in the {named.partition(' cell')[0]} Matrix cell logo"]
        home = "Effectiveness bank home page. Opens new windowMatrix cell"
        frame.lines = [words, home, *funders, bar, *logo, *intro, *above]
    elif title == "after the legend":
        frame.lines = [*navigation, *funders, *above, words]
    elif frame.cell_option or title.startswith(("none", "compact")):
        frame.lines = [*funders, *navigation, *logo, *intro, *above]
    else:
        frame.lines = [words, *funders, *navigation, *logo, *intro, *above]
    return frame


def _supporters(dice: random.Random, frame: Frame, kinds: Collection[str]) -> list[str]:
    lines = []
    for role in dice.sample(sorted(_ROLES), dice.randint(0, 3)):
        name, other = dice.sample(_NAMES, 2)
        written, names, how = dice.choice(
            (
                ([role, f"{name} web site", name], [name], "name before and after “web site”"),
                ([role, "web site", name], [name], "name after “web site”"),
                ([role, f"{name} web site. Opens new window"], [name], "name before “web site”"),
                ([f"{role} {name} web site"], [name], "role and name in one line"),
                ([f"{role} {name} web site {other} web site. Opens new window"], [name, other], "two names in a line"),
                ([f"{role} {name} web site", f"{other} web site"], [name, other], "names on two lines"),
                ([role, "web site. Opens new window"], [], "name lost with its logo"),
                ([role], [], "name lost with its logo"),
            )
        )
        feature = f"{role} …, {how}"
        if "supporters" in kinds:
            written, names, how = dice.choice(
                (
                    (
                        [f"{role} {name} web site. Opens new window  {other} web site. Opens a new window"],
                        [name, other],
                        "two names in a line, each with furniture",
                    ),
                    ([f"{role}    {name} web site. Opens a new window"], [name], "“Opens a new window”"),
                    ([role, f"{name} web site. Opens in a new window"], [name], "“Opens in a new window”"),
                )
            )
            feature = f"{NEW}{how}"
        lines += written
        frame.supports += [(supporter, _ROLES[role], feature) for supporter in names]
    return lines


_Topics = tuple[tuple[list[str], str], ...]
ADVICE = "computerised therapy and advice"  # A topic of the scheme.


def draw_trailer(dice: random.Random, kinds: Collection[str] = ()) -> tuple[list[str], list[str], list[str], str]:
    """Draw the lines under the list: the lines, the searches in them, the topics, and the feature.

    With links, a topic of any name may have "and" in it, since each topic is a link.
    """
    usual: _Topics = (
        (["pay and rations", "night work", "travel"], "hot topics on pay and rations, night work and travel."),
        (["night work", "travel services"], "hot topics on night work and on travel services."),
        (["travel"], "hot topic on travel."),
        (["night work", "travel"], "hot topics on night work and travel."),
        (["pay and rations"], "hot topic on pay and rations."),
        ([], ""),
    )
    of_scheme: _Topics = (
        ([ADVICE, "commissioning"], f"hot topics on {ADVICE} and commissioning."),
        (["travel", ADVICE], f"hot topics on travel and {ADVICE}."),
        ([ADVICE], f"hot topics on {ADVICE}."),
        (["travel", ADVICE, "commissioning"], f"hot topics on travel, {ADVICE} and commissioning."),
    )
    linked: _Topics = (
        (["pay and rations", "night work"], "hot topics on pay and rations and night work."),
        (["night work", "pay and rations"], "hot topics on night work and pay and rations."),
        (["pay and rations"], "hot topics on pay and rations."),
    )
    among, what = usual, ""
    if "links" in kinds and dice.random() < 0.5:
        among, what = linked, f"{NEW}with “and” inside, each a link: "
    elif "topics" in kinds:
        among, what = of_scheme, f"{NEW}one of the scheme, with “and” inside: "
    topics, words = dice.choice(among)
    parted = ", … and on …" if " and on " in words else ", A and B" if " and " in words and ", " not in words else ""
    feature = f"{what}{len(topics)} topics{parted}"
    every = "Search for all relevant Effectiveness Bank analyses"
    more = "search more specifically at the subject search page"
    retrieves = "This search retrieves all relevant analyses"
    go = "go to the subject search page"
    lines, searches = dice.choice(
        (
            ([f"more {every} or {more}. {f'See also {words}' if words else ''}".strip()], [every, more]),
            ([f"more {every}.", *([f"See also {words}"] if words else [])], [every]),
            ([f"more {retrieves}.", f"For subtopics {go}{f' and {words}' if words else '.'}"], [retrieves, go]),
            (["more", f"{every}.", *([f"See also {words}"] if words else [])], [every]),
            ([f"more {retrieves}. For subtopics {go}{f' and {words}' if words else '.'}"], [retrieves, go]),
        )
    )
    return lines, searches, topics, feature


def _straight(text: str) -> str:
    return text.replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"')


CHARACTERS: dict[str, Callable[[str], str]] = {
    "curly quotes": str,
    "straight quotes": _straight,
    "mixed quotes": lambda text: text.replace("’s", "'s").replace("“", '"'),
    "wrong-way quotes": lambda text: text.replace("’", "‘").replace("“", "”"),
    "mojibake (Mac Roman)": lambda text: text.replace("’", "‚Äô").replace("‘", "‚Äò").replace(". ", ".¬†"),
    "mojibake (Windows-1252)": lambda text: text.replace("’", "â€™"),
    "no-break spaces": lambda text: (
        text.replace(". ", ".\u00a0").replace(" and ", "\u00a0and ").replace("( ", "(\u00a0")
    ),
    "runs of spaces": lambda text: text.replace(" of ", "  of ").replace(". ", ".   ").replace(" and ", " and  "),
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "one-character ellipses and dashes": lambda text: text.replace("; 45%", "… 45%").replace(
        "for a year", "– for a year"
    ),
}
ENCODINGS = ("utf-8", "utf-8", "utf-8", "utf-8-sig", "cp1252", "mac-roman", "utf-16")
