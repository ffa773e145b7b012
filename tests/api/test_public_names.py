"""What is public is loaded from where a type checker is shown it."""

import ast
from pathlib import Path

import dosecal


def test_the_lists_of_public_names_agree() -> None:
    tree = ast.parse(Path(dosecal.__file__).read_text("utf-8"))
    shown = {
        name.name: (each.module or "").removeprefix("dosecal.")
        for each in ast.walk(tree)
        if isinstance(each, ast.ImportFrom) and (each.module or "").startswith("dosecal.")
        for name in each.names
    }
    homes = dosecal._HOME  # what is loaded is what is shown to a type checker
    assert shown == homes
    assert set(dosecal.__all__) == {*homes, "__version__"}
