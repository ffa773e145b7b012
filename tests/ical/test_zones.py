"""A sample of the sweep over all time zones: the odd ones, each with its reason."""

from datetime import time

import pytest

from sweep_zones import CLOCKS, READERS, disagreements

SAMPLE = {
    "Africa/Cairo": "changes on Fridays and Thursdays",
    "Africa/Casablanca": "its standard time is the summer's, and Ramadan interrupts it",
    "America/New_York": "the second Sunday",
    "America/Nuuk": "changes on a Saturday evening",
    "America/Santiago": "the southern half, at midnight",
    "Antarctica/Troll": "moves by two hours",
    "Asia/Gaza": "changes with the moon, on Saturdays",
    "Asia/Kathmandu": "45 minutes",
    "Australia/Lord_Howe": "moves by half an hour",
    "Europe/Dublin": "its standard time is the summer's",
    "Europe/Moscow": "no change at all",
    "Pacific/Apia": "beyond the date line",
    "UTC": "no zone",
}


@pytest.mark.parametrize("clock", CLOCKS, ids=str)
@pytest.mark.parametrize("zone", SAMPLE)
def test_every_reader_gives_the_instants_of_zoneinfo(zone: str, clock: time) -> None:
    count, wrong = disagreements(zone, clock, 2027, READERS)
    assert count >= 52
    assert wrong == []
