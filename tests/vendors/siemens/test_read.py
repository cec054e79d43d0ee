from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.model.tree import Acquisition, Contrast, Note, Pause, ReadResult
from generator.vendors.siemens import DIALECT, edf, exar
from generator.vendors.siemens.ascconv import Ascconv
from generator.vendors.siemens.derive import derive
from generator.vendors.siemens.graph import pack, unpack
from tests.vendors.siemens.make import SITE_CARD, template, written

EXPECTED = (
    "siemens_vb17_trio",
    "siemens_vd11_axcal_printout",
    "siemens_ve11c_prisma",
    "siemens_xa11b_coma",
    "siemens_xa11b_coma_printout",
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
        tmp_path, _edited(site, "EdfProtocol", lambda d: d["Data"].replace('"site t1"', '"old"')), "b.exar1"
    )
    assert DIALECT.read(path).protocols[0].acquisitions[0].name == "site t1"


def test_a_contrast_pause_is_a_contrast_step_with_an_assumption(tmp_path: Path) -> None:
    tables = exar.read(written(tmp_path, template())).tables
    content = _row(tables, "EdfPauseStep")
    document = edf.unwrap(edf.loads(content)[1])
    document["ApplyContrastAgent"] = True
    document["ContrastAgent"]["Name"] = "gadobutrol"
    _swap(tables, content, edf.dumps("EdfPauseStep", edf.number(document)))
    result = DIALECT.read(written(tmp_path, exar.write(tables), "b.exar1"))
    steps = result.protocols[0].steps
    assert isinstance(steps[0], Contrast)
    assert steps[0].agent == "gadobutrol"
    assert any(note.code == "contrast" and "assumed" in note.message for note in result.notes)


def test_two_exports_of_one_program_are_kept_apart(tmp_path: Path) -> None:
    """The object ids of program and steps repeat; only the elements differ."""
    tables = exar.read(written(tmp_path, template())).tables
    _export_again(tables)
    result = DIALECT.read(written(tmp_path, exar.write(tables), "b.exar1"))
    assert len(result.protocols) == 2
    assert [s.model_dump() for s in result.protocols[0].steps] == [
        s.model_dump() for s in result.protocols[1].steps
    ]


def _export_again(tables: dict[str, list[exar.Row]]) -> None:
    fresh = {row[0]: _next_id(row[0]) for row in tables["Element"]}
    rows = tables["Instance"]
    kept = {"EdfStructure", "EdfDirectory"}
    copied = [row for row in rows if row[8] not in kept]
    head = tables["Branch"][1][2]
    pairs = []
    for row in copied:
        instance, element = _next_id(row[0]), fresh[row[1]]
        links = [fresh.get(x, x) if x else x for x in row[5:8]]
        children = pack(*(fresh[c] for c in unpack(row[3]))) if row[3] else None
        tables["Instance"].append((instance, element, row[2], children, row[4], *links, row[8], row[9]))
        kind = next(e[1] for e in tables["Element"] if e[0] == row[1])
        tables["Element"].append((element, kind, None))
        tables["InstanceChangeSet"].append((instance, head, element, 0))
        pairs.append((element, instance))
    maps = tables["ElementToInstanceMap"]
    extra = b"".join(pack(*pair) for pair in pairs)
    maps[-1] = (maps[-1][0], maps[-1][1] + extra)


def _next_id(guid: str) -> str:
    return guid[:-1] + "0123456789abcdef"[(int(guid[-1], 16) + 1) % 16]


def _row(tables: dict[str, list[exar.Row]], kind: str) -> bytes:
    for _, packed, _ in tables["Content"]:
        content = exar.inflate(packed, "x", "x")
        if f".{kind}Content;".encode() in content[:120]:
            return content
    raise AssertionError(kind)


def _swap(tables: dict[str, list[exar.Row]], old: bytes, new: bytes) -> None:
    was, now = exar.content_hash(old), exar.content_hash(new)
    tables["Content"] = [
        (now, exar.deflate(new), "DS") if row[0] == was else row for row in tables["Content"]
    ]
    tables["Instance"] = [(*row[:2], now, *row[3:]) if row[2] == was else row for row in tables["Instance"]]


def _edited(path: Path, kind: str, change: Callable[[dict[str, Any]], str]) -> bytes:
    tables = exar.read(path).tables
    for _, packed, _ in list(tables["Content"]):
        content = exar.inflate(packed, "x", "x")
        if f".{kind}Content;".encode() in content[:120]:
            name, document = edf.loads(content)
            document["Data"] = change(document)
            _swap(tables, content, edf.dumps(name, document))
    return exar.write(tables)


# --- rules of meaning ---------------------------------------------------------------------------------


def with_members(raw: dict[str, str]) -> tuple[dict[str, object], list[str]]:
    base = {"ulVersion": "66110001", "tSequenceFileName": '"%SiemensSeq%\\gre"', "sKSpace.ucDimension": "2"}
    found, protocol = derive(Ascconv(base | raw, waves=any("Wave" in key for key in raw)))
    return found, [what for _, what, _ in protocol.doubts]


TFL = {"tSequenceFileName": '"%SiemensSeq%\\tfl"'}
BANDWIDTH = {"sKSpace.lBaseResolution": "256", "sRXSPEC.alDwellTime[0]": "7500"}


@pytest.mark.parametrize(
    "members",
    [
        {"tSequenceFileName": '"%SiemensSeq%\\resolve"'},
        {"tSequenceFileName": '"%CustomerSeq%\\something_new"'},
        {"sPat.ucPATMode": "128"},
        {"sKSpace.ucUndersamplingPattern": "4"},
        {"sKSpace.ucWaveEncoding": "0x1"},
        {"sKSpace.ucTrajectory": "2"},
    ],
)
def test_where_the_rule_is_not_known_to_hold_there_is_no_bandwidth(members: dict[str, str]) -> None:
    assert with_members(BANDWIDTH)[0]["pixel_bandwidth"] == pytest.approx(260.417)
    fields, doubts = with_members(BANDWIDTH | members)
    assert fields["pixel_bandwidth"] is None
    assert "pixel_bandwidth" in doubts


def test_compressed_sensing_is_said_to_be_unknown() -> None:
    fields, doubts = with_members({"sPat.ucPATMode": "64", "sPat.lAccelFactPE": "3"})
    assert fields["compressed_sensing_factor"] is None
    assert fields["parallel_reduction_factor_in_plane"] is None
    assert "compressed_sensing_factor" in doubts


def test_an_automatic_partial_fourier_is_no_number() -> None:
    fields, doubts = with_members({"sKSpace.ucPhasePartialFourier": "32"})
    assert fields["partial_fourier_phase"] is None
    assert "partial_fourier_phase" in doubts


@pytest.mark.parametrize(("binary", "value"), [("haste", 0.625), ("gre", None)])
def test_the_half_fourier_code_means_what_the_sequence_prints(binary: str, value: float | None) -> None:
    members = {"tSequenceFileName": f'"%SiemensSeq%\\{binary}"', "sKSpace.ucPhasePartialFourier": "1"}
    assert with_members(members)[0]["partial_fourier_phase"] == value


def test_averages_of_vb_diffusion_are_its_repetitions() -> None:
    members = {"ulVersion": "0x14b44b6", "tSequenceFileName": '"%SiemensSeq%\\ep2d_diff"', "lAverages": "1"}
    assert with_members(members | {"lRepetitions": "3"})[0]["number_of_averages"] == 4
    assert (
        with_members(members | {"lRepetitions": "3", "ulVersion": "51130001"})[0]["number_of_averages"] == 1
    )


def test_the_turbo_factor_of_mprage_is_stale_before_xa60() -> None:
    members = {
        "tSequenceFileName": '"%SiemensSeq%\\tfl"',
        "sFastImaging.lTurboFactor": "16",
        "sKSpace.lPartitions": "176",
        "sKSpace.ucSlicePartialFourier": "8",
        "sPrepPulses.ucInversion": "2",
    }
    assert with_members(members)[0]["echo_train_length"] == 16
    for version in ("0x14b44b6", "51130001", "61120000", "65010000"):
        assert with_members(members | {"ulVersion": version})[0]["echo_train_length"] == 154
    disagreeing = members | {"ulVersion": "65110001", "sFastImaging.lTurboFactor": "120"}
    fields, doubts = with_members(disagreeing)
    assert fields["echo_train_length"] is None
    assert "echo_train_length" in doubts


@pytest.mark.parametrize(
    ("members", "technique"),
    [
        ({}, "gradient_echo"),
        ({"ucSWI": "0x1"}, "susceptibility_weighted"),
        ({"lContrasts": "3"}, "multi_echo_gradient_echo"),
        ({"tSequenceFileName": '"%SiemensSeq%\\tfl"'}, "gradient_echo"),
        (
            {
                "tSequenceFileName": '"%SiemensSeq%\\tfl"',
                "sPrepPulses.ucInversion": "2",
                "lInvContrasts": "2",
            },
            "mp2rage",
        ),
        ({"tSequenceFileName": '"%CustomerSeq%\\cmrr_mbep2d_diff"'}, "echo_planar_diffusion"),
        ({"tSequenceFileName": '"%CustomerSeq%\\new"'}, "other"),
    ],
)
def test_the_technique_follows_from_sequence_and_switches(members: dict[str, str], technique: str) -> None:
    assert with_members(members)[0]["technique"] == technique


@pytest.mark.parametrize(
    ("members", "factor"),
    [
        ({}, None),
        ({"sWipMemBlock.alFree[13]": "4"}, 4),
        ({"sWiPMemBlock.alFree[13]": "0x4"}, 4),
        ({"sWipMemBlock.alFree[13]": "52"}, None),
        ({"sWipMemBlock.alFree[13]": "7"}, None),
        ({"sSliceAcceleration.lMultiBandFactor": "3"}, 3),
    ],
)
def test_the_multiband_factor_of_cmrr_is_private_and_must_divide_the_slices(
    members: dict[str, str], factor: int | None
) -> None:
    cmrr = {"tSequenceFileName": '"%CustomerSeq%\\cmrr_mbep2d_diff"', "sSliceArray.lSize": "60"}
    fields, doubts = with_members(cmrr | members)
    assert fields["multiband_factor"] == factor
    assert ("multiband_factor" in doubts) == (factor != 3)


def test_an_unverified_code_comes_with_a_doubt() -> None:
    fields, doubts = with_members({"sPrepPulses.lFatWaterContrast": "8192"})
    assert fields["fat_suppression"] == "dixon"
    assert "fat_suppression" in doubts
    assert with_members({"sPrepPulses.lFatWaterContrast": "77"})[0]["fat_suppression"] is None


def test_slice_groups_of_different_planes_have_no_one_plane() -> None:
    stem = "sSliceArray.asSlice"
    raw = {
        "sSliceArray.lSize": "2",
        "sGroupArray.lSize": "2",
        "sGroupArray.asGroup[0].nSize": "1",
        "sGroupArray.asGroup[1].nSize": "1",
        "sGroupArray.asGroup[1].dDistFact": "0.5",
        f"{stem}[0].dThickness": "5.0",
        f"{stem}[1].dThickness": "5.0",
        f"{stem}[0].sNormal.dTra": "1.0",
        f"{stem}[1].sNormal.dSag": "1.0",
    }
    fields, doubts = with_members(raw)
    assert (fields["plane"], fields["slice_gap"], fields["number_of_slices"]) == (None, None, 2)
    assert {"plane", "slice_gap"} <= set(doubts)


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
    row = next(row for row in strings if "site t2" in _text(tables, row))
    fresh = _next_id(row[0])
    renamed = edf.dumps("EdfString", edf.number({"Dates": {}, "Texts": {"en": "renamed"}}))
    tables["Content"].append((exar.content_hash(renamed), exar.deflate(renamed), "DS"))
    tables["Instance"].append((fresh, row[1], exar.content_hash(renamed), *row[3:]))
    delta = "0" * 8 + "-0000-0000-0000-" + "0" * 11 + "d"
    tables["ElementToInstanceMap"].append((delta, pack(row[1], fresh)))
    head = next(i for i, change in enumerate(tables["ChangeSet"]) if change[0] == tables["Branch"][1][2])
    tables["ChangeSet"][head] = (*tables["ChangeSet"][head][:8], delta)
    result = DIALECT.read(written(tmp_path, exar.write(tables), "b.exar1"))
    assert [a.name for a in result.protocols[0].acquisitions] == ["site t1", "renamed", "site dwi"]


def _text(tables: dict[str, list[exar.Row]], instance: exar.Row) -> str:
    packed = next(row[1] for row in tables["Content"] if row[0] == instance[2])
    return exar.inflate(packed, "x", "x").decode()


def test_branches_follow_each_other_in_the_order_of_the_choices(tmp_path: Path) -> None:
    """Of four steps the second and third become the two ways between a split and a join."""
    tables = exar.read(written(tmp_path, template())).tables
    content = _row(tables, "EdfProgram")
    program = edf.unwrap(edf.loads(content)[1])
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
    _swap(tables, content, edf.dumps("EdfProgram", edf.number(program)))
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
            name, document = edf.loads(content)
            lines = document["Data"].splitlines(keepends=True)
            document["Data"] = "".join(line for line in lines if "flNominalB0" not in line)
            entry = {"$id": "99", "Label": " ", "Unit": " ", "Value": 1.494}
            document["Preview"]["sub.0.msr.mag_field_strength"] = entry
            _swap(tables, content, edf.dumps(name, document))
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
    row = next(row for row in strings if "site t2" in _text(tables, row))
    old = next(exar.inflate(c[1], "x", "x") for c in tables["Content"] if c[0] == row[2])
    _swap(tables, old, edf.dumps("EdfString", edf.number({"Dates": {}, "Texts": texts})))
    result = DIALECT.read(written(tmp_path, exar.write(tables), "b.exar1"))
    assert result.protocols[0].acquisitions[1].name == name
