"""One name, one thing: no two classes of the house share a name."""

import ast
from collections import defaultdict
from pathlib import Path

SOURCE = Path(__file__).parents[1] / "src" / "dosecal"


def named_twice(folder: Path) -> dict[str, list[str]]:
    """Return the names that stand for more than one class, each with its modules."""
    found = defaultdict(list)
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(path.relative_to(folder).as_posix())
    return {name: places for name, places in found.items() if len(places) > 1}


def test_no_two_classes_have_one_name() -> None:
    assert named_twice(SOURCE) == {}


def test_a_name_that_is_taken_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("class Row: ...\n", "utf-8")
    (tmp_path / "b.py").write_text("def f():\n    class Row: ...\n", "utf-8")
    assert named_twice(tmp_path) == {"Row": ["a.py", "b.py"]}
