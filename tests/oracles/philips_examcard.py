"""Scans of an ExamCard as gt-examcard-parser reads them: parameters as numbers, enums as their first index.

Its map from parameter to enum list is left out: it gives a list that was seen before the next number.

``--time N`` prints milliseconds per file instead, ``null`` for a file it cannot read.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import examcard


def load(path: str) -> dict[str, Any]:
    found = {}
    for name, scan in examcard.parse(path).items():
        if name == "General":
            continue
        found[name] = {"parameters": scan["protocolParameter"], "pause": scan["pause"]}
    return found


def milliseconds_per_card(paths: list[str], rounds: int) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for path in paths:
        times = []
        try:
            for _ in range(rounds):
                start = time.perf_counter()
                examcard.parse(path)
                times.append((time.perf_counter() - start) * 1000)
        except RuntimeError:
            times = []
        found[path] = min(times) if times else None
    return found


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[0] == "--time":
        print(json.dumps(milliseconds_per_card(arguments[2:], int(arguments[1]))))
    else:
        print(json.dumps({path: load(path) for path in arguments}, default=str))
