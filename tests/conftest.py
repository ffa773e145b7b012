"""What all tests share: they speak English, and Hypothesis asserts no times."""

import pytest
from hypothesis import settings

settings.register_profile("untimed", deadline=None)  # times depend on the machine
settings.load_profile("untimed")

pytest_plugins = ("publishing",)


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer in English, whatever language the machine speaks."""
    monkeypatch.setenv("LC_ALL", "C")


@pytest.fixture
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start commands without measuring coverage, which imports and writes what they may not."""
    for name in ("COVERAGE_PROCESS_CONFIG", "COVERAGE_PROCESS_START"):
        monkeypatch.delenv(name, raising=False)
