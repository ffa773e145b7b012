"""ruff and mypy --strict are part of the suite, and so is a start without heavy imports."""

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


@pytest.mark.parametrize("command", ["list", "upcoming netakimab-psoriasis --start 2026-12-01"])
def test_a_start_in_english_imports_neither_icalendar_nor_babel(command: str) -> None:
    code = (
        "import sys; from dosecal.cli import main\n"
        f"main({command.split()!r}, standalone_mode=False)\n"
        "assert not {'icalendar', 'babel'} & set(sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
