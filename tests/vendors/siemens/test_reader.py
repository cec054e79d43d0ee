# ruff: noqa: E501  (tables: one row a line)
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generator.model.tree import Acquisition, Contrast, Note, Pause, ReadResult
from generator.vendors.siemens import DIALECT, reader
from generator.vendors.siemens.container import exar, graph
from generator.vendors.siemens.container.graph import pack
from tests.vendors.siemens.make import SITE_CARD, template, written
from tests.vendors.siemens.surgery import edited, export_again, next_id, row_of, swap, text_of
from tests.vendors.siemens.test_vectors import TFL, TSE, block

EXPECTED = (
    "siemens_vb17_trio",
    "siemens_vd11_axcal_printout",
    "siemens_ve11c_prisma",
    "siemens_ve11p_biograph",
    "siemens_xa11b_coma",
    "siemens_xa11b_coma_printout",
    "siemens_xa20_vida",
    "siemens_xa51_sola_brain",
    "siemens_xa51_sola_neck",
    "siemens_xa61_cimax",
)


@pytest.mark.corpus
@pytest.mark.parametrize("name", EXPECTED)
def test_a_real_file_reads_as_its_printout_says(name: str, shared: Path, tmp_path: Path) -> None:
    expected = shared / "corpus" / "expected" / f"{name}.json"
    path = shared / "corpus" / json.loads(expected.read_text("utf-8"))["file"]
    actual = tmp_path / "actual.json"
    actual.write_text(json.dumps(DIALECT.read(path).model_dump(mode="json")))
    command = [sys.executable, str(shared / "contract" / "compare_read.py"), str(expected), str(actual)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 mismatches" in done.stdout


@pytest.mark.corpus
def test_no_expected_file_is_forgotten(shared: Path) -> None:
    assert {p.stem for p in (shared / "corpus" / "expected").glob("siemens_*.json")} == set(EXPECTED)


@pytest.fixture
def site(tmp_path: Path) -> ReadResult:
    return DIALECT.read(written(tmp_path, template()))


def test_steps_come_in_exam_order_with_their_labels(site: ReadResult) -> None:
    (card,) = site.protocols
    assert card.path == ("Head", "Tests", "Site card")
    names = [s.name if isinstance(s, Acquisition) else getattr(s, "text", None) for s in card.steps]
    assert names == ["Coil 1", "site t1", "site t2", "Inject gadobutrol 0.1 mmol/kg; by hand", "site dwi"]
    assert card.acquisition_duration == sum(a.acquisition_duration or 0 for a in SITE_CARD.acquisitions)


def test_release_and_field_strength_come_from_the_file(site: ReadResult) -> None:
    assert (site.format, site.software, site.field_strength) == ("siemens-exar1", "XA61A", 3.0)


def test_what_no_neutral_field_says_stays_verbatim(site: ReadResult) -> None:
    vendor = site.protocols[0].acquisitions[0].vendor
    assert vendor["ascconv"]["sTXSPEC.asNucleusInfo[0].tNucleus"] == '"1H"'
    assert "alTR[0]" not in vendor["ascconv"]
    assert vendor["xprotocol"].startswith("<XProtocol>")
    assert vendor["sequence"] == "tfl"


def test_the_label_is_the_name_and_not_the_stale_one(tmp_path: Path) -> None:
    site = written(tmp_path, template())
    path = written(
        tmp_path, edited(site, "EdfProtocol", lambda d: d["Data"].replace('"site t1"', '"old"')), "b.exar1"
    )
    assert DIALECT.read(path).protocols[0].acquisitions[0].name == "site t1"


def test_a_contrast_pause_is_a_contrast_step_with_an_assumption(tmp_path: Path) -> None:
    tables = exar.read(written(tmp_path, template())).tables
    content = row_of(tables, "EdfPauseStep")
    document = exar.unwrap(exar.loads(content)[1])
    document["ApplyContrastAgent"] = True
    document["ContrastAgent"]["Name"] = "gadobutrol"
    swap(tables, content, exar.dumps("EdfPauseStep", exar.number(document)))
    result = DIALECT.read(written(tmp_path, exar.write(tables), "b.exar1"))
    steps = result.protocols[0].steps
    assert isinstance(steps[0], Contrast)
    assert steps[0].agent == "gadobutrol"
    assert any(note.code == "contrast" and "assumed" in note.message for note in result.notes)


def test_two_exports_of_one_program_are_kept_apart(tmp_path: Path) -> None:
    """The object ids of program and steps repeat; only the elements differ."""
    tables = exar.read(written(tmp_path, template())).tables
    export_again(tables)
    result = DIALECT.read(written(tmp_path, exar.write(tables), "b.exar1"))
    assert len(result.protocols) == 2
    assert [s.model_dump() for s in result.protocols[0].steps] == [
        s.model_dump() for s in result.protocols[1].steps
    ]


def test_notes_name_the_step_they_are_about(site: ReadResult) -> None:
    assert (
        Note(
            code="not-stored",
            message="echo spacing and echo train duration are derived by the sequence and not stored",
            field="echo_spacing",
        )
        in site.notes
    )
    assert isinstance(site.protocols[0].steps[0], Pause)


def test_the_head_is_the_base_map_with_the_delta_laid_over_it(tmp_path: Path) -> None:
    """A renamed label is a new instance that only a small second map names."""
    tables = exar.read(written(tmp_path, template())).tables
    strings = [row for row in tables["Instance"] if row[8] == "EdfString"]
    row = next(row for row in strings if "site t2" in text_of(tables, row))
    fresh = next_id(row[0])
    renamed = exar.dumps("EdfString", exar.number({"Dates": {}, "Texts": {"en": "renamed"}}))
    tables["Content"].append((exar.content_hash(renamed), exar.deflate(renamed), "DS"))
    tables["Instance"].append((fresh, row[1], exar.content_hash(renamed), *row[3:]))
    delta = "0" * 8 + "-0000-0000-0000-" + "0" * 11 + "d"
    tables["ElementToInstanceMap"].append((delta, pack(row[1], fresh)))
    head = next(i for i, change in enumerate(tables["ChangeSet"]) if change[0] == tables["Branch"][1][2])
    tables["ChangeSet"][head] = (*tables["ChangeSet"][head][:8], delta)
    result = DIALECT.read(written(tmp_path, exar.write(tables), "b.exar1"))
    assert [a.name for a in result.protocols[0].acquisitions] == ["site t1", "renamed", "site dwi"]


def test_branches_follow_each_other_in_the_order_of_the_choices(tmp_path: Path) -> None:
    """Of four steps the second and third become the two ways between a split and a join."""
    tables = exar.read(written(tmp_path, template())).tables
    content = row_of(tables, "EdfProgram")
    program = exar.unwrap(exar.loads(content)[1])
    ids = sorted(program["Ranks"], key=lambda i: program["Ranks"][i]["Rank"])
    first, left, right, _, last = ids
    link = dict(program["LinksFrom"][first][0])

    def way(source: str, target: str, choice: str) -> dict[str, Any]:
        return link | {"SourceId": source, "TargetId": target, "ConditionId": "c", "SelectionId": choice}

    program["Conditions"] = {
        "c": {
            "Choices": [{"ObjectId": "B"}, {"ObjectId": "A"}],
            "Label": {"ObjectId": "L"},
            "SelectionId": "A",
        }
    }
    nobody = {step: [] for step in ids}
    program["LinksFrom"] = nobody | {
        first: [way(first, left, "A"), way(first, right, "B")],
        left: [link | {"SourceId": left, "TargetId": last}],
        right: [link | {"SourceId": right, "TargetId": last}],
    }
    swap(tables, content, exar.dumps("EdfProgram", exar.number(program)))
    result = DIALECT.read(written(tmp_path, exar.write(tables), "b.exar1"))
    names = [getattr(s, "name", None) or getattr(s, "text", None) for s in result.protocols[0].steps]
    assert names == ["Coil 1", "site t2", "site t1", "site dwi"]
    assert result.protocols[0].acquisition_duration is None
    codes = [(note.code, note.step) for note in result.notes if note.code in ("branch", "unlinked")]
    assert codes == [("branch", 1), ("branch", 2), ("unlinked", None)]


def test_the_field_strength_may_stand_in_the_preview_alone(tmp_path: Path) -> None:
    """As XA20 writes it."""
    tables = exar.read(written(tmp_path, template())).tables
    for _, packed, _ in list(tables["Content"]):
        content = exar.inflate(packed, "x", "x")
        if b".EdfProtocolContent;" in content[:120]:
            name, document = exar.loads(content)
            lines = document["Data"].splitlines(keepends=True)
            document["Data"] = "".join(line for line in lines if "flNominalB0" not in line)
            entry = {"$id": "99", "Label": " ", "Unit": " ", "Value": 1.494}
            document["Preview"]["sub.0.msr.mag_field_strength"] = entry
            swap(tables, content, exar.dumps(name, document))
    assert DIALECT.read(written(tmp_path, exar.write(tables), "b.exar1")).field_strength == 1.5


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        ({"": "plain", "en": "English"}, "plain"),
        ({"en": "English", "de": "Deutsch"}, "English"),
        ({"de": "Deutsch"}, "Deutsch"),
        ({}, ""),
    ],
)
def test_labels_of_any_locale(texts: dict[str, str], name: str, tmp_path: Path) -> None:
    tables = exar.read(written(tmp_path, template())).tables
    strings = [row for row in tables["Instance"] if row[8] == "EdfString"]
    row = next(row for row in strings if "site t2" in text_of(tables, row))
    old = next(exar.inflate(c[1], "x", "x") for c in tables["Content"] if c[0] == row[2])
    swap(tables, old, exar.dumps("EdfString", exar.number({"Dates": {}, "Texts": texts})))
    result = DIALECT.read(written(tmp_path, exar.write(tables), "b.exar1"))
    assert result.protocols[0].acquisitions[1].name == name


# --- one function at a time ---------------------------------------------------------------------------

STRENGTHS = {0.55: 0.55, 0.5778: 0.578, 1.494: 1.5, 1.574: 1.5, 1.58: 1.58, 2.89362: 3.0, 6.98: 7.0, 1.0: 1.0}
BASELINES = {
    "BUILD:VA11A.RELEASE.x.2, PROTOCOL:61110001, ADDIN:NXVA11A, EDF:1": "XA11A",
    "MAJORVERSION:VA61A, PROTOCOL:66110001, ADDIN:NXMAINLINE, EDF:1, SEQUENCE:1": "XA61A",
    "N4_VE11C_LATEST_20160120": "VE11C", "N4_VE11P_LATEST_20161021": "VE11P", "-": None,
}  # fmt: skip


def test_field_strengths_and_releases_are_named_as_people_say_them() -> None:
    assert {stored: reader.nominal(stored) for stored in STRENGTHS} == STRENGTHS
    assert {text: reader.software_of(text) for text in BASELINES} == BASELINES


@pytest.mark.parametrize(
    ("step", "program", "part", "side"),
    [
        ({"BodyPartExamined": " HEAD ", "Laterality": "L"}, {}, "head", "L"),
        ({"BodyPartExamined": "", "Laterality": "U"}, {"BodyPartExamined": "CSPINE"}, "cspine", None),
        ({}, {"BodyPartExamined": "KNEE", "Laterality": "R"}, "knee", "R"),
        ({"BodyPartExamined": 5, "Laterality": ""}, {}, None, None),
    ],
)
def test_body_part_and_side_are_those_of_the_step_else_of_the_program(
    step: dict[str, Any], program: dict[str, Any], part: str | None, side: str | None
) -> None:
    assert reader.where_of(step, program) == {"body_part": part, "laterality": side}


class Labels:
    """A tree of which only the labels and documents matter."""

    def __init__(self, **document: object) -> None:
        self.shown = document

    def name(self, node: graph.Node) -> str:
        return f"label of {node.element}"

    def document(self, node: graph.Node) -> dict[str, object]:
        return self.shown


KINDS = {
    "EdfDecisionStep": ("decision", "decision before this step: label of e"),
    "EdfWorkflowStep": ("workflow", "workflow before this step: label of e"),
    "EdfSplitStep": ("split", "split before this step: label of e"),
    "EdfJoinStep": ("join", "join before this step: label of e"),
    "EdfNewStep": ("other-step", "other step before this step: label of e"),
    "EdfInteractionStep": ("interaction", "an interaction of the operator (its add-in data is not shown)"),
}  # fmt: skip


def _step(kind: str, **document: object) -> tuple[list[Any], list[Note]]:
    node = graph.Node(kind=kind, element="e", instance="i", object_id="o", hash=None)
    context = reader.Context(reader.Notes(protocol=2))
    return reader._step(Labels(**document), graph.Step(node), 4, context), context.notes.found  # type: ignore[arg-type]


def test_steps_that_are_no_scans_are_named() -> None:
    for kind, (code, message) in KINDS.items():
        steps, notes = _step(kind)
        assert notes == [Note(code=code, message=message, protocol=2, step=4)]
        assert steps == ([Pause(text="label of e")] if kind == "EdfInteractionStep" else [])
    assert _step("EdfPauseStep", ApplyContrastAgent=False) == ([Pause(text="label of e")], [])
    agent = {"$id": "7", "Name": "gadobutrol", "Comment": "", "IsGiven": False, "TotalDose": 0.1}
    steps, (note,) = _step("EdfPauseStep", ApplyContrastAgent=True, ContrastAgent=agent)
    assert steps == [Contrast(agent="gadobutrol", text="label of e")]
    assert (note.code, note.step) == ("contrast", 4)
    assert note.message.endswith("assumed: {'Name': 'gadobutrol', 'TotalDose': 0.1}")
    assert _step("EdfPauseStep", ApplyContrastAgent=True)[0] == [Contrast(agent=None, text="label of e")]


def test_a_file_has_the_release_and_field_strength_of_most_of_its_protocols() -> None:
    context = reader.Context()
    for version, strength, preview in (
        (66110001, "2.8936", None), (66110001, "2.8936", None), (51130001, "1.494", None),
        (51130001, "-1", None), (66110001, "0", {"sub.0.msr.mag_field_strength": {"Value": 2.9}}),
    ):  # fmt: skip
        context.count(block(f"sProtConsistencyInfo.flNominalB0 = {strength}"), version, preview)
    assert dict(context.strengths) == {3.0: 3, 1.5: 1}
    found = context.result("siemens-pro", [])
    assert (found.vendor, found.software, found.field_strength) == ("siemens", "XA61A", 3.0)
    assert [note.code for note in found.notes] == ["not-stored", "field-strengths"]
    assert reader.Context().result("siemens-pro", [], "XA20A").software == "XA20A"
    nothing = reader.Context().result("siemens-pro", [])
    assert (nothing.software, nothing.field_strength, len(nothing.notes)) == (None, None, 1)


# Members that a neutral field says in full: they are not kept a second time, in the vendor's words.
SAID_IN_FULL = {
    "acFlowComp[0]", "adFlipAngleDegree[0]", "alTR[0]", "lContrasts", "lRepetitions", "lTotalScanTimeSec",
    "sDistortionCorrFilter.ucMode", "sGRADSPEC.ucMode", "sKSpace.dPhaseOversamplingForDialog",
    "sKSpace.ucDimension", "sKSpace.ucEnableEllipticalScanning", "sKSpace.ucPhasePartialFourier",
    "sPat.lAccelFact3D", "sPat.lAccelFactPE", "sPat.lRefLinesPE", "sPat.ucRefScanMode",
    "sPhysioImaging.lSignal1", "sPreScanNormalizeFilter.ucOn", "sPrepPulses.lFatWaterContrast",
    "sPrepPulses.ucMTC", "sRXSPEC.alDwellTime[0]", "sSliceArray.asSlice[0].dPhaseFOV",
    "sSliceArray.asSlice[0].dReadoutFOV", "sSliceArray.asSlice[0].dThickness", "sSliceArray.lConc",
    "sTXSPEC.ucRFPulseType",
}  # fmt: skip
SAID_IN_FULL_3D = {
    "adFlipAngleDegree[0]", "alTR[0]", "lTotalScanTimeSec", "sKSpace.dSliceOversamplingForDialog",
    "sKSpace.ucDimension", "sKSpace.ucSlicePartialFourier", "sPat.lAccelFact3D", "sPat.lAccelFactPE",
    "sPat.lRefLines3D", "sPat.lRefLinesPE", "sPat.ucRefScanMode", "sPhysioImaging.lSignal1",
    "sPrepPulses.ucFatSat", "sRXSPEC.alDwellTime[0]", "sSliceArray.asSlice[0].dPhaseFOV",
    "sSliceArray.asSlice[0].dReadoutFOV", "sSliceArray.asSlice[0].dThickness",
}  # fmt: skip
SAID_IN_FULL_DIFFUSION = {
    "sDiffusion.lDiffDirections",
    "sSliceAcceleration.lMultiBandFactor",
    "sKSpace.ucTrajectory",
}


def _pro(folder: Path, text: str, binary: str) -> ReadResult:
    head = f'ulVersion = 66110001\ntSequenceFileName = "%SiemensSeq%\\{binary}"\ntProtocolName = "a scan"\n'
    whole = f"<XProtocol>\n### ASCCONV BEGIN ###\n{head}{text.strip()}\n### ASCCONV END ###\n"
    return DIALECT.read(written(folder, whole.encode(), "a.pro"))


def test_what_a_field_says_in_full_is_not_kept_twice(tmp_path: Path) -> None:
    for text, binary, wanted in (
        (TSE, "tse", SAID_IN_FULL),
        (TFL, "tfl", SAID_IN_FULL_3D),
        ("sDiffusion.lDiffDirections = 30\nsDiffusion.ulMode = 256\nsDiffusion.alBValue[0] = 5\n"
         "sSliceAcceleration.lMultiBandFactor = 2\nsKSpace.ucTrajectory = 1", "ep2d_diff", SAID_IN_FULL_DIFFUSION),
    ):  # fmt: skip
        (a,) = _pro(tmp_path, text, binary).protocols[0].acquisitions
        members = {line.split(" = ")[0] for line in text.strip().splitlines()}
        assert members - a.vendor["ascconv"].keys() == wanted
        assert a.vendor["ascconv"].keys() >= {"ulVersion", "tSequenceFileName", "tProtocolName"}
        assert (a.name, a.vendor["sequence"], a.vendor["xprotocol"]) == ("a scan", binary, "<XProtocol>\n")


def test_a_protocol_file_is_a_program_of_one_scan(tmp_path: Path) -> None:
    result = _pro(tmp_path, TSE, "tse")
    (card,) = result.protocols
    assert (card.name, card.path, card.acquisition_duration) == ("a scan", ("a scan",), 128.0)
    assert (result.format, result.software) == ("siemens-pro", "XA61A")
    assert {(note.code, note.protocol, note.step) for note in result.notes} == {
        ("unverified-code", 0, 0), ("not-stored", None, None),
    }  # fmt: skip


def test_a_member_that_is_no_number_is_named_and_kept(tmp_path: Path) -> None:
    result = _pro(tmp_path, "alTR[0] = many\nalTE[0] = 5000\nadFlipAngleDegree[0] = 4000.0", "gre")
    (a,) = result.protocols[0].acquisitions
    assert (a.repetition_time, a.flip_angle, a.echo_times) == (None, None, (5.0,))
    assert (a.vendor["ascconv"]["alTR[0]"], a.vendor["ascconv"]["adFlipAngleDegree[0]"]) == ("many", "4000.0")
    said = [
        (note.field, note.message.split(", which")[0]) for note in result.notes if note.code == "impossible"
    ]
    assert said == [("repetition_time", "alTR[0] is many"), ("flip_angle", "the file says 4000.0")]


def test_the_time_of_a_program_is_the_sum_if_every_scan_has_one() -> None:
    def total(*seconds: float | None, branched: bool = False) -> tuple[float | None, int]:
        context = reader.Context()
        scans = [Acquisition(name="a", acquisition_duration=time) for time in seconds]
        return reader._total([*scans, Pause(text="p")], branched, context), len(context.notes.found)

    assert [total(10.0, 20.0), total(10.0, None), total(), total(10.0, branched=True)] == [
        (30.0, 0), (None, 0), (None, 0), (None, 1),
    ]  # fmt: skip
