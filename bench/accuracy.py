"""Acquisition times against consoles, each export left out in turn: `make accuracy`.

The truth are the scans of :mod:`bench.known`. A scan is timed with constants that were found without its
export, and judged by an interval that was measured without it (:mod:`bench.leave_out`,
:mod:`bench.intervals`). Writes ``docs/accuracy.md``, and ``intervals.json`` beside the profile of every
vendor.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from bench import intervals
from bench.accuracy_page import page
from bench.known import CORPUS, ROOT, truth
from bench.leave_out import leave_out_each

PAGE = ROOT / "docs" / "accuracy.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the page; with ``--write`` store it and the intervals."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", nargs="?", type=Path, default=CORPUS, help="folder of protocol files")
    parser.add_argument("--write", action="store_true", help="write docs/accuracy.md and the intervals")
    options = parser.parse_args(arguments)
    if not options.corpus.is_dir():
        print(
            f"{options.corpus}: no such folder. The accuracy is measured on the protocol files of ../shared "
            "beside the clone, which are not part of it; without them docs/accuracy.md stays as it is and "
            "tests/timing/test_vectors.py checks every family by hand-computed times.",
            file=sys.stderr,
        )
        return 2
    scores = leave_out_each(truth(options.corpus))
    text = page(scores)
    if options.write:
        intervals.write(scores)
        PAGE.write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
