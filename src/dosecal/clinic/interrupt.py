"""Ctrl-C as a question that is asked between two steps, and never an exception within one."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType
from typing import Self


class Interruptible:
    """Work that Ctrl-C ends where the work itself asks for it; a second Ctrl-C ends it at once."""

    def __init__(self) -> None:
        self._asked = False
        self._before = signal.getsignal(signal.SIGINT)
        self._listens = (
            callable(self._before) and threading.current_thread() is threading.main_thread()
        )

    def __enter__(self) -> Self:
        if self._listens:
            signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._listens:
            signal.signal(signal.SIGINT, self._before)
        if error is None:
            self.check()

    def check(self) -> None:
        """End the work here if that was asked for.

        Raises:
            KeyboardInterrupt: It was.
        """
        if self._asked:
            raise KeyboardInterrupt

    def _note(self, signum: int, frame: FrameType | None) -> None:
        self._asked = True
        signal.signal(signal.SIGINT, signal.SIG_DFL)


@contextmanager
def deaf() -> Iterator[None]:
    """Hold Ctrl-C back; a process started meanwhile does not hear it, not even as it starts."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
