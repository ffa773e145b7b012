"""Doses, sites and statuses in words, in the language of the reader."""

from datetime import date
from typing import Final

from dosecal.model.quantities import Amount
from dosecal.plan.walk import AssessedDose, Status
from dosecal.words.language import ENGLISH, Language, marked

STATUSES: Final = {
    Status.GIVEN: marked("given"),
    Status.SKIPPED: marked("skipped"),
    Status.MISSED: marked("missed"),
    Status.HELD: marked("held"),
    Status.LATE: marked("late"),
    Status.DUE: marked("due"),
    Status.UPCOMING: marked("upcoming"),
}


SITES: Final = {
    "left-abdomen": marked("left abdomen"),
    "right-abdomen": marked("right abdomen"),
    "abdomen": marked("abdomen"),
    "left-thigh": marked("left thigh"),
    "right-thigh": marked("right thigh"),
    "thigh": marked("thigh"),
    "left-upper-arm": marked("left upper arm"),
    "right-upper-arm": marked("right upper arm"),
    "upper-arm": marked("upper arm"),
    "left-buttock": marked("left buttock"),
    "right-buttock": marked("right buttock"),
    "buttock": marked("buttock"),
    "left-hip": marked("left hip"),
    "right-hip": marked("right hip"),
    "hip": marked("hip"),
    "left-lower-back": marked("left lower back"),
    "right-lower-back": marked("right lower back"),
    "lower-back": marked("lower back"),
    "left-eye": marked("left eye"),
    "right-eye": marked("right eye"),
    "eye": marked("eye"),
}


def site_words(site: str, language: Language = ENGLISH) -> str:
    """Write a site id for a reader: "left upper arm"; a place without a name stays as it is."""
    name = SITES.get(site)
    return language.text(name) if name else site


def sites_words(sites: tuple[str, ...], language: Language = ENGLISH) -> str:
    """Write the sites of a dose: "left thigh, right thigh", and one that stands twice once."""
    return ", ".join(site_words(site, language) for site in dict.fromkeys(sites))


def day_words(day: date, language: Language = ENGLISH) -> str:
    """Write a date with its weekday: "2026-12-01 Tue"."""
    return f"{day.isoformat()} {language.weekday(day)}"


def injections_words(count: int, language: Language = ENGLISH) -> str:
    """Write a number of injections."""
    return language.plural("{count} injection", "{count} injections", count)


def in_injections(amount: Amount, injections: int, language: Language = ENGLISH) -> str:
    """Write a dose: "120 mg in 2 injections", and "60 mg" where it is one injection."""
    dose = language.amount(amount)
    if injections == 1:
        return dose
    words = injections_words(injections, language)
    return language.text("{dose} in {injections}", dose=dose, injections=words)


def dose_line(dose: AssessedDose, language: Language = ENGLISH) -> str:
    """Write a dose: date, amount, injections and sites."""
    return f"{day_words(dose.day, language)}: {amount_words(dose, language)}"


def amount_words(dose: AssessedDose, language: Language = ENGLISH) -> str:
    """Write a dose without its date: amount, injections and sites."""
    sites = " + ".join(site_words(site, language) for site in dose.sites)
    words = in_injections(dose.amount, dose.injections, language)
    return f"{words}, {sites}" if sites else words
