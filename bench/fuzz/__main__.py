"""``python -m bench.fuzz SECONDS``: damage files for so long, in all processors, and say what came of it."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import tempfile
import time
from pathlib import Path

from bench.fuzz import seeds
from bench.fuzz.run import MEGABYTES, SECONDS, Fuzzer, Tally

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
    until = time.monotonic() + wanted.seconds
    work = [(wanted.seed * 1000 + i, until, wanted.also, wanted.only) for i in range(wanted.jobs)]
    total = Tally()
    with multiprocessing.get_context("spawn").Pool(wanted.jobs) as pool:
        for tally in pool.imap_unordered(_work, work):
            total.add(tally)
    report(total)
    return 1 if total.failed else 0


def _work(given: tuple[int, float, Path | None, str]) -> Tally:
    try:
        return _run(*given)
    except Exception as error:  # not every error survives the way to another process
        raise RuntimeError(f"{type(error).__name__}: {error}") from None


def _run(number: int, until: float, also: Path | None, only: str) -> Tally:
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=in_memory()) as name:
        folder = Path(name)
        every = [*seeds.own(folder), *(seeds.found(also) if also else ())]
        fuzzer = Fuzzer([seed for seed in every if only in seed.name], folder)
        fuzzer.prepare()
        return fuzzer.run(number, until)


def in_memory() -> Path | None:
    """Return a folder in memory, where the system has one: files are written thousands of times."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() else None


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
