"""A little of `make fuzz` in every run of the tests: all readers and donor builds on damaged files."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.fuzz import seeds
from bench.fuzz.mutate import damaged
from bench.fuzz.run import Fuzzer, in_memory

INPUTS = 600
"""About ten seconds; a number and no time, so that a busy machine tries the same inputs."""


@pytest.fixture(scope="module")
def fuzzer() -> Iterator[Fuzzer]:
    """Return a fuzzer with a sound file of each format, each of which was read once."""
    with tempfile.TemporaryDirectory(prefix="fuzz-", dir=in_memory()) as folder:
        made = Fuzzer(seeds.own(Path(folder)), Path(folder))
        made.prepare()
        yield made


def test_damaged_files_end_in_a_message_or_a_reading(fuzzer: Fuzzer) -> None:
    tally = fuzzer.run(1, until=float("inf"), most=INPUTS)
    assert not tally.failed, {place: name for place, (name, _) in tally.failures.items()}
    assert tally.inputs.total() == INPUTS
    assert tally.outcomes["taken"] and tally.outcomes["refused"]


def test_every_reader_and_every_donor_build_is_tried(fuzzer: Fuzzer) -> None:
    """A format that a dialect declares and nobody damages would not be noticed."""
    from generator import vendors

    declared = {form for name in vendors.names() for form in vendors.get(name).formats}
    assert declared - set(fuzzer.formats.values()) == set()
    assert {seed.donor for seed in fuzzer.seeds if seed.donor} == {"ge", "philips", "siemens"}


@pytest.mark.parametrize("suffix", [".tar", ".edx", ".exar1", ".ExamCard", ".dcm", ".txt"])
def test_damage_changes_a_file_and_is_the_same_each_time(fuzzer: Fuzzer, suffix: str) -> None:
    from random import Random

    seed = next(one for one in fuzzer.seeds if one.suffix == suffix)
    made = [damaged(seed.data, suffix, Random(number)) for number in range(20)]
    assert made == [damaged(seed.data, suffix, Random(number)) for number in range(20)]
    assert sum(one != seed.data for one in made) >= 15


def test_a_foreign_exception_is_a_failure(fuzzer: Fuzzer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fuzzer would see what the last border catches, and a file that takes too long."""
    from generator.vendors import opening

    def broken(path: Path) -> None:
        raise KeyError("x")

    monkeypatch.setattr(opening, "_admit", broken)
    assert fuzzer.run(2, until=float("inf"), most=3).failed.total() == 3
