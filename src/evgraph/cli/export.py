"""``evgraph export``: write data as RDF, tables, citations or a folder of dumps."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evgraph.cli.common import Command, as_spreadsheet, data_options, note, option, refuse, write_output
from evgraph.cli.hints import options_named
from evgraph.errors import ExitCode, UsageError
from evgraph.formats import CITATION_FORMATS, FORMATS, TABLE_FORMATS
from evgraph.namespaces import NOT_IN_IRI

if TYPE_CHECKING:
    from evgraph.store.opening import Origin

_WHAT, _HOW, _RELEASE = "What is written", "How it is written", "What --dumps says about the release"
_SITE = "The pages of --site"
_OPENCITATIONS = "opencitations"
_NAMES = dict.fromkeys([*FORMATS, *TABLE_FORMATS, *CITATION_FORMATS, _OPENCITATIONS])
_DATE = click.DateTime(["%Y-%m-%d"])
_FOLDER = click.Path(file_okay=False)


@click.command(cls=Command)
@option(_WHAT, "--cell", "cells", multiple=True, metavar="CELL",
        help="One cell, drug:E4; E4 means both matrices; may repeat.")  # fmt: skip
@option(
    _WHAT, "--resource", "resources", multiple=True, metavar="THING",
    help="One thing, by its IRI, CURIE or name, with everything that is said about it, as 'describe' gives it; may"
    " repeat.",
)  # fmt: skip
@option(_WHAT, "--with-ontology", is_flag=True, help="Add the ontology, the concept schemes and the matrices.")
@option(_WHAT, "--describe", is_flag=True,
        help="Write a description of the data instead, with counts (DCAT and VoID).")  # fmt: skip
@option(_WHAT, "--citations", is_flag=True, help="Write how to cite each document instead.")
@option(_WHAT, "--tables", type=_FOLDER, metavar="DIR",
        help="Write tables with keys into this folder instead, for spreadsheets and databases.")  # fmt: skip
@option(_WHAT, "--dumps", type=_FOLDER, metavar="DIR",
        help="Write files for download into this folder instead: all data and each cell, in every RDF format, also"
        " compressed, and a description with sizes and checksums (DCAT and VoID).")  # fmt: skip
@option(_WHAT, "--site", "site_folder", type=_FOLDER, metavar="DIR",
        help="Write the pages and data of 'evgraph serve' into this folder instead, for a host of files.")  # fmt: skip
@option(
    _HOW, "--format", "name", type=click.Choice(list(_NAMES), case_sensitive=False),
    help=f"Format of the output: {', '.join(FORMATS)}; of --tables {', '.join(TABLE_FORMATS)}; of --citations"
    f" {', '.join(CITATION_FORMATS)}, {_OPENCITATIONS}.  [default: by the suffix of -o, else turtle, csv, text]",
    metavar="FORMAT",
)  # fmt: skip
@option(_HOW, "--spreadsheet", is_flag=True,
        help="Of --tables, csv that a spreadsheet opens without running formulas in it.")  # fmt: skip
@option(_HOW, "-o", "--output", default="-", type=click.Path(dir_okay=False), metavar="FILE",
        help="File to write; - is standard output.")  # fmt: skip
@option(_RELEASE, "--base", metavar="URL",
        help="Address at which the folder will be.  [default: of the shipped graph"
        " https://w3id.org/evgraph/dumps/VERSION/]")  # fmt: skip
@option(_SITE, "--pages", type=click.Path(), metavar="DIR", help="The source pages; their passages are then quoted.")
@option(_SITE, "--contact", metavar="ADDRESS", help="Where comments go: mailto:… or https://….")
@option(_SITE, "--processes", type=click.IntRange(1, 256), metavar="N",
        help="Write with N processes.  [default: one per core]")  # fmt: skip
@option(_RELEASE, "--release", metavar="VERSION", help="Version of the data.  [default: what the data says]")
@option(_RELEASE, "--issued", type=_DATE, metavar="DATE", help="Day of the first release, 2026-01-31.")
@option(_RELEASE, "--modified", type=_DATE, metavar="DATE", help="Day of this release.")
@option(_RELEASE, "--previous", metavar="IRI", help="The release before this one.")
@option(_RELEASE, "--publisher", metavar="NAME", help="Who publishes the data.")
@data_options()
def export(
    origin: Origin,
    cells: tuple[str, ...],
    resources: tuple[str, ...],
    name: str | None,
    output: str,
    with_ontology: bool,
    describe: bool,
    citations: bool,
    tables: str | None,
    dumps: str | None,
    site_folder: str | None,
    pages: str | None,
    contact: str | None,
    processes: int | None,
    spreadsheet: bool,
    base: str | None,
    **release: Any,
) -> ExitCode:
    """Write data as Turtle or another RDF format, sorted: the same data gives the same bytes.

    Without --cell and --resource, evgraph writes all data. A cell includes whatever its page mentions, so that you can
    validate it on its own. A resource includes the triples that 'evgraph query describe' gives: its own statements and
    those that point to it, its identifications, the claims and references about it, the entries that list it, and
    their passages. Both say of which dataset they are a part, with its version and licence. trig, nquads and jsonld
    keep the named graphs.

    The folders of --tables and --dumps are written whole or not at all. evgraph replaces a folder that it wrote, and
    no other.

    \b
    Examples:
      evgraph export -o everything.trig
      evgraph export --cell drug:E4 --format jsonld
      evgraph export --resource doc:timko-2007
      evgraph export --resource timko
      evgraph export --describe -o void.ttl
      evgraph export --citations -o documents.bib
      evgraph export --tables my-tables --format sqlite
      evgraph export --dumps my-dumps --issued 2026-01-31
    """  # noqa: D301 - click's mark
    # Imported here, so that --help does not wait for the RDF library.
    modes = {
        "--describe": describe,
        "--citations": citations,
        "--tables": tables,
        "--dumps": dumps,
        "--site": site_folder,
    }
    chosen = [mode for mode, is_chosen in modes.items() if is_chosen]
    if len(chosen) > 1:
        raise UsageError(f"{chosen[0]} and {chosen[1]} exclude each other", hint="give one of them")
    if chosen and (cells or resources or (with_ontology and not describe)):
        refused = "--cell" if cells else "--resource" if resources else "--with-ontology"
        raise UsageError(f"{refused} is not for {chosen[0]}, which is about all the data", hint="leave it out")
    if tables or dumps or site_folder:
        refuse("output", message=f"is not for {chosen[0]}, which names its folder", hint="leave it out")
    if dumps and name:
        raise UsageError("--format is not for --dumps, which writes every format", hint="leave it out")
    if name and site_folder:
        raise UsageError("--format is not for --site, which writes every format", hint="leave it out")
    if not site_folder:
        refuse("pages", "contact", "processes", message="is for --site only", hint="leave it out, or add --site DIR")
    if not (dumps or site_folder):
        refuse("base", message="is for --dumps and --site", hint="leave it out, or add --site DIR")
    if not dumps:
        refuse(*release, message="is for --dumps only", hint="leave it out, or add --dumps DIR")
    if not tables:
        refuse("spreadsheet", message="is for --tables only", hint="leave it out, or add --tables DIR")
    if tables:
        _write_tables(origin, Path(tables), as_spreadsheet(name, is_asked=spreadsheet))
    elif dumps:
        _write_dumps(origin, Path(dumps), base, release)
    elif site_folder:
        _write_site(origin, Path(site_folder), base, pages, contact, processes)
    elif citations:
        _write_citations(origin, name, output)
    else:
        _write_rdf(origin, cells, resources, name, output, with_ontology=with_ontology, describe=describe)
    return ExitCode.CLEAN


def _write_rdf(
    origin: Origin,
    cells: tuple[str, ...],
    resources: tuple[str, ...],
    name: str | None,
    output: str,
    *,
    with_ontology: bool,
    describe: bool,
) -> None:
    from evgraph.export.export import description
    from evgraph.export.export import export as select

    kind = FORMATS.choose(name, output)
    if describe:
        content = kind.write(description(origin, with_ontology=with_ontology))
    else:
        notes: list[str] = []
        with options_named({"cells": "--cell", "resources": "--resource"}):
            quads = select(origin, cells=cells, resources=resources, with_ontology=with_ontology, notes=notes)
        note(notes)
        content = kind.write(quads)
    write_output(content, output)


def _write_citations(origin: Origin, name: str | None, output: str) -> None:
    from evgraph.export.citations import citations, documents
    from evgraph.store.opening import open_store

    if name == _OPENCITATIONS:
        from evgraph.export.tables import as_rows, table
        from evgraph.render.rows import csv

        pieces = csv(as_rows(table(open_store(origin), "citations")))
    else:
        kind = CITATION_FORMATS.choose(name, output)
        store = open_store(origin)
        pieces = kind.write(citations(store, documents(store)))
    write_output((piece.encode() for piece in pieces), output)


def _write_tables(origin: Origin, folder: Path, name: str | None) -> None:
    from evgraph.export.tables import tables
    from evgraph.store.opening import open_store
    from evgraph.writing import write_folder

    kind = TABLE_FORMATS.choose(name, None)
    write_folder(folder, kind.write(tables(open_store(origin))))


def _write_dumps(origin: Origin, folder: Path, base: str | None, release: dict[str, Any]) -> None:
    from evgraph import __version__
    from evgraph.export.export import dump
    from evgraph.store.opening import SHIPPED
    from evgraph.writing import write_folder

    if base is None:
        if origin != SHIPPED:
            raise UsageError("--dumps needs the address at which the folder will be", hint="name it with --base URL")
        base = f"https://w3id.org/evgraph/dumps/{release['release'] or __version__}/"
    _check_address("--base", base)
    _check_address("--previous", release["previous"])
    facts = {name: f"{value:%Y-%m-%d}" if isinstance(value, datetime) else value for name, value in release.items()}
    facts["version"] = facts.pop("release")
    write_folder(folder, dump(origin, base if base.endswith("/") else f"{base}/", **facts))


def _check_address(option_name: str, address: str | None) -> None:
    if address is not None and (NOT_IN_IRI.search(address) or not re.match(r"https?://[^/?#]", address)):
        raise UsageError("expected an address, https://…", parameter=option_name, value=address)


def _write_site(
    origin: Origin, folder: Path, base: str | None, pages: str | None, contact: str | None, processes: int | None
) -> None:
    from evgraph.site.page import Options, Site
    from evgraph.site.static_site import static_site
    from evgraph.store.disk import DiskStore
    from evgraph.store.embedded import OxigraphStore
    from evgraph.store.opening import open_store
    from evgraph.writing import write_folder

    _check_address("--base", base)
    if base and re.search("[?#]", base):
        raise UsageError("expected an address without ? and #", parameter="--base", value=base)
    if contact is not None and not contact.startswith(("mailto:", "https://", "http://")):
        raise UsageError(f"--contact {contact}: expected an address such as mailto:editor@example.org")
    store = open_store(origin)
    if not isinstance(store, OxigraphStore):
        raise UsageError(
            "a site cannot be written from a server", hint="export its data, and name the file with --data"
        )
    # A store on disk cannot be shared with copies of this process.
    count = 1 if isinstance(store, DiskStore) else processes or len(os.sched_getaffinity(0))
    site = Site(store, Options(pages=pages, contact=contact, is_static=True), origin)
    address = f"{base.rstrip('/')}/" if base else ""
    notes: list[str] = []
    write_folder(folder, static_site(site, address, count, notes))
    note(notes)
