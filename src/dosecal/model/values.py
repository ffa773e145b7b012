"""Values: frozen records that are equal only to their own kind, have no order and are never false.

A named tuple alone is a bare tuple: `Skipped(3, "keep")` would equal `Decided(3, "keep")`, an
interval of a week would be smaller than one of four days, and a record without fields false.
A dataclass would be none of that, but importing `dataclasses` takes a tenth of a command's start.
"""

from typing import Any, Final, NoReturn, TypeVar

_T = TypeVar("_T", bound=tuple[Any, ...])


def _equal(self: tuple[Any, ...], other: object) -> bool:
    return type(self) is type(other) and tuple.__eq__(self, other)


def _unequal(self: tuple[Any, ...], other: object) -> bool:
    return not _equal(self, other)


def _unordered(self: object, other: object) -> NoReturn:
    raise TypeError(f"{type(self).__name__} has no order: compare what is meant of it")


def _true(self: object) -> bool:
    return True


_METHODS: Final = {
    "__eq__": _equal,
    "__ne__": _unequal,
    "__hash__": tuple.__hash__,
    "__lt__": _unordered,
    "__le__": _unordered,
    "__gt__": _unordered,
    "__ge__": _unordered,
    "__bool__": _true,
}


def value(cls: type[_T]) -> type[_T]:
    """Make a named tuple a value: typed equality, no order, never false."""
    for name, method in _METHODS.items():
        setattr(cls, name, method)
    return cls
