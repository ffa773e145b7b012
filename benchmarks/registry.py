"""Write the calendars of a registry on many cores: `python registry.py PARTS OUT`.

PARTS is a folder of patients files; OUT gets a folder of calendars for each. Needs `dask`; on a
cluster, begin with `dask.distributed.Client("scheduler:8786")` and the same lines run there.
"""

import subprocess
import sys
from pathlib import Path

from dask import compute, delayed


def calendars(part: Path, out: Path) -> int:
    """Write one file's calendars; a part that was interrupted goes on where it stopped."""
    command: list[str | Path] = ["dosecal", "batch", part, "-o", out / part.stem, "--resume"]
    return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    parts, out = map(Path, sys.argv[1:])
    tasks = [delayed(calendars)(part, out) for part in sorted(parts.glob("*.csv"))]
    sys.exit(max(compute(*tasks, scheduler="processes")))
