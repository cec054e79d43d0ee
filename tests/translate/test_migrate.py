"""`examcard translate`: files, report, exit codes, and every real protocol to every other vendor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator import vendors
from generator.model.tree import Acquisition, Pause, Protocol, ReadResult, Target
from generator.sources import chosen_of, read_any
from generator.translate.migrate import Migration, Moved, translate
from generator.vendors.dialect import NO_REASON
from tests.cli.conftest import Run, run  # noqa: F401 - a fixture
from tests.compare import cards

AXES = {"AP": "AP", "PA": "AP", "LR": "LR", "RL": "LR", "FH": "FH", "HF": "FH"}


def result(*steps: Any, vendor: str = "siemens", field: float = 3.0) -> ReadResult:
    protocol = Protocol(name="Spine", path=("Site", "Neuro", "Spine"), steps=steps)
    return ReadResult(format="x", vendor=vendor, field_strength=field, protocols=(protocol,))


def test_a_value_is_the_same_or_has_a_reason() -> None:
    found = translate(result(*cards.BEFORE), Target(vendor="ge", field_strength=3.0))
    assert [step.index for step in found.steps] == [0, 1, 2, 3, 4]
    assert {"plane", "echo_times", "number_of_slices"} <= set(found.steps[1].same)
    assert all(row.why and row.why != NO_REASON for _, row in found.rows)
    assert not found.is_clean


def test_a_scan_that_the_target_refuses_becomes_a_pause_with_a_loss() -> None:
    bad = cards.edited(cards.T2, name="bad", number_of_slices=None, slice_thickness=None, field_of_view=None)
    found = translate(result(cards.T1, bad), Target(vendor="siemens", field_strength=3.0))
    assert found.export is not None
    for step in found.steps:
        assert step.after is not None or any(loss.step == step.index for loss in found.losses)


def test_a_target_without_a_format_is_refused_by_name_and_nothing_is_lost_in_silence() -> None:
    found = translate(result(cards.T1, cards.T2, field=7.0), Target(vendor="philips", field_strength=7.0))
    assert found.export is None and "7 T" in found.refused and not found.is_clean
    assert [loss.step for loss in found.losses] == [0, 1]


def test_files_and_report(tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch, snapshot: Any) -> None:  # noqa: F811
    cards.written("siemens", cards.BEFORE, tmp_path / "site").rename(tmp_path / "site.exar1")
    monkeypatch.chdir(tmp_path)
    wanted = ("translate", "site.exar1", "--vendor", "philips", "-o", "out")
    done = run(*wanted)
    assert (done.code, done.err) == (0, "")  # nothing but roundings
    assert done.out == snapshot
    assert run("translate", "site.exar1", "--vendor", "ge", "-o", "out").code == 1
    folder = tmp_path / "out/philips/3T/template/Examcard/examcard/Spine"
    assert {path.name for path in folder.iterdir()} == {
        "Spine.ExamCard", "manifest.json", "migration.json", "migration.html",
    }  # fmt: skip
    data = json.loads((folder / "migration.json").read_text("utf-8"))
    assert {"pairs", "only_in_a", "only_in_b", "losses", "format_version"} <= data.keys()
    assert {"name", "a", "b", "severity"} <= data["pairs"][1]["fields"][0].keys()
    assert json.loads((folder / "manifest.json").read_text("utf-8"))["kind"] == "template"
    assert run(*wanted).code == 0  # the same again, which needs no --force
    (folder / "Spine.ExamCard").write_text("of somebody else")
    again = run(*wanted)
    assert again.code == 2 and "--force" in again.err
    assert run(*wanted, "--force", "--json").code == 0
    assert run("read", folder / "Spine.ExamCard").code == 0


def test_a_protocol_without_changes_ends_with_0(tmp_path: Path, run: Run) -> None:  # noqa: F811
    plain = Acquisition(
        name="t2", technique="turbo_spin_echo", mr_acquisition_type="2D", plane="sagittal",
        repetition_time=4000.0, echo_times=(100.0,), echo_train_length=16, field_of_view=(240.0, 240.0),
        acquisition_matrix=(320, 320), slice_thickness=3.0, slice_gap=0.3, number_of_slices=16,
        pixel_bandwidth=200.0,
    )  # fmt: skip
    found = translate(result(plain, vendor="philips"), Target(vendor="canon", field_strength=3.0))
    assert [(row.field, row.outcome) for _, row in found.rows if row.outcome != "rounded"] == []
    assert found.is_clean


def test_a_spec_or_a_missing_field_strength_is_no_file_to_translate(tmp_path: Path, run: Run) -> None:  # noqa: F811
    done = run("translate", "ofsep-brain-follow-up", "--vendor", "ge")
    assert done.code == 2 and "examcard build" in done.err
    assert run("translate", "ofsep-brain-follow-up", "--vendor", "gee").code == 2
    empty = cards.written("siemens", (Pause(text="nothing to scan"),), tmp_path)
    assert "--field-strength" in run("translate", empty, "--vendor", "ge").err
    done = run("translate", empty, "--vendor", "ge", "--field-strength", "3T")
    assert done.code == 2 and "no scan" in done.err


def test_from_a_donor_of_the_target(tmp_path: Path) -> None:
    from generator.vendors.dialect import BuildOptions

    donor = cards.written("siemens", (cards.T1, cards.T2, cards.STIR), tmp_path)
    source = result(cards.edited(cards.T2, repetition_time=4200.0), cards.AXIAL, vendor="ge")
    options = BuildOptions(donors=(donor,), gaps="sheet")
    found = translate(source, Target(vendor="siemens", field_strength=3.0), options)
    assert found.export is not None and found.export.kind == "donor"
    after = found.steps[0].after
    assert isinstance(after, Acquisition) and (after.repetition_time, after.plane) == (4200.0, "sagittal")


# --- every real protocol ------------------------------------------------------------------------------

CORPUS = (
    *(
        "philips/R5.3",
        "philips/R5.7",
        "philips/R5.9",
        "philips/R11.1",
        "ge/DV25.1",
        "ge/MR30.0/SIGNA Premier",
    ),
    *("ge/MR30.0/SIGNA Artist", "siemens/VB17A", "siemens/VE11C", "siemens/VE11P", "siemens/XA11B"),
    *("siemens/XA20", "siemens/XA51", "siemens/XA60", "siemens/XA61"),
)
CARDS = (".exar1", ".edx", ".pro", ".ExamCard", ".tar")


@pytest.mark.parametrize("place", CORPUS)
def test_every_real_protocol_to_every_other_vendor(place: str, corpus: Path) -> None:
    folder = corpus / place
    files = [folder] if "MR30" in place else [path for path in folder.iterdir() if path.suffix in CARDS]
    for file in files:
        read = read_any(file)
        for index in range(len(read.protocols)):
            for vendor in vendors.names():
                if vendor != read.vendor:
                    target = Target(vendor=vendor, field_strength=read.field_strength or 3.0)
                    _check(translate(chosen_of(read, (index,)), target))


def _check(found: Migration) -> None:
    where = f"{found.protocol.name} for {found.way.target}"
    # No Philips scanner of 7 T is known; everything else is written.
    assert (found.export is None) == (
        found.way.target.field_strength == 7 and found.way.target.vendor == "philips"
    )
    assert not found.by_hand, f"{where}: {found.by_hand}"
    for step in found.steps:
        lost = any(loss.step == step.index for loss in found.losses)
        assert step.after is not None or lost, f"{where}: {step.index} is gone without a word"
        for row in step.rows:
            assert row.why and row.why != NO_REASON, f"{where}: {step.index} {row}"
        _survives(where, step)


def _survives(where: str, step: Moved) -> None:
    """Plane, axis of phase encoding, slices and station; and no console's time is another's."""
    before, after = step.before, step.after
    if not (isinstance(before, Acquisition) and isinstance(after, Acquisition)):
        return
    told = f"{where}: {before.name}"
    if before.plane not in (
        None,
        "oblique",
    ):  # an oblique scan of which the file says no more has no plane to keep
        assert after.plane == before.plane, told
    if before.plane and before.phase_encoding_direction:
        axis = AXES[before.phase_encoding_direction]
        assert after.phase_encoding_direction and AXES[after.phase_encoding_direction] == axis, told
    if before.number_of_slices:
        assert after.number_of_slices == before.number_of_slices, told
    assert after.station == before.station, told
    if after.acquisition_duration is not None and step.expected is not None:
        assert after.acquisition_duration == pytest.approx(step.expected, abs=1.0), told
