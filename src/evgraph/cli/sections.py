"""Commands whose help has its options in sections, each under a heading."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import click

from evgraph.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable


class Option(click.Option):
    """An option of a section.

    Attributes:
        section: the heading of the section.

    """

    def __init__(self, *args: Any, section: str = "Options", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.section = section


class Command(click.Command):
    """A command whose help has its options in sections, in the order of the first option of each."""

    def make_parser(self, ctx: click.Context) -> click.parser._OptionParser:
        """Let the parser know ``-p`` as it knows ``--param``.

        It looks for a long option of that name first, and imports difflib for an error that nobody ever sees.
        """
        parser = super().make_parser(ctx)
        for name, short in parser._short_opt.items():
            parser._long_opt.setdefault(name, short)
        return parser

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse an option with an empty value, ``--endpoint ""``: most likely a variable that the shell does not know.

        Raises:
            UsageError: there is one.

        """
        words = args[: args.index("--")] if "--" in args else args
        for parameter in self.params:
            is_empty = any(f"{name}=" in words or (name, "") in pairwise(words) for name in parameter.opts)
            if is_empty and isinstance(parameter, click.Option) and not parameter.is_flag:
                raise UsageError(f"{parameter.opts[-1]} is empty", hint="give it a value, or leave it out")
        return super().parse_args(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, click's own last. The text above describes the arguments."""
        sections: dict[str, list[tuple[str, str]]] = {}
        options = [parameter for parameter in self.get_params(ctx) if isinstance(parameter, click.Option)]
        for option in sorted(options, key=lambda option: not isinstance(option, Option)):
            if record := option.get_help_record(ctx):
                sections.setdefault(option.section if isinstance(option, Option) else "Options", []).append(record)
        for heading, records in sections.items():
            with formatter.section(heading):
                formatter.write_dl(records)


def option(section: str, *names: str, **settings: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Declare an option of a section; see `click.option` for the rest."""
    return click.option(*names, cls=Option, section=section, **settings)
