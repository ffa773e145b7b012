"""The program `dosecal`: Ctrl-C ends it with 130 at any instant, and never with a traceback."""

import gc
import os
import signal
import sys
from types import FrameType

from dosecal.errors import INTERRUPTED

_OBJECTS = 50_000
"""After so many more objects the collector looks for rings of garbage: not while modules load,
which are none, and which Python's own 700 would go through dozens of times."""


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
