"""The program `dosecal`: Ctrl-C ends it with 130 at any instant, and never with a traceback."""

import gc
import os
import signal
import sys
from io import TextIOWrapper
from types import FrameType

from dosecal.errors import INTERRUPTED

_OBJECTS = 50_000
"""After so many more objects the collector looks for rings of garbage: not while modules load,
which are none, and which Python's own 700 would go through dozens of times."""


_NO_RESULT = 2


def _prepare_streams() -> None:
    """Make ready to print any text: UTF-8, unless a terminal has an encoding of its own.

    What goes to a file or a pipe is as the files are, whatever the environment's encoding. A
    character that cannot be written, as of a file name that is no UTF-8, is shown as an escape.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            encoding = None if stream.isatty() else "utf-8"
            stream.reconfigure(encoding=encoding, errors="backslashreplace")
    if sys.stdout is None:  # closed: the next file that is opened would get what is printed
        if sys.stderr is not None:
            sys.stderr.write("dosecal: cannot write the result: the standard output is closed\n")
        sys.exit(_NO_RESULT)


def main() -> None:
    """Run the command line."""
    asked = False

    def end(signum: int, frame: FrameType | None) -> None:
        os._exit(INTERRUPTED)

    def interrupt(signum: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked = True
        raise KeyboardInterrupt

    listens = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if listens:  # and where it is ignored, as under nohup, it stays so
        signal.signal(signal.SIGINT, end)  # there is nothing to clean up yet
    gc.set_threshold(_OBJECTS)
    _prepare_streams()
    from dosecal.cli import main as commands

    try:
        if listens:
            signal.signal(signal.SIGINT, interrupt)
        commands()
    except BaseException:
        if asked:
            sys.exit(INTERRUPTED)  # where click has 1, which is a bug's
        raise
    finally:
        gc.freeze()  # all of it ends here: nothing need be looked through as Python ends
        if listens:
            signal.signal(signal.SIGINT, end)


if __name__ == "__main__":
    main()
