"""The layers of the code: each module imports only from its own layer or a lower one."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "dosecal"
LAYERS = (
    {"errors"},
    {"slips"},
    {"quantities"},
    {"dates"},
    {"schedule"},
    {"sites", "plan"},
    {"course", "late", "reasons", "phase_checks", "first_doses"},
    {"rule_checks"},
    {"assess"},
    {"advice", "entries", "revisions"},
)
SHELL = {
    "tables",
    "schedule_file",
    "schedule_format",
    "schedule_kinds",
    "toml_reader",
    "course_file",
    "patients_file",
    "cells",
    "seen",
    "file_names",
    "journal",
    "interrupt",
    "desk",
    "batch",
    "due",
    "clinic",
    "render_due",
    "catalogue",
    "vtimezone",
    "zones",
    "calendar",
    "event_texts",
    "content_lines",
    "wording",
    "language",
    "listing",
    "rows",
    "terminal",
    "sentence",
    "body_map",
    "markup",
    "render_page",
    "page_sheet",
    "page_doses",
    "page_months",
    "render_pdf",
    "schedule_words",
    "sentence_dates",
    "sentence_doses",
    "sentence_meaning",
    "sentence_reader",
    "sentence_tokens",
    "define",
    "toml_writer",
    "render_table",
    "render_json",
    "render_csv",
    "render_markdown",
    "render_list",
    "render_show",
    "show_words",
    "files",
    "publish",
    "marks",
    "caldav_server",
    "webdav",
    "multistatus",
    "server_addresses",
    "reminders",
    "render_status",
    "cli.__init__",
    "cli.options",
    "cli.inputs",
    "cli.plan",
    "cli.course",
    "cli.publish",
    "cli.clinic",
    "cli.define",
    "__main__",
    "__init__",
}
RANK = {module: rank for rank, layer in enumerate(LAYERS) for module in layer}
FORBIDDEN = {"click", "icalendar", "tomllib", "pathlib", "os", "time", "zoneinfo"}
MODULES = sorted(
    ".".join(path.relative_to(SOURCE).with_suffix("").parts) for path in SOURCE.rglob("*.py")
)


def imported(source: str) -> set[str]:
    """Return what is imported anywhere, in functions too; `dosecal.x.y` as `dosecal.x`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(part for part in ("dosecal" if node.level else "", node.module) if part)
            names = [f"dosecal.{a.name}" for a in node.names] if base == "dosecal" else [base]
        else:
            continue
        found |= {".".join(name.split(".")[: 2 if name.startswith("dosecal.") else 1])
                  for name in names}  # fmt: skip
    return found


def faults(module: str, source: str) -> list[str]:
    """Return what a module of the core may not import, but does."""
    wrong = []
    for name in sorted(imported(source)):
        top, _, inner = name.partition(".")
        if top in FORBIDDEN or (top == "dosecal" and RANK.get(inner, len(LAYERS)) > RANK[module]):
            wrong.append(name)
    return wrong


def test_every_module_has_a_layer() -> None:
    assert set(MODULES) - set(RANK) - SHELL == set()
    assert set(RANK) - set(MODULES) == set()


@pytest.mark.parametrize("module", sorted(RANK))
def test_a_module_of_the_core_imports_nothing_above_it(module: str) -> None:
    assert faults(module, (SOURCE / f"{module}.py").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("module", "source", "wrong"),
    [
        ("dates", "from dosecal.quantities import plain", []),
        ("quantities", "from dosecal.dates import Interval", ["dosecal.dates"]),
        ("quantities", "def f():\n    from . import dates", ["dosecal.dates"]),
        ("plan", "from .assess import doses", ["dosecal.assess"]),
        ("plan", "from dosecal import cli, dates", ["dosecal.cli"]),
        ("assess", "import dosecal.calendar", ["dosecal.calendar"]),
        ("assess", "import dosecal", ["dosecal"]),
        ("dates", "import os.path, zoneinfo", ["os", "zoneinfo"]),
        ("dates", "from time import sleep", ["time"]),
        ("dates", "from datetime import time", []),
    ],
)
def test_this_test_finds_what_it_looks_for(module: str, source: str, wrong: list[str]) -> None:
    assert faults(module, source) == wrong
