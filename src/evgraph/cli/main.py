"""The ``evgraph`` command: loads the subcommand, and turns errors into a message and an exit code."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import re
import sys
from typing import Any

import click

from evgraph import __version__
from evgraph.cli.common import say
from evgraph.errors import EvgraphError, ExitCode, Hint

_COMMANDS = {
    "ingest": "Turn pages of the Matrices into Turtle.",
    "validate": "Check data against the shapes.",
    "query": "Run a canned query, or your own SPARQL.",
    "search": "Find entries, documents and recommendations by words.",
    "cite": "Write how to cite documents, cells and the dataset.",
    "export": "Write data as Turtle or another RDF format.",
    "load": "Put data onto a SPARQL server, or into a store on disk.",
    "settle": "Decide what ambiguous and dangling references mean, one by one.",
    "reconcile": "Propose which new documents are already in the register.",
    "serve": "Open the graph over HTTP, for programs.",
    "mcp": "Give assistants the questions as tools.",
    "diff": "Show what changed between two versions of a graph.",
}


_STOPPED = 130  # As shells have it for a process that Ctrl-C ended.


class _Lazy(click.Group):
    """A group whose subcommands are imported when they run: ``query`` does not load ``validate``'s libraries."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            if ctx.resilient_parsing:  # A shell completes the word.
                return None
            from evgraph.text import did_you_mean

            raise click.UsageError(f"there is no command '{cmd_name}'{did_you_mean(cmd_name, _COMMANDS)}", ctx)
        command: click.Command = getattr(importlib.import_module(f"evgraph.cli.{cmd_name}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _drop_output()  # The reader (``head``, say) has enough; click would call that an error.
            return ExitCode.CLEAN
        except click.UsageError as error:
            command = self.get_command(ctx, ctx.invoked_subcommand) if ctx.invoked_subcommand else None
            if error.ctx is None and command is not None:  # An option without its value.
                error.ctx = click.Context(command, parent=ctx, info_name=ctx.invoked_subcommand)
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="evgraph")
@click.option(
    "--max-memory",
    type=click.IntRange(min=1),
    metavar="MB",
    envvar="EVGRAPH_MAX_MEMORY",
    show_envvar=True,
    help="Stop the command when it needs more memory than this: for files that strangers wrote, as in CI.",
)
def cli(max_memory: int | None) -> None:
    """Read, validate, query and export the Alcohol and Drug Treatment Matrices as a knowledge graph.

    \b
    Example:
      evgraph query cell-contents -p cell=drug:E4

    Exit codes: 0 clean, 1 findings, 2 usage, 3 unreadable input, 4 endpoint failed, 5 limit reached,
    6 nothing was checked.
    """  # noqa: D301 - click's own mark
    if max_memory is not None:
        from evgraph.cli.memory import limit

        limit(max_memory)


def _drop_output() -> None:
    """Discard what is still in the buffer: flushing it at exit would raise the same error again."""
    with contextlib.suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _message(error: OSError) -> str:
    from evgraph.writing import NO_ROOM

    reason = error.strerror or str(error)
    if error.filename is not None:
        return f"{error.filename}: {reason}"
    if error.errno in NO_ROOM:  # Errors of other files carry their names.
        return (
            f"standard output cannot be written: {reason}\n"
            "  make room there, or send it elsewhere; the output so far is not complete"
        )
    return reason


_NUMBERS = {
    "is not a valid integer(?: range)?$": "is not a whole number",
    "is not a valid float(?: range)?$": "is not a number",
    r"is not in the range (\d+)<=x<=(\d+)$": r"is not between \1 and \2",
    r"is not in the range (\d+)<x<=(\d+)$": r"is not above \1 and at most \2",
    r"is not in the range x>=(\d+)$": r"is less than \1",
}
"""What click says of numbers → plain words."""


def _usage(error: click.ClickException) -> str:
    """Return click's complaint about a command line as evgraph writes errors, with the hint on lines of its own."""
    context = (error.ctx or click.Context(cli, info_name="evgraph")) if isinstance(error, click.UsageError) else None
    text = error.format_message().strip().removesuffix(".")
    if isinstance(error, click.NoSuchOption):
        from evgraph.text import did_you_mean

        options = [name for each in context.command.get_params(context) for name in each.opts] if context else []
        text = f"there is no option {error.option_name}{did_you_mean(error.option_name, options)}"
    text = re.sub(r"^Invalid value for '?(.*?)'?(?: / '.*?')?: ", r"\1: ", text)
    text = re.sub(r"^Missing (?:argument|option) '(.*?)'(?: / '(.*?)')?$", r"\1 is missing", text)
    text = re.sub(r"^Option '(.*?)' requires an argument$", r"\1 needs a value", text)
    text = re.sub("^Got unexpected", "unexpected", text)
    for pattern, words in _NUMBERS.items():
        text = re.sub(pattern, words, text)
    hint = ""
    if context is not None:
        usage = " ".join(context.get_usage().split()).removeprefix("Usage: ")
        hint = f"\n  usage: {usage}\n  '{context.command_path} --help' explains it"
    return text + hint


def main(args: list[str] | None = None) -> None:
    """Run the command and exit with its exit code; no traceback reaches the user."""
    gc.set_threshold(200_000, 50, 100)  # Looking for cycles among millions of terms takes half of an export.
    try:
        result: Any = cli.main(args=args, prog_name="evgraph", standalone_mode=False)
        sys.stdout.flush()
    except EvgraphError as error:
        from evgraph.cli.hints import worded

        say(f"evgraph: {worded(error)}", err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        if isinstance(error, click.exceptions.NoArgsIsHelpError):
            error.show()
        else:
            say(f"evgraph: {_usage(error)}", err=True)
        sys.exit(ExitCode.USAGE if isinstance(error, click.UsageError) else ExitCode.UNREADABLE)
    except (click.Abort, KeyboardInterrupt):
        say("evgraph: stopped", err=True)
        sys.exit(_STOPPED)
    except OSError as error:
        _drop_output()
        if isinstance(error, BrokenPipeError):
            sys.exit(0)
        say(f"evgraph: {_message(error)}", err=True)
        sys.exit(ExitCode.UNREADABLE)
    except MemoryError:
        from evgraph.cli.hints import HINTS

        say(f"evgraph: the command needed more memory than there is\n  {HINTS[Hint.ALLOW_MORE_MEMORY]}", err=True)
        sys.exit(ExitCode.LIMIT)
    except Exception as error:
        if os.environ.get("EVGRAPH_DEBUG"):
            raise
        say(
            f"evgraph: internal error: {type(error).__name__}: {error}\n"
            "  please report it, with the output of the same command with EVGRAPH_DEBUG=1",
            err=True,
        )
        sys.exit(ExitCode.UNREADABLE)
    sys.exit(result if isinstance(result, int) else ExitCode.CLEAN)
