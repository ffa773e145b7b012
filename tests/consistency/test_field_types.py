"""Values whose fields hold something else than they say are found, each at its place."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, NamedTuple

import pytest

from dosecal.consistency.field_types import misfits
from dosecal.model.schedule import Schedule, Then
from dosecal.store.catalogue import schedules


class Inner(NamedTuple):
    number: int
    size: Decimal | None = None


class Outer(NamedTuple):
    day: date = date(2026, 12, 1)
    name: str = ""
    per: Literal["", "kg"] = ""
    many: tuple[Inner, ...] = ()
    pair: tuple[str, Inner] = ("a", Inner(1))
    either: Inner | tuple[int, ...] = ()
    then: Then = Then.KEEP
    yes: bool = True


def found(**fields: Any) -> list[str]:
    return list(map(str, misfits(Outer(**fields), Outer)))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"many": (Inner(1), Inner(2, Decimal("1.5")))},
        {"either": Inner(1)},
        {"either": (1, 2)},
        {"per": "kg"},
    ],
    ids=str,
)
def test_what_fits_is_not_named(fields: dict[str, Any]) -> None:
    assert found(**fields) == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"day": "2026-12-01"}, 'day: "2026-12-01" is not allowed (type date)'),
        (
            {"day": datetime(2026, 12, 1)},
            "day: the time 2026-12-01T00:00:00 is not allowed (type date)",
        ),
        ({"name": None}, "name: None is not allowed (type str)"),
        ({"name": Then.KEEP}, 'name: "keep" is not allowed (type str)'),
        ({"per": "lb"}, 'per: "lb" is not allowed (type "" or "kg")'),
        ({"many": [Inner(1)]}, "many: a list is not allowed (type tuple of Inner)"),
        ({"many": (Inner(1), 2)}, "many[2]: 2 is not allowed (type Inner)"),
        (
            {"many": (Inner(1), Inner(True))},
            "many[2].number: true is not allowed (type int)",
        ),
        (
            {"many": (Inner(1, 72.5),)},  # type: ignore[arg-type]
            "many[1].size: 72.5 is not allowed (type Decimal or None)",
        ),
        ({"pair": ("a",)}, "pair: ('a',) is not allowed (type tuple of 2)"),
        ({"pair": ("a", "b")}, 'pair[2]: "b" is not allowed (type Inner)'),
        ({"either": 3}, "either: 3 is not allowed (type Inner or tuple of int)"),
        ({"either": ("x",)}, 'either[1]: "x" is not allowed (type int)'),
        ({"then": "keep"}, 'then: "keep" is not allowed (type Then)'),
        ({"yes": 1}, "yes: 1 is not allowed (type bool)"),
    ],
    ids=str,
)
def test_what_does_not_fit_is_named_with_its_place(fields: dict[str, Any], problem: str) -> None:
    assert found(**fields) == [problem]


def test_every_misfit_is_named() -> None:
    assert len(found(day=1, name=2, many=(Inner("x"), Inner(1, 2)))) == 4  # type: ignore[arg-type]


def test_another_kind_of_value_with_the_same_fields_does_not_fit() -> None:
    assert [each.where for each in misfits(Inner(1), Outer)] == [""]


def test_the_shipped_schedules_fit() -> None:
    for schedule in schedules():
        assert list(misfits(schedule, Schedule)) == []
