"""Values whose fields hold something else than they say: Python itself does not look.

Anybody can write `Course(..., start="2026-12-01")`; a file, whose reader makes the values, cannot.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin

from dosecal.errors import Problem, described

_UNIONS: Final = (Union, UnionType)


def misfits(held: object, kind: Any, path: str = "") -> Iterator[Problem]:
    """Yield where a value, or what it holds, is of another type than stated, and at which place.

    Types are taken exactly: `True` is no number, a time no day, a list no tuple, `72.5` no decimal.

    Args:
        held: What stands there.
        kind: The type, as a field of a named tuple states it.
        path: Where it stands, places counted from 1: "phases[2].timing.every".
    """
    kinds = get_args(kind) if get_origin(kind) in _UNIONS else (kind,)
    fitting = next((each for each in kinds if _is_of(held, each)), None)
    if fitting is None:
        yield Problem(path, f"{described(held)} is not allowed", f"type {_words(kinds)}")
    elif isinstance(held, tuple) and get_origin(fitting) is tuple:
        inner = get_args(fitting)
        inner = inner[:1] * len(held) if inner[1:] == (...,) else inner
        for place, (each, one) in enumerate(zip(held, inner, strict=True), 1):
            yield from misfits(each, one, f"{path}[{place}]")
    elif isinstance(held, tuple):
        dot = f"{path}." if path else ""
        for each, (name, one) in zip(held, _fields(fitting).items(), strict=True):
            yield from misfits(each, one, f"{dot}{name}")


def _is_of(held: object, kind: Any) -> bool:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        return type(held) is str and held in inner
    if origin is tuple:
        return type(held) is tuple and (inner[1:] == (...,) or len(inner) == len(held))
    return type(held) is kind


@lru_cache(maxsize=256)
def _fields(kind: type) -> Mapping[str, Any]:
    """Return the fields of a named tuple and their types."""
    from typing import get_type_hints

    hints = get_type_hints(kind)
    return {name: hints[name] for name in kind._fields}  # type: ignore[attr-defined]


def _words(kinds: tuple[Any, ...]) -> str:
    return " or ".join(_word(each) for each in kinds)


def _word(kind: Any) -> str:
    if get_origin(kind) in _UNIONS:
        return _words(get_args(kind))
    if kind is NoneType:
        return "None"
    if get_origin(kind) is Literal:
        return " or ".join(f'"{each}"' for each in get_args(kind))
    if get_origin(kind) is tuple:
        first, *others = get_args(kind)
        return f"tuple of {_word(first)}" if others == [...] else f"tuple of {1 + len(others)}"
    return str(kind.__name__)
