"""The command line: it alone reads the clock and the environment, prints and exits.

Each command's module is imported when the command is asked for, so that every command starts
fast.
"""

import gc
from importlib import import_module
from typing import Any, Final

import click

from dosecal.cli.options import EXIT_CODES, USAGE
from dosecal.errors import DosecalError

gc.freeze()  # what is loaded by now stays to the end: no collection need look through it again

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
    "skip": "course",
    "hold": "course",
    "decide": "course",
    "void": "course",
    "status": "course",
    "publish": "publish",
    "batch": "clinic",
    "due": "clinic",
}
"""The commands and the modules of this package that hold them, in the order of the help."""


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

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DosecalError as error:
            click.echo(f"dosecal: {error}", err=True)
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
