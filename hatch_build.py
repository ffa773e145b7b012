"""Compile the languages while dosecal is built (docs/decisions/0004-languages.md).

A wheel gets each catalogue compiled, without its text. An editable install gets it compiled beside
its text and with that text at its end, by which `language.py` tells whether it is still true.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PACKAGES = "src"


def catalogues(root: Path) -> Iterator[Path]:
    """Yield the text of every catalogue."""
    yield from sorted((root / PACKAGES).glob("**/LC_MESSAGES/*.po"))


def compiled(path: Path) -> bytes:
    """Return a catalogue's binary form, the same each time."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=path.parents[1].name, abort_invalid=True)
    catalogue.creation_date = datetime(1970, 1, 1, tzinfo=UTC)  # else it is the time of the build
    binary = BytesIO()
    write_mo(binary, catalogue)
    return binary.getvalue()


def compile_in_place(root: Path) -> None:
    """Write each catalogue's binary form beside it, followed by the text that it was made of."""
    for path in catalogues(root):
        path.with_suffix(".mo").write_bytes(compiled(path) + path.read_bytes())


class CompileLanguages(BuildHookInterface[Any]):
    """The build's step of its own."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile for an editable install in place, for a wheel into the wheel alone."""
        root = Path(self.root)
        if version == "editable":
            compile_in_place(root)
            return
        self._made = TemporaryDirectory()
        for number, path in enumerate(catalogues(root)):
            binary = Path(self._made.name, f"{number}.mo")
            binary.write_bytes(compiled(path))
            within = path.with_suffix(".mo").relative_to(root / PACKAGES)
            build_data["force_include"][str(binary)] = within.as_posix()

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove what was compiled for a wheel: by now it is in it."""
        if version != "editable":
            self._made.cleanup()
