"""Damaged files given to the doors of the program, and what came of each."""

from __future__ import annotations

import gc
import resource
import signal
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from bench.fuzz import seeds
from bench.fuzz.mutate import damaged
from bench.fuzz.seeds import Seed, card
from generator import donors, limits, pipeline, sources, vendors
from generator.errors import CannotBuild, ExamcardError, Unforeseen
from generator.model import plausible
from generator.vendors import opening
from generator.vendors.dialect import BuildOptions, Clones

SECONDS, MEGABYTES = 5.0, 300
"""What one input of a megabyte or less may take: time of the processor, and memory beside what there was."""


@dataclass
class Tally:
    """What a run found.

    Attributes
    ----------
    inputs : Counter
        By door and format of the file that was damaged.
    outcomes : Counter
        How many were read (or built), and how many refused with a message.
    failures : dict of str to bytes
        One input for each place that failed.
    slowest : float
        Seconds of the processor.
    """

    inputs: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    failures: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    slowest_name: str = ""

    def add(self, other: Tally) -> None:
        """Take over what another run found."""
        self.inputs += other.inputs
        self.outcomes += other.outcomes
        self.failed += other.failed
        self.failures = {**other.failures, **self.failures}
        if other.slowest > self.slowest:
            self.slowest, self.slowest_name = other.slowest, other.slowest_name


_BATCH = 200


class Impossible(Exception):
    """A value that no scan can have came through without being taken out."""


class OverBudget(Exception):
    """An input took more time or memory than one of its size may."""


@dataclass
class Fuzzer:
    """One process that damages and reads.

    Attributes
    ----------
    folder : Path
        For the file that is damaged; best in memory.
    weights : list of float
        Of each seed: what is read faster is damaged more often.
    """

    seeds: list[Seed]
    folder: Path
    cards: dict[str, Any] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=dict)
    weights: list[float] = field(default_factory=list)

    def prepare(self) -> None:
        """Read every sound file once: imports and caches are no input's fault."""
        warnings.simplefilter("ignore")
        for seed in self.seeds:
            path = self._write(seed, seed.data)
            self.formats[seed.name] = read(path)
            began = time.process_time()
            for _ in range(5):
                read(path, as_spec=False)
            self.weights.append(1 / (time.process_time() - began + 0.001))
            opening.inspect(path) if not seed.name.startswith("image") else None
            if seed.donor:
                self.cards.setdefault(seed.donor, card(self.folder, seed.donor))
                with suppress(CannotBuild):
                    self._build(seed, path)

    def _write(self, seed: Seed, data: bytes) -> Path:
        path = self.folder / seed.name
        path.write_bytes(data)
        return path

    def run(self, number: int, until: float, most: int | None = None) -> Tally:
        """Damage and read until a moment of the monotonic clock, or ``most`` times."""
        tally, index, memory = Tally(), 0, _memory()
        signal.signal(signal.SIGALRM, _too_long)
        while time.monotonic() < until and (most is None or index < most):
            rng = Random(f"{number}-{index}")
            (seed,) = rng.choices(self.seeds, self.weights)
            self._one(seed, damaged(seed.data, seed.suffix, rng), rng, tally)
            index += 1
            if not index % _BATCH:
                memory = self._memory(memory, seed, tally)
        return tally

    def _one(self, seed: Seed, data: bytes, rng: Random, tally: Tally) -> None:
        dice = rng.random()
        door = "read" if dice < 0.88 else "inspect" if dice < 0.97 or not seed.donor else "build"
        path = self._write(seed, data)
        tally.inputs[f"{door} {self.formats[seed.name]}"] += 1
        before = time.process_time()
        signal.setitimer(signal.ITIMER_REAL, 20 * SECONDS)  # of the clock: what only waits must end, too
        try:
            self._door(door, seed, path, dice < 0.05)
            outcome = "taken"
        except ExamcardError as error:
            outcome = "refused"
            if isinstance(error, Unforeseen):
                self._fail(error.__cause__ or error, seed, data, tally)
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            outcome = "failed"
            self._fail(error, seed, data, tally)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        tally.outcomes[outcome] += 1
        spent = time.process_time() - before
        if spent > tally.slowest:
            tally.slowest, tally.slowest_name = spent, seed.name
        if spent > SECONDS and len(data) <= limits.MIB:
            self._fail(OverBudget(f"{spent:.1f} s"), seed, data, tally)

    def _memory(self, before: float, seed: Seed, tally: Tally) -> float:
        """Hold the peak of a batch against the budget of one input; a peak never falls, so it counts once."""
        gc.collect()
        now = _memory()
        if now - before > MEGABYTES:
            self._fail(OverBudget(f"{now - before:.0f} MB in a batch that ends with this"), seed, b"", tally)
        return now

    def _door(self, door: str, seed: Seed, path: Path, as_spec: bool) -> None:
        if door == "read":
            read(path, as_spec)
        elif door == "build":
            self._build(seed, path)
        elif seed.name.startswith("image"):
            sources.read_any(path)
        else:
            opening.inspect(path)

    def _build(self, seed: Seed, path: Path) -> None:
        assert seed.donor
        dialect = vendors.get(seed.donor)
        gaps = dialect.gaps[-1] if isinstance(dialect, Clones) else "refuse"
        pipeline.build(self.cards[seed.donor], BuildOptions(donors=(path,), gaps=gaps))

    def _fail(self, error: BaseException, seed: Seed, data: bytes, tally: Tally) -> None:
        name = f"{type(error).__name__} {_place(error)}"
        tally.failed[name] += 1
        tally.failures.setdefault(name, (seed.name, data))


def read(path: Path, as_spec: bool = True) -> str:
    """Read a file and do with it what commands do; return its format.

    Raises
    ------
    Impossible
        For a value that no scan can have.
    """
    from generator.spec.dump import starter
    from generator.timing.compare import time_notes

    image = path.name.startswith("image")  # other DICOM is fuzzed for the block of its vendor
    found = sources.read_any(path) if image else opening.read(path)
    for wrong in _impossible(found):
        raise Impossible(f"{found.format} {wrong}")
    time_notes(found)
    found.model_dump_json()
    if as_spec and len(found.protocols) == 1:
        starter(found)
    return found.format


def _impossible(found: Any) -> Iterator[str]:
    for protocol in found.protocols:
        for step in protocol.steps:
            yield from plausible.refused({n: getattr(step, n) for n in type(step).model_fields})


def _memory() -> float:
    """Most memory the process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _place(error: BaseException) -> str:
    """The last place inside the program."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "/generator/" in f.filename]
    return f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else str(error)[:60]


def _too_long(*_: Any) -> None:
    raise OverBudget("does not end")


def work(given: tuple[int, float, Path | None, str]) -> Tally:
    """Fuzz in a process of its own: number, seconds, further files, part of their names."""
    try:
        return _work(*given)
    except Exception as error:  # not every error survives the way to another process
        raise RuntimeError(f"{type(error).__name__}: {error}") from None


def _work(number: int, seconds: float, also: Path | None, only: str) -> Tally:
    donors._remember = lambda *_: None  # a damaged donor is seen once, and this process does nothing else
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=in_memory()) as name:
        folder = Path(name)
        every = [*seeds.own(folder), *(seeds.found(also) if also else ())]
        fuzzer = Fuzzer([seed for seed in every if only in seed.name], folder)
        fuzzer.prepare()
        gc.freeze()  # to look through what stays costs a twentieth of the time
        return fuzzer.run(number, time.monotonic() + seconds)


def in_memory() -> Path | None:
    """Return a folder in memory, where the system has one: files are written thousands of times."""
    memory = Path("/dev/shm")
    return memory if memory.is_dir() else None
