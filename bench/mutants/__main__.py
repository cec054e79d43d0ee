"""``python -m bench.mutants``: put faults in, print what no test notices; 1 if over one of ten is not."""

from __future__ import annotations

import argparse
import importlib
import multiprocessing
import os
import random
import re
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from bench.mutants import run
from bench.mutants.faults import Fault, faults
from bench.mutants.run import ROOT, Map, Verdict

ROOMS = ("vendors", "timing", "followup", "rules")
PAGE = ROOT / "docs" / "mutants.md"
_BETWEEN = re.compile(r"(?s)(<!-- survivors -->\n).*?(<!-- end -->)")
_OTHERS = (
    "hypothesis",
    "lxml.etree",
    "pydantic",
    "pydicom",
    "jinja2",
    "yaml",
    "pint",
    "typer.testing",
)
"""What most tests import from others."""


def main() -> int:
    """Sample, judge, print."""
    parser = argparse.ArgumentParser(prog="bench.mutants", description=__doc__)
    parser.add_argument("--count", type=int, default=200, help="how many faults to put in")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    parser.add_argument("--rooms", nargs="+", default=list(ROOMS))
    parser.add_argument("--tests", nargs="+", default=["tests"], help="which judge, for a quick look")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", default="", help="only faults of which the line holds this")
    parser.add_argument("--write", action="store_true", help="write the survivors to docs/mutants.md")
    given = parser.parse_args()
    every = faults(ROOT, tuple(given.rooms))
    sample = sorted(random.Random(given.seed).sample(every, min(given.count, len(every))))
    sample = [fault for fault in sample if given.only in str(fault)]
    with tempfile.TemporaryDirectory(prefix="mutants-", dir=_in_memory()) as folder:
        known = run.mapped(Path(folder), ROOMS, given.tests, given.jobs)
        verdicts = judged(sample, known, Path(folder), given.jobs)
    left = sorted(one.fault for one in verdicts if one.by is None)
    share = 1 - len(left) / len(verdicts)
    headline = f"Seed {given.seed}: {len(verdicts)} of {len(every)} faults, {share:.1%} caught"
    print("\n".join([headline, *map(str, left)]))
    if given.write:
        write(left, headline)
    return int(share < 0.9)


def _in_memory() -> Path | None:
    memory = Path("/dev/shm")
    return memory if memory.is_dir() else None


_trees: list[Path] = []


def judged(sample: list[Fault], known: Map, folder: Path, jobs: int) -> list[Verdict]:
    """Judge every fault, and say how it goes; a test that fails without a fault, too, has caught nothing.

    Not in a :class:`multiprocessing.Pool`: its processes are daemons and may have no children, so
    that every test of what works in several processes would fail.
    """
    work = [(fault, known.judges(fault)) for fault in sample]
    random.Random(0).shuffle(work)  # those of one place take equally long
    found = list[Verdict]()
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork"), _begin, (folder,)) as pool:
        quick = sorted(known.tests, key=lambda name: known.tests[name][0])[:50]
        if wrong := next(filter(None, pool.map(_fails, [quick] * jobs)), None):
            raise SystemExit(f"not valid: without a fault, too, {wrong} fails")
        for number, done in enumerate(as_completed([pool.submit(_judge, *one) for one in work]), 1):
            one = done.result()
            line = f"{number:4d} {one.seconds:5.1f} s {one.tests:4d} {one.by or 'SURVIVES'}: {one.fault}"
            print(line, flush=True)
            found.append(one)
        bad = pool.submit(_unsound, sorted({one.by for one in found if one.by and "::" in one.by})).result()
    for name in sorted(bad):
        print(f"fails without a fault, too: {name}")
    return [one._replace(by=None) if _function(one.by or "") in bad else one for one in found]


def _begin(folder: Path) -> None:
    """Make a copy for this process, and import what the tests import from others."""
    tree = run.copy(folder / f"{os.getpid()}")
    run.prepare(tree)
    for name in _OTHERS:
        importlib.import_module(name)
    _trees[:] = [tree]


def _judge(fault: Fault, rounds: list[list[str]]) -> Verdict:
    return run.judge(fault, rounds, _trees[0])


def _function(name: str) -> str:
    """Name of a test without its case, which a fault may have changed."""
    return name.partition("[")[0]


def _fails(names: list[str]) -> str | None:
    return run.noticed(names, _trees[0])


def _unsound(names: list[str]) -> set[str]:
    """Return the test functions that fail without a fault."""
    bad = set[str]()
    while names:
        code, said = run.child(names, _trees[0])
        if code == run.PASSED:
            break
        if code == run.BAD_NAME and "[" in "".join(names):
            names = sorted({_function(name) for name in names})
            continue
        if not said:
            raise RuntimeError(f"not valid: pytest ends with {code} without a fault")
        bad.add(_function(said))
        names = [name for name in names if _function(name) not in bad]
    return bad


def write(left: list[Fault], headline: str) -> None:
    """Write the survivors to the page; what is said there of one that survives again stays."""
    page = PAGE.read_text("utf-8")
    rows = re.findall(r"(?m)^\| `(.*?)` \| (.*?) \|$", page)
    said = {name.partition(" in ")[2]: why for name, why in rows}
    lines = [f"| `{one}` | {said.get(str(one).partition(' in ')[2], 'to be read')} |" for one in left]
    table = "\n".join([headline, "", "| fault | why no test notices it |", "|---|---|", *lines, ""])
    PAGE.write_text(_BETWEEN.sub(lambda found: found[1] + table + found[2], page), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
