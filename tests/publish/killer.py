"""Publishes again and again, each time killed somewhere else, and prints what was found each time.

Run as a program of its own, with the publication, its site and a seed; it forks, which a test runner with
threads must not.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

from generator.publish.publication import load
from generator.publish.site import Options, publish
from generator.publish.verify import verify

AT_EVENTS, AT_TIMES = 11, 4


def build(publication: Path, site: Path, workers: int) -> None:
    publish(load(publication), site, Options(workers=workers))


def child(publication: Path, site: Path, workers: int, last: int | None) -> int:
    """Start a build in a process of its own; it kills itself at its ``last`` touch of the file system."""
    pid = os.fork()
    if pid:
        return pid
    left = [last]

    def count(event: str, _: object) -> None:
        if left[0] is not None and event in {
            "open",
            "os.rename",
            "os.remove",
            "os.mkdir",
            "os.link",
            "os.rmdir",
        }:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    build(publication, site, workers)
    os._exit(0)


def events(publication: Path, site: Path) -> int:
    """How often a build touches the file system."""
    seen = [0]

    def count(event: str, _: object) -> None:
        seen[0] += event in {"open", "os.rename", "os.remove", "os.mkdir", "os.link", "os.rmdir"}

    sys.addaudithook(count)
    build(publication, site, 0)
    return seen[0]


def look(site: Path) -> dict[str, object]:
    index = json.loads((site / "index.json").read_bytes())
    return {"faults": list(verify(site, None).faults), "current": index["protocols"][0]["current"]}


def main() -> None:
    publication, old, chance = Path(sys.argv[1]), Path(sys.argv[2]), random.Random(int(sys.argv[3]))
    work = old.parent / "killed"
    site = work / "site"

    def fresh() -> None:
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(old, site)

    fresh()
    build(publication, site, 0)  # so that what is read once is read, here and in the children
    fresh()
    start = time.perf_counter()
    touches, found = events(publication, site), []
    length = time.perf_counter() - start
    points = [chance.randint(1, touches) for _ in range(AT_EVENTS - 4)] + list(
        range(touches - 3, touches + 1)
    )
    for point in points:
        fresh()
        _, status = os.waitpid(child(publication, site, 0, point), 0)
        found.append({**look(site), "at": point, "killed": os.WIFSIGNALED(status)})
    for _ in range(AT_TIMES):
        fresh()
        pid = child(publication, site, 2, None)
        time.sleep(chance.uniform(0, length * 1.5))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        found.append({**look(site), "killed": True})
    time.sleep(0.5)
    build(publication, site, 0)
    left = sorted(path.name for path in work.iterdir())
    print(json.dumps({"found": found, "after": look(site), "left": left}))


if __name__ == "__main__":
    main()
