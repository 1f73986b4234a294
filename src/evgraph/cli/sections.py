"""Commands whose help parts the options into sections, each under a heading."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click

from evgraph.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable


class Option(click.Option):
    """An option that knows its section.

    Attributes:
        section: the heading it stands under.

    """

    def __init__(self, *args: Any, section: str = "Options", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section = section


class Command(click.Command):
    """A command whose options stand in their sections, in the order in which these first come up."""

    def make_parser(self, ctx: click.Context) -> click.parser._OptionParser:
        """Let the parser know ``-p`` as it knows ``--param``.

        It looks for a long option of that name first, and prepares an error with suggestions that nobody ever sees:
        five milliseconds of a command that takes a hundred.
        """
        parser = super().make_parser(ctx)
        for name, short in parser._short_opt.items():
            parser._long_opt.setdefault(name, short)
        return parser

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse an option without a value, ``--endpoint ""``: most likely a variable that the shell does not know.

        Raises:
            UsageError: there is one.

        """
        given = args[: args.index("--")] if "--" in args else args
        for one in self.params:
            if isinstance(one, click.Option) and not one.is_flag:
                empty = any(f"{name}=" in given or (name, "") in pairwise(given) for name in one.opts)
                if empty:
                    raise UsageError(f"{one.opts[-1]} is empty", hint="give it a value, or leave it out")
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options; click's own come last. What the arguments are is told in the text above."""
        sections: dict[str, list[tuple[str, str]]] = {}
        options = [one for one in self.get_params(ctx) if isinstance(one, click.Option)]
        for one in sorted(options, key=lambda option: not isinstance(option, Option)):
            if record := one.get_help_record(ctx):
                sections.setdefault(one.section if isinstance(one, Option) else "Options", []).append(record)
        for heading, records in sections.items():
            with formatter.section(heading):
                formatter.write_dl(records)


def option(section: str, *names: str, **settings: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare an option of a section; for the rest see `click.option`."""
    return click.option(*names, cls=Option, section=section, **settings)
