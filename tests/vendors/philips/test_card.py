"""Whole cards: what each object of one means, what is written for it, and the bytes that carry it."""

from __future__ import annotations

import base64
import struct
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generator.errors import CannotBuild, UnusableInput
from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Reformat, Target
from generator.vendors.account import Reasons
from generator.vendors.dialect import BuildOptions
from generator.vendors.philips import DIALECT, inspect, writer
from generator.vendors.philips.container import block, envelope, graph, notes
from generator.vendors.philips.container.block import BadBlock, Parameters, from_base64
from generator.vendors.philips.container.graph import Array, Bytes, Card, Node, Null, Plain, Text, Typed
from generator.vendors.philips.fields.scan import Settings, apply, in_order
from generator.vendors.philips.reader import steps
from tests.vendors.philips import cards


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cards.write(tmp_path_factory.mktemp("card"))


def changed(path: Path, folder: Path, *pairs: tuple[str, str]) -> Any:
    """Read a card after parts of its text were replaced, each wherever it stands."""
    text = path.read_bytes().decode()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    other = folder / "other.ExamCard"
    other.write_bytes(text.encode())
    return DIALECT.read(other)


# --- reading --------------------------------------------------------------------------------------------


def test_lines_end_as_a_console_ends_them(written: Path) -> None:
    raw = written.read_bytes()
    assert raw.endswith(b"</SOAP-ENV:Envelope>\r\n") and raw.count(b"\n") == raw.count(b"\r\n") > 400


def test_what_the_objects_of_a_card_mean(written: Path, tmp_path: Path) -> None:
    found = DIALECT.read(written)
    (card,) = found.protocols
    assert (found.format, found.vendor, found.software, found.field_strength) == (
        "philips-examcard", "philips", "5.7.1.1", 3.0,
    )  # fmt: skip
    assert card.name == "Brain & <more>"
    t1, contrast, pause, flair = card.steps
    assert (pause.text, contrast.agent, contrast.dose, contrast.minimum_delay) == (  # type: ignore[union-attr]
        "Check the line", "gadobutrol", 0.1, 300,
    )  # fmt: skip
    assert (t1.name, t1.acquisition_duration, flair.instruction) == ("T1", 255.3, "Flush")  # type: ignore[union-attr]
    assert isinstance(t1, Acquisition) and isinstance(flair, Acquisition)
    assert (t1.body_part, t1.laterality, t1.vendor["row"], flair.vendor["row"]) == ("brain", None, 0, 1)
    assert t1.vendor["note"] == "of this program"
    assert t1.vendor["ScanProcedure"]["name"] == "T1" and t1.vendor["ScanProperties"]["pause"] == "false"
    assert (
        t1.vendor["SingleScan"]["isPreScan"] == "false"
        and flair.vendor["ExecutionStep"]["contrast"] == "true"
    )
    assert t1.vendor["parameters"]["EX_ACQ_flip_angle"] == 8.0
    codes = {(note.code, note.step, note.field) for note in found.notes}
    assert ("pause-assumed", None, None) in codes and ("not-computed", 3, "acquisition_duration") in codes
    assert not {"tail", "field-strength", "contrast-off", "processing-steps"} & {code for code, _, _ in codes}
    assert all(note.protocol == 0 for note in found.notes)
    assert card.acquisition_duration is None

    for system, tesla in (("T15", 1.5), ("WA15", 1.5), ("WA30", 3.0)):
        other = changed(written, tmp_path, ("AWASW_MST_T30", f"AWASW_MST_{system}"))
        assert other.field_strength == tesla
    other = changed(written, tmp_path, ("AWASW_MST_T30", "AWASW_MST_T70"))
    assert other.field_strength is None
    assert ("field-strength", None, "field_strength") in {(n.code, n.step, n.field) for n in other.notes}


def test_regions_and_sides_of_a_scan(written: Path, tmp_path: Path) -> None:
    for region, part in (
        ("SRT.T-D0146.Spine", "spine"),
        ("A.B.C.Optic canal", "optic canal"),
        ("SRT.Brain", None),
    ):
        other = changed(written, tmp_path, ("SRT.T-A0100.Brain", region)).protocols[0].acquisitions
        assert [scan.body_part for scan in other] == [part, part]
    card = graph.load(envelope.load(written, keep_tail=True))
    first, second = graph.rows(card)
    first.procedure.set("anatomicRegion", Text("SRT.T-1.Knee"))
    first.procedure.set("laterality", Text("Left"))
    second.procedure.set("laterality", Text("right"))
    path = tmp_path / "x.ExamCard"
    path.write_bytes(graph.dump(card))
    scans = DIALECT.read(path).protocols[0].acquisitions
    assert [(scan.body_part, scan.laterality) for scan in scans] == [("knee", "L"), ("brain", "R")]


def edited(path: Path, folder: Path, change: Any) -> Any:
    card = graph.load(envelope.load(path, keep_tail=True))
    change(graph.rows(card), card)
    other = folder / "edited.ExamCard"
    other.write_bytes(graph.dump(card))
    return DIALECT.read(other)


def test_stops_and_injections(written: Path, tmp_path: Path) -> None:
    def plain_note(rows: list[graph.Row], _: Card) -> None:
        writer.set_note(rows[1], notes.write("Mind the\nleft ear"))

    found = edited(written, tmp_path, plain_note).protocols[0].steps
    assert [step.kind for step in found] == ["acquisition", "contrast", "acquisition"]
    assert (found[1].agent, found[1].dose) == ("SRT.C-17800.Gadolinium", None)
    assert found[2].instruction == "Mind the\nleft ear"

    def no_injection(rows: list[graph.Row], card: Card) -> None:
        plain_note(rows, card)
        rows[1].execution.set("contrast", Plain("false"))

    result = edited(written, tmp_path, no_injection)
    steps_ = result.protocols[0].steps
    assert [step.kind for step in steps_] == ["acquisition", "pause", "acquisition"]
    assert steps_[1].text == "Mind the\nleft ear"
    (off,) = [note for note in result.notes if note.code == "contrast-off"]
    assert "SRT.C-17800.Gadolinium" in off.message and off.step == 1

    def no_note(rows: list[graph.Row], card: Card) -> None:
        no_injection(rows, card)
        writer.set_note(rows[1], notes.write(""))
        rows[1].execution.set("contrastInjectionProtocol", Null())
        rows[1].single.set("contrastPresetName", Text("Gadovist"))

    result = edited(written, tmp_path, no_note)
    assert result.protocols[0].steps[1].text == "Stop before this scan."
    assert any(note.code == "contrast-off" and "Gadovist" in note.message for note in result.notes)


@pytest.mark.parametrize(
    ("shown", "listed", "seconds"),
    [("", "10.260000228881836", 10.26), ("", "999999", 999999), ("", "1000000", None), ("", "-1", None),
     ("", "0", None), ("", "text", None), ("00:01.5", "9", 1.5), (" 00:01.5 ", "9", 1.5), ("1.5", "9", 9)],
)  # fmt: skip
def test_the_time_of_a_scan(
    written: Path, tmp_path: Path, shown: str, listed: str, seconds: float | None
) -> None:
    def both(rows: list[graph.Row], _: Card) -> None:
        for row in rows:
            made = cards.block_of(row)
            settings = Settings(Parameters(made.encode()), 3.0, is_template=True)
            settings.wanted["IF_str_total_scan_time"] = shown
            assert apply(made, settings, "5.7") == []
            row.procedure.set("parameterData", Bytes(cards.packed(made)))
            row.execution.set("stepDuration", Plain(listed))

    found = edited(written, tmp_path, both)
    (card,) = found.protocols
    assert [scan.acquisition_duration for scan in card.acquisitions] == [seconds, seconds]
    assert card.acquisition_duration == (None if seconds is None else 2 * seconds)
    assert ("not-computed" in {note.code for note in found.notes}) is (seconds is None)


def test_steps_that_are_not_read_and_tails_are_said(written: Path, tmp_path: Path) -> None:
    path = tmp_path / "x.ExamCard"
    for tail, said in ((b"", False), (b"\0", True), (b"\0" * 9, True)):
        path.write_bytes(written.read_bytes() + tail)
        notes_ = {note.code: note.message for note in DIALECT.read(path).notes}
        assert ("tail" in notes_) is said, tail

    def processing(rows: list[graph.Row], card: Card) -> None:
        manager = graph.require(graph.require(card.root, "data", Node), "processingStepManagerData", Node)
        made = [Node(rows[0].single.namespace, "ProcessingStepData", []) for _ in range(2)]
        name, _ = manager.members[0]
        manager.set(name, Array("", "xsd:anyType", 2, list(made)))

    (said_of,) = [n for n in edited(written, tmp_path, processing).notes if n.code == "processing-steps"]
    assert said_of.message.startswith("2 ") and said_of.step is None
    again = cards.build(Protocol(name="x", steps=(cards.T1,)), donor=tmp_path / "edited.ExamCard")
    (gone,) = [note.message for note in again.notes if note.code == "donor-processing"]
    assert gone.startswith("2 post-processing steps")


def test_lists_that_hold_fewer_than_they_say(written: Path, tmp_path: Path) -> None:
    for old, new in (
        ("<_size>2</_size>", "<_size>3</_size>"), ("<_size>2</_size>", "<_size></_size>"),
        ("<_size>2</_size>", "<_size>0000000002</_size>"), ("<singleScan ", "<noScan "), ("<scanSet ",
        "<noSet "),
        ("<instrumentList ", "<noList "), ("<parameterData ", "<noData "), ("<scanProcedure ", "<noScan "),
    ):  # fmt: skip
        with pytest.raises(UnusableInput) as caught:
            changed(written, tmp_path, (old, new))
        assert caught.value.where and caught.value.where.startswith("line ")
    assert len(changed(written, tmp_path, ("<_size>2</_size>", "<_size>1</_size>")).protocols[0].steps) == 1
    assert (
        len(changed(written, tmp_path, ("<_size>2</_size>", "<_size>000000002</_size>")).protocols[0].steps)
        == 4
    )
    assert [step.row for step in steps(envelope.load(written))] == [0, 1]


# --- inspecting -----------------------------------------------------------------------------------------


def test_what_a_card_is(written: Path, tmp_path: Path) -> None:
    said = DIALECT.inspect(written)
    size = len(envelope.load(written).objects)
    assert said.format == "philips-examcard"
    assert said.facts == (
        ("card", "Brain & <more>"), ("release", "5.7.1.1"), ("methods", "38.4"), ("mainSystemType",
        "AWASW_MST_T30"),
        ("patientOrientation", "PatientPos_HFS"), ("anatomicRegion", "SRT.T-A0100.Brain"), ("laterality",
        "unpaired"),
        ("scans", "2"), ("objects", str(size)), ("bytes after the envelope", "2"),
    )  # fmt: skip
    assert said.series == (("T1", 255.3), ("FLAIR", None))
    assert [warning.code for warning in said.warnings] == ["not-computed"] and said.failed == ()
    assert said.warnings[0].message.startswith("1 ")
    path = tmp_path / "x.ExamCard"
    path.write_bytes(written.read_bytes() + b"\0\r\n\0more")
    assert "tail" in {warning.code for warning in DIALECT.inspect(path).warnings}
    path.write_bytes(written.read_bytes() + b"\0\r\n\0")
    assert "tail" not in {warning.code for warning in DIALECT.inspect(path).warnings}
    path.write_bytes(written.read_bytes().replace(b"<_size>2<", b"<_size>0<"))
    found = DIALECT.inspect(path)
    assert {warning.code for warning in found.warnings} == {"empty", "structure"}
    assert [note.message for note in found.failed] == ["an ArrayList says '0' entries and holds 2"]


def test_problems_of_structure(written: Path) -> None:
    def problems(change: Any) -> list[str]:
        card = graph.load(envelope.load(written))
        change(card, graph.rows(card)[0])
        return inspect.problems(card)

    def rename(card: Card, row: graph.Row) -> None:
        row.execution.members = [(name, value) for name, value in row.execution.members if name != "contrast"]

    def index(card: Card, row: graph.Row) -> None:
        made = cards.block_of(row)
        record = made.get("EX_ACQ_scan_mode")
        assert record is not None
        record.raw = struct.pack("<i", 99)
        row.procedure.set("parameterData", Bytes(cards.packed(made)))

    def no_block(card: Card, row: graph.Row) -> None:
        row.procedure.set("parameterData", Null())

    assert problems(no_block) == ["scan 'T1' has no parameter block"]
    (one,) = problems(rename)
    assert (
        one.startswith("ExecutionStep: members isContrastParametersFilled singleScan") and "R" not in one[:5]
    )
    assert "release 5.7 has isContrastParametersFilled singleScan contrastInjectionProtocol contrast" in one
    (one,) = problems(index)
    assert one.startswith("scan 'T1': record 'EX_ACQ_scan_mode'")
    version = [("swVersion", Text("five"))]
    (one,) = problems(
        lambda card, row: graph.require(card.root, "version", Node).members.__setitem__(0, version[0])
    )
    assert one == "the card does not say which release saved it"


def test_releases_and_their_members() -> None:
    def of(text: str | None) -> graph.Release | None:
        version = Node("", "ExamCardsVersion", [] if text is None else [("swVersion", Text(text))])
        return graph.release_of(Card(Node("", "ExamCard", [("version", version)])))

    assert [of(text) for text in ("5.7", "11.1.0.0", "3.2.3.1", "5", "5.x", "5.1000", "999.999", None)] == [
        (5, 7), (11, 1), (3, 2), None, None, None, (999, 999), None,
    ]  # fmt: skip
    step = ("singleScan", "contrastInjectionProtocol", "contrast", "executionStepContrastUsed", "dynamicStep")
    assert graph.members("ExecutionStep", (5, 3)) == step
    assert graph.members("ExecutionStep", (5, 6)) == ("isContrastParametersFilled", *step, "stepDuration")
    assert graph.members("ECInstrument", (3, 2)) == ("scanStep",)
    assert graph.members("ECInstrument", (5, 1)) == ("scanSet",)
    assert graph.members("ScanProperties", (11, 1)) == (
        "pause", "scanAlign", "scanAlignOverlap", "requiredConfiguration", "suspendableDynamic",
    )  # fmt: skip
    assert "madeByPhilips" in (graph.members("ScanProperties", (5, 9)) or ())
    assert "approvedFeatures" not in (graph.members("ScanProperties", (5, 1)) or ())
    assert graph.members("ConfirmReviewType", (5, 1)) is None
    assert "reviewRequired" in (graph.members("ExamCard", (5, 1)) or ())
    assert "reviewRequired" not in (graph.members("ExamCard", (5, 3)) or ())


# --- writing --------------------------------------------------------------------------------------------


def test_scans_are_planned_with_what_happens_before_them() -> None:
    reasons = Reasons()
    protocol = Protocol(
        name="x",
        steps=(
            Pause(text="One\nTwo", duration=30), Pause(text="Three"),
            Contrast(agent="gadobutrol", dose=0.1, minimum_delay=300, text="Flush", volume=7.5, flow_rate=2),
            cards.T1.model_copy(update={"instruction": "Still.", "plane_reference": "ac-pc",
                "coverage": ("cervical", "conus")}),
            Reformat(source="T1", plane="coronal"),
            cards.FLAIR.model_copy(update={"second_inversion_time": 450.0}),
            Pause(text="End"),
        ),
    )  # fmt: skip
    first, second = writer.plan(protocol, BuildOptions(durations=(None, None, None, 99.0)), reasons)
    assert first.note.splitlines()[:6] == [
        "Pause: One", "Pause: Two", "Pause: wait 30 s", "Pause: Three", "Inject gadobutrol 0.1 mmol/kg",
        "Wait at least 300 s after the injection",
    ]  # fmt: skip
    assert (
        first.note.splitlines()[-3:] == ["Still.", "Plane: ac-pc", "Coverage: cervical, conus"]
        and "Flush" in first.note
    )
    assert (first.index, first.pause, first.duration, first.before) == (3, True, 99.0, [2, 0])
    assert first.injection is not None and first.injection.agent == "gadobutrol"
    assert (second.index, second.pause, second.before, second.injection) == (5, False, [], None)
    assert second.note == "To be set by hand: two inversions, 1650 ms and 450 ms"
    assert second.duration == cards.FLAIR.acquisition_duration
    gaps = writer.plan(protocol, BuildOptions(), Reasons(), {3: "Scan T1 by hand", 5: ""})
    assert gaps == []
    (left,) = writer.plan(protocol, BuildOptions(), Reasons(), {3: "Scan T1 by hand"})
    assert (left.pause, left.before, left.injection is not None) == (True, [2, 0], True)
    (left,) = writer.plan(replace_steps(protocol, 3), BuildOptions(), Reasons(), {0: "Scan T1 by hand"})
    assert (left.pause, left.before, left.note.splitlines()[0]) == (True, [None], "Pause: Scan T1 by hand")


def test_of_two_injections_the_last_counts_and_of_two_stops_the_first() -> None:
    steps_ = (Contrast(agent="a"), Contrast(agent="b"), Pause(text="One"), Pause(text="Two"), cards.T1)
    (planned,) = writer.plan(Protocol(name="x", steps=steps_), BuildOptions(), Reasons())
    assert planned.injection is steps_[1] and planned.before == [1, 2]
    lost = {loss.step for loss in cards.build(Protocol(name="x", steps=steps_)).losses if loss.field is None}
    assert lost == {0}  # the texts of both stops are there, the first injection is not


def replace_steps(protocol: Protocol, start: int) -> Protocol:
    return protocol.model_copy(update={"steps": protocol.steps[start:6]})


def test_losses_of_a_plan() -> None:
    export = cards.build(
        Protocol(name="x", steps=(
            Contrast(agent="gadobutrol", dose=0.1, minimum_delay=300, volume=7.5, concentration=1.0,
                flow_rate=2.0,
                     flush_volume=20.0), Pause(text="Wait", duration=30), cards.T1, Pause(text="End"),
        ))
    )  # fmt: skip
    lost = {(loss.step, loss.field): (loss.kind, loss.severity, loss.got) for loss in export.losses}
    note = ("approximated", "operator", "operator note")
    for name in ("volume", "concentration", "flow_rate", "flush_volume", "dose", "minimum_delay"):
        assert lost.get((0, name)) == note, name
    assert lost[0, "agent"] == ("approximated", "operator", "SRT.C-17800.Gadolinium")
    assert lost[1, "duration"] == note
    assert lost[3, None] == ("unsupported", "operator", None)


def test_objects_of_a_written_scan(written: Path) -> None:
    card = graph.load(envelope.load(written))
    t1, flair = graph.rows(card)
    injection = graph.require(flair.execution, "contrastInjectionProtocol", Node)
    assert [(name, graph.text_of(value)) for name, value in injection.members] == [
        ("agent", "SRT.C-17800.Gadolinium"), ("routeOfAdministration", "SRT.G-D101.Intravenous route"),
        ("volume", "0"), ("concentration", "0.5"), ("dosage", "0"), ("injectionStartDynamicNumber", "1"),
        ("ingredient", ""), ("isVolumeRequired", "false"), ("contrastInjectionStartTime", ""),
    ]  # fmt: skip
    assert graph.text_of(t1.execution.get("stepDuration")) == "255.30000305175781"
    assert graph.text_of(flair.execution.get("stepDuration")) == "0"
    assert [graph.text_of(row.execution.get("contrast")) for row in (t1, flair)] == ["false", "true"]
    assert isinstance(t1.execution.get("contrastInjectionProtocol"), Null)
    pauses = [graph.require(row.single, "scanProperties", Node).get("pause") for row in (t1, flair)]
    assert pauses == [Plain("false"), Plain("true")]
    dynamic = graph.require(t1.execution, "dynamicStep", Node)
    assert graph.text_of(dynamic.get("dynamicCount")) == "0"
    root = card.root
    assert [graph.text_of(root.get(name)) for name in ("name", "anatomicRegion", "anatomy",
        "mainSystemType")] == [
        "Brain & <more>", "SRT.T-A0100.Brain", "Head", "AWASW_MST_T30",
    ]  # fmt: skip
    note = graph.require(graph.require(root, "description", Node), "dataBuffer", Bytes)
    assert notes.read(note.base64) == ("Made from templates: untested on a console.", True)
    for row in (t1, flair):
        assert 10_000_000 <= cards.block_of(row).get("EX_single_scan_id").numbers[0] < 100_000_000  # type: ignore[union-attr]
    export = cards.build(cards.SMALL, Target(vendor="philips", field_strength=1.5, software="R11.1"))
    assert list(export.files) == ["brain-more.ExamCard"]
    assert [note.code for note in export.notes] == ["template-release"]
    assert "R11.1" in export.notes[0].message and b"AWASW_MST_T15" in export.files["brain-more.ExamCard"]


def test_names_numbers_and_times() -> None:
    def named(name: str, number: str | None = None) -> str:
        return writer.file_name(Protocol(name=name, id=number, steps=(cards.T1,)))

    assert [named("a b/c"), named("-x-"), named("..."), named("///"), named("é+1.2"), named("x", "y")] == [
        "a-b-c.ExamCard", "x.ExamCard", "....ExamCard", "card.ExamCard", "é+1.2.ExamCard", "y.ExamCard",
    ]  # fmt: skip
    plain = Protocol(name="a", steps=(cards.T1,))
    numbers = {writer.scan_id(plain, text) for text in ("a", "b", "c")}
    assert len(numbers) == 3 and all(10_000_000 <= one < 100_000_000 for one in numbers)
    # sha256 of "a\0x" begins with these four bytes
    import hashlib

    first = int.from_bytes(hashlib.sha256(b"a\0x").digest()[:4], "big")
    assert writer.scan_id(plain, "x") == 10_000_000 + first % 90_000_000
    assert [writer.seconds(value) for value in (20.5, 1e6, 0.1)] == ["20.5", "1000000", "0.10000000149011612"]
    for values, count in (
        ({"EX_DYN_study": "NO", "EX_DYN_nr_scans": 5}, 0), ({"EX_DYN_study": "BLOCK",
        "EX_DYN_nr_scans": 5}, 5),
        ({"EX_DYN_study": "BLOCK"}, 0), ({}, 0),
    ):  # fmt: skip
        assert writer.dynamics(Settings(values, 3.0, is_template=False)) == count
    text = writer.card_note(BuildOptions(label="label", warnings=("one", "two")), "kind")
    assert text == "kind\nlabel\none\ntwo"


def test_a_reference_scan_is_needed_for_sense_or_multiband() -> None:
    def needs(there: tuple[Acquisition, ...] = (), **fields: Any) -> bool:
        return writer.needs_reference(Acquisition(name="x", **fields), there)

    assert needs(parallel_reduction_factor_in_plane=1.5) and needs(multiband_factor=2)
    assert not needs() and not needs(parallel_reduction_factor_in_plane=1, multiband_factor=1)
    for there in ({"technique": "calibration"}, {"role": "calibration"}):
        assert not needs((Acquisition(name="ref", **there),), multiband_factor=2)  # type: ignore[arg-type]
    assert needs((cards.T1,), multiband_factor=2)
    reference = writer.REFERENCE.acquisition
    made = DIALECT.read_files(
        cards.build(
            Protocol(name="x", steps=(cards.T1.model_copy(update={"parallel_reduction_factor_in_plane": 2}),))
        ).files
    ).protocols[0]
    first = made.acquisitions[0]
    assert (first.name, first.technique, first.mr_acquisition_type, first.plane) == (
        "SenseRefScan", "calibration", "3D", "sagittal",
    )  # fmt: skip
    assert (first.repetition_time, first.echo_times, first.flip_angle, first.field_of_view) == (
        3.8, (0.79,), 1, (450, 450),
    )  # fmt: skip
    assert (first.acquisition_matrix, first.slice_thickness, first.number_of_slices) == ((96, 72), 3, 100)
    assert (first.phase_encoding_direction, first.number_of_averages, first.acquisition_duration) == (
        "AP",
        1,
        9.0,
    )
    assert first.vendor["parameters"]["EX_ACQ_enable_pre_scan"] == "SENSE_REF_HYBRID"
    assert first.vendor["SingleScan"]["isPreScan"] == "true" and reference.name == first.name


# Technique, fields, and the imaging sequence, fast mode, scan mode and diffusion of its template.
FAMILIES: list[tuple[str, dict[str, Any], str, str, str, str | None]] = [
    ("spin_echo", {}, "SE", "NO", "MS", None), ("spin_echo", {"inversion_time": 150}, "IR", "NO", "MS", None),
    ("turbo_spin_echo", {"mr_acquisition_type": "3D"}, "SE", "TSE", "3D", None),
    ("turbo_spin_echo", {"inversion_time": 150}, "IR", "TSE", "MS", None),
    ("single_shot_turbo_spin_echo", {}, "SE", "TSE", "MS", None), ("gradient_echo", {}, "FFE", "NO", "MS",
    None),
    ("multi_echo_gradient_echo", {"echo_times": (5, 10, 15)}, "FFE", "NO", "MS", None),
    ("susceptibility_weighted", {}, "FFE", "NO", "MS", None), ("balanced_ssfp", {}, "FFE", "NO", "MS", None),
    ("time_of_flight", {}, "FFE", "NO", "MS", None), ("field_map", {}, "FFE", "NO", "MS", None),
    ("calibration", {}, "FFE", "NO", "MS", None), ("other", {}, "FFE", "NO", "MS", None),
    ("magnetization_prepared_gradient_echo", {"inversion_time": 900}, "FFE", "TFE", "MS", None),
    ("mp2rage", {"mr_acquisition_type": "3D"}, "FFE", "TFE", "3D", None),
    ("echo_planar_diffusion", {"b_values": (0, 1000)}, "SE", "EPI", "MS", "DWI"),
    ("echo_planar_diffusion", {"b_values": (0, 1000), "diffusion_directions": 3}, "SE", "EPI", "MS", "DWI"),
    ("echo_planar_diffusion", {"b_values": (0, 1000), "diffusion_directions": 6}, "SE", "EPI", "MS", "DTI"),
    ("arterial_spin_labelling", {}, "SE", "EPI", "MS", None), ("echo_planar_bold", {}, "FFE", "EPI", "MS",
    None),
    ("spectroscopy", {}, "SE", "NO", "SV", None),
]  # fmt: skip


def test_every_family_has_its_template() -> None:
    scans = tuple(
        Acquisition(name=f"{at}", technique=technique, **fields)  # type: ignore[arg-type]
        for at, (technique, fields, *_) in enumerate(FAMILIES)
    )
    calibrated = (*scans, Acquisition(name="ref", technique="calibration"))
    read = (
        DIALECT.read_files(cards.build(Protocol(name="x", steps=calibrated)).files).protocols[0].acquisitions
    )
    wrong = []
    for scan, (technique, fields, sequence, fast, mode, diffusion) in zip(read, FAMILIES, strict=False):
        held = scan.vendor["parameters"]
        found = [
            held.get(f"EX_{name}")
            for name in ("ACQ_imaging_sequence", "ACQ_fast_imaging_mode", "ACQ_scan_mode")
        ]
        if found != [sequence, fast, mode] or (held.get("EX_DIFF_enable") or "NO") != (diffusion or "NO"):
            wrong.append((technique, fields, found, held.get("EX_DIFF_enable")))
    assert wrong == []
    with pytest.raises(CannotBuild, match="'x' states no technique"):
        cards.build(Protocol(name="x", steps=(Acquisition(name="x"),)))
    with pytest.raises(CannotBuild, match=r"7 T are not known"):
        cards.build(target=Target(vendor="philips", field_strength=7.0))


# --- records --------------------------------------------------------------------------------------------


def test_new_records_are_those_of_the_release() -> None:
    made = block.parse_list(
        "EX_ACQ_scan_mode enum 3D | 2D,3D,MS\nEX_GEO_fov float 256\nEX_ACQ_flip_angle float 9"
    )
    settings = Settings(Parameters(made.encode()), 3.0, is_template=True)
    settings.wanted |= {
        "EX_GEO_stacks_prep_dirs": ["FH"], "EX_DIFF_b_factors": [0, 50], "IF_tse_factor": 7,
        "EX_ACQ_shot_mode": "SSH",
        "EX_GEO_fov_p": 128.0, "EX_GEO_compacted_coils": ["HEAD"], "EX_ACQ_water_fat_shift": "NEVER",
        "EX_GEO_fov": 9.0,
    }  # fmt: skip
    assert apply(made, settings, "5.7") == ["EX_ACQ_water_fat_shift"]
    shot, axes = made.get("EX_ACQ_shot_mode"), made.get("EX_GEO_stacks_prep_dirs")
    assert shot is not None and axes is not None
    assert (shot.texts, shot.numbers, shot.flag, len(shot.rest)) == (b"MSH,SSH,DEFAULT", (1,), 0, 16)
    assert (axes.texts, axes.numbers) == (b"AP,LR,FH", (2,) * 20)
    values, shown, coils = (
        made.get("EX_DIFF_b_factors"),
        made.get("IF_tse_factor"),
        made.get("EX_GEO_compacted_coils"),
    )
    assert values is not None and shown is not None and coils is not None
    assert values.numbers == (0, 50) + (0,) * 1022 and (shown.numbers, shown.flag) == ((7,), 1)
    assert coils.numbers == ("HEAD",) + ("",) * 9
    names = [record.name for record in made.records]
    # R5.7: field of view before its phase, the flip angle long after
    assert (
        names.index("EX_GEO_fov") + 1 == names.index("EX_GEO_fov_p") and "EX_ACQ_water_fat_shift" not in names
    )
    bare = block.Block(
        [replace(record, texts=None) for record in made.records if record.name != "EX_ACQ_shot_mode"]
    )
    settings = Settings({}, 3.0, is_template=True)
    settings.wanted |= {
        "EX_ACQ_shot_mode": "SSH",
        "EX_SPIR_strength": "STRONG",
        "EX_ACQ_fast_imaging_mode": "TFE",
    }
    assert apply(bare, settings, "11.1") == ["EX_SPIR_strength"]
    shot = bare.get("EX_ACQ_shot_mode")
    assert shot is not None and (shot.texts, shot.numbers) == (None, (1,))


def test_records_of_a_clone_are_changed_within_their_lists() -> None:
    made = block.parse_list(
        "EX_ACQ_scan_mode enum 3D | SV,1D,2D,3D,MS\nEX_DIFF_b_factors int 1 2 3\n"
        "EX_ACQ_measurements float 1\nEX_GEO_compacted_coils text word"
    )
    settings = Settings(Parameters(made.encode()), 3.0, is_template=False)
    settings.wanted |= {
        "EX_ACQ_scan_mode": "MS", "EX_DIFF_b_factors": [9.0], "EX_ACQ_measurements": 2,
        "EX_GEO_compacted_coils": "x" * 81,
        "EX_ACQ_flip_angle": 9.0, "EX_ACQ_first_echo_time": 3.0,
    }  # fmt: skip
    assert apply(made, settings, "5.9") == ["EX_GEO_compacted_coils", "EX_ACQ_flip_angle"]
    held = Parameters(made.encode())
    assert (held["EX_ACQ_scan_mode"], held["EX_DIFF_b_factors"], held["EX_ACQ_measurements"]) == (
        "MS",
        (9, 2, 3),
        2.0,
    )
    assert held["EX_ACQ_first_echo_time"] == 3.0
    settings = Settings({}, 3.0, is_template=False)
    settings.wanted |= {
        "EX_ACQ_scan_mode": "M2D",
        "EX_DIFF_b_factors": [1, 2, 3, 4],
        "EX_ACQ_measurements": None,
    }
    assert apply(made, settings, "5.9") == ["EX_ACQ_scan_mode", "EX_DIFF_b_factors"]
    assert made.get("EX_ACQ_measurements") is None
    bare = block.Block([block.Record("EX_ACQ_scan_mode", block.ENUM, struct.pack("<i", 4))])
    settings.wanted = {"EX_ACQ_scan_mode": "3D"}
    assert apply(bare, settings, "11.1") == [] and bare.records[0].numbers == (3,)
    settings.wanted = {"EX_ACQ_scan_mode": "SV"}
    assert apply(bare, settings, "11.1") == ["EX_ACQ_scan_mode"]


def test_the_order_of_a_release() -> None:
    lines = "EX_ACQ_flip_angle float 9\nEX_XYZ int 1\nEX_GEO_fov float 1\nEX_ABC int 2\nEX_GEO_fov_p float 2"
    names = [record.name for record in in_order(block.parse_list(lines), "5.7").records]
    assert names == ["EX_GEO_fov", "EX_ABC", "EX_GEO_fov_p", "EX_ACQ_flip_angle", "EX_XYZ"]
    assert [r.name for r in in_order(block.parse_list("EX_XYZ int 1\nEX_GEO_fov float 1"),
        "5.7").records] == [
        "EX_XYZ", "EX_GEO_fov",
    ]  # fmt: skip


# --- bytes ----------------------------------------------------------------------------------------------


def test_a_block_laid_out_by_hand() -> None:
    """Format notes, section 7: header, two records of 50 bytes, one integer, one float, the text list."""
    enum = (
        b"EX_A_mode\0"
        + b"\0" * 23
        + bytes([1])
        + struct.pack("<IIII", 4, 1, 140 - (32 + 42), 132 - (32 + 46))
    )
    real = b"EX_A_size\0" + b"\0" * 23 + bytes([0]) + struct.pack("<IIII", 0, 1, 0, 136 - (82 + 46))
    head = struct.pack("<8I", 132, 1, 136 - 8, 1, 140 - 16, 7, 32 - 24, 2)
    data = head + enum + real + struct.pack("<i", 1) + struct.pack("<f", 2.5) + b"NO,YES\0"
    assert block.decode_values(data) == {"EX_A_mode": "YES", "EX_A_size": 2.5}
    mode, size = block.decode(data).records
    assert (mode.name, mode.kind, mode.count, mode.texts, mode.flag) == ("EX_A_mode", 4, 1, b"NO,YES", 1)
    assert (size.name, size.kind, size.numbers, size.flag) == ("EX_A_size", 0, (2.5,), 0)
    assert block.Block([mode, size]).encode() == data
    assert Parameters(data).place("EX_A_size") == (0, 1, 136, 0, 82)
    for at, value in ((0, 133), (4, 2), (8, 127), (12, 2), (16, 123), (20, 8), (24, 9), (28, 3), (28, 1)):
        broken = bytearray(data)
        struct.pack_into("<I", broken, at, value)
        with pytest.raises(BadBlock):
            block.decode(bytes(broken))
    with pytest.raises(BadBlock, match="shorter than the header of 32"):
        block.decode(data[:31])
    twice = bytearray(data)
    twice[82 + 5 : 82 + 9] = b"mode"
    with pytest.raises(BadBlock, match="two records have one name"):
        block.decode_values(bytes(twice))
    for kind in (3, 5):
        broken = bytearray(data)
        struct.pack_into("<I", broken, 32 + 34, kind)
        with pytest.raises(BadBlock, match=f"'EX_A_mode' at byte 32: unknown kind {kind}"):
            block.decode_values(bytes(broken))
    broken = bytearray(data)
    struct.pack_into("<i", broken, 132, 2)
    with pytest.raises(BadBlock, match="an index beyond its 2 texts"):
        block.decode_values(bytes(broken))
    assert Parameters(bytes(broken)).as_dict() == {"EX_A_mode": 2, "EX_A_size": 2.5}
    with pytest.raises(BadBlock, match="text list has no end"):
        endless = bytearray(data)
        endless[-1:] = b"x"
        block.decode_values(bytes(endless))


def test_a_number_is_replaced_in_place() -> None:
    data = block.parse_list(
        "EX_A_one int 7\nEX_A_two int 1 2\nEX_A_size float 1\nEX_A_mode enum NO | NO,YES"
    ).encode()
    made = block.with_number(Parameters(data), "EX_A_one", 9)
    assert block.decode_values(made) == block.decode_values(data) | {"EX_A_one": 9} and len(made) == len(data)
    for name in ("EX_A_two", "EX_A_size", "EX_A_mode", "EX_A_none"):
        with pytest.raises(BadBlock, match="of one whole number"):
            block.with_number(Parameters(data), name, 9)


def test_long_and_empty_values() -> None:
    lines = "EX_A_long int 12*0\nEX_A_short float 11*0\nEX_A_words text one two\n"
    lines += "EX_A_word text one\nEX_A_reals float 13*0"
    held = Parameters(block.parse_list(lines).encode())
    assert held["EX_A_long"] == (0,) * 12 and held["EX_A_short"] == (0.0,) * 11 and held["EX_A_word"] == "one"
    assert held["EX_A_words"] == ("one", "two") and held["EX_A_reals"] == (0.0,) * 13
    assert type(held["EX_A_reals"][0]) is float and type(held["EX_A_long"][0]) is int
    assert held.get("EX_A_none", 5) == 5 and "EX_A_none" not in held and len(held) == 5
    with pytest.raises(KeyError):
        held["EX_A_none"]
    bare = block.Block([block.Record("EX_A_mode", 4, struct.pack("<3i", 0, 1, 2))])
    assert Parameters(bare.encode(), {"EX_A_mode": {0: "NO", 2: "CS"}})["EX_A_mode"] == ("NO", 1, "CS")
    one = block.Block([block.Record("EX_A_mode", 4, struct.pack("<i", 2))])
    assert Parameters(one.encode(), {"EX_A_mode": {2: "CS"}})["EX_A_mode"] == "CS"
    assert Parameters(one.encode())["EX_A_mode"] == 2


def test_lists_that_cannot_be_read() -> None:
    for line in (
        "EX_A_one whole 1", "EX_A_one int", "EX_A_one int x", "EX_A_one enum C | A,B",
        "EX_A_one enum A | A, B",
    ):  # fmt: skip
        with pytest.raises(BadBlock, match="parameter list"):
            block.parse_list(line)
    with pytest.raises(BadBlock, match="two records have one name"):
        block.parse_list("EX_A_one int 1\nEX_A_one int 2")
    made = block.parse_list("# a remark\n\n  IF_one text word  \nEX_A_one enum 2*B A | A,B")
    assert [(r.name, r.flag, r.numbers, r.texts, len(r.rest)) for r in made.records] == [
        ("IF_one", 1, ("word",), None, 26), ("EX_A_one", 0, (1, 1, 0), b"A,B", 24),
    ]  # fmt: skip
    made.insert(1, block.Record("EX_A_two", 1, struct.pack("<i", 5)))
    assert [record.name for record in made.records] == ["IF_one", "EX_A_two", "EX_A_one"]
    for record, message in (
        (block.Record("EX_A_two", 1, b"\0\0\0\0"), "is there already"),
        (block.Record("EX_A_new", 4, struct.pack("<i", 2), b"A,B"), "index 2 beyond its 2 texts"),
        (block.Record("EX_A_new", 4, struct.pack("<i", -1), b"A,B"), "index -1 beyond its 2 texts"),
    ):
        with pytest.raises(BadBlock, match=message):
            made.insert(0, record)
    made.insert(0, block.Record("x" * 33, 1, b"\0\0\0\0"))
    with pytest.raises(BadBlock, match="longer than 32 characters"):
        made.encode()
    with pytest.raises(BadBlock, match="text of 81 characters, room for 80"):
        block.pack(block.TEXT, ["x" * 81])
    assert block.pack(block.TEXT, ["x" * 80]) == b"x" * 80 + b"\0"
    with pytest.raises(BadBlock, match="does not fit"):
        block.pack(block.INTEGER, [1 << 31], "EX_A")
    with pytest.raises(BadBlock, match="holds 1 values, not 2"):
        block.Record("EX_A", 1, b"\0\0\0\0").patched([1, 2])


def test_base64_is_exact() -> None:
    assert [from_base64(text) for text in ("QUJD", b" QUI=\n", "QQ==", "", "+/8=")] == [
        b"ABC", b"AB", b"A", b"", b"\xfb\xff",
    ]  # fmt: skip
    for text in ("QUJ", "QU-D", "QU_D", "QUJD!", "QUI", "QQ=", "QU JD", "QQ==QUJD", "é"):
        with pytest.raises(BadBlock, match="no base64"):
            from_base64(text)


def test_characters_and_members_of_an_envelope() -> None:
    for written, meant in (
        ("a&amp;b", "a&b"), ("&lt;&gt;&quot;&apos;", "<>\"'"), ("&#65;&#x42;&#X43;", "ABC"), ("&none;",
        "&none;"),
        ("&#xZZ;", "&#xZZ;"), ("&#99999999;", "&#99999999;"), ("a & b", "a & b"), ("&#;", "&#;"), ("plain",
        "plain"),
    ):  # fmt: skip
        assert envelope.unescape(written) == meant
    assert envelope.escape("a&b<c>\"d'") == "a&#38;b&#60;c&#62;&#34;d&#39;"
    body = '<a>1</a><ab x="2">2</ab><a xsi:null="1"/><b href="#ref-7"/><a_b>9</a_b>'
    assert envelope.field_of(body, "a") == (' xsi:null="1"/', "") and envelope.field_of(body, "c") is None
    assert envelope.field_of(body, "ab") == (' x="2"', "2")
    assert envelope.reference(envelope.field_of(body, "b")) == 7 and envelope.reference(None) is None
    assert envelope.is_null((' xsi:null="1"/', "")) and not envelope.is_null(("", ""))
    assert dict(envelope.Members('<a>x&amp;y</a><b href="#ref-7"/><c xsi:null="1"/>')) == {"a": "x&y"}


def packed(
    name: bytes, body: bytes, method: int = 0, flags: int = 0, extra: bytes = b"", size: int | None = None
) -> str:
    size = len(body) if size is None else size
    head = struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, flags, method, 0, 0, 0, size, 9, len(name), len(extra))
    return base64.b64encode(head + name + extra + body).decode()


def test_notes_that_are_none_and_those_that_are() -> None:
    deflated = zlib.compressobj(wbits=-15)
    small = deflated.compress(b"<p>one</p>two") + deflated.flush()
    for text, wanted in (
        (packed(b"index.htm", b"words"), "words"), (packed(b"index.htm", b"words", extra=b"xx"), "words"),
        (packed(b"index.htm", small, method=8), "one\ntwo"), (packed(b"index.htm", b"not deflated",
        method=8), ""),
        (packed(b"index.htm", b"words", method=1), ""), (packed(b"other.htm", b"words"), ""),
        (packed(b"index.htm", b"words", flags=1), ""), (packed(b"index.htm", b"words", flags=8), ""),
        (packed(b"index.htm", b"words", flags=2), "words"), (packed(b"index.htm", b""), ""), ("", ""),
        ("!", ""),
        (packed(b"index.htm", b"<style>p</style><b>a</b>&nbsp;&amp;<br/>b<li>c</li><h1>d</h1>"),
        "a &\nb c\nd"),
        (packed(b"index.htm", "naïve".encode("utf-16-le")), "naïve"),
        (packed(b"index.htm", "naïve".encode("utf-16-be")), "naïve"),
        (packed(b"index.htm", b"\xef\xbb\xbfwords \xff"), "words \ufffd"),
    ):  # fmt: skip
        assert notes.read(text) == (wanted, False), text
    assert notes.read(notes.write("words")) == ("words", True)
    raw = base64.b64decode(notes.write("words"))
    # a ZIP of 1980-01-01 that others open: one stored member
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        (info,) = archive.infolist()
        assert (info.filename, info.date_time, info.compress_type) == ("index.htm", (1980, 1, 1, 0, 0, 0), 0)
        assert archive.read(info) == b"words" and archive.testzip() is None
        assert (info.create_version, info.extract_version, info.create_system, info.flag_bits) == (
            10,
            10,
            0,
            0,
        )
        assert (info.header_offset, info.volume, info.internal_attr, info.external_attr) == (0, 0, 0, 0)
    local, central = 30 + 9 + 5, 46 + 9
    assert raw[-22:] == b"PK\5\6" + bytes(4) + b"\1\0\1\0" + struct.pack("<IIH", central, local, 0)
    assert len(raw) == local + central + 22


def test_lines_of_a_note_are_understood() -> None:
    text = (
        "Inject gadobutrol 0.1 mmol/kg\nWait at least 300 s after the injection\nPause: One\nPause: Two\nFree"
    )
    said = notes.understand(text)
    assert (said.agent, said.dose, said.delay, said.pause, said.text) == (
        "gadobutrol", 0.1, 300, ("One", "Two"), "Free",
    )  # fmt: skip
    assert notes.injection_lines(None, None, None) == ["Inject contrast agent"]
    assert notes.injection_lines("x", 0.05, 90) == [
        "Inject x 0.05 mmol/kg",
        "Wait at least 90 s after the injection",
    ]
    assert notes.pause_lines("a\nb") == ["Pause: a", "Pause: b"]
    alone = notes.understand("Inject something")
    assert (alone.agent, alone.dose, alone.free) == ("something", None, ())
    odd = notes.understand("Inject x 1.2.3 mmol/kg\nWait at least . s after the injection")
    assert len(odd.free) == 2
    scan = Acquisition(
        name="x", plane_reference="ac-pc", coverage=("cervical", "conus"), station="2", branch="b"
    )
    lines = notes.said(scan)
    assert lines == ["Plane: ac-pc", "Coverage: cervical, conus", "Station: 2", "Branch: b"]
    assert notes.heard("\n".join(["First", *lines, "Last"])) == (
        "First\nLast",
        {"plane_reference": "ac-pc", "coverage": ("cervical", "conus"), "station": "2", "branch": "b"},
    )


def test_values_are_freed_of_the_noise_of_32_bits() -> None:
    from generator.vendors.philips.fields.scan import ScanValues

    held = {
        "a": 0.10000000149011612, "b": float("inf"), "c": 12345678.0, "d": 9999999.0, "e": (2.0, 3.0),
        "f": (), "g": 4,
        "h": "1 / 2", "i": "1 / x", "j": " ", "k": "inf / 1", "l": "3 x 4",
    }  # fmt: skip
    scan = ScanValues(held, 3.0, False, lambda *_: None)
    assert [scan.number(name) for name in "abcdefgh"] == [
        0.1,
        None,
        12345680.0,
        9999999.0,
        2.0,
        None,
        4,
        None,
    ]
    assert [scan.numbers(name) for name in "hijklz"] == [[1, 2], [], [], [], [3, 4], []]
    assert [scan.entry("e", at) for at in range(3)] == [2.0, 3.0, None] and scan.entry("g", 0) == 4


A, B, C = (f"http://schemas.microsoft.com/clr/nsassem/{name}/{name.lower()}" for name in "ABC")
SPACE = "http://schemas.microsoft.com/clr/ns/System"
HEAD = (
    '<SOAP-ENV:Envelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:xsd="http://www.w3.org/2001/XMLSchema" '
    'xmlns:SOAP-ENC="http://schemas.xmlsoap.org/soap/encoding/" '
    'xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:clr="http://schemas.microsoft.com/soap/encoding/clr/1.0" '
    'SOAP-ENV:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/">'
)
# The rule of the format notes, section 3: breadth first; a namespace of an assembly uses up an id, one of the
# system (arrays) a prefix only; texts and objects are numbered in member order, shared ones once.
BY_HAND = [
    HEAD, "<SOAP-ENV:Body>",
    f'<a1:ExamCard id="ref-1" xmlns:a1="{A}">',
    '<name id="ref-5">a &#38; b</name>', '<list href="#ref-6"/>', '<data href="#ref-7"/>',
    '<again href="#ref-5"/>',
    f'<mode xsi:type="a4:Mode" xmlns:a4="{C}">ONE</mode>', "<count>3</count>",
    '<none xsi:type="xsd:anyType" xsi:null="1"/>', '<nil xsi:null="1"/>',
    "</a1:ExamCard>",
    f'<a2:Scan id="ref-6" xmlns:a2="{B}">', '<owner href="#ref-1"/>', '<bytes href="#ref-8"/>', "</a2:Scan>",
    f'<SOAP-ENC:Array id="ref-7" SOAP-ENC:arrayType="a4:Mode[4]" xmlns:a4="{C}">',
    f'<item xsi:type="a4:Mode" xmlns:a4="{C}">TWO</item>',
    f'<item xsi:type="a2:Pair" xmlns:a2="{B}">', "<one>1</one>", '<two href="#ref-5"/>', "</item>",
    "</SOAP-ENC:Array>",
    '<SOAP-ENC:Array id="ref-8" xsi:type="SOAP-ENC:base64">QUJD</SOAP-ENC:Array>',
    "</SOAP-ENV:Body>", "</SOAP-ENV:Envelope>",
]  # fmt: skip


def test_an_envelope_written_by_hand() -> None:
    name = Text("a & b")
    scan = Node(B, "Scan")
    pair = graph.Inline(B, "Pair", [("one", Plain("1")), ("two", name)])
    modes = Array(C, "Mode", 4, [Typed(C, "Mode", "TWO"), pair])
    root = Node(A, "ExamCard", [
        ("name", name), ("list", scan), ("data", modes), ("again", name), ("mode", Typed(C, "Mode", "ONE")),
        ("count", Plain("3")), ("none", Null()), ("nil", Null(False)),
    ])  # fmt: skip
    scan.members = [("owner", root), ("bytes", Bytes("QUJD"))]
    written = graph.dump(Card(root)).decode()
    assert written.splitlines() == BY_HAND and written.endswith("</SOAP-ENV:Envelope>\r\n")
    for newline in ("\r\n", "\n"):
        text = newline.join(BY_HAND).encode()
        card = graph.load(envelope.parse(Path("card"), text))
        assert graph.dump(card) == text and card.newline == newline and card.tail == b""
    held = [thing for thing in graph.walk(card.root) if isinstance(thing, Array)]
    assert [(one.namespace, one.type, one.length, len(one.items)) for one in held] == [(C, "Mode", 4, 2)]


def test_a_namespace_that_is_never_printed_uses_up_an_id() -> None:
    """``applicationMode`` is plain text, and its enum is in the namespace of ``DynamicScanDelayMode``."""
    step = Node(A, "Step", [("delayMode", Typed(C, "DynamicScanDelayMode", "X"))])
    root = Node(A, "ExamCard", [("applicationMode", Plain("M")), ("step", step), ("name", Text("n"))])
    lines = graph.dump(Card(root)).decode().splitlines()
    assert '<name id="ref-5">n</name>' in lines  # 1 the card, 2 A, 3 C, 4 the step
    assert f'<delayMode xsi:type="a2:DynamicScanDelayMode" xmlns:a2="{C}">X</delayMode>' in lines
    root.members[1] = ("step", Null())
    assert '<name id="ref-4">n</name>' in graph.dump(Card(root)).decode().splitlines()
    ints = Array("", "xsd:int", 1, [Plain("5")])
    listed = Node(A, "ExamCard", [("list", ints), ("more", Node(B, "B")), ("thing", Node(SPACE, "Thing"))])
    lines = graph.dump(Card(listed)).decode().splitlines()
    # the system takes the prefix a2 and no id
    assert '<list href="#ref-4"/>' in lines and f'<a2:Thing id="ref-6" xmlns:a2="{SPACE}">' in lines
    assert f'<a3:B id="ref-5" xmlns:a3="{B}">' in lines
    assert (
        '<SOAP-ENC:Array id="ref-4" SOAP-ENC:arrayType="xsd:int[1]">' in lines and "<item>5</item>" in lines
    )


def test_objects_that_cannot_be_understood() -> None:
    text = "\n".join(BY_HAND)

    def refused(old: str, new: str, message: str) -> None:
        assert old in text
        with pytest.raises(UnusableInput, match=message) as caught:
            graph.load(envelope.parse(Path("card"), text.replace(old, new, 1).encode()))
        assert caught.value.where

    refused(f' xmlns:a1="{A}"', "", "declares no namespace")
    refused('SOAP-ENC:arrayType="a4:Mode[4]"', "x", "an array without a type")
    refused('SOAP-ENC:arrayType="a4:Mode[4]"', 'SOAP-ENC:arrayType="a4:Mode[1]"', "2 items in an array of 1")
    refused("<count>3</count>", "</count>", "</count> closes nothing")
    refused("<count>3</count>", "<count>3</count>loose", "something else than members")
    inner = f'<count xsi:type="a4:T" xmlns:a4="{C}">'
    refused("<count>3</count>", f"{inner}<b>1</b></other>", "</other> closes nothing")
    refused("<count>3</count>", "<count>loose<more>3</more></count>", "neither a value nor a structure")
    refused("<count>3</count>", "<count><more>3</more>", "closes nothing|something else than members")
    refused("<count>3</count>", '<count what="x">3</count>', "attributes that are not understood")
    refused("<count>3</count>", '<count xsi:type="a9:T">3</count>', "the prefix a9 is not declared")
    refused("<count>3</count>", '<count id="ref-8">3</count>', "two things have the id ref-8|two objects")
    refused("<count>3</count>", '<count href="#ref-99"/>', "nothing has the id ref-99")
    refused('<a2:Scan id="ref-6"', '<a2:Scan id="ref-7"', "two objects have the id ref-7")
    deep = f'<a xsi:type="a4:T" xmlns:a4="{C}">' * 8 + "<b>1</b>" + "</a>" * 8
    card = graph.load(envelope.parse(Path("card"), text.replace("<count>3</count>", deep).encode()))
    assert "<b>1</b>" in graph.dump(card).decode()
    with pytest.raises(UnusableInput, match="neither a value nor a structure"):
        more = f'<a xsi:type="a4:T" xmlns:a4="{C}">{deep}</a>'
        graph.load(envelope.parse(Path("card"), text.replace("<count>3</count>", more).encode()))


def test_lists_grow_as_those_of_the_console_do(written: Path) -> None:
    card = graph.load(envelope.load(written))
    rows = graph.rows(card)
    instruments = graph.require(graph.require(card.root, "instrumentList", Node), "list", Node)
    for count, capacity in ((1, 16), (16, 16), (17, 32), (33, 64)):
        graph.replace_rows(card, [graph.copy_row(rows[0]).instrument for _ in range(count)])
        array = graph.require(instruments, "_items", Array)
        assert (len(array.items), array.length, instruments.get("_size")) == (
            count,
            capacity,
            Plain(str(count)),
        )
    instruments.set("_size", Plain("34"))
    with pytest.raises(graph.BrokenCard, match="says '34' entries and holds 33"):
        graph.rows(card)
    with pytest.raises(graph.BrokenCard, match="ExamCard has no nothing"):
        graph.require(card.root, "nothing", Node)
    with pytest.raises(KeyError):
        card.root.set("nothing", Null())
    copy = graph.copy_row(rows[0])
    assert copy.single is not rows[0].single and copy.procedure.get("name") is rows[0].procedure.get("name")
    assert copy.block is not rows[0].block and copy.block.base64 == rows[0].block.base64


# --- a card made of a card: what is said, and what of the site stays behind ------------------------------


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A card of a site: survey, coil survey, reference scan, and a fast scan that needs them."""
    steps_ = (
        cards.T1.model_copy(update={"name": "Survey"}),
        Acquisition(name="CoilSurveyScan", technique="calibration", mr_acquisition_type="3D"),
        Acquisition(name="SenseRefScan", technique="calibration", mr_acquisition_type="3D"),
        cards.T1.model_copy(update={"parallel_reduction_factor_in_plane": 2.0, "instruction": "of the site"}),
        cards.FLAIR,
    )
    path = cards.write(tmp_path / "site", Protocol(name="Site", id="site", region="brain", steps=steps_))
    card = graph.load(envelope.load(path, keep_tail=True))
    for row, kind in zip(graph.rows(card)[1:3], ("COILSURVEY", "SENSE_REF_FAST"), strict=True):
        made = cards.block_of(row)
        record = made.get("EX_ACQ_enable_pre_scan")
        assert record is not None
        record.raw = struct.pack("<i", record.choices.index(kind))
        row.procedure.set("parameterData", Bytes(cards.packed(made)))
    for row in graph.rows(card):
        made = cards.block_of(row)
        weight = Settings({}, 3.0, is_template=True, wanted={"EX_ACQ_patient_weight": 76.0})
        assert apply(made, weight, "5.7") == []
        row.procedure.set("parameterData", Bytes(cards.packed(made)))
        row.single.set("geometryName", Text("plan of a patient"))
        row.single.set("reuseStackSizes", Plain("true"))
        row.procedure.set("lastModifiedTimeUtc", Text("2020"))
        row.procedure.set("linkToOriginalProtocol", Array("", "xsd:string", 1, [Text("Site/Brain")]))
    card.root.set("patientWeight", Plain("76"))
    card.root.set("namedGeometries", Array("", "xsd:string", 1, [Text("plan of a patient")]))
    path.write_bytes(graph.dump(card))
    return path


def test_what_of_a_site_comes_along_and_what_stays(site: Path, tmp_path: Path) -> None:
    found = DIALECT.describe(site)
    assert (found.vendor, found.release, found.field_strength, found.file) == (
        "philips",
        "R5.7",
        3.0,
        str(site),
    )
    said = [
        (s.key, s.index, s.path, s.is_localizer, s.is_calibration, s.needs, s.region) for s in found.steps
    ]
    assert said == [
        ("0", 0, ("Site",), True, False, (), "brain"), ("1", 1, ("Site",), False, True, (), "brain"),
        ("2", 2, ("Site",), False, True, ("1",), "brain"), ("3", 3, ("Site",), False, False, ("2",), "brain"),
        ("4", 4, ("Site",), False, False, (), "brain"),
    ]  # fmt: skip
    assert found.steps[3].scan.instruction is None and found.steps[3].scan.vendor == {}
    wanted = Protocol(name="New", id="new", region="brain", steps=(found.steps[3].scan,))
    export = cards.build(wanted, donor=site)
    codes = [(note.code, note.step) for note in export.notes]
    assert ("donor-weight", None) in codes and ("donor-scan", 0) in codes and "relation" not in dict(codes)
    (made,) = [note.message for note in export.notes if note.code == "donor-scan"]
    assert made == "made from the donor's 'T1'"
    along = [note.message for note in export.notes if note.code == "donor-along"]
    assert along == [
        f"{name!r} of the donor comes along unchanged"
        for name in ("Survey", "CoilSurveyScan", "SenseRefScan")
    ]
    assert export.origins == (None, None, None, 0) and export.donor is not None
    assert export.donor.name == site.name and len(export.donor.sha256) == 64
    card = graph.load(envelope.parse(Path("x"), export.files["new.ExamCard"]))
    text = export.files["new.ExamCard"].decode()
    for word in ("plan of a patient", "of the site", "Site/Brain", ">2020<", ">76<"):
        assert word not in text, word
    rows = graph.rows(card)
    weights = [cards.block_of(row).get("EX_ACQ_patient_weight") for row in rows]
    assert [one.numbers for one in weights if one is not None] == [(0.0,)] * 4
    numbers = [Parameters(from_base64(row.block.base64))["EX_single_scan_id"] for row in rows]
    assert len(set(numbers)) == 4
    assert [graph.text_of(row.single.get("reuseStackSizes")) for row in rows] == ["false"] * 4
    named = card.root.get("namedGeometries")
    assert isinstance(named, Array) and (named.items, named.length) == ([], 0)
    described = graph.require(graph.require(card.root, "description", Node), "dataBuffer", Bytes)
    assert notes.read(described.base64)[0].startswith("Made from a card of this site.")
    kept = cards.build(wanted, donor=site, keep_notes=True)
    text = kept.files["new.ExamCard"].decode()
    for word in ("plan of a patient", "Site/Brain", ">2020<", ">76<"):
        assert word in text, word
    assert "donor-weight" not in {note.code for note in kept.notes}
    again = DIALECT.read_files(kept.files).protocols[0].acquisitions
    assert [scan.vendor["parameters"]["EX_ACQ_patient_weight"] for scan in again] == [76.0] * 4


def test_parameters_of_a_side_file_that_others_own_are_not_taken(site: Path) -> None:
    held = {
        "EX_ACQ_partial_echo": "YES", "GEX_CONV_id": [9, 9, 9], "IF_scan_percentage": 1.0,
        "EX_STACKS_0__slices": 3,
        "EX_RESTSLABS_0__type": "FREE", "EX_ACQ_echoes": 9, "EX_GEO_multi_coil": 1.5,
    }  # fmt: skip
    own = DIALECT.describe(site).steps[4].scan.model_copy(update={"vendor": {"parameters": held}})
    *_, scan = (
        DIALECT.read_files(cards.build(Protocol(name="New", region="brain", steps=(own,)), donor=site).files)
        .protocols[0]
        .acquisitions
    )
    values = scan.vendor["parameters"]
    assert values["EX_ACQ_partial_echo"] == "YES" and values["EX_ACQ_echoes"] == 1
    assert values["GEX_CONV_id"] != (9, 9, 9) and "EX_RESTSLABS_0__type" not in values
    assert "EX_STACKS_0__slices" not in values
    with pytest.raises(
        CannotBuild, match=r"EX_ACQ_partial_echo = 'NEVER', which .* cannot hold: its texts are NO,"
    ):
        bad = own.model_copy(update={"vendor": {"parameters": {"EX_ACQ_partial_echo": "NEVER"}}})
        cards.build(Protocol(name="New", region="brain", steps=(bad,)), donor=site)


def test_the_gate_judges_cards_only(written: Path) -> None:
    content = written.read_bytes()
    assert DIALECT.gate({"a.ExamCard": content}) == () and DIALECT.gate({"a.txt": b"none"}) == ()
    card = graph.load(envelope.load(written, keep_tail=True))
    row = graph.rows(card)[1]
    made = cards.block_of(row)
    made.remove("EX_SPIR_strength")
    row.procedure.set("parameterData", Bytes(cards.packed(made)))
    (note,) = DIALECT.gate({"a.ExamCard": graph.dump(card)})
    assert (note.code, note.step) == ("EX_SPIR_fat_suppression-SPIR", 1)
    assert note.message == ("'FLAIR': EX_SPIR_strength exist if and only if it is SPIR, in every real card")


# --- the file ---------------------------------------------------------------------------------------------


def test_a_card_is_cut_out_of_its_file(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = written.read_bytes()
    path = tmp_path / "x.ExamCard"
    end = len(whole) - 2
    for chunk in (200, 1024, end - 1, end - 10, end):
        monkeypatch.setattr(envelope, "_CHUNK", chunk)
        path.write_bytes(whole + b"\0" * 3000)
        for keep in (False, True):
            raw, at, size = envelope.cut(path, keep)
            assert (raw[:at], at, size) == (whole[:-2], end, len(whole) + 3000), chunk
            assert not keep or raw == whole + b"\0" * 3000
    monkeypatch.setattr(envelope, "_MAX_TAIL", 3002)
    assert envelope.load(path, keep_tail=True).tail_size == 3002
    monkeypatch.setattr(envelope, "_MAX_TAIL", 3001)
    with pytest.raises(UnusableInput, match="3002 bytes after the envelope") as caught:
        envelope.load(path, keep_tail=True)
    assert caught.value.where == f"byte {end}"
    monkeypatch.setattr(envelope, "_CHUNK", 1024)
    monkeypatch.setattr(envelope, "_MAX_ENVELOPE", 4000)
    with pytest.raises(UnusableInput, match="in the first 0 MiB"):
        envelope.load(path)
    monkeypatch.undo()
    path.write_bytes(b" " * 4078 + whole)
    assert envelope.load(path).objects
    for content, message, where in (
        (b" " * 4079 + whole, "not an ExamCard", "byte 0"),
        (b"<!-- x -->" + whole, "a comment or CDATA has no place", "line 1"),
        (b"<?php x?>" + whole, "a processing instruction has no place", "line 1"), (whole[:-40],
        "the file ends before", None),
    ):  # fmt: skip
        path.write_bytes(content)
        with pytest.raises(UnusableInput, match=message) as caught:
            envelope.load(path)
        assert where is None or caught.value.where == where
    for encoding in ("utf-16", "utf-16-be"):
        mark = b"" if encoding == "utf-16" else b"\xfe\xff"
        path.write_bytes(mark + whole.decode().encode(encoding))
        assert [scan.name for scan in DIALECT.read(path).protocols[0].acquisitions] == ["T1", "FLAIR"]
    path.write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(UnusableInput, match="damaged UTF-16"):
        DIALECT.read(path)


def test_errors_say_the_line(written: Path, tmp_path: Path) -> None:
    lines = written.read_bytes().decode().split("\r\n")
    instruments = next(at for at, line in enumerate(lines) if line.startswith("<instrumentList "))
    number = int(lines[instruments].split("ref-")[1].split('"')[0])
    listed = next(at for at, line in enumerate(lines) if f' id="ref-{number}" ' in line)

    def where(at: int, new: str | bytes, count: int = 1) -> str:
        path = tmp_path / "x.ExamCard"
        made = [line.encode() for line in lines]
        made[at : at + count] = [new if isinstance(new, bytes) else new.encode()]
        path.write_bytes(b"\r\n".join(made))
        with pytest.raises(UnusableInput) as caught:
            DIALECT.read(path)
            graph.load(envelope.load(path))
        return f"{caught.value.where}: {caught.value.message}"

    assert where(instruments, '<instrumentList href="#ref-99999"/>').startswith(f"line {instruments + 1}: no")
    assert (
        where(instruments, b"<instrumentList>\xff</instrumentList>")
        == f"line {instruments + 1}: the text is not UTF-8"
    )
    doctype = where(instruments, "<!DOCTYPE x>")
    assert doctype == f"line {instruments + 1}: a document type or entity has no place in an ExamCard"
    assert "comment or CDATA" in where(instruments, "<!-- x -->") and "comment or CDATA" in where(
        instruments, "<![CDATA[x]]>"
    )
    assert "a processing instruction" in where(instruments, "<?xsl x?>")
    closing = next(at for at in range(listed, len(lines)) if lines[at].startswith("</"))
    assert where(closing, "").startswith(f"line {listed + 1}: <") and "is not closed" in where(closing, "")
    assert "two objects have the id ref-1" in where(listed, lines[listed].replace(f"ref-{number}", "ref-1"))
    body = next(at for at, line in enumerate(lines) if line == "</SOAP-ENV:Body>")
    assert "the envelope has no Body that ends with it" in where(body, "")
    assert "does not begin with an object" in where(1, "<SOAP-ENV:Body><x>")


def test_orders_that_serve_for_a_release() -> None:
    from generator.vendors.philips.fields import scan

    known = scan.orders()
    assert set(known) == {"3.2", "5.1", "5.3", "5.6", "5.7", "5.9", "11.1"}
    newest = [known[name] for name in ("5.9", "5.7", "5.6", "5.3", "5.1", "3.2")]
    assert [id(one) for one in scan._orders_for("EX_GEO_fov", "4.0")] == [id(one) for one in newest]
    first, *others = scan._orders_for("EX_GEO_fov", "5.6")
    assert first is known["5.6"] and [id(one) for one in others] == [
        id(one) for one in newest if one is not first
    ]
    assert scan._orders_for("EX_GEO_fov", "11.1")[0] is known["11.1"]
    made = block.parse_list("EX_XYZ int 1")
    assert scan._place(made, "EX_GEO_fov", "5.7") == 1  # no neighbour is known: at the end


def test_limits_of_a_block_and_of_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    data = block.parse_list("EX_A_one int 7\nEX_A_two int 8").encode()
    monkeypatch.setattr(block, "_MAX_RECORDS", 2)
    monkeypatch.setattr(block, "_MAX_BYTES", len(data))
    assert block.layout_of(data).records == 2
    monkeypatch.setattr(block, "_MAX_RECORDS", 1)
    with pytest.raises(BadBlock, match="byte 28: 2 records, more than the limit of 1"):
        block.layout_of(data)
    monkeypatch.setattr(block, "_MAX_BYTES", len(data) - 1)
    with pytest.raises(BadBlock, match="more than the limit of"):
        block.layout_of(data)
    from generator import limits

    assert notes._MAX_TEXT == notes._MAX_PACKED == limits.NOTE_BYTES / 4
    monkeypatch.setattr(notes, "_MAX_PACKED", 5)
    assert notes.read(notes.write("words"))[0] == "words"
    assert notes.read(notes.write("wordss")) == ("", True)
    # Latin text in UTF-16 is known by its zeros: a quarter of the first 64 bytes, or more
    for text, wanted in (("ab" * 40, "ab" * 40), ("\u0430\u0431" * 20 + "ab" * 60, None)):
        found = notes._decoded(text.encode("utf-16-le"))
        assert (found == wanted) if wanted else (found != text)


def test_the_dialect_knows_its_files(written: Path, tmp_path: Path) -> None:
    assert (DIALECT.vendor, DIALECT.formats, DIALECT.gaps) == (  # type: ignore[attr-defined]
        "philips", ("philips-examcard", "philips-printout"), ("refuse", "sheet", "template"),
    )  # fmt: skip
    for name, head, kind in (
        ("a.EXAMCARD", b"", "philips-examcard"), ("a.bin", b"\0<SOAP-ENV:Envelope x", "philips-examcard"),
        ("a.bin", b"\0", None), ("a.txt", b"SOAP", None),
    ):  # fmt: skip
        assert DIALECT.sniff(Path(name), head) == kind, name

    def prescan(rows: list[graph.Row], _: Card) -> None:
        rows[0].single.set("isPreScan", Plain("true"))

    assert edited(written, tmp_path, prescan).protocols[0].acquisitions[0].technique == "calibration"
