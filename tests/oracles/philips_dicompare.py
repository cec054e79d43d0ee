"""Scans of an ExamCard as dicompare reads them: raw parameters, enums as texts.

``--time N`` prints milliseconds per file instead, ``null`` for a file it cannot read.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from dicompare.io.examcard import _parse_examcard_all_scans


def load(path: str) -> dict[str, Any]:
    scans = _parse_examcard_all_scans(path)
    return {name: scan for name, scan in scans.items() if name != "General"}


def milliseconds_per_card(paths: list[str], rounds: int) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for path in paths:
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            load(path)
            times.append((time.perf_counter() - start) * 1000)
        found[path] = min(times)
    return found


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[0] == "--time":
        print(json.dumps(milliseconds_per_card(arguments[2:], int(arguments[1]))))
    else:
        print(json.dumps({path: load(path) for path in arguments}, default=str))
