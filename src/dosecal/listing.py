"""The upcoming-dose list: which doses it holds, and its rows."""

from collections.abc import Iterator
from datetime import date

from dosecal.assess import AssessedDose, Status, doses
from dosecal.course import Course, history
from dosecal.rows import Row
from dosecal.schedule import CheckTime, Listed
from dosecal.wording import reasons_text, site_words

HEAD = (
    "No.", "Date", "Day", "Time", "Earliest", "Latest", "Dose", "Injections", "Sites", "Phase",
    "Status", "Why",
)  # fmt: skip


def upcoming(
    course: Course, today: date, first: date, count: int | None, until: date | None
) -> tuple[AssessedDose, ...]:
    """Return the doses from `first` on in order of date, and before them all that are late.

    Args:
        course: Whose doses.
        today: The day for which they are assessed.
        first: The first date listed, inclusive.
        count: At most so many doses, late ones included; None: no limit.
        until: The last date listed, inclusive; None: no limit. One of both is needed.
    """
    open_ones = 0  # a missed dose may be due after them, where a later one was given early
    late: list[AssessedDose] = []
    later: list[AssessedDose] = []
    last_given = history(course.log or ()).last_given
    for dose in doses(course, today):
        beyond = until is not None and dose.day > until
        full = count is not None and open_ones >= count
        if dose.number > last_given and (full or (beyond and dose.target > today)):
            break
        if dose.status is Status.LATE:
            late.append(dose)
        elif dose.day >= first and not beyond:
            later.append(dose)
        else:
            continue
        open_ones += dose.number > last_given
    later.sort(key=lambda dose: (dose.day, dose.number))
    return tuple((late + later)[:count])


def rows(course: Course, listed: tuple[AssessedDose, ...]) -> Iterator[Row]:
    """Yield the cells of each dose, in the order of `HEAD`; a window only where there is one."""
    clock = course.clock.strftime("%H:%M") if course.clock else ""
    for dose in listed:
        window = dose.earliest != dose.latest
        yield (
            str(dose.number),
            dose.day.isoformat(),
            dose.day.strftime("%a"),
            clock,
            dose.earliest.isoformat() if window else "",
            dose.latest.isoformat() if window else "",
            str(dose.amount),
            str(dose.injections),
            ", ".join(site_words(site) for site in dose.sites),
            dose.phase.name,
            dose.status.value,
            reasons_text(course.schedule, dose),
        )


def check_lines(
    course: Course, listed: tuple[AssessedDose, ...], first: date, until: date | None
) -> Iterator[str]:
    """Yield a line for each check that belongs to the list: dated ones in it, and undated ones."""
    if not listed:
        return
    last = until or max(dose.day for dose in listed)
    opening = any(dose.number == 1 for dose in listed)
    dated = []
    for each in course.schedule.checks:
        if each.when is CheckTime.BEFORE_START and opening:
            yield f"Before the start: {each.name}"
        elif each.when is CheckTime.BEFORE_EACH_DOSE:
            yield f"Before each dose: {each.name}"
        elif isinstance(each.when, Listed):
            dated += [
                (day, each.name)
                for index in range(len(each.when.counts))
                if first <= (day := each.when.offset(index).after(course.start)) <= last
            ]
    for day, name in sorted(dated):
        yield f"{day.isoformat()} {day.strftime('%a')}  check: {name}"
