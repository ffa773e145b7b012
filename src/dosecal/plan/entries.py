"""What may be added to a course's log, and what is refused with what would be right.

Each function returns the entry and changes nothing. A fact can always be recorded; what is refused
contradicts the log, the schedule or the calendar (docs/course-file.md, "What is refused").
"""

from datetime import date
from itertools import islice

from dosecal.errors import RequestError
from dosecal.model.course import Course, Decided, Entry, Given, Hold, Skipped, Void, take_back
from dosecal.model.dates import a_year_after
from dosecal.model.history import History, history
from dosecal.model.schedule import Then
from dosecal.plan.assess import AssessedDose, Status, doses
from dosecal.plan.rotation import survey


def administration(
    course: Course,
    on: date,
    today: date,
    *,
    number: int | None = None,
    sites: tuple[str, ...] = (),
    then: Then | None = None,
    note: str = "",
    any_site: bool = False,
) -> Given:
    """Return the entry of a dose that was given.

    Args:
        course: Before the entry.
        on: The day it was given, from the start to today, both inclusive.
        today: The day of the recording.
        number: Which dose; None: the first that is neither given, skipped nor, on that day,
            missed.
        sites: One an injection; empty: the planned ones.
        then: The person's decision about the doses after it, where it was off its window.
        note: Anything.
        any_site: Whether a site may be recorded that the schedule or the person excludes.

    Raises:
        RequestError: It contradicts what is recorded or planned.
    """
    past = history(course.log or ())
    if on < course.start:
        raise RequestError(f"{on} lies before the start of the course, {course.start}")
    if on > today:
        raise RequestError(f"{on} lies after today, {today}: record a dose once it was given")
    if number is None:
        number = _next(course, past, on)
    _check_free(past, number)
    planned = assessed(course, Given(number, on, None, then), number)
    if planned.target > a_year_after(on):
        raise RequestError(
            f"dose {number} is due on {planned.target}, more than a year after {on}: is the number "
            "right?"
        )
    if planned.then is None and then not in (None, Then.KEEP):
        raise RequestError(
            f"dose {number} was given in time on {on} (due {planned.earliest} to "
            f"{planned.latest}): it moves nothing, leave --then out"
        )
    if sites:
        _check_sites(course, past, planned, sites, any_site=any_site)
    return Given(number, on, sites or planned.sites, then, note)


def skip(course: Course, number: int, note: str = "") -> Skipped:
    """Return the entry of a dose that the person chose not to take.

    Raises:
        RequestError: There is no such dose, or it is recorded already.
    """
    _check_free(history(course.log or ()), number)
    assessed(course, Skipped(number), number)
    return Skipped(number, note)


def decision(course: Course, number: int, then: Then) -> Decided:
    """Return the entry of a decision about a recorded dose.

    Raises:
        RequestError: The dose is not recorded as given, or was given in time.
    """
    if number not in history(course.log or ()).given:
        raise RequestError(f"dose {number} is not recorded as given: record it first")
    dose = assessed(course, Decided(number, then), number)
    if dose.then is None and then is not Then.KEEP:
        raise RequestError(
            f"dose {number} was given in time on {dose.day} (due {dose.earliest} to "
            f"{dose.latest}): it moves nothing and there is nothing to decide"
        )
    return Decided(number, then)


def hold(first: date, last: date | None = None, reason: str = "") -> Hold:
    """Return the entry of a hold, both days inclusive; without `last` it has no end yet.

    Raises:
        RequestError: It ends before it begins.
    """
    if last is not None and last < first:
        raise RequestError(f"--until {last} lies before --from {first}")
    return Hold(first, last, reason)


def void(course: Course, number: int | None) -> tuple[Void, Entry]:
    """Return the entry that takes back the latest about a dose (None: a hold), and that one.

    Raises:
        RequestError: Nothing is left to take back, or what stays would contradict itself.
    """
    about = "hold" if number is None else f"entry about dose {number}"
    taken = take_back(course.log or (), Void(number))
    if taken is None:
        raise RequestError(f"there is no {about} to take back")
    after = history((*(course.log or ()), Void(number)))
    highest = max([*after.given, *after.skipped], default=0)
    if highest:
        assessed(course, Void(number), highest)
    return Void(number), taken


def assessed(course: Course, entry: Entry, number: int) -> AssessedDose:
    """Return a dose as it stands once an entry is made.

    Raises:
        RequestError: The course has no dose of that number.
    """
    after = course._replace(log=(*(course.log or ()), entry))
    last = 0
    try:
        for dose in islice(doses(after), number):
            last = dose.number
            if last == number:
                return dose
    except OverflowError:
        pass  # beyond the year 9999 there is no dose either
    raise RequestError(f"there is no dose {number}: the course has doses 1 to {last}")


def _next(course: Course, past: History, on: date) -> int:
    """Return the dose that was given on a day, as what was known up to that day tells."""
    for number, given in past.given.items():
        if given.date == on:
            raise RequestError(
                f"dose {number} is recorded as given on {on}; if another was given that day, "
                "name it with --dose"
            )
    known: tuple[Entry, ...] = (
        *(each for each in past.given.values() if each.date < on),
        *past.skipped.values(),
    )  # a hold answers no question: what was given in it is found by the rules
    decided = (Decided(each, then) for each, then in past.decided.items())
    for dose in doses(course._replace(log=(*known, *decided)), on):
        taken = dose.number in past.given or dose.number in past.skipped
        if not taken and dose.status is not Status.MISSED:
            return dose.number
    raise RequestError("every dose of the course is given, skipped or missed")


def _check_free(past: History, number: int) -> None:
    if given := past.given.get(number):
        raise RequestError(
            f"dose {number} is recorded already: given on {given.date}; to correct it, take that "
            f"back first with void --dose {number}"
        )
    if number in past.skipped:
        raise RequestError(
            f"dose {number} is recorded already: skipped; to correct it, take that back first "
            f"with void --dose {number}"
        )


def _check_sites(
    course: Course, past: History, dose: AssessedDose, sites: tuple[str, ...], *, any_site: bool
) -> None:
    if len(sites) != dose.injections:
        plural = "" if dose.injections == 1 else "s"
        raise RequestError(
            f"dose {dose.number} is {dose.injections} injection{plural}: give one --site for each, "
            f"not {len(sites)}"
        )
    if any_site:
        return
    rules = dose.phase.sites
    found = survey(
        rules, dose.injections, dose.day, past.used_before(dose.day, dose.number),
        course.avoid, caregiver=course.caregiver,
    )  # fmt: skip
    bars = {each.site: "avoided by the person on that day" for each in found.avoided}
    bars |= {site: f"resting until {free_on}" for site, free_on in found.resting}
    bars |= dict.fromkeys(found.caregiver_only, "for a caregiver only")
    allowed = f"allowed on {dose.day}: {', '.join(found.free) or 'none'}"
    for site in sites:
        if site not in found.free:
            why = bars.get(site, f"not among the sites of phase {dose.phase.name}")
            raise RequestError(f"{site} is {why} ({allowed}); --any-site records it all the same")
    if rules.one_site and len(set(sites)) > 1:
        raise RequestError("all injections of a dose go to one site; --any-site records others")
    if not rules.one_site and len(set(sites)) < len(sites):
        raise RequestError(
            f"each injection of a dose goes to a site of its own ({allowed}); --any-site records "
            "it all the same"
        )
