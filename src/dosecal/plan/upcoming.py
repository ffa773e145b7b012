"""Which doses the upcoming-dose list holds."""

from datetime import date

from dosecal.model.course import Course
from dosecal.model.history import history
from dosecal.plan.assess import AssessedDose, Status, doses


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
