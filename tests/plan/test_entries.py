"""What may be added to a log: which dose is meant, and what is refused on which side of a bound."""

from datetime import date

import pytest

from dosecal.errors import RequestError
from dosecal.formats.schedule_file import read_schedule
from dosecal.model.course import Course, Entry, Given, Hold
from dosecal.model.schedule import Then
from dosecal.plan import entries
from dosecal.store.catalogue import load

START = date(2026, 12, 1)


def course(name: str, *log: Entry) -> Course:
    return Course(load(name), "c", START, log=log)


def own(phase: str, sites: str, *log: Entry) -> Course:
    text = (
        f'format = 1\nmedicine = "x"\n[[phase]]\nname = "p"\ndose = "1 mg"\n{phase}\nsource = "s"\n'
        f'[sites]\nregions = ["thigh"]\n{sites}\nsource = "s"\n'
        '[sources.s]\ntitle = "S"\nbasis = "label"\n'
    )
    return Course(read_schedule(text.encode(), "x", "x.toml"), "c", START, log=log)


def on(month: int, day: int, year: int = 2026) -> date:
    return date(year, month, day)


@pytest.mark.parametrize(("day", "number"), [(on(12, 15), 2), (on(12, 22), 2), (on(12, 23), 3)])
def test_the_dose_meant_is_the_first_not_missed_on_that_day(day: date, number: int) -> None:
    """Dupilumab, due on the 15th: up to 7 days late it is still given, on the 8th it is missed."""
    of = course("dupilumab-atopic-dermatitis", Given(1, START))
    assert entries.administration(of, day, day).dose == number


def test_an_older_dose_is_found_by_what_was_known_on_its_day() -> None:
    log = (Given(1, START), Given(3, on(12, 29)))
    of = course("dupilumab-atopic-dermatitis", *log)
    assert entries.administration(of, on(12, 15), on(12, 30)).dose == 2
    assert entries.administration(of, on(12, 30), on(12, 30)).dose == 4


def test_sites_used_before_in_time_bar_one_whatever_their_numbers() -> None:
    """Dose 3 was given on the 10th, dose 2 on the 20th: the site of dose 3 still rests."""
    log = (Given(1, START, ("left-thigh",)), Given(3, on(12, 10), ("right-thigh",)))
    of = own("weeks = [0, 1, 2]", 'rest = "14 days"', *log)
    assert entries.administration(of, on(12, 20), on(12, 30), number=2).sites == ("left-thigh",)
    with pytest.raises(RequestError, match="right-thigh is resting until 2026-12-24"):
        entries.administration(of, on(12, 20), on(12, 30), number=2, sites=("right-thigh",))


def test_in_a_hold_the_dose_meant_is_found_by_the_rules() -> None:
    """Dupilumab, dose 2 due on the 15th, dose 3 on the 29th, both in the hold."""
    log = (Given(1, START), Hold(on(12, 14), on(12, 31)))
    of = course("dupilumab-atopic-dermatitis", *log)
    assert entries.administration(of, on(12, 22), on(12, 31)).dose == 2
    assert entries.administration(of, on(12, 30), on(12, 31)).dose == 3


def test_sites_used_by_later_doses_do_not_bar_an_older_one() -> None:
    later = Given(3, on(12, 15), ("right-thigh",))
    of = own("weeks = [0, 1, 2]", 'rest = "14 days"', Given(1, START, ("left-thigh",)), later)
    found = entries.administration(of, on(12, 8), on(12, 20), number=2, sites=("right-thigh",))
    assert found.sites == ("right-thigh",)
    with pytest.raises(RequestError, match="left-thigh is resting until 2026-12-15"):
        entries.administration(of, on(12, 8), on(12, 20), number=2, sites=("left-thigh",))


def test_one_site_takes_all_injections_of_a_dose() -> None:
    of = own("weeks = [0]\ninjections = 2", 'injections_at = "one site"')
    both = ("left-thigh", "left-thigh")
    assert entries.administration(of, START, START, sites=both).sites == both
    mixed = ("left-thigh", "right-thigh")
    with pytest.raises(RequestError, match="all injections of a dose go to one site"):
        entries.administration(of, START, START, sites=mixed)
    assert entries.administration(of, START, START, sites=mixed, any_site=True).sites == mixed


def test_a_hold_may_last_one_day() -> None:
    assert entries.hold(START, START).covers(START)
    with pytest.raises(RequestError):
        entries.hold(START, on(11, 30))


def test_a_dose_due_in_a_year_may_be_meant_and_no_later_one() -> None:
    of = own('every = "1 year"', "")
    assert entries.administration(of, START, START, number=2).dose == 2
    with pytest.raises(RequestError, match="more than a year after 2026-12-01"):
        entries.administration(of, START, START, number=3)


def test_a_void_that_leaves_a_later_dose_without_a_place_is_refused() -> None:
    """Dose 3 is there because dose 2 began the schedule again."""
    log = (Given(1, START), Given(2, on(12, 12), (), Then.RESTART), Given(3, on(12, 19)))
    of = own("weeks = [0, 1]", "", *log)
    with pytest.raises(RequestError, match="there is no dose 3: the course has doses 1 to 2"):
        entries.void(of, 2)
    assert entries.void(of, 3)[1] == log[2]


def test_a_dose_is_recorded_from_the_start_to_today() -> None:
    of = course("netakimab-psoriasis")
    assert entries.administration(of, START, START).dose == 1
    with pytest.raises(RequestError, match="before the start of the course"):
        entries.administration(of, on(11, 30), START)
    with pytest.raises(RequestError, match="after today"):
        entries.administration(of, on(12, 2), START)
