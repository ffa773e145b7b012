"""The command that puts a course on a CalDAV server."""

import os
import sys
from collections import Counter
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from dosecal.cli import inputs, say
from dosecal.cli.options import (
    SERVER_FAILED,
    TODAY,
    DateParam,
    FileParam,
    Request,
    calendar_options,
)
from dosecal.errors import RequestError, ServerError
from dosecal.store import named

if TYPE_CHECKING:
    from pathlib import Path

    from dosecal.ical.events import CalendarOptions


@click.command()
@click.argument("course", type=FileParam())
@click.option("--url", required=True,
              help="The server: its root, the user's calendars, or one calendar.")  # fmt: skip
@click.option("--user", required=True, help="The user's name on the server.")
@click.option("--calendar", "name", default="Injections", show_default=True,
              help="The calendar's name; made where it is missing.")  # fmt: skip
@click.option("--until", type=DateParam(),
              help="Last date, inclusive. [default: a year from today]")  # fmt: skip
@TODAY
@click.option("--dry-run", is_flag=True, help="Only say what would be sent.")
@click.option("--overwrite", is_flag=True, help="Put right what was changed on the server, too.")
@click.option("--ca-file", type=click.Path(exists=True, dir_okay=False),
              help="Certificates to trust instead of the system's.")  # fmt: skip
@calendar_options
def publish(
    course: "Path",
    url: str,
    user: str,
    name: str,
    until: date | None,
    today: date | None,
    dry_run: bool,
    overwrite: bool,
    ca_file: str | None,
    options: "CalendarOptions",
) -> None:
    """Put a course on a CalDAV server and keep it right there.

    Only the difference is sent. An event of the course that somebody changed on the server is
    shown and left as it is, and the exit code is 13; events of others are never touched. The
    password is taken from DOSECAL_PASSWORD, else from the keyring (`keyring set dosecal:HOST
    USER`), else asked for.
    """
    from dataclasses import replace

    from dosecal.ical.calendar_file import calendar_items
    from dosecal.ical.revisions import calendar_plan, whole_years
    from dosecal.plan.assess import Horizon
    from dosecal.words.reasons import reason_text

    try:
        from dosecal.sync.connection import Connection, checked_url
        from dosecal.sync.publish import Outcome, plan
        from dosecal.sync.publish import publish as changes
        from dosecal.sync.server import Server
    except ModuleNotFoundError as error:
        if not (error.name or "").startswith("caldav"):
            raise
        raise RequestError(
            "publish needs an extra that is not installed; in the clone of the repository: "
            "pip install '.[caldav]'"
        ) from None
    if not named.is_course(str(course)):
        raise RequestError(
            f"{course} is no course file; `dosecal new` begins one, and its calendar stays the "
            "same one whatever changes"
        )
    host = urlsplit(checked_url(url)).hostname or ""
    taken = inputs.plan_course(str(course), Request())
    # not the environment's: a server's events would change with the machine that sends them
    language = inputs.language(taken.language or "en")
    taken = taken._replace(schedule=taken.schedule.named(language.code))
    day = inputs.today(today, taken.zone)
    ends = (until,) if until else (Horizon.a_year_from(day).until, whole_years(taken).until)
    shown = calendar_plan(taken, None, None, max(each for each in ends if each), None)
    doses = shown.doses
    if not until:  # no event leaves the calendar because its dose has moved
        doses = tuple(sorted((*doses, *shown.beyond), key=attrgetter("number")))
    wanted = plan(
        taken,
        calendar_items(
            taken,
            shown._replace(doses=doses),
            reason_text=reason_text(taken.schedule, language),
            options=replace(options, language=language),
        ),
    )
    made: Counter[Outcome] = Counter()
    with Connection(url, user, _password(host, user), ca_file=ca_file or "") as connection:
        try:
            for change in changes(
                Server(connection), name, wanted, overwrite=overwrite, dry_run=dry_run
            ):
                made[change.outcome] += 1
                click.echo(f"{'would be ' if dry_run and change.is_ours else ''}{change}")
        except ServerError as error:
            done = sum(made.values())
            before = f"{say.counted(done, 'event')} sent before it, publish again for the rest"
            raise ServerError(f"{error}; {before if done else 'no event was sent'}") from None
    counts = ", ".join(f"{number} {outcome}" for outcome, number in made.items())
    dry = " (dry run, nothing was sent)" if dry_run else ""
    click.echo(
        f"{say.counted(len(wanted.items), 'event')}: {counts or 'nothing to change'}{dry}",
        err=True,
    )
    last = max(dose.day for dose in doses)
    say.say_past(taken, last, day, "a later --until publishes later ones")
    if made[Outcome.LEFT]:
        click.echo("dosecal: --overwrite puts right what was changed on the server", err=True)
    if made[Outcome.LEFT] or made[Outcome.REFUSED]:
        sys.exit(SERVER_FAILED)


def _password(host: str, user: str) -> str:
    """Return the password from the environment, the keyring or a prompt, in this order."""
    if given := os.environ.get("DOSECAL_PASSWORD"):
        return given
    try:
        import keyring
        import keyring.errors
    except ModuleNotFoundError:
        pass
    else:
        try:
            if kept := keyring.get_password(f"dosecal:{host}", user):
                return kept
        except keyring.errors.KeyringError:
            pass  # no keyring on this system, or a locked one
    if not _on_terminal():
        raise RequestError(
            f"no password: set DOSECAL_PASSWORD, keep it with `keyring set dosecal:{host} {user}`, "
            "or publish on a terminal, which asks for it"
        )
    return str(click.prompt(f"Password of {user} on {host}", hide_input=True, err=True))


def _on_terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


COMMANDS = {"publish": publish}
