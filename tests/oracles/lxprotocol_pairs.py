"""Raw pairs of LxProtocol files as dicompare reads them; ``--time N``: milliseconds per file instead."""

from __future__ import annotations

import json
import sys
import time

from dicompare.io.lxprotocol import _parse_lxprotocol


def milliseconds_per_file(paths: list[str], rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        for path in paths:
            _parse_lxprotocol(path)
        best = min(best, time.perf_counter() - start)
    return best * 1000 / len(paths)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    if arguments[0] == "--time":
        print(json.dumps(milliseconds_per_file(arguments[2:], int(arguments[1]))))
    else:
        print(json.dumps({path: _parse_lxprotocol(path) for path in arguments}))
