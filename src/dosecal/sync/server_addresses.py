"""The addresses of servers: which may be asked, which are one server, and how they are shown."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from dosecal.errors import AddressError, LoginInAddressError

LONGEST_SHOWN: Final = 200
"""Characters of an address in a message."""
PORTS: Final = {"http": 80, "https": 443}
"""The schemes of servers that are spoken to, and the port that each means."""


def checked_url(url: str) -> str:
    """Return the address of a server, its path ending in a slash.

    Raises:
        AddressError: It is no such address, holds a password, or lacks the TLS that all but this
            computer needs.
    """
    right = "write it as https://calendar.example.com/"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise AddressError(" is no address", right) from None
    if "@" in parts.netloc:
        raise LoginInAddressError
    if parts.scheme not in PORTS or not host or port == 0:
        raise AddressError(" is no address of a server", right)
    if parts.query or parts.fragment or " " in url or not url.isprintable():
        raise AddressError(" holds more than a server and a path", right)
    if parts.scheme == "http" and not is_loopback(host):
        raise AddressError(
            f": the password and the events would cross the network to {host} unencrypted",
            "use https (http is for localhost alone)",
        )
    path = quote(unquote(parts.path), safe="/@:+,;=~!$&'()*")
    return urlunsplit((parts.scheme, parts.netloc, f"{path.removesuffix('/')}/", "", ""))


def is_loopback(host: str) -> bool:
    """Say whether a host is this computer."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def origin(url: str) -> tuple[str, str, int | None]:
    """Return which server an address names: two are one only if scheme, host and port are."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or PORTS.get(parts.scheme)


def shown(url: str) -> str:
    """Return an address as a person reads it, whatever a server put there."""
    return printable(unquote(url))[:LONGEST_SHOWN]


def printable(text: str) -> str:
    """Return what a server said as one line that does nothing on a terminal."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())
