"""The command line: it alone reads the clock and the environment, prints and exits.

Each command's module is imported when the command is asked for, so that every command starts
fast.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any, Final

import click

from dosecal.cli.options import EXIT_CODES, USAGE
from dosecal.errors import DosecalError, printable

COMMANDS: Final = {
    "list": "plan",
    "show": "plan",
    "upcoming": "plan",
    "ics": "plan",
    "print": "plan",
    "check": "plan",
    "schema": "plan",
    "define": "define",
    "new": "course",
    "record": "course",
    "skip": "log",
    "move": "log",
    "hold": "log",
    "decide": "log",
    "choose": "log",
    "weigh": "log",
    "step": "log",
    "zone": "log",
    "stop": "log",
    "void": "log",
    "status": "course",
    "history": "course",
    "publish": "publish",
    "batch": "clinic",
    "due": "clinic",
}
"""The commands and the modules of this package that hold them, in the order of the help."""


CLOSED: Final = 141
"""The exit code where whoever read the result has gone, as shells have it (128 + SIGPIPE)."""

_NO_ROOM: Final = (errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EBADF)


@contextmanager
def _heard() -> Iterator[None]:
    """End silently where nobody reads the result any more, and in words where it has no room."""
    try:
        yield
    except OSError as error:
        gone = isinstance(error, BrokenPipeError)
        if not gone and error.errno not in _NO_ROOM:
            raise
        if not gone:
            with suppress(OSError):
                click.echo(f"dosecal: cannot write the result: {error.strerror or error}", err=True)
        with suppress(OSError, AttributeError, ValueError):  # where it is no file of the system's
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for the last flush
        sys.exit(CLOSED if gone else USAGE)


class _Commands(click.Group):
    """The commands; a user's mistake becomes a message on stderr and its exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(f"dosecal.cli.{COMMANDS[cmd_name]}")
        command: click.Command = module.COMMANDS[cmd_name]
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.exceptions.NoSuchCommand as error:
            raise click.exceptions.NoSuchCommand(
                error.command_name, possibilities=COMMANDS, ctx=ctx
            ) from None

    def make_context(self, *args: Any, **options: Any) -> click.Context:
        with _heard():
            return super().make_context(*args, **options)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            with _heard():
                return super().invoke(ctx)
        except DosecalError as error:
            from dosecal.cli.ways import in_words

            click.echo(f"dosecal: {printable(in_words(error))}", err=True)
            ctx.exit(EXIT_CODES.get(type(error), USAGE))
        except OverflowError:
            click.echo("dosecal: the doses run past the year 9999: ask for fewer", err=True)
            ctx.exit(USAGE)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="dosecal")
def main() -> None:
    """Dated injections, reminders and late-dose rules from a schedule as the label states it.

    PLAN is a schedule id from the catalogue (`dosecal list`), a path to a schedule file (both
    with --start), or a path to a course file. dosecal computes dates from a stated schedule;
    the prescriber decides.
    """
