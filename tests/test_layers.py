"""The house: each package answers one question, and imports run downwards (pyproject.toml)."""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "dosecal"
PACKAGES = sorted(path.parent for path in SOURCE.glob("*/__init__.py"))
MOST = 10


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    """Hold the packages of a folder against the contracts of its pyproject.toml."""
    code = "from importlinter.cli import lint_imports_command as run; run()"
    return subprocess.run(
        [sys.executable, "-c", code, "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "PATH": "", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


def test_imports_run_downwards() -> None:
    found = linted(ROOT)
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("model/dates.py", "from dosecal.plan import assess", "import downwards only"),
        ("ical/events.py", "import dosecal.page.page", "import downwards only"),
        ("plan/late.py", "def f():\n    from dosecal.plan import assess", "No circles"),
        ("plan/late.py", "import os", "The core knows"),
        ("words/text.py", "from time import sleep", "Only store and clinic"),
        ("newcomer/__init__.py", '"""Who has no place?"""', "import downwards only"),
    ],
)
def test_a_wrong_import_is_found(module: str, line: str, broken: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(SOURCE, tmp_path / "src" / "dosecal")
    changed = tmp_path / "src" / "dosecal" / module
    changed.parent.mkdir(exist_ok=True)
    stands = changed.read_text("utf-8") if changed.exists() else ""
    changed.write_text(f"{stands}\n{line}\n", "utf-8")
    found = linted(tmp_path)
    lines = " ".join(found.stdout.split())
    assert found.returncode == 1
    assert any(
        broken in contract and contract.rstrip().endswith("BROKEN")
        for contract in lines.replace("KEPT", "KEPT\n").replace("BROKEN", "BROKEN\n").splitlines()
    ), found.stdout


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.name)
def test_a_package_is_small_and_says_its_question(package: Path) -> None:
    modules = [path for path in package.glob("*.py") if path.name != "__init__.py"]
    assert 1 <= len(modules) <= MOST
    tree = ast.parse((package / "__init__.py").read_text("utf-8"))
    if package.name == "cli":  # the group of commands itself
        return
    question = ast.get_docstring(tree) or ""
    assert len(tree.body) == 1, "nothing is exported again"
    assert question.endswith("?")
    assert "\n" not in question


def test_each_package_has_its_tests() -> None:
    assert {path.name for path in PACKAGES} <= {path.name for path in ROOT.glob("tests/*")}
