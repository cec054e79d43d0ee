"""Protocols of .exar1 and .pro files as dicompare reads them; ``--time N``: milliseconds each instead."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from dicompare.io import load_exar_file, load_pro_file


def load(path: str) -> list[dict[str, Any]]:
    return load_exar_file(path) if path.endswith(".exar1") else [load_pro_file(path)]


def milliseconds_per_protocol(paths: list[str], rounds: int) -> dict[str, float]:
    best: dict[str, float] = {}
    for _ in range(rounds):
        for path in paths:
            start = time.process_time()
            count = len(load(path))
            taken = (time.process_time() - start) * 1000 / count
            best[path] = min(taken, best.get(path, taken))
    return best


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[0] == "--time":
        print(json.dumps(milliseconds_per_protocol(arguments[2:], int(arguments[1]))))
    else:
        print(json.dumps({path: load(path) for path in arguments}, default=str))
