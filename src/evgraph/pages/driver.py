"""From pages to a folder of Turtle: the one call behind ``evgraph ingest``.

Pages are looked at first, to know which cells there are; then each is understood by itself, in as many processes as are
worth it, and comes back as Turtle and an account. So the order of the pages changes nothing, and memory holds no more
than the cells of the two matrices, however many pages a folder has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from evgraph.errors import EvgraphError, UnreadableError
from evgraph.namespaces import ID
from evgraph.pages import dataset
from evgraph.pages.curated import standing
from evgraph.pages.ingest import look, understand
from evgraph.pages.pool import Lost, sensible_jobs, spread
from evgraph.pages.report import Account, account
from evgraph.pages.triples import plain_triples
from evgraph.rdf.turtle import plain_turtle, turtle

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from evgraph.pages.page import Page
    from evgraph.register import Register


@dataclass(frozen=True, slots=True)
class Wanted:
    """How pages are to be read and written; see `evgraph.pages.layout.read_page` and `evgraph.pages.triples.triples`.

    Attributes:
        cell: ``drug:E4`` for a page that does not say which cell it is.
        captured: the day the page was captured, ``2026-01-31``.
        address: the address it was captured from.
        with_text: whether passages hold the page's words.

    """

    cell: str | None = None
    captured: str | None = None
    address: str | None = None
    with_text: bool = False


@dataclass(slots=True)
class Ingested:
    """What came of some pages.

    Attributes:
        accounts: one a page that could be read, in the order of the pages.
        failures: one error a page that could not, likewise.
        reached: cell of an earlier run, ``drug-E4`` → how many of its references resolve by now.
        again: cell of an earlier run → IRIs of the cells for whose sake its page should be read again.

    """

    accounts: list[Account] = field(default_factory=list)
    failures: list[EvgraphError] = field(default_factory=list)
    reached: dict[str, int] = field(default_factory=dict)
    again: dict[str, list[str]] = field(default_factory=dict)


class Seen(NamedTuple):
    """What a first look at a page tells: its cell, ``drug-E4``, and whether its commentary stands open."""

    cell: str
    commentary: bool


@dataclass(frozen=True, slots=True)
class Looker:
    """The first look at a page; it can be sent to another process."""

    wanted: Wanted
    kept: dict[Path, Page] | None = None

    def __call__(self, path: Path) -> Seen | EvgraphError:
        """Look at a page; where pages are kept, keep it."""
        try:
            page = look(path, self.wanted.cell)
        except EvgraphError as error:
            return error
        if self.kept is not None:
            self.kept[path] = page
        return Seen(page.cell, page.commentary)


@dataclass(frozen=True, slots=True)
class Understander:
    """The work on one page; it can be sent to another process.

    Attributes:
        wanted: how pages are to be read.
        register: which document is which.
        there: IRI of each cell that is or will be there → whether its commentary stands open.
        kept: pages that were looked at in this process.

    """

    wanted: Wanted
    register: Register
    there: Mapping[str, bool]
    kept: Mapping[Path, Page] | None = None

    def __call__(self, path: Path) -> tuple[Account, bytes] | EvgraphError:
        """Give account of a page, and its Turtle."""
        try:
            page = self.kept[path] if self.kept is not None else look(path, self.wanted.cell)
            cell = understand(page, self.register, self.there)
        except EvgraphError as error:
            return error
        said = self.wanted
        graph = plain_triples(
            cell, self.register, captured=said.captured, address=said.address, with_text=said.with_text
        )
        return account(cell), plain_turtle(graph)


def ingest(
    paths: Sequence[Path],
    folder: Path,
    register: Register,
    wanted: Wanted | None = None,
    *,
    jobs: int | None = None,
    step: Callable[[int], object] = int,
) -> Ingested:
    """Read pages, resolve their references across them all and the folder's cells, and write the folder.

    Args:
        paths: one page each; a page that cannot be read becomes a failure and stops no other.
        folder: see `evgraph.pages.dataset.write`; where no page could be read, it is not touched.
        register: which document is which.
        wanted: how to read and write them.
        jobs: how many processes; one where there are few pages, else one a core, if it is not given.
        step: called with 1 for each page that was looked at.

    Raises:
        UnreadableError: what stands in the folder cannot be read, or the folder cannot be written.

    """
    run = _Run(list(paths), register, wanted or Wanted(), jobs or sensible_jobs(len(paths)))
    run.look(step)
    held = standing(folder)
    graphs = run.understand({one.iri: one.commentary for one in held.values()})
    done = run.done()
    if graphs:
        there = run.there({one.iri: one.commentary for one in held.values()})
        for name, cell in held.items():
            if name in graphs:
                continue
            resolved, again = cell.reached(there)
            if resolved:
                graphs[name] = turtle(cell.with_resolved(resolved))
                done.reached[name] = len(resolved)
            if again:
                done.again[name] = sorted(again)
        dataset.write(folder, graphs, register)
    return done


class _Run:
    def __init__(self, paths: list[Path], register: Register, wanted: Wanted, jobs: int) -> None:
        self.paths, self.register, self.wanted, self.jobs = paths, register, wanted, jobs
        self.kept: dict[Path, Page] | None = {} if jobs == 1 else None
        self.pages: dict[str, list[int]] = {}  # Cell → places of its pages; the first that can be read counts.
        self.seen: dict[int, Seen] = {}
        self.failures: dict[int, EvgraphError] = {}
        self.accounts: dict[int, Account] = {}

    def look(self, step: Callable[[int], object]) -> None:
        taken: dict[str, int] = {}
        for place, seen in spread(Looker(self.wanted, self.kept), self.paths, self.jobs):
            if isinstance(seen, Seen):
                self.seen[place] = seen
                taken.setdefault(seen.cell, place)
                if self.kept is not None and taken[seen.cell] != place:
                    self.kept.pop(self.paths[place])  # Of a large folder most pages are no first of their cell.
            else:
                self.failures[place] = self._failure(place, seen)
            step(1)
        for place in sorted(self.seen):
            self.pages.setdefault(self.seen[place].cell, []).append(place)

    def there(self, held: Mapping[str, bool]) -> dict[str, bool]:
        mine = {f"{ID}cell/{cell}": self.seen[places[0]].commentary for cell, places in self.pages.items() if places}
        return {**held, **mine}

    def understand(self, held: Mapping[str, bool]) -> dict[str, bytes]:
        """Give the Turtle of each cell; where a page fails after all, the others are read anew without it."""
        while True:
            graphs = dict[str, bytes]()
            places = sorted(each[0] for each in self.pages.values() if each)
            work = Understander(self.wanted, self.register, self.there(held), self.kept)
            failed = False
            for at, result in spread(work, [self.paths[place] for place in places], self.jobs):
                place = places[at]
                if isinstance(result, Lost | EvgraphError):
                    self.failures[place] = self._failure(place, result)
                    self.pages[self.seen[place].cell].pop(0)
                    failed = True
                else:
                    self.accounts[place], graphs[self.seen[place].cell] = result
            if not failed:
                return graphs
            self.accounts.clear()
            self.kept = None

    def done(self) -> Ingested:
        for cell, (first, *others) in ((cell, places) for cell, places in self.pages.items() if places):
            for place in others:
                self.failures[place] = UnreadableError(
                    f"a second page of {cell.replace('-', ':')}, which was read from {self.paths[first]}",
                    path=self.paths[place],
                    hint="ingest one version of a cell at a time",
                )
        accounts, failures = ([found[at] for at in sorted(found)] for found in (self.accounts, self.failures))
        return Ingested(accounts, failures)  # type: ignore[arg-type]

    def _failure(self, place: int, what: Lost | EvgraphError) -> EvgraphError:
        if isinstance(what, EvgraphError):
            return what
        return UnreadableError(
            what.reason, path=self.paths[place], hint="leave it out, and please report it with the page"
        )
