"""Starters: short, reviewable, accepted, and true for one vendor where a number is one vendor's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator import vendors
from generator.errors import UnusableInput, UsageError
from generator.model.tree import Acquisition, Contrast, Note, Pause, Protocol, ReadResult, Target
from generator.spec.dump import starter
from generator.spec.load import load_text
from generator.spec.side import vendor_parameters, with_parameters
from tests.support.kitchen import kitchen_sink

PHILIPS = Target(vendor="philips", field_strength=3.0, software="5.7")
FLAIR = Acquisition(
    name="FLAIR", technique="turbo_spin_echo", mr_acquisition_type="3D", plane="sagittal",
    repetition_time=4800, echo_times=(340,), inversion_time=1650, flip_angle=90, echo_train_length=180,
    field_of_view=(250, 250),
    number_of_averages=1, slice_thickness=1.1, instruction="call Dr. Who", acquisition_duration=300.5,
    vendor={"parameters": {"EX_ACQ_patient_weight": 80.0, "EX_ACQ_echoes": 1}},
)  # fmt: skip
T2 = FLAIR.model_copy(update={"name": "T2", "inversion_time": None, "acquisition_duration": 200})


def result(*steps: Acquisition | Pause | Contrast, notes: tuple[Note, ...] = ()) -> ReadResult:
    path = ("USER", "St. Elsewhere")
    protocol = Protocol(name="Brain", path=path, acquisition_duration=500.5, steps=steps)
    return ReadResult(
        format="philips-examcard", vendor="philips", software="5.7", field_strength=3.0,
        protocols=(protocol,), notes=notes,
    )  # fmt: skip


def test_a_starter_as_it_is_written() -> None:
    why = Note(code="not-stated", message="the scanner chooses", protocol=0, step=0, field="pixel_bandwidth")
    assert (
        starter(result(FLAIR, Pause(text="Check"), T2, notes=(why,)))
        == """\
# From a file of format philips-examcard 5.7: review every value before use.
# Total time that the console showed: 500.5 s
protocol: brain
title: Brain
field_strengths: [3 T]
source: read from philips-examcard 5.7
steps:
  - acquisition: &flair
      name: FLAIR
      # pixel_bandwidth: the scanner chooses
      # an operator note of 12 characters is left out
      technique: turbo_spin_echo
      mr_acquisition_type: 3D
      plane: sagittal
      repetition_time: 4800 ms
      echo_times: [340 ms]
      inversion_time: 1650 ms
      flip_angle: 90 deg
      echo_train_length: 180
      field_of_view: [250 mm, 250 mm]
      slice_thickness: 1.1 mm
      number_of_averages: 1
    variants:
      - when: {vendor: philips, field_strength: 3 T, software: "5.7"}
        set: {acquisition_duration: 300.5 s}
        source: as the console showed it
  - pause: Check
  - acquisition: *flair
    name: T2
    inversion_time: null
    variants:
      - when: {vendor: philips, field_strength: 3 T, software: "5.7"}
        set: {acquisition_duration: 200 s}
        source: as the console showed it
"""
    )


def test_it_is_the_same_scan_for_its_own_console_and_has_no_time_elsewhere() -> None:
    spec = load_text(starter(result(FLAIR, T2)))
    dropped = {"instruction": None, "vendor": {}}
    own = spec.resolve(PHILIPS).protocol.steps
    assert own == tuple(scan.model_copy(update=dropped) for scan in (FLAIR, T2))
    for target in (Target(vendor="ge", field_strength=3.0), PHILIPS.model_copy(update={"software": "11.1"})):
        assert [s.acquisition_duration for s in spec.resolve(target).protocol.acquisitions] == [None, None]


def test_nothing_in_it_names_a_site_or_a_person() -> None:
    text = starter(result(FLAIR, Pause(text="a\x00b")))
    assert not any(word in text for word in ("Elsewhere", "Who", "weight", "\x00"))
    side = json.loads(vendor_parameters(result(FLAIR)))
    assert side["scans"] == [{"name": "FLAIR", "parameters": {"parameters": {"EX_ACQ_echoes": 1}}}]
    assert (side["vendor"], side["software"]) == ("philips", "5.7")


def test_the_side_file_goes_to_scans_of_its_vendor(tmp_path: Path) -> None:
    side = tmp_path / "side.json"
    side.write_text(vendor_parameters(result(FLAIR)), encoding="utf-8")
    bare = FLAIR.model_copy(update={"vendor": {}})
    protocol = Protocol(name="x", steps=(Pause(text="p"), bare, bare))
    _, first, second = with_parameters(protocol, PHILIPS, side).steps
    assert isinstance(first, Acquisition) and first.vendor == {"parameters": {"EX_ACQ_echoes": 1}}
    assert second == bare
    with pytest.raises(UsageError, match="made for ge"):
        with_parameters(protocol, Target(vendor="ge", field_strength=3.0), side)
    with pytest.raises(UsageError, match="names no scan"):
        with_parameters(Protocol(name="y"), PHILIPS, side)
    for text in ("{", "[]", '{"vendor": "ge", "scans": [1]}', "[" * 100_000):
        side.write_text(text, encoding="utf-8")
        with pytest.raises(UnusableInput, match="no side file"):
            with_parameters(protocol, PHILIPS, side)


def test_the_kitchen_sink_as_a_starter() -> None:
    protocol = kitchen_sink(PHILIPS)
    spec = load_text(starter(result(*protocol.steps)))
    back = spec.resolve(PHILIPS).protocol
    dropped = {"instruction": None, "vendor": {}}
    for wanted, got in zip(protocol.steps, back.steps, strict=True):
        assert got == (wanted.model_copy(update=dropped) if isinstance(wanted, Acquisition) else wanted)


@pytest.mark.corpus
def test_every_protocol_of_the_corpus_gives_a_starter_that_is_accepted(corpus: Path) -> None:
    """Loaded for every vendor; the same steps in order, at most 4 kB a scan."""
    kinds = {".ExamCard", ".exar1", ".edx", ".pro"}
    files = [p for p in sorted(corpus.rglob("*")) if p.suffix in kinds or p.name.lower() in TARS]
    seen = 0
    for path in files:
        found = vendors.of_file(path)[0].read(path)
        for index, protocol in enumerate(found.protocols):
            one = found.model_copy(update={"protocols": (protocol,), "notes": _notes(found, index)})
            text = starter(one)
            assert len(text) <= 4000 * max(1, len(protocol.acquisitions)), (path.name, protocol.name)
            spec = load_text(text)
            for vendor in vendors.names():
                target = Target(vendor=vendor, field_strength=found.field_strength or 3.0)
                back = spec.resolve(target).protocol
                assert [step.kind for step in back.steps] == [step.kind for step in protocol.steps]
                assert all(scan.acquisition_duration is None for scan in back.acquisitions)
            seen += 1
    assert seen >= 36


TARS = ("protocol.tar", "protocol0.tar")


def _notes(found: ReadResult, index: int) -> tuple[Note, ...]:
    kept = [note for note in found.notes if note.protocol in (None, index)]
    return tuple(n.model_copy(update={"protocol": None if n.protocol is None else 0}) for n in kept)
