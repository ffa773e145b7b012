"""Values are equal only to their own kind, have no order and are never false."""

import inspect
import pkgutil
from collections.abc import Iterator
from datetime import date
from importlib import import_module
from typing import Any

import pytest

import dosecal.model
import dosecal.plan
from dosecal.model.course import Decided, Skipped
from dosecal.model.dates import Interval
from dosecal.model.reasons import Dropped, TakenAsGiven
from dosecal.model.schedule import Then, digest
from dosecal.store.catalogue import load


def named_tuples() -> Iterator[type[Any]]:
    """Yield every named tuple that the core defines."""
    for package in (dosecal.model, dosecal.plan):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            for each in vars(import_module(found.name)).values():
                is_own = inspect.isclass(each) and each.__module__ == found.name
                if is_own and issubclass(each, tuple) and hasattr(each, "_fields"):
                    yield each


KINDS = sorted(named_tuples(), key=lambda kind: (kind.__module__, kind.__qualname__))


def of(kind: type[Any], cell: object = 1) -> Any:
    return tuple.__new__(kind, (cell,) * len(kind._fields))


def test_the_core_has_values() -> None:
    names = {kind.__name__ for kind in KINDS}
    assert {"Interval", "Amount", "Phase", "Given", "AssessedDose", "TakenAsGiven"} <= names
    assert len(KINDS) > 80


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__qualname__)
def test_a_value_is_equal_to_its_own_kind_alone_unordered_and_true(kind: type[Any]) -> None:
    one, same = of(kind), of(kind)
    assert one == same
    assert not one != same  # noqa: SIM202 - the operator itself
    assert hash(one) == hash(same)
    assert bool(one) is True
    assert one != tuple(one)
    assert tuple(one) != one
    assert not one == tuple(one)  # noqa: SIM201 - the operator itself
    for other in KINDS:
        if other is not kind and len(other._fields) == len(kind._fields):
            assert one != of(other)
            assert not one == of(other)  # noqa: SIM201
    if kind._fields:
        assert one != of(kind, 2)
    for greater in (of(kind, 2), tuple(one)):
        for compare in ("__lt__", "__le__", "__gt__", "__ge__"):
            with pytest.raises(TypeError, match=f"{kind.__name__} has no order"):
                getattr(one, compare)(greater)


def test_what_was_equal_or_ordered_by_accident() -> None:
    skipped: object = Skipped(3, "keep")
    taken: object = TakenAsGiven()
    assert skipped != Decided(3, Then.KEEP)
    assert taken != Dropped()
    assert taken
    assert Dropped()
    with pytest.raises(TypeError):
        _ = Interval(1, "week") < Interval(4, "day")
    with pytest.raises(TypeError):
        sorted([Interval(1, "week"), Interval(4, "day")])
    assert len({Skipped(1), Decided(1, Then.KEEP), Skipped(1)}) == 2


def test_a_schedule_has_a_digest_of_all_that_it_says() -> None:
    schedule, again = load("netakimab-psoriasis"), load("netakimab-psoriasis")
    assert schedule is not again
    assert digest(schedule) == digest(again)
    assert len(digest(schedule)) == 64
    other = schedule._replace(sources=(schedule.sources[0]._replace(retrieved=date(2020, 1, 1)),))
    assert digest(other) != digest(schedule)
