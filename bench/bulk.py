"""How long a network's set takes, and how it grows: load, resolve, time, and check or build in memory."""

from __future__ import annotations

import gc
import os
import resource
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench import network
from generator import pipeline, vendors
from generator.spec.load import load
from generator.vendors.dialect import BuildOptions

KINDS = ("check", "build")
SHARES = (0.125, 0.25, 0.5, 1.0)


@dataclass(frozen=True)
class Point:
    """One measurement: protocols, cards, seconds on the clock, and the most memory of one process in MB."""

    protocols: int
    cards: int
    seconds: float
    memory: float


def _work(job: tuple[Sequence[Path], bool]) -> tuple[int, float]:
    """Make every card of some protocols at one field; return how many, and the most memory in MB."""
    paths, with_build = job
    gc.set_threshold(100_000, 50, 50)  # as the command line does
    made = 0
    for number, path in enumerate(paths):
        spec = load(path)
        field = spec.field_strengths[number % len(spec.field_strengths)]
        for target in pipeline.targets(spec, vendors.names(), [field]):
            card = pipeline.prepare(spec, target)
            if with_build:
                pipeline.build(card, BuildOptions())
            else:
                pipeline.check(card)
            made += 1
    return made, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _workers() -> int:
    return min(2, os.cpu_count() or 1)


def measure(protocols: int, with_build: bool) -> Point:
    """Time a network in fresh processes, which share what this one has imported."""
    workers = _workers()
    with tempfile.TemporaryDirectory() as folder, ProcessPoolExecutor(workers) as pool:
        paths = network.write(Path(folder), protocols)
        shares = [(paths[i::workers], with_build) for i in range(workers)]
        start = time.perf_counter()
        done = list(pool.map(_work, shares))
        seconds = time.perf_counter() - start
    return Point(protocols, sum(made for made, _ in done), seconds, max(memory for _, memory in done))


def report(protocols: int) -> dict[str, list[Point]]:
    """Print what a network takes as it grows; return the points for the plot."""
    sizes = [round(protocols * share) for share in SHARES]
    print(f"\nbulk, protocols x {len(vendors.names())} vendors on {_workers()} cores")
    print("            protocols   cards  seconds  ms of one core a card  MB a process")
    curves = {kind: [measure(size, kind == "build") for size in sizes] for kind in KINDS}
    for kind, points in curves.items():
        for one in points:
            each = one.seconds / one.cards * 1000 * _workers()
            row = f"{one.protocols:>9} {one.cards:>7} {one.seconds:>8.1f} {each:>22.2f} {one.memory:>13.0f}"
            print(f"{kind:<12}{row}")
    return curves
