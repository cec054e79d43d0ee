"""How long a network's whole set takes: load, resolve, time, check and build in memory."""

from __future__ import annotations

import gc
import os
import time
from concurrent.futures import ProcessPoolExecutor

from generator import pipeline, vendors
from generator.resources import specs
from generator.spec.load import find, load
from generator.vendors.dialect import BuildOptions


def _work(job: tuple[int, bool]) -> int:
    count, with_build = job
    gc.set_threshold(100_000, 50, 50)  # as the command line does
    paths = find(str(specs("protocols", "ofsep")))
    made = 0
    for number in range(count):
        spec = load(paths[number % len(paths)])
        field = spec.field_strengths[number % len(spec.field_strengths)]
        for target in pipeline.targets(spec, vendors.names(), [field]):
            card = pipeline.prepare(spec, target)
            if with_build:
                pipeline.build(card, BuildOptions())
            else:
                pipeline.check(card)
            made += 1
    return made


def _timed(protocols: int, with_build: bool, workers: int) -> tuple[int, float]:
    start = time.perf_counter()
    with ProcessPoolExecutor(workers) as pool:
        made = sum(pool.map(_work, [(protocols // workers, with_build)] * workers))
    return made, time.perf_counter() - start


def report(protocols: int) -> None:
    workers = min(2, os.cpu_count() or 1)
    print(f"\nbulk, {protocols} protocols x {len(vendors.names())} vendors on {workers} cores")
    for name, with_build in (("check", False), ("build", True)):
        made, seconds = _timed(protocols, with_build, workers)
        each = seconds / made * 1000 * workers
        print(f"{name}: {made} cards in {seconds:.1f} s, {each:.2f} ms of one core each")
