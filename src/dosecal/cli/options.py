"""What options take, and the options that several commands share."""

import os
from collections.abc import Callable, Sequence
from datetime import date, time, timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeVar

import click

from dosecal.errors import (
    CourseFileError,
    DosecalError,
    PatientsFileError,
    QuantityError,
    RequestError,
    ScheduleFileError,
    ServerError,
)
from dosecal.model.dates import MAX_DOSE
from dosecal.model.languages import LANGUAGES
from dosecal.outputs.formats import FORMATS, OF_REPORTS

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from dosecal.model.choices import Wanted
    from dosecal.model.quantities import Amount

_F = TypeVar("_F", bound=Callable[..., Any])

_DAY_WORDS: Final = {"yesterday": -1, "today": 0, "tomorrow": 1}
SERVER_FAILED: Final = 13
EXIT_CODES: Final[dict[type[DosecalError], int]] = {
    ScheduleFileError: 10,
    CourseFileError: 11,
    PatientsFileError: 11,
    ServerError: SERVER_FAILED,
}
USAGE: Final = 2
DECISION_MISSING: Final = 12
STREAM: Final = "-"
LANGUAGE_CODES: Final = ", ".join(LANGUAGES)
"""The languages there are, as a help text names them."""


class NumberParam(click.IntRange):
    """A whole number within bounds."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read the number."""
        try:
            return int(super().convert(value, param, ctx))
        except click.BadParameter:
            self.fail(f'"{value}" is not a whole number from {self.min} to {self.max}', param, ctx)


ANY_DOSE: Final = NumberParam(1, MAX_DOSE)


class FileParam(click.Path):
    """A path to a file; pathlib is imported where a command takes one."""

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> "Path":
        """Return the path."""
        from pathlib import Path

        if value == STREAM:
            self.fail('"-" would be a stream; name a file', param, ctx)
        return Path(os.fsdecode(super().convert(value, param, ctx)))


class DateParam(click.ParamType[date]):
    """A date as YYYY-MM-DD."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the date."""
        from dosecal.formats.fields import read_date

        if isinstance(value, date):
            return value
        try:
            return read_date(value, "write it as YYYY-MM-DD")
        except QuantityError as error:
            self.fail(str(error), param, ctx)


class DayParam(click.ParamType[Any]):
    """A date, or "today", "yesterday", "tomorrow" of the patient: so many days from today."""

    name = "date"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> "date | timedelta":
        """Read the date, or how far from today it is."""
        if isinstance(value, date | timedelta):
            return value
        word = str(value).strip().lower()
        if word in _DAY_WORDS:
            return timedelta(days=_DAY_WORDS[word])
        return DateParam().convert(value, param, ctx)


class TimeParam(click.ParamType[time]):
    """A time of day as HH:MM."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> time:
        """Read the time."""
        from dosecal.formats.fields import read_clock

        if isinstance(value, time):
            return value
        try:
            return read_clock(value)
        except QuantityError as error:
            self.fail(str(error), param, ctx)


class ZoneParam(click.ParamType[str]):
    """An IANA time zone."""

    name = "zone"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check that the zone exists."""
        from dosecal.formats.fields import read_zone, remark

        try:
            zone = read_zone(str(value))
        except QuantityError as error:
            self.fail(str(error), param, ctx)
        if note := remark(zone):
            click.echo(f"dosecal: {note}", err=True)
        return zone


class AmountParam(click.ParamType["Amount"]):
    """An amount of medicine such as "60 mg"."""

    name = "amount"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> "Amount":
        """Read the amount exactly."""
        from dosecal.model.quantities import parse_amount

        try:
            return parse_amount(str(value))
        except QuantityError as error:
            self.fail(str(error), param, ctx)


class SurfaceParam(click.ParamType["Decimal"]):
    """A body surface in m2."""

    name = "m2"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> "Decimal":
        """Read the surface exactly."""
        from dosecal.model.quantities import parse_surface

        try:
            return parse_surface(str(value).strip())
        except QuantityError as error:
            self.fail(str(error), param, ctx)


class ChoiceParam(click.ParamType["Wanted"]):
    """A choice as PHASE.KEY=VALUE."""

    name = "choice"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> "Wanted":
        """Split the choice; whether it can be chosen shows with the schedule."""
        from dosecal.model.choices import parse_choose

        try:
            return parse_choose(str(value))
        except QuantityError as error:
            self.fail(str(error), param, ctx)


class WeightParam(click.ParamType["Decimal"]):
    """A body weight in kg."""

    name = "kg"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> "Decimal":
        """Read the weight exactly."""
        from decimal import Decimal

        from dosecal.model.quantities import parse_weight

        if isinstance(value, Decimal):
            return value
        try:
            return parse_weight(str(value).strip())
        except QuantityError as error:
            self.fail(str(error), param, ctx)


class TextParam(click.ParamType[str]):
    """A text that a course file keeps; a blank one is none."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check that UTF-8 can hold the text."""
        try:
            return str(value.encode("utf-8"), "utf-8").strip()
        except UnicodeEncodeError:
            self.fail(f"{value!a} is not text in UTF-8", param, ctx)


class SiteParam(click.ParamType[str]):
    """A site such as left-thigh."""

    name = "site"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check that the site exists."""
        from dosecal.model.hints import near_miss
        from dosecal.model.schedule import ALL_SITES

        site = str(value).replace(" ", "-")
        if site not in ALL_SITES:
            hint = near_miss(site, ALL_SITES)
            self.fail(
                f'no site "{value}"; the sites are {", ".join(ALL_SITES)}'
                f"{'; ' + hint if hint else ''}",
                param,
                ctx,
            )
        return site


def site_named(text: str, *, any_site: bool) -> str:
    """Return a site by its id, "left thigh" too; any place at all where `any_site`.

    Raises:
        click.BadParameter: There is no such site.
    """
    from dosecal.model.schedule import ALL_SITES

    site = text.replace(" ", "-")
    if site in ALL_SITES:
        return site
    if any_site and text:
        return text
    from dosecal.model.hints import near_miss

    hint = near_miss(site, ALL_SITES)
    raise click.BadParameter(
        f'no site "{text}"; the sites are {", ".join(ALL_SITES)}{"; " + hint if hint else ""}',
        param_hint="'--site'",
    )


TODAY = click.option(
    "--today",
    type=DateParam(),
    help="The day to count as today. [default: SOURCE_DATE_EPOCH's day, else the clock's]",
)
BY: Final = click.option(
    "--by", type=TextParam(), default="", envvar="DOSECAL_BY", help="Who records it."
)
DRY_RUN: Final = click.option(
    "--dry-run", is_flag=True, help="Only show what it would change; nothing is written."
)
LANG = click.option(
    "--lang",
    default="",
    help=f"Language: {LANGUAGE_CODES}. [default: the course's, else the environment's]",
)
PLAN_OPTIONS: Final = (
    click.option("--start", type=DateParam(), help="Day 0: the date of the label's week 0."),
    click.option("--time", "clock", type=TimeParam(), help="Time of day; without it, all-day."),
    click.option("--tz", "zone", type=ZoneParam(), help="Time zone, such as Europe/Moscow."),
    click.option("--weight", type=WeightParam(), help="Body weight in kg."),
    click.option("--bsa", "surface", type=SurfaceParam(), help="Body surface in m2."),
    click.option(
        "--choose",
        "choices",
        type=ChoiceParam(),
        multiple=True,
        help="What the schedule leaves open, as PHASE.KEY=VALUE; repeatable.",
    ),
    click.option("--caregiver", is_flag=True, help="Somebody else injects: all sites are offered."),
    click.option("--avoid", type=SiteParam(), multiple=True, help="A site not to use; repeatable."),
    click.option("--count", "limit", type=NumberParam(1, 100_000), help="At most so many doses."),
    click.option("--from", "first", type=DateParam(), help="First date, inclusive."),
    click.option("--until", type=DateParam(), help="Last date, inclusive."),
    TODAY,
    click.option("--for", "owner", default="", help="Whose plan it is: a label."),
    LANG,
)


def _format_option(names: Sequence[str]) -> Callable[[_F], _F]:
    return click.option(
        "--format",
        "form",
        type=click.Choice(names),
        default=names[0],
        show_default=True,
        help="How the result is written.",
    )


FORMAT: Final = _format_option(tuple(FORMATS))
report_format: Final = _format_option(OF_REPORTS)
"""The option of the commands whose result is no list."""


class RemindParam(click.ParamType[str]):
    """A reminder, or "none"."""

    name = "when"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check that it can be read."""
        from dosecal.formats.fields import parse_reminders

        try:
            parse_reminders((value,))
        except QuantityError as error:
            self.fail(str(error), param, ctx)
        return str(value)


CALENDAR_OPTIONS: Final = (
    click.option("--title", type=click.Choice(["discreet", "medicine"]), default="discreet",
                 show_default=True, help="What the event titles show."),
    click.option("--private", is_flag=True, help="No medicine, dose or site in any event."),
    click.option(
        "--remind", type=RemindParam(), multiple=True,
        help='When to remind of a dose: "1 day", "2 hours", "30 minutes" before it, "evening '
        'before" (20:00 the day before) or "none"; repeatable. An all-day event starts at '
        'midnight: "2 hours" is 22:00 the evening before. Outlook keeps one reminder, Google none '
        "of an imported file.  [default: 15 minutes; all-day 9:00 the day before]",
    ),
)  # fmt: skip


def calendar_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options on what events show, handed over as one `options`."""

    @wraps(command)
    def collected(title: str, private: bool, remind: tuple[str, ...], **values: Any) -> None:
        from dosecal.formats.fields import parse_reminders
        from dosecal.ical.events import CalendarOptions

        try:
            reminders = parse_reminders(remind)
        except QuantityError as error:
            raise RequestError(f"--remind: {error}") from None
        shown: Literal["discreet", "medicine"] = "medicine" if title == "medicine" else "discreet"
        command(options=CalendarOptions(shown, private, reminders), **values)

    wrapped: Callable[..., None] = collected
    for option in reversed(CALENDAR_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


class Request(NamedTuple):
    """What the options of a PLAN command say; None, False or empty where they are not given."""

    start: date | None = None
    clock: time | None = None
    zone: str | None = None
    weight: "Decimal | None" = None
    surface: "Decimal | None" = None
    choices: "tuple[Wanted, ...]" = ()
    caregiver: bool = False
    avoid: tuple[str, ...] = ()
    limit: int | None = None
    first: date | None = None
    until: date | None = None
    today: date | None = None
    owner: str = ""
    lang: str = ""

    def check(self) -> None:
        """Refuse dates in the wrong order.

        Raises:
            RequestError: --until lies before --from.
        """
        if self.first and self.until and self.until < self.first:
            raise RequestError(f"--until {self.until} lies before --from {self.first}")


def plan_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that every command on a PLAN takes, handed over as one `request`."""

    @wraps(command)
    def collected(**values: Any) -> None:
        request = Request(**{name: values.pop(name) for name in Request._fields})
        request.check()
        command(request=request, **values)

    wrapped: Callable[..., None] = collected
    for option in reversed(PLAN_OPTIONS):
        wrapped = option(wrapped)
    return wrapped
