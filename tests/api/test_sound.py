"""Schedules and courses are held to their files once, and again after any change."""

from datetime import date

import pytest

from dosecal.api import sound
from dosecal.api.asking import advise
from dosecal.api.entries import record, skip
from dosecal.api.reading import load, read_course
from dosecal.errors import UnsoundError
from dosecal.formats import course_checks, schedule_file
from dosecal.model.course import Course
from dosecal.model.schedule import Schedule
from dosecal.store import catalogue

START = date(2026, 12, 1)


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the checks that were run; nothing is known as sound before."""
    names: list[str] = []
    problems, course_problems = schedule_file.problems, course_checks.course_problems

    def of_schedule(schedule: Schedule) -> object:
        names.append("schedule")
        return problems(schedule)

    def of_course(course: Course, *, planned: bool) -> object:
        names.append("course")
        return course_problems(course, planned=planned)

    monkeypatch.setattr(sound, "_SOUND", set())
    monkeypatch.setattr(schedule_file, "problems", of_schedule)
    monkeypatch.setattr(course_checks, "course_problems", of_course)
    return names


def test_each_value_is_looked_at_once(looked: list[str]) -> None:
    course = Course(catalogue.load("netakimab-psoriasis"), "1", START)
    advise(course, START)
    advise(course, START)
    assert looked == ["schedule", "course"]
    skip(course, 1, today=START)
    assert looked == ["schedule", "course", "course"]
    advise(course._replace(id="2"), START)
    assert looked == ["schedule", "course", "course", "course"]


def test_what_was_read_is_not_looked_at_again(looked: list[str]) -> None:
    head = b'format = 1\nschedule = "netakimab-psoriasis"\nid = "1"\nstart = 2026-12-01\n'
    course = read_course(head)
    advise(course, START)
    assert looked == []
    after = record(course, on=START, today=START)
    assert looked == ["course"]
    advise(after, START)
    assert looked == ["course"]


def test_what_was_refused_is_refused_again(looked: list[str]) -> None:
    wrong = Course(load("netakimab-psoriasis"), " ", START)
    for _ in range(2):
        with pytest.raises(UnsoundError, match="id: the text is empty"):
            advise(wrong, START)
    assert looked == ["course", "course"]


def test_only_so_much_is_kept(looked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "_KEPT", 3)
    schedule = load("netakimab-psoriasis")
    for number in range(10):
        advise(Course(schedule, str(number), START), START)
        assert len(sound._SOUND) <= 3
