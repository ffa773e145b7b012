"""The body map: a figure from the front and from the back, drawn here, with the sites on it.

The sites of the coming doses stand as numbers beside them; the next dose's are hatched and
framed, so that the map reads without colour. `page` says the same in words.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from dosecal.model.schedule import SIDES
from dosecal.page.markup import Child, Html, style, tag, together
from dosecal.words.doses import site_words
from dosecal.words.language import Language
from dosecal.words.text import wrapped

WIDTH: Final = 390
HEIGHT: Final = 400
MIDDLE: Final = WIDTH // 2
LABEL: Final = 122
"""Room for a label on either side."""
LINE: Final = 15
LETTERS: Final = 14
"""Columns of text that fit into `LABEL`."""
_CSS: Final = Path(__file__).with_name("figure.css")
"""It stands inside each SVG: not every program that makes PDF applies a page's style to one."""


class _Spot(NamedTuple):
    """Where a site of the figure's right half lies: middle, radii and slant of an ellipse."""

    x: int
    y: int
    rx: int
    ry: int
    slant: int = 0


FRONT: Final = {
    "eye": _Spot(8, 30, 4, 3),
    "abdomen": _Spot(18, 160, 11, 20),
    "hip": _Spot(28, 206, 7, 11),
    "thigh": _Spot(19, 252, 10, 30),
}
BACK: Final = {
    "upper-arm": _Spot(46, 112, 7, 20, -13),
    "lower-back": _Spot(16, 160, 11, 14),
    "buttock": _Spot(17, 205, 12, 12),
}
_SIDED: Final = tuple(f"{side}-" for side in SIDES)


def body_map(
    numbers: Mapping[str, Sequence[int]], next_sites: Sequence[str], language: Language
) -> Html:
    """Draw the figures that show an allowed site.

    Args:
        numbers: The allowed sites, each with the numbers of the coming doses there.
        next_sites: The sites of the next dose.
        language: Of the labels.
    """
    views = (
        ("front", language.text("Front: the figure faces you"), FRONT),
        ("back", language.text("Back: you look at the figure from behind"), BACK),
    )
    return together(
        *(
            _figure(view, title, spots, numbers, next_sites, language)
            for view, title, spots in views
            if any(region(site) in spots for site in numbers)
        )
    )


def region(site: str) -> str:
    """Return the region of a site: "upper-arm" of "left-upper-arm"; one area is its own region."""
    return site.partition("-")[2] if site.startswith(_SIDED) else site


def _figure(
    view: str,
    title: str,
    spots: Mapping[str, _Spot],
    numbers: Mapping[str, Sequence[int]],
    next_sites: Sequence[str],
    language: Language,
) -> Html:
    drawn: list[Child] = [_person(view)]
    for site, doses in numbers.items():
        spot = spots.get(region(site))
        if spot is None:
            continue
        if not site.startswith(_SIDED):  # one area: both sides, named once
            drawn += _site(site, spot, (-1, 1), doses, site in next_sites, language)
            continue
        # from the front the figure's left is on the reader's right
        side = 1 if site.startswith("left") == (view == "front") else -1
        drawn += _site(site, spot, (side,), doses, site in next_sites, language)
    svg = tag(
        "svg", tag("title", title), style(_CSS.read_text("utf-8")), _hatch(view), *drawn,
        viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", class_=view,
    )  # fmt: skip
    return tag("figure", svg, tag("figcaption", title))


def _hatch(view: str) -> Html:
    """Return the pattern of the next dose's sites."""
    line = tag("path", d="M0 0V6", class_="hatch")
    pattern = tag(
        "pattern", tag("path", d="M0 0H6V6H0Z", class_="ground"), line,
        id=f"hatch-{view}", width=6, height=6, patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )  # fmt: skip
    return tag("defs", pattern)


def _person(view: str) -> Html:
    """Draw the figure: limbs as thick strokes, once for the outline and once for the inside."""
    limbs = (
        ("arm", "M{0} 88L{1} 148L{2} 204", (36, 52, 58)),
        ("leg", "M{0} 206L{1} 290L{2} 372", (19, 20, 20)),
        ("foot", "M{0} 372L{1} 382", (20, 25)),
    )
    outside, inside = [], []
    for side in (-1, 1):
        for name, path, places in limbs:
            d = path.format(*(MIDDLE + side * place for place in places))
            outside.append(tag("path", d=d, class_=f"{name} edge"))
            inside.append(tag("path", d=d, class_=f"{name} skin"))
    x = MIDDLE
    torso = (
        f"M{x} 66C{x + 16} 72 {x + 40} 72 {x + 42} 90C{x + 34} 112 {x + 31} 140 {x + 32} 160"
        f"C{x + 33} 180 {x + 36} 190 {x + 36} 212L{x - 36} 212"
        f"C{x - 36} 190 {x - 33} 180 {x - 32} 160C{x - 31} 140 {x - 34} 112 {x - 42} 90"
        f"C{x - 40} 72 {x - 16} 72 {x} 66Z"
    )
    head = {"cx": x, "cy": 34, "rx": 20, "ry": 25}
    mark = (
        tag("circle", cx=x, cy=164, r=2, class_="navel")
        if view == "front"
        else tag("path", d=f"M{x} 84V178M{x} 196V222", class_="spine")
    )
    return tag(
        "g",
        tag("path", d=f"M{x} 50V76", class_="neck edge"),
        *outside,
        tag("path", d=torso, class_="torso edge"),
        tag("ellipse", class_="edge", **head),
        tag("path", d=f"M{x} 50V76", class_="neck skin"),
        *inside,
        tag("path", d=torso, class_="torso skin"),
        tag("ellipse", class_="skin", **head),
        mark,
        aria_hidden="true",
    )


def _site(
    site: str,
    spot: _Spot,
    sides: tuple[int, ...],
    doses: Sequence[int],
    is_next: bool,
    language: Language,
) -> list[Html]:
    """Draw a site, and beside the figure its name and the numbers of its doses.

    Args:
        site: Its id.
        spot: Where it lies.
        sides: -1 for the reader's left, 1 for the right; the name stands at the first.
        doses: The numbers of the doses there.
        is_next: Whether the next dose is one of them.
        language: Of the label.
    """
    ellipses = [
        tag(
            "ellipse", cx=(x := MIDDLE + side * spot.x), cy=spot.y, rx=spot.rx, ry=spot.ry,
            transform=f"rotate({side * spot.slant} {x} {spot.y})" if spot.slant else None,
            class_="site next" if is_next else "site",
        )
        for side in sides
    ]  # fmt: skip
    names = wrapped(site_words(site, language), LETTERS)
    listed = [f"{number}," for number in doses[:-1]] + [str(number) for number in doses[-1:]]
    if is_next and listed:
        listed[0] = f"▶\N{NO-BREAK SPACE}{listed[0]}"
    lines = names + (wrapped(" ".join(listed), LETTERS) if listed else [])
    side = sides[0]
    edge = LABEL if side < 0 else WIDTH - LABEL
    top = spot.y - LINE * (len(lines) - 1) // 2
    text = [
        tag(
            "tspan", line, x=edge, y=top + LINE * number,
            class_="name" if number < len(names) else None,
        )
        for number, line in enumerate(lines)
    ]  # fmt: skip
    leader = f"M{edge - side * 4} {spot.y - 4}L{MIDDLE + side * (spot.x + spot.rx)} {spot.y}"
    return [
        tag("path", d=leader, class_="leader"),
        *ellipses,
        tag("text", *text, text_anchor="end" if side < 0 else "start"),
    ]
