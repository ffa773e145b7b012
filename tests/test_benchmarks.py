"""The comparison runs; what it measures is nobody's test."""

import subprocess
import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def test_the_comparison_runs() -> None:
    found = subprocess.run(
        [sys.executable, BENCHMARKS / "compare.py", "--quick"], capture_output=True, text=True
    )
    assert found.returncode == 0, found.stderr
    for part in "abcde":
        assert f"\n({part}) " in found.stdout
    assert found.stdout.count("| dosecal | ") == 2
