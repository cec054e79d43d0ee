"""Raw pairs of LxProtocol files as dicompare reads them.

``--time N FILES`` prints milliseconds per file instead, best of N rounds: of the text reader alone, and of
the public loader, which also translates the pairs into fields.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

from dicompare.io.lxprotocol import _parse_lxprotocol, load_lxprotocol_file


def milliseconds_per_file(read: Callable[[str], Any], paths: list[str], rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        for path in paths:
            read(path)
        best = min(best, time.perf_counter() - start)
    return best * 1000 / len(paths)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[0] == "--time":
        rounds, paths = int(arguments[1]), arguments[2:]
        readers = _parse_lxprotocol, load_lxprotocol_file
        print(json.dumps([milliseconds_per_file(read, paths, rounds) for read in readers]))
    else:
        print(json.dumps({path: _parse_lxprotocol(path) for path in arguments}))
