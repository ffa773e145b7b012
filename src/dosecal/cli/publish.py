"""The command that puts a course on a CalDAV server."""

import os
import sys
from collections import Counter
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple
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
from dosecal.errors import (
    AddressError,
    CertificateError,
    DosecalError,
    ElsewhereError,
    LoginInAddressError,
    NoHomeError,
    NotMadeError,
    RequestError,
    SameNameError,
    ServerError,
)
from dosecal.store import named

if TYPE_CHECKING:
    from pathlib import Path

    from dosecal.ical.events import CalendarOptions
    from dosecal.model.course import Course
    from dosecal.sync.publish import Outcome, Plan
    from dosecal.words.language import Language


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
    _need_extra()
    from dosecal.sync.server_addresses import checked_url

    if not named.is_course(str(course)):
        raise RequestError(
            f"{course} is no course file; `dosecal new` begins one, and its calendar stays the "
            "same one whatever changes"
        )
    try:
        host = urlsplit(checked_url(url)).hostname or ""
    except RequestError as error:
        raise RequestError(_with_options(error)) from None
    taken = inputs.plan_course(str(course), Request())
    # not the environment's: a server's events would change with the machine that sends them
    language = inputs.language(taken.language or "en")
    taken = taken._replace(schedule=taken.schedule.named(language.code))
    day = inputs.today(today, taken.zone)
    wanted, last = _plan(taken, language, options, day, until)
    at = _At(url, user, _password(host, user), ca_file or "", name)
    made = _publish(at, wanted, overwrite=overwrite, dry_run=dry_run)
    counts = ", ".join(f"{number} {outcome}" for outcome, number in made.items())
    dry = " (dry run, nothing was sent)" if dry_run else ""
    click.echo(
        f"{say.counted(len(wanted.items), 'event')}: {counts or 'nothing to change'}{dry}",
        err=True,
    )
    say.say_past(taken, last, day, "a later --until publishes later ones")
    _end(made)


class _At(NamedTuple):
    """Where a course is published, and as whom."""

    url: str
    user: str
    password: str
    ca_file: str
    calendar: str


_OPTIONS: Final[dict[type[DosecalError], str]] = {
    LoginInAddressError: (
        "--url holds a user name or a password; give the user with --user, and the password "
        "in DOSECAL_PASSWORD, a keyring or at the prompt"
    ),
    AddressError: "--url{error.what}; {error.allowed}",
    CertificateError: "{error}; name the certificates of a clinic's own authority with --ca-file",
    ElsewhereError: "{error}: give that address with --url if you trust it",
    SameNameError: "{error}; give the address of one with --url",
    NoHomeError: "{error}; give the address of the calendar itself with --url",
    NotMadeError: (
        "{error}; where the server lets none be made so, make one by hand and give its address "
        "with --url"
    ),
}
"""What an error says here, where there are options: the first that fits counts."""


def _with_options(error: DosecalError) -> str:
    """Return what an error says, and which option helps."""
    words = (text for kind, text in _OPTIONS.items() if isinstance(error, kind))
    return next(words, "{error}").format(error=error)


def _need_extra() -> None:
    """Refuse with what to install where the extra is missing."""
    try:
        import dosecal.sync.connection  # noqa: F401
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] not in ("httpx2", "httpcore2"):
            raise
        raise RequestError(
            "publish needs an extra that is not installed; in the clone of the repository: "
            "pip install '.[caldav]'"
        ) from None


def _plan(
    taken: "Course",
    language: "Language",
    options: "CalendarOptions",
    day: date,
    until: date | None,
) -> tuple["Plan", date]:
    """Return what the calendar is to hold, and the day of the last dose in it."""
    from dataclasses import replace

    from dosecal.ical.calendar_file import calendar_items
    from dosecal.ical.revisions import calendar_plan, whole_years
    from dosecal.model.reasons import Dropped
    from dosecal.plan.assess import Horizon
    from dosecal.sync.publish import plan
    from dosecal.words.reasons import reason_text

    ends = (until,) if until else (Horizon.a_year_from(day).until, whole_years(taken).until)
    shown = calendar_plan(taken, None, None, max(each for each in ends if each), None)
    doses = shown.doses
    if not until:  # no event leaves the calendar because its dose has moved
        doses = tuple(sorted((*doses, *shown.beyond), key=attrgetter("number")))
    last = max(dose.day for dose in doses)
    # What the plan no longer holds leaves a server, which a file cannot make a program forget.
    doses = tuple(each for each in doses if Dropped() not in each.reasons)
    extras = tuple(each for each in shown.extras if not each.taken_back)
    if not doses and not extras:
        return plan(taken, ()), last
    items = calendar_items(
        taken,
        shown._replace(doses=doses, extras=extras),
        reason_text=reason_text(taken.citing, language),
        options=replace(options, language=language),
    )
    return plan(taken, items), last


def _publish(at: _At, wanted: "Plan", *, overwrite: bool, dry_run: bool) -> Counter["Outcome"]:
    """Make the changes, say each as soon as it is made, and count them."""
    from dosecal.sync.connection import Connection
    from dosecal.sync.publish import publish as changes
    from dosecal.sync.server import Server

    made: Counter[Outcome] = Counter()
    try:
        with Connection(at.url, at.user, at.password, ca_file=at.ca_file) as connection:
            for change in changes(
                Server(connection), at.calendar, wanted, overwrite=overwrite, dry_run=dry_run
            ):
                made[change.outcome] += 1
                click.echo(f"{'would be ' if dry_run and change.is_made else ''}{change}")
    except ServerError as error:
        done = sum(made.values())
        before = f"{say.counted(done, 'event')} sent before it, publish again for the rest"
        raise ServerError(
            f"{_with_options(error)}; {before if done else 'no event was sent'}"
        ) from None
    return made


def _end(made: Counter["Outcome"]) -> None:
    """Exit with what was not made, and say what helps."""
    from dosecal.sync.publish import Outcome

    helps = {Outcome.LEFT: "--overwrite puts right what was changed on the server",
             Outcome.REFUSED: ""}  # fmt: skip
    unmade = [outcome for outcome in helps if made[outcome]]
    for outcome in unmade:
        if helps[outcome]:
            click.echo(f"dosecal: {helps[outcome]}", err=True)
    if unmade:
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
