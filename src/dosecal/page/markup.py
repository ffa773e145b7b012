"""HTML and SVG as values: whatever is no `Html` is text and is escaped, so nothing can inject."""

from html import escape
from typing import Final, NamedTuple

from dosecal.words.text import clean

_VOID: Final = {"meta", "br"}


class Html(NamedTuple):
    """Markup that is known to be safe, because `tag` or `style` made it."""

    text: str

    def __str__(self) -> str:
        return self.text


Child = Html | str | None


def tag(element: str, /, *children: Child, **attributes: str | int | None) -> Html:
    """Return an element.

    Args:
        element: Its name.
        children: What is in it: markup as it is, text escaped; None is nothing.
        attributes: Its attributes, "_" for "-", and one at the end dropped (`class_`); None is
            left out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(clean(str(value)))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if element in _VOID:
        return Html(f"<{element}{written}>")
    return Html(f"<{element}{written}>{together(*children).text}</{element}>")


def together(*children: Child) -> Html:
    """Return markup and text one after the other."""
    return Html(
        "".join(
            child.text if isinstance(child, Html) else escape(clean(child), quote=False)
            for child in children
            if child is not None
        )
    )


def style(css: str) -> Html:
    """Return a style sheet of dosecal's own; never of anything that a user wrote."""
    return Html(f"<style>{css}</style>")
