"""``python -m bench.fuzz SECONDS``: damage files for so long, in all processors, and say what came of it."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
from pathlib import Path

from bench.fuzz import run
from bench.fuzz.run import MEGABYTES, SECONDS, Tally

KEPT = Path(__file__).resolve().parent.parent.parent / ".cache" / "fuzz"


def main() -> int:
    """Run, print, keep an input of each failure; 1 if there is one."""
    parser = argparse.ArgumentParser(prog="bench.fuzz", description=__doc__)
    parser.add_argument("seconds", type=float)
    parser.add_argument("--seed", type=int, default=0, help="another number damages otherwise")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--also", type=Path, help="a folder of further files to damage, such as real exports")
    parser.add_argument("--only", default="", help="only files whose name holds this")
    wanted = parser.parse_args()
    work = [(wanted.seed * 1000 + i, wanted.seconds, wanted.also, wanted.only) for i in range(wanted.jobs)]
    total = Tally()
    with multiprocessing.get_context("spawn").Pool(wanted.jobs) as pool:
        for tally in pool.imap_unordered(run.work, work):
            total.add(tally)
    report(total)
    return 1 if total.failed else 0


def report(total: Tally) -> None:
    """Print the count by reader, and every place that failed with the file that shows it."""
    for name, count in sorted(total.inputs.items()):
        print(f"{count:>9,}  {name}")
    print(f"{total.inputs.total():>9,}  inputs: {dict(sorted(total.outcomes.items()))}")
    print(f"slowest: {total.slowest:.2f} s of the processor ({total.slowest_name}); at most {SECONDS:g} s")
    print(f"and {MEGABYTES} MB are allowed to an input of a megabyte")
    KEPT.mkdir(parents=True, exist_ok=True)
    for number, (place, (name, data)) in enumerate(sorted(total.failures.items())):
        kept = KEPT / f"{number}-{name}"
        kept.write_bytes(data)
        print(f"FAILED {total.failed[place]} times: {place}: {kept}")


if __name__ == "__main__":
    sys.exit(main())
