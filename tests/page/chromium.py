"""A headless Chromium for tests, driven through a pipe with the DevTools protocol."""

import base64
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NoReturn

import pytest

COMMAND: Final = "sudo apt-get install -y --no-install-recommends chromium"
NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
PAPER: Final = {"A4": (8.27, 11.69), "Letter": (8.5, 11.0)}


def missing(why: str) -> NoReturn:
    """Skip a test, by what it needs; where nothing may be skipped (.ci/run), fail it."""
    if os.environ.get("DOSECAL_SKIP_NOTHING"):
        pytest.fail(why)
    pytest.skip(why)


def installed() -> str | None:
    """Return the path of a Chromium, if there is one."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Browser:
    """One tab. Every event since the last `open` is in `events`."""

    def __init__(self, to: int, back: int) -> None:
        self.to, self.back = to, back
        self.rest = b""
        self.number = 0
        self.session = ""
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the protocol and return its result."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while (answer := self._read()).get("id") != self.number:
            self.events.append(answer)
        if "error" in answer:
            raise AssertionError(f"{method}: {answer['error']}")
        result: dict[str, Any] = answer["result"]
        return result

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            part = os.read(self.back, 1 << 20)
            if not part:
                raise AssertionError("Chromium has ended")
            self.rest += part
        line, _, self.rest = self.rest.partition(b"\0")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def open(self, path: Path, width: int = 900) -> None:
        """Open a file in a window of that width."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=1200,
                  deviceScaleFactor=1, mobile=width < 600)  # fmt: skip
        self.events.clear()
        self.call("Page.navigate", url=path.resolve().as_uri())
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self.events.append(self._read())

    def run(self, script: str) -> Any:
        """Return the value of an expression in the page; a promise is awaited."""
        found = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def pdf(self, paper: str) -> bytes:
        """Print the page."""
        width, height = PAPER[paper]
        # margins of 0 leave them to the page's own style
        found = self.call("Page.printToPDF", paperWidth=width, paperHeight=height,
                          printBackground=False, preferCSSPageSize=False)  # fmt: skip
        return base64.b64decode(found["data"])

    def picture(self) -> bytes:
        """Return the whole page as PNG."""
        found = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        return base64.b64decode(found["data"])


@contextmanager
def browser(path: str, profile: Path) -> Iterator[Browser]:
    """Start Chromium, and end it."""
    inward, outward = os.pipe(), os.pipe()
    options = ["--headless", "--remote-debugging-pipe", f"--user-data-dir={profile}",
               "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
               "--hide-scrollbars", "--disable-background-networking"]  # fmt: skip
    if os.geteuid() == 0:
        options.append("--no-sandbox")  # Chromium refuses its sandbox to root
    script = f'exec "$@" 3<&{inward[0]} 4>&{outward[1]}'
    process = subprocess.Popen(
        ["bash", "-c", script, "bash", path, *options],
        pass_fds=(inward[0], outward[1]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(inward[0])
    os.close(outward[1])
    try:
        tab = Browser(inward[1], outward[0])
        yield tab
        tab.session = ""
        tab.call("Browser.close")
    finally:
        os.close(inward[1])
        os.close(outward[0])
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
