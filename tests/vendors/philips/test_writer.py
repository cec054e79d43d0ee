"""Cards from templates: nothing lost in silence, read alike by independent readers, the same on every run."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest

from generator.errors import CannotBuild
from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Target
from generator.vendors import account
from generator.vendors.philips import DIALECT, inspect
from generator.vendors.philips.container import envelope, graph, notes
from generator.vendors.philips.container.block import ENUM, Record
from generator.vendors.philips.container.graph import Array, Card, Inline, Node, Plain, Text
from tests.support.golden import Golden
from tests.support.oracles import Oracles
from tests.support.translate import assert_translates, write_export
from tests.vendors.philips import cards


@pytest.mark.parametrize("field_strength", [1.5, 3.0])
def test_the_kitchen_sink_translates(tmp_path: Path, field_strength: float) -> None:
    target = Target(vendor="philips", field_strength=field_strength)

    def saved(export: Any) -> Path:
        return write_export(export, tmp_path) / next(iter(export.files))

    from generator.vendors.dialect import BuildOptions

    assert_translates(cards.sink(target), target, BuildOptions(), saved)


def test_golden(golden: Golden) -> None:
    golden.check("philips/kitchen-sink", cards.unpacked(cards.build(cards.sink())))


@pytest.mark.parametrize("field_strength", [1.5, 3.0])
def test_golden_losses_and_bandwidths(golden: Golden, field_strength: float) -> None:
    """Every loss has its reason; what depends on the field strength is kept for both."""
    target = cards.TARGET.model_copy(update={"field_strength": field_strength})
    export = cards.build(cards.sink(target), target)
    assert not [loss for loss in export.losses if loss.reason == account.NO_REASON]
    losses = "".join(
        f"{x.step} {x.step_name}: {x.kind} {x.field}: {x.wanted} -> {x.got}: {x.reason}\n"
        for x in export.losses
    )
    files = {
        name: b"".join(line for line in text.splitlines(keepends=True) if b"water_fat_shift" in line)
        for name, text in cards.unpacked(export).items()
    }
    shifts = b"".join(b"%s: %s" % (name.encode(), text) for name, text in sorted(files.items()) if text)
    golden.check(
        f"philips/kitchen-sink-{field_strength:g}T", {"losses.txt": losses.encode(), "fat-shift.txt": shifts}
    )


def test_structure_is_that_of_the_release_and_canonical(tmp_path: Path) -> None:
    path = cards.write(tmp_path, cards.sink())
    card = graph.load(envelope.load(path, keep_tail=True))
    assert inspect.problems(card) == []
    assert graph.dump(card) == path.read_bytes()
    assert {warning.code for warning in DIALECT.inspect(path).warnings} == {"not-computed"}


def test_output_is_the_same_every_time() -> None:
    assert cards.build(cards.sink()).files == cards.build(cards.sink()).files


def test_steps_come_back(tmp_path: Path) -> None:
    result = DIALECT.read(cards.write(tmp_path))
    steps = result.protocols[0].steps
    assert [step.kind for step in steps] == ["acquisition", "contrast", "pause", "acquisition"]
    contrast, pause = steps[1:3]
    assert isinstance(contrast, Contrast) and isinstance(pause, Pause)
    assert (contrast.agent, contrast.dose, contrast.minimum_delay) == ("gadobutrol", 0.1, 300)
    assert pause.text == "Check the line"
    assert result.protocols[0].name == "Brain & <more>"
    assert result.field_strength == 3.0
    assert result.software == "5.7.1.1"


def test_a_dose_of_nothing_is_none_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody can type into a note."""
    monkeypatch.setattr(notes, "injection_lines", lambda *_: ["Inject gadobutrol 0 mmol/kg"])
    result = DIALECT.read(cards.write(tmp_path))
    (contrast,) = [step for step in result.protocols[0].steps if isinstance(step, Contrast)]
    assert (contrast.agent, contrast.dose) == ("gadobutrol", None)
    assert [(note.step, note.field) for note in result.notes if note.code == "implausible"] == [(1, "dose")]


def test_what_an_examcard_has_no_place_for_is_a_loss() -> None:
    protocol = Protocol(name="x", steps=(cards.T1, Pause(text="wait"), Contrast(agent="gadobutrol")))
    losses = {(loss.step, loss.wanted): loss.reason for loss in cards.build(protocol).losses}
    assert losses[1, "pause"] == losses[2, "contrast"] == "no scan follows that could carry it"


def test_no_word_of_a_field_gets_lost(tmp_path: Path) -> None:
    strange = cards.T1.model_copy(
        update={
            "reference_lines": 24,
            "echo_spacing": 7.4,
            "fat_suppression": "stir",
            "pixel_bandwidth": 240.04,
        }
    )
    export = cards.build(Protocol(name="x", steps=(strange,)))
    kinds = {loss.field: loss.kind for loss in export.losses}
    assert kinds["reference_lines"] == kinds["echo_spacing"] == "unsupported"
    assert kinds["fat_suppression"] == "approximated"
    assert kinds["pixel_bandwidth"] == "rounded"


def test_what_cannot_be_built_says_so() -> None:
    with pytest.raises(CannotBuild, match="7 T"):
        cards.build(target=Target(vendor="philips", field_strength=7))
    with pytest.raises(CannotBuild, match="no technique"):
        cards.build(Protocol(name="x", steps=(Acquisition(name="y"),)))


def spec_values(scan: Acquisition) -> dict[str, float]:
    """Say what independent readers must find, by vendor key; written down here without the dialect's help."""
    wanted: dict[str, float | None] = {
        "EX_ACQ_flip_angle": scan.flip_angle,
        "EX_ACQ_measurements": scan.number_of_averages,
        "EX_GEO_fov": scan.field_of_view[0] if scan.field_of_view else None,
        "EX_GEO_fov_p": scan.field_of_view[1] if scan.field_of_view else None,
        "EX_ACQ_scan_resol": scan.acquisition_matrix[0] if scan.acquisition_matrix else None,
        "EX_GEO_slice_thickness": scan.slice_thickness,
        "EX_ACQ_first_echo_time": scan.echo_times[0] if scan.echo_times else None,
        "EX_ACQ_echoes": len(scan.echo_times) if scan.echo_times else None,
    }
    return {key: value for key, value in wanted.items() if value is not None}


@pytest.mark.parametrize("oracle", ["philips_examcard", "philips_dicompare"])
def test_independent_readers_find_the_values_of_every_scan(
    tmp_path: Path, oracles: Oracles, oracle: str
) -> None:
    protocol = cards.sink()
    path = cards.write(tmp_path, protocol)
    scans = oracles.run(oracle, path)[str(path)]
    assert list(scans) == [scan.name for scan in protocol.acquisitions]
    ours = {row.name: cards.block_of(row) for row in graph.rows(graph.load(envelope.load(path)))}
    for scan in protocol.acquisitions:
        found, block = scans[scan.name]["parameters"], ours[scan.name]
        for key, value in spec_values(scan).items():
            assert found[key] == pytest.approx(value, rel=1e-6), (scan.name, key)
        assert list(found) == [record.name for record in block.records]
        for record in block.records:
            compare(found[record.name], list(record.numbers), record)
            if oracle == "philips_dicompare" and record.texts is not None:
                assert tuple(scans[scan.name]["enum_map"][record.name]) == record.choices


def compare(found: Any, stored: list[Any], record: Record) -> None:
    """Compare one parameter; both readers give an enum array as its first index."""
    values = found if isinstance(found, list) else [found]
    stored = stored[: len(values)] if record.kind == ENUM else stored
    assert values == pytest.approx(stored), record.name


def test_times_are_written_as_the_console_does() -> None:
    from generator.vendors.philips.fields.sampling import clock
    from generator.vendors.philips.writer import seconds

    assert seconds(10.26) == "10.260000228881836"
    assert seconds(0) == "0"
    assert float(seconds(123.4)) == struct.unpack("<f", struct.pack("<f", 123.4))[0]
    assert [clock(value) for value in (0, 33.8, 262, 1506.66)] == ["00:00.0", "00:33.8", "04:22.0", "25:06.7"]


def test_the_oldest_layout_is_read_and_cloned(tmp_path: Path) -> None:
    """R3.2 has a ScanStep between row and scans, and the name of a scan twice."""
    path = cards.write(tmp_path)
    card = graph.load(envelope.load(path))
    for row in graph.rows(card):
        scan_set = row.instrument.get("scanSet")
        assert isinstance(scan_set, Node)
        step = Node(row.instrument.namespace, "ScanStep", [("name", Text("")), ("currentScanSet", scan_set)])
        row.instrument.members = [("scanStep", step)]
        row.single.members.insert(0, ("name", Text("x")))
    path.write_bytes(graph.dump(card))
    assert [scan.name for scan in DIALECT.read(path).protocols[0].acquisitions] == ["T1", "FLAIR"]
    again = cards.write(tmp_path / "again", donor=path)
    rows = graph.rows(graph.load(envelope.load(again)))
    assert [graph.text_of(row.single.get("name")) for row in rows] == ["T1", "FLAIR"]
    steps = [row.instrument.get("scanStep") for row in rows]
    assert [graph.text_of(step.get("name")) for step in steps if isinstance(step, Node)] == ["", ""]
    assert [scan.name for scan in DIALECT.read(again).protocols[0].acquisitions] == ["T1", "FLAIR"]


def test_inline_values_keep_their_members() -> None:
    space = "http://schemas.microsoft.com/clr/nsassem/A.B/c"
    review = Inline(space, "ConfirmReviewType", [("confirm", Plain("true")), ("note", Text("a & b"))])
    root = Node(space + "2", "ExamCard", [("list", Array(space, "ConfirmReviewType", 1, [review]))])
    written = graph.dump(Card(root))
    again = graph.load(envelope.parse(Path("card"), written))
    assert graph.dump(again) == written
    assert b"<item xsi:type=" in written


def test_scans_with_sense_get_a_reference_scan_of_their_own() -> None:
    fast = cards.T1.model_copy(update={"parallel_reduction_factor_in_plane": 2.0})
    export = cards.build(Protocol(name="x", id="x", steps=(Pause(text="Look"), fast)))
    names = [getattr(step, "name", step.kind) for step in DIALECT.read_files(export.files).protocols[0].steps]
    assert names == ["SenseRefScan", "pause", "T1"]
    assert export.origins == (None, 0, 1)
    own = Acquisition(name="Reference", technique="calibration", mr_acquisition_type="3D")
    for steps in ((cards.T1,), (own, fast)):
        made = DIALECT.read_files(cards.build(Protocol(name="x", steps=steps)).files).protocols[0]
        assert len(made.acquisitions) == len(steps)


def test_records_have_the_order_of_the_release_and_come_with_their_switches() -> None:
    assert DIALECT.gate(cards.build(cards.sink()).files) == ()


@pytest.mark.parametrize("fat", ["none", "spir", "spair", "water_excitation", "fat_saturation"])
@pytest.mark.parametrize("technique", ["echo_planar_diffusion", "turbo_spin_echo", "gradient_echo"])
def test_every_suppression_of_every_family_passes_the_gate(technique: Any, fat: Any) -> None:
    scan = Acquisition(
        name="x", technique=technique, mr_acquisition_type="2D", plane="transverse", fat_suppression=fat,
        b_values=(0, 1000) if technique == "echo_planar_diffusion" else None, echo_times=(80,),
        repetition_time=4000, number_of_slices=20, slice_thickness=4, slice_gap=0.4, multiband_factor=2,
    )  # fmt: skip
    assert DIALECT.gate(cards.build(Protocol(name="x", steps=(scan,))).files) == ()


def test_a_form_is_filled_as_its_objects_would_be_written() -> None:
    odd = Acquisition(name="T1 & <\"'> é", technique="gradient_echo", mr_acquisition_type="2D")
    steps = (odd, Contrast(agent="Gd & <x>", dose=0.1), odd.model_copy(update={"name": "after"}))
    (content,) = cards.build(Protocol(name='a & "b"', steps=steps)).files.values()
    loaded = graph.load(envelope.parse(Path("x.ExamCard"), content))
    assert graph.dump(loaded) == content
    assert graph.text_of(loaded.root.get("name")) == 'a & "b"'
    assert [row.name for row in graph.rows(loaded)] == [odd.name, "after"]
