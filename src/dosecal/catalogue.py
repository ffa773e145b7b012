"""The shipped schedules, by id."""

from collections.abc import Iterator
from pathlib import Path

from dosecal.errors import RequestError
from dosecal.quantities import near_miss
from dosecal.schedule import Schedule
from dosecal.schedule_file import read_schedule

_INSTALLED = Path(__file__).parent / "schedules"
_CHECKOUT = Path(__file__).parents[2] / "schedules"


def folder() -> Path:
    """Return where the schedules lie: inside the package, or beside `src` in a checkout."""
    return _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT


def ids() -> tuple[str, ...]:
    """Return the ids of the catalogue, sorted."""
    return tuple(sorted(path.stem for path in folder().glob("*.toml")))


def load(id: str) -> Schedule:
    """Return a schedule of the catalogue.

    Raises:
        RequestError: There is none with this id.
    """
    known = ids()
    if id not in known:
        hint = near_miss(id, known)
        raise RequestError(
            f'no schedule "{id}" in the catalogue and no file of that name; '
            f"{hint + ' ' if hint else ''}`dosecal list` shows the catalogue"
        )
    path = folder() / f"{id}.toml"
    return read_schedule(path.read_bytes(), id, str(path))


def schedules() -> Iterator[Schedule]:
    """Yield the schedules of the catalogue in order of id."""
    for id in ids():
        yield load(id)
