"""The addresses of servers."""

import pytest

from dosecal.errors import RequestError
from dosecal.sync.server_addresses import checked_url


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://calendar.example.com/", "use https"),
        ("http://localhost.example.com/", "use https"),
        ("http://128.0.0.1/", "use https"),
        ("https://anna:word@calendar.example.com/", "holds a user name or a password"),
        ("https://anna@calendar.example.com/", "holds a user name or a password"),
        ("calendar.example.com", "no address of a server"),
        ("ftp://calendar.example.com/", "no address of a server"),
        ("https:///x", "no address of a server"),
        ("https://[::1/", "no address"),
        ("https://x:99999/", "no address"),
        ("https://x/?token=word", "more than a server and a path"),
        ("https://x/#word", "more than a server and a path"),
        ("https://x/a b", "more than a server and a path"),
        ("https://x/\n", "more than a server and a path|no address"),
        ("", "no address of a server"),
    ],
)
def test_a_wrong_url_is_refused(url: str, message: str) -> None:
    with pytest.raises(RequestError, match=message) as caught:
        checked_url(url)
    assert "word@" not in str(caught.value)
    assert "token" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://x", "https://x/"),
        ("https://x:8443/dav", "https://x:8443/dav/"),
        ("http://localhost:5232", "http://localhost:5232/"),
        ("http://127.8.0.1/", "http://127.8.0.1/"),
        ("http://[::1]:5232/", "http://[::1]:5232/"),
        ("https://x/анна%20b/", "https://x/%D0%B0%D0%BD%D0%BD%D0%B0%20b/"),
    ],
)
def test_an_address_ends_in_a_slash(url: str, address: str) -> None:
    assert checked_url(url) == address
