"""The program `dosecal`: Ctrl-C ends it with 130 at any instant, and never with a traceback."""

import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130  # as shells have it


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
        if listens:
            signal.signal(signal.SIGINT, end)


if __name__ == "__main__":
    main()
