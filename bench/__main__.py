"""Measure every figure the project cares about, beside its peer in one run; write docs/performance.md."""

from __future__ import annotations

import argparse
import io
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from bench import bulk, plot, publish, startup
from generator.model.kept import MOST

ROOT = Path(__file__).resolve().parent.parent
CORPUS = ROOT.parent / "shared" / "corpus"
READERS = ("ge", "siemens", "philips")


def readers(corpus: Path) -> None:
    rows = [
        row
        for vendor in READERS
        if find_spec(f"bench.{vendor}")
        for row in import_module(f"bench.{vendor}").rows(corpus)
    ]
    width = max((len(name) for name, _, _ in rows), default=0)
    print(f"\n{'reading, ms per scan':<{width}} {'ours':>7} {'peer':>9} {'peer/ours':>10}")
    for name, ours, peer in rows:
        print(f"{name:<{width}} {ours:>7.3f} {peer:>9.3f} {peer / ours:>10.1f}")


PAGE = ROOT / "docs" / "performance.md"
PLOT = PAGE.with_suffix(".svg")
TEXT = """\
# Performance

Made by `make bench`; do not edit. All figures are of one run on one machine, where the peers ran in turns
with the program: compare them with each other, not with those of another machine ({machine}).

Start-up: medians of whole processes, with bytecode as pip leaves it, and with packs compiled by an earlier
run (below `~/.cache/examcard`). The empty typer program prints its help; one that is run, with an option,
takes more than twice as long, because this typer then loads pydantic. A check that was made before is said
*again*, from `~/.cache/examcard/answers`, while nothing that it depends on has changed; the other lines are
checks that were never made before.

```text
{startup}
```

Reading: milliseconds per scan, best of several turns; *peer* is dicompare or gt-examcard-parser, same file.

```text
{reading}
```

Building: every protocol has an id and a title of its own, so that no two cards are the same; most of their
scans are, as in a network. *check* and *build* load, resolve and time each protocol; *build* writes it in
memory, reads it back, files the losses and holds the gate. Scans are kept by their whole value
(`generator/model/kept.py`), at most {most} of one kind, and verdicts by the facts that they rest on
(`generator/rules/recall.py`), so that memory stays flat. Every file that was written is opened and read by
the reader of its dialect; what that made of the bytes of one scan is kept by these bytes, and the losses and
the time of a scan by what was wanted and what was read.

![Seconds and memory over the number of protocols](performance.svg)

```text
{bulk}
```

Publishing: the whole site, from nothing and when nothing changed.

```text
{publish}
```
"""


@contextmanager
def kept(figures: dict[str, str], name: str) -> Iterator[None]:
    """Print as usual, and keep what was printed for the page."""
    text = io.StringIO()
    with redirect_stdout(text):
        yield
    figures[name] = text.getvalue().strip("\n")
    print(text.getvalue(), flush=True)


def machine() -> str:
    """Say what the figures were measured on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"Python {platform.python_version()}, {platform.system()}, {platform.machine()}, {cores} cores"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="folder of real vendor files")
    parser.add_argument(
        "--protocols", type=int, default=1000, help="protocols of the bulk build, cards of the site"
    )
    parser.add_argument("--write", action="store_true", help="write docs/performance.md and its plot")
    arguments = parser.parse_args()
    figures: dict[str, str] = {}
    with kept(figures, "startup"):
        startup.report()
    with kept(figures, "reading"):
        if arguments.corpus.is_dir():
            readers(arguments.corpus)
        else:
            print("skipped: there is no corpus of real vendor files")
    with kept(figures, "bulk"):
        curves = bulk.report(arguments.protocols)
    with kept(figures, "publish"):
        publish.report(arguments.protocols)
    if arguments.write:
        PLOT.write_text(plot.svg(curves), encoding="utf-8")
        PAGE.write_text(TEXT.format(machine=machine(), most=MOST, **figures), encoding="utf-8")


if __name__ == "__main__":
    main()
