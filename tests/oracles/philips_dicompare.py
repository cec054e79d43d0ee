"""Scans of an ExamCard as dicompare reads them: raw parameters, enums as texts.

``--time N`` prints milliseconds per file instead, of the loader that users of dicompare call;
``--time-raw N`` those of the dump of raw parameters.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from dicompare.io.examcard import _parse_examcard_all_scans, load_examcard_file_schema_format

TIMED: dict[str, Callable[[str], Any]] = {
    "--time": load_examcard_file_schema_format,
    "--time-raw": _parse_examcard_all_scans,
}


def load(path: str) -> dict[str, Any]:
    scans = _parse_examcard_all_scans(path)
    return {name: scan for name, scan in scans.items() if name != "General"}


def milliseconds_per_card(
    read: Callable[[str], Any], paths: list[str], rounds: int
) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for path in paths:
        times = []
        for _ in range(rounds):
            start = time.perf_counter()
            read(path)
            times.append((time.perf_counter() - start) * 1000)
        found[path] = min(times)
    return found


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[0] in TIMED:
        print(json.dumps(milliseconds_per_card(TIMED[arguments[0]], arguments[2:], int(arguments[1]))))
    else:
        print(json.dumps({path: load(path) for path in arguments}, default=str))
