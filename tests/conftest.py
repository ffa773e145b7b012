"""What holds for every test."""

import pytest


@pytest.fixture(autouse=True)
def _in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer in English, whatever language the machine speaks."""
    monkeypatch.setenv("LC_ALL", "C")
