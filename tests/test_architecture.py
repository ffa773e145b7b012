"""The page for a newcomer names every package and no file that is not there."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "dosecal"
PAGE = (ROOT / "docs" / "architecture.md").read_text("utf-8")


def test_every_file_that_the_page_names_is_there() -> None:
    named = re.findall(r"`([\w./]+(?:\.py|\.po|/))`", PAGE)
    roots = (SOURCE, ROOT)
    missing = [each for each in named if not any((root / each).exists() for root in roots)]
    assert len(named) > 30
    assert missing == []


def test_every_function_and_table_that_the_page_names_is_there() -> None:
    defined = {
        name
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        for name in (
            [node.name]
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            else [node.target.id]
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
            else [each.id for each in node.targets if isinstance(each, ast.Name)]
            if isinstance(node, ast.Assign)
            else []
        )
    }
    named = set(re.findall(r"`(\w+)`", PAGE)) - {path.name for path in SOURCE.iterdir()}
    assert named - defined == set()


def test_every_package_has_a_line() -> None:
    for path in SOURCE.glob("*/__init__.py"):
        assert f"`{path.parent.name}/`" in PAGE
