"""ruff and mypy --strict are part of the suite, and so is a start without what it does not need."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "command",
    [["ruff", "check", "."], ["ruff", "format", "--check", "."], ["mypy"]],
    ids=" ".join,
)
def test_no_finding(command: list[str]) -> None:
    found = subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True
    )
    assert found.returncode == 0, found.stdout + found.stderr


HEAVY = {"babel", "calendar", "csv", "dataclasses", "dateutil", "difflib", "icalendar", "json",
         "pathlib", "shutil", "tempfile", "urllib", "unicodedata", "zoneinfo"}  # fmt: skip
OF_SCHEDULES = {
    "dosecal.model.quantities",
    "dosecal.plan.assess",
    "dosecal.model.schedule",
    "tomllib",
}


@pytest.mark.usefixtures("unmeasured")
@pytest.mark.parametrize(
    ("command", "heavy"),
    [
        ("list", HEAVY | OF_SCHEDULES),
        ("upcoming netakimab-psoriasis --start 2026-12-01", HEAVY),
        ("status COURSE --today 2026-10-01", HEAVY),
        ("due CSV --today 2026-10-01", HEAVY - {"csv"}),
    ],
)
def test_a_start_imports_only_what_it_needs(command: str, heavy: set[str], tmp_path: Path) -> None:
    course = tmp_path / "course.toml"
    course.write_text(
        'format = 1\nid = "c"\nschedule = "netakimab-psoriasis"\nstart = 2026-10-01\n', "utf-8"
    )
    patients = tmp_path / "patients.csv"
    patients.write_text("id,schedule,start\nA,netakimab-psoriasis,2026-10-01\n", "utf-8")
    command = command.replace("COURSE", str(course)).replace("CSV", str(patients))
    code = (
        "import click, sys; before = set(sys.modules)\n"
        "from dosecal.cli import main\n"
        "try: main(%r, standalone_mode=False)\n"
        "except SystemExit: pass\n"
        "print(*set(sys.modules) - before, file=sys.stderr)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code % command.split()],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout
    assert set(found.stderr.split()) & heavy == set()
