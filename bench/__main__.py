"""Print every figure the project cares about, each beside its peer, measured in the same run."""

from __future__ import annotations

import argparse
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from bench import bulk, publish, startup

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, default=CORPUS, help="folder of real vendor files")
    parser.add_argument(
        "--protocols", type=int, default=1000, help="protocols of the bulk build, cards of the site"
    )
    arguments = parser.parse_args()
    startup.report()
    if arguments.corpus.is_dir():
        readers(arguments.corpus)
    else:
        print("\nreading: skipped, there is no corpus of real vendor files at", arguments.corpus)
    bulk.report(arguments.protocols)
    publish.report(arguments.protocols)


if __name__ == "__main__":
    main()
