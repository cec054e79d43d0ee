"""How long a network's whole site takes: cards, pages and sheets, from nothing and when nothing changed."""

from __future__ import annotations

import re
import resource
import tempfile
import time
from pathlib import Path

from bench import network
from generator.publish.publication import load
from generator.publish.site import Options, publish
from generator.resources import specs

VENDORS, FIELDS = 4, 2


def _network(folder: Path, cards: int) -> Path:
    """Write copies of the shipped protocols under names of their own, and a publication of them all."""
    network.write(folder, cards // (VENDORS * FIELDS))
    text = specs("publication", "ofsep.yaml").read_text(encoding="utf-8")
    publication = folder / "publication.yaml"
    publication.write_text(
        re.sub(r"^protocols:.*$", "protocols: [.]", text, flags=re.MULTILINE), encoding="utf-8"
    )
    return publication


def _timed(publication: Path, site: Path) -> tuple[int, float]:
    start = time.perf_counter()
    made = publish(load(publication), site, Options(workers=2))
    return made.cards, time.perf_counter() - start


def report(cards: int) -> None:
    """Print what ``cards`` cards take, and the most memory that a process had."""
    print("\npublish, on 2 cores")
    with tempfile.TemporaryDirectory() as name:
        publication, site = _network(Path(name), cards), Path(name, "site")
        for what in ("from nothing", "unchanged"):
            made, seconds = _timed(publication, site)
            print(f"{what}: {made} cards in {seconds:.1f} s")
    for whose, who in (("this process", resource.RUSAGE_SELF), ("a worker", resource.RUSAGE_CHILDREN)):
        print(f"most memory of {whose}: {resource.getrusage(who).ru_maxrss / 1024:.0f} MB")
