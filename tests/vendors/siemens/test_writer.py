# ruff: noqa: E501  (tables: one row a line)
"""Templates: what is written is read back; what is not is a loss; goldens show every byte of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.errors import CannotBuild, UsageError
from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Reformat, Target
from generator.vendors.account import build
from generator.vendors.dialect import BuildOptions, Export
from generator.vendors.siemens import DIALECT, facts, writer
from generator.vendors.siemens.container import ascconv, exar
from generator.vendors.siemens.fields import block, doubt, write_fields
from generator.vendors.siemens.inspect import integrity, verify
from tests.support.golden import Golden
from tests.support.kitchen import kitchen_sink
from tests.support.translate import assert_translates
from tests.vendors.siemens.make import (
    DWI,
    MPRAGE,
    SITE_CARD,
    T2_TSE,
    XA61,
    archive,
    losses,
    protocol,
    scan,
    written,
)
from tests.vendors.siemens.test_vectors import MPRAGE as MPRAGE_BLOCK
from tests.vendors.siemens.test_vectors import TSE
from tests.vendors.siemens.test_vectors import block as block_of

PLAIN = BuildOptions()


def built(*steps: Acquisition, target: Target = XA61, options: BuildOptions = PLAIN) -> Export:
    return build(DIALECT, protocol(*steps), target, options)


@pytest.mark.parametrize("field_strength", [1.5, 3.0])
def test_the_kitchen_sink_comes_back(field_strength: float, tmp_path: Path) -> None:
    target = Target(vendor="siemens", field_strength=field_strength)
    read_path = lambda e: written(tmp_path, archive(e))  # noqa: E731
    assert_translates(kitchen_sink(target), target, PLAIN, read_path, ignore=facts.COMPUTED)


def test_the_losses_of_the_kitchen_sink_are_the_ones_that_are_known(golden: Golden) -> None:
    target = Target(vendor="siemens", field_strength=3.0)
    export = build(DIALECT, kitchen_sink(target), target, PLAIN)
    lines = [f"{x.step} {x.step_name}: {x.kind} {x.field}: {x.wanted} -> {x.got}\n" for x in export.losses]
    golden.check("siemens/kitchen-sink-losses", {"losses.txt": "".join(lines).encode()})


def test_what_a_console_stores_exactly_costs_nothing() -> None:
    export = built(scan("t1", MPRAGE), scan("t2", T2_TSE))
    assert losses(export) == []
    assert export.kind == "template"
    assert any("untested on a console" in note.message for note in export.notes)


def test_an_archive_from_templates_passes_all_checks(tmp_path: Path) -> None:
    data = archive(built(scan("t1", MPRAGE), scan("dwi", DWI)))
    assert integrity(data) == []
    read = exar.read(written(tmp_path, data))
    assert verify(read) == []
    changes = read.tables["ChangeSet"]
    assert {row[1] for row in changes} == {row[4] for row in changes} == {"examcard"}
    assert DIALECT.inspect(written(tmp_path, data)).warnings == ()


def test_the_same_input_gives_the_same_bytes_and_another_gives_other_ids() -> None:
    one, again, other = built(scan("a", MPRAGE)), built(scan("a", MPRAGE)), built(scan("b", MPRAGE))
    assert dict(one.files) == dict(again.files)
    assert archive(one) != archive(other)


def test_the_export_of_the_site_card_is_the_accepted_one(
    golden: Golden, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    export = build(DIALECT, SITE_CARD, XA61, PLAIN)
    files = {name: content for name, content in export.files.items() if name.endswith(".pro")}
    tables = exar.read(written(tmp_path, archive(export))).tables
    for key, packed, _ in tables.pop("Content"):
        content = exar.inflate(packed, "golden", key)
        files[f"content/{exar.loads(content)[0]}-{key[:12]}.json"] = content
    for table, rows in tables.items():
        shown = ["|".join(v.hex() if isinstance(v, bytes) else str(v) for v in row) for row in rows]
        files[f"tables/{table}.txt"] = "\n".join([*shown, ""]).encode()
    golden.check("siemens/site-card", files)


def test_every_scan_has_a_file_of_its_own_that_reads_the_same(tmp_path: Path) -> None:
    export = built(scan("3D T1 µ", MPRAGE), scan("t2/w", T2_TSE))
    names = [name for name in export.files if name.endswith(".pro")]
    assert names == ["pro/01-3D-T1.pro", "pro/02-t2-w.pro"]
    whole = DIALECT.read(written(tmp_path, archive(export))).protocols[0].acquisitions
    for name, step in zip(names, whole, strict=True):
        alone = DIALECT.read(written(tmp_path, export.files[name], "a.pro")).protocols[0].acquisitions[0]
        hidden = {"name", "vendor"}
        assert alone.model_dump(exclude=hidden) == step.model_dump(exclude=hidden)
    assert whole[0].name == "3D T1 µ"


def test_pauses_are_left_to_injections_and_waits(tmp_path: Path) -> None:
    flair = scan("t2", T2_TSE, instruction="Check the\nangle", plane_reference="subcallosal")
    steps = (*SITE_CARD.steps, flair, Reformat(source="t2", plane="coronal", slice_thickness=3.0))
    export = build(DIALECT, protocol(*steps), XA61, PLAIN)
    read = DIALECT.read(written(tmp_path, archive(export)))
    texts = [s.text for s in read.protocols[0].steps if s.kind == "pause"]  # type: ignore[union-attr]
    assert texts[1:] == ["Inject gadobutrol 0.1 mmol/kg; by hand"]
    assert ("approximated", "contrast") in losses(export, 3)
    assert ("unsupported", "plane_reference") in losses(export, 5)
    assert losses(export, 6) == [("approximated", "reformat")]
    comment = read.protocols[0].acquisitions[-1].vendor["description"]
    assert comment == "plane: subcallosal; Check the / angle; Reformat t2, coronal, 3 mm"


def test_a_time_is_written_whole_and_an_estimate_is_taken() -> None:
    scan_without = scan("t1", MPRAGE, acquisition_duration=None)
    export = built(scan_without, options=BuildOptions(durations=(123.4,)))
    text = next(content for name, content in export.files.items() if name.endswith(".pro"))
    assert b"lTotalScanTimeSec\t = \t123\r\n" in text
    assert losses(built(scan("t1", MPRAGE, acquisition_duration=99.5))) == [
        ("rounded", "acquisition_duration")
    ]


def test_a_release_that_no_template_is_made_for_is_refused() -> None:
    target = Target(vendor="siemens", field_strength=3.0, software="VE11C")
    with pytest.raises(CannotBuild, match=r"made for XA61A; for VE11C build from a donor"):
        built(scan("t1", MPRAGE), target=target)


@pytest.mark.parametrize(("echoes", "binary"), [((14.0,), "medic"), ((5.0, 10.0), "gre")])
def test_echoes_that_are_combined_are_a_medic(echoes: tuple[float, ...], binary: str) -> None:
    values = T2_TSE | {"technique": "multi_echo_gradient_echo", "refocusing_flip_angle": None}
    export = built(scan("t2*", values, echo_times=echoes))
    text = next(content for name, content in export.files.items() if name.endswith(".pro")).decode()
    assert f'"%SiemensSeq%\\{binary}"' in text


@pytest.mark.parametrize(
    ("values", "changes", "loss"),
    [
        (T2_TSE, {"flip_angle": 90.0}, ("approximated", "flip_angle")),
        (T2_TSE, {"pixel_bandwidth": 251.0}, ("rounded", "pixel_bandwidth")),
        (T2_TSE, {"number_of_averages": 1.4}, ("approximated", "number_of_averages")),
        (
            T2_TSE,
            {"parallel_reduction_factor_in_plane": 1.5},
            ("approximated", "parallel_reduction_factor_in_plane"),
        ),
        (T2_TSE, {"compressed_sensing_factor": 3.0}, ("approximated", "compressed_sensing_factor")),
        (T2_TSE, {"inversion_time": 160.0, "fat_suppression": "stir"}, ("approximated", "fat_suppression")),
        (T2_TSE, {"fat_suppression": "dixon"}, ("approximated", "fat_suppression")),
        (T2_TSE, {"gating": "cardiac"}, ("approximated", "gating")),
        (MPRAGE, {"refocusing_flip_angle": 150.0}, ("unsupported", "refocusing_flip_angle")),
        (MPRAGE, {"repetition_time": 7.0}, ("approximated", "repetition_time")),
        (MPRAGE, {"partial_fourier_phase": 0.7}, ("approximated", "partial_fourier_phase")),
        (MPRAGE, {"phase_encoding_direction": "LR"}, ("approximated", "phase_encoding_direction")),
        (MPRAGE, {"vendor": {"x": 1}}, ("unsupported", "vendor")),
    ],
)
def test_what_cannot_be_said_is_a_loss(values: dict, changes: dict, loss: tuple[str, str]) -> None:  # type: ignore[type-arg]
    assert losses(built(scan("x", values))) == []
    assert loss in losses(built(scan("x", values, **changes)))


@pytest.mark.parametrize(
    ("changes", "members"),
    [
        ({"inversion_time": 1800.0}, {"sPrepPulses.ucInversion\t = \t2", "alTI[0]\t = \t1800000"}),
        (
            {"inversion_time": 3000.0, "second_inversion_time": 450.0},
            {"sPrepPulses.ucInversion\t = \t16", "alTI[1]\t = \t450000"},
        ),
        ({}, {"sPrepPulses.ucInversion\t = \t4"}),
    ],
)
def test_the_inversion_of_a_3d_spin_echo_train(changes: dict[str, float], members: set[str]) -> None:
    space = {
        "technique": "turbo_spin_echo",
        "mr_acquisition_type": "3D",
        "slice_gap": None,
        "concatenations": None,
    }
    export = built(scan("space", T2_TSE | space, **changes))
    text = next(content for name, content in export.files.items() if name.endswith(".pro")).decode()
    assert members <= set(text.split("\r\n"))
    assert '"%SiemensSeq%\\space"' in text


def test_slices_lie_around_the_centre_with_thickness_and_gap() -> None:
    export = built(scan("t2", T2_TSE, number_of_slices=3))
    text = next(content for name, content in export.files.items() if name.endswith(".pro")).decode()
    positions = [line.split("\t = \t")[1] for line in text.split("\r\n") if "sPosition.dTra" in line]
    assert positions == ["-3.3", "3.3"]  # the middle one is zero, and zero is absent
    assert "sGroupArray.anMember[3]\t = \t-1" in text


def test_the_label_and_the_warnings_stand_in_the_comment_of_the_program(tmp_path: Path) -> None:
    options = BuildOptions(label="test 1.0", warnings=("built with --force",))
    read = exar.read(written(tmp_path, archive(built(scan("t1", MPRAGE), options=options))))
    texts = [read.content(row[2]).decode() for row in read.tables["Instance"] if row[8] == "EdfString"]
    assert any('"test 1.0; built with --force"' in text for text in texts)


def test_the_date_of_the_store_is_told_and_never_the_clocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    tables = exar.read(written(tmp_path, archive(built(scan("t1", MPRAGE))))).tables
    assert {row[2] for row in tables["ChangeSet"]} == {"2023-11-14 22:13:20.0000000"}
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(UsageError, match="yesterday"):
        built(scan("t1", MPRAGE))


def test_an_exam_of_a_region_begins_with_a_localizer_in_three_planes(tmp_path: Path) -> None:
    card = protocol(scan("t1", MPRAGE)).model_copy(update={"region": "brain"})
    export = build(DIALECT, card, XA61, PLAIN)
    path = written(tmp_path, archive(export))
    first, second = DIALECT.read(path).protocols[0].acquisitions
    assert (first.name, first.plane, first.number_of_slices) == ("localizer", None, 3)
    groups = {first.vendor["ascconv"][f"sSliceArray.asSlice[{i}].sNormal.{axis}"]
              for i, axis in enumerate(("dSag", "dCor", "dTra"))}  # fmt: skip
    assert groups == {"1.0"}
    assert (second.name, losses(export)) == ("t1", [])
    assert DIALECT.gate(export.files) == ()
    assert [step.is_localizer for step in DIALECT.describe(path).steps] == [True, False]
    own = card.model_copy(update={"steps": (scan("survey", T2_TSE, role="localizer"), *card.steps)})
    assert (
        len(DIALECT.read(written(tmp_path, archive(build(DIALECT, own, XA61, PLAIN)))).protocols[0].steps)
        == 2
    )


# Technique: binary of a 2D and of a 3D scan, as the consoles of XA call them.
BINARIES = {
    "spin_echo": ("se", "se"), "turbo_spin_echo": ("tse", "space"), "gradient_echo": ("gre", "gre"),
    "single_shot_turbo_spin_echo": ("haste", "haste"), "multi_echo_gradient_echo": ("medic", "medic"),
    "magnetization_prepared_gradient_echo": ("tfl", "tfl"), "mp2rage": ("tfl", "tfl"),
    "balanced_ssfp": ("trufi", "trufi"), "susceptibility_weighted": ("gre", "gre"),
    "echo_planar_diffusion": ("ep2d_diff", "ep2d_diff"), "echo_planar_bold": ("ep2d_bold", "ep2d_bold"),
    "arterial_spin_labelling": ("tgse_asl", "tgse_asl"), "time_of_flight": ("fl_tof", "fl_tof"),
    "field_map": ("gre_field_mapping", "gre_field_mapping"), "calibration": ("gre", "gre"),
}  # fmt: skip


def test_each_technique_has_its_binary() -> None:
    def binary(technique: str, kind: str, echoes: int = 1) -> str:
        return writer.binary_for(
            scan("x", {"technique": technique, "mr_acquisition_type": kind, "echo_times": (5.0,) * echoes})
        )

    assert {t: (binary(t, "2D"), binary(t, "3D")) for t in BINARIES} == BINARIES
    assert [binary("multi_echo_gradient_echo", "3D", n) for n in (1, 2)] == ["medic", "gre"]


@pytest.mark.parametrize(("tesla", "stored"), [(0.55, "0.55"), (1.5, "1.494"), (3.0, "2.89362001419"),
                                               (7.0, "6.98093605042"), (1.0, "1.0")])  # fmt: skip
def test_the_field_strength_is_the_one_that_consoles_store(tesla: float, stored: str) -> None:
    text = writer.compile_scan(scan("t1", MPRAGE), None, tesla).pro
    assert f"sProtConsistencyInfo.flNominalB0\t = \t{stored}\r\n".encode() in text
    assert b"lTotalScanTimeSec" not in text


def test_reasons_and_doubts_are_about_fields_of_a_scan() -> None:
    fields = set(Acquisition.model_fields) | {"software"}
    assert set(facts.REASONS) <= fields
    assert {name for name, _ in facts.DOUBTS} | set(facts.COMPUTED) <= fields
    assert facts.same_release("XA61", "XA61A")


def _said(a: Acquisition, text: str, binary: str, before: str | None = None) -> list[tuple[bool, str]]:
    said = block.Said()
    doubt(a, block_of(text, binary), None if before is None else block_of(before, binary), said)
    return [(doubted, name) for doubted, name, _ in said.all]


def test_near_values_and_assumed_codes_are_said_where_they_are_new() -> None:
    stir, spir, cardiac = (Acquisition(name="x", **{field: word}) for field, word in (
        ("fat_suppression", "stir"), ("fat_suppression", "spir"), ("gating", "cardiac")))  # fmt: skip
    fat, pulse = "sPrepPulses.lFatWaterContrast = ", "sPhysioImaging.lSignal1 = "
    assert _said(stir, f"{fat}1", "tse") == [(False, "fat_suppression")]
    assert _said(spir, f"{fat}4", "tse") == [(False, "fat_suppression")]
    assert _said(cardiac, f"{pulse}4", "tse") == [(True, "gating")]
    assert _said(cardiac, f"{pulse}4", "tse", f"{pulse}4") == []
    assert _said(cardiac, f"{pulse}1", "tse") == [(False, "gating")]
    dixon = Acquisition(name="x", fat_suppression="dixon")
    assert _said(dixon, f"{fat}8192", "tse") == [(True, "fat_suppression")]
    assert _said(dixon, f"{fat}8192", "tse", f"{fat}1") == [(True, "fat_suppression")]
    assert _said(dixon, f"{fat}8192", "tse", f"{fat}8192") == []
    assert _said(Acquisition(name="x"), f"{fat}8192", "tse") == []
    segments = "sFastImaging.lReadoutSegments = "
    shots = [_said(Acquisition(name="x", number_of_shots=n), f"{segments}5", "resolve") for n in (1, 5)]
    assert shots == [[(False, "number_of_shots")], []]
    assert _said(Acquisition(name="x"), f"{segments}5", "resolve") == []
    assert _said(Acquisition(name="x", number_of_shots=2), f"{segments}1", "resolve") == []


@pytest.mark.parametrize(
    ("technique", "binary", "computed"),
    [
        ("turbo_spin_echo", "tse", ["number_of_shots"]),
        ("echo_planar_diffusion", "ep2d_diff", ["echo_train_length", "number_of_shots"]),
        ("echo_planar_bold", "ep2d_bold", ["echo_train_length", "number_of_shots"]),
        ("echo_planar_diffusion", "resolve", ["echo_train_length"]),
    ],
)
def test_what_the_sequence_computes_is_said(technique: str, binary: str, computed: list[str]) -> None:
    said = block.Said()
    write_fields(Acquisition(name="x", technique=technique), None, block_of("", binary), said)
    assert said.computed == ["repetition_time_excitation", "echo_spacing", "echo_train_duration", *computed]


def test_the_reasons_of_a_scan_are_said_again_of_its_step() -> None:
    one, other = block.Said(), block.Said()
    one.why("a", "b")
    one.doubt("c", "d")
    one.derived("e")
    one.to(other)
    assert (other.all, other.computed) == ([(False, "a", "b"), (True, "c", "d")], ["e"])


def test_the_time_of_a_scan_is_written_with_the_part_that_is_measured() -> None:
    def times(text: str, binary: str, seconds: float) -> dict[str, object]:
        return write_fields(Acquisition(name="x"), seconds, block_of(text, binary), block.Said())  # type: ignore[return-value]

    total, one = "lTotalScanTimeSec", "lScanTimeSec"
    plain = MPRAGE_BLOCK.replace("ucInversion = 2", "ucInversion = 4")
    assert times(plain, "tfl", 314.4) == {}
    assert times(plain, "tfl", 100.0) == {total: 100, one: 98}
    assert times("alTR[0] = 10", "gre", 99.5) == {total: 100, one: 100}
    assert times(f"{total} = 20\n{one} = 18", "gre", 3.0) == {total: 3, one: 1}
    assert times(f"{total} = 20\n{one} = 18", "gre", 2.0) == {total: 2, one: 2}
    assert times(TSE, "tse", 300.0) == {total: 300, one: 100}  # three measurements


# Entries of a preview and what the console shows: ms, degrees, percent with one digit, m:ss.
PREVIEW = {
    "tr.0": 5000.0, "te.0": 11.0, "angle_array.0": 150.0, "matrix": 320, "ph_os": 20.0, "sl_os": 0.0,
    "total_size": 2, "time_sec": 128, "time": "2:08", "seq_subpath": "tse", "readout_fov": 240.0,
    "phase_fov": 75.0, "sl_thick": 4.0, "sg.0.df": 10.0, "sg.0.size": 2,
}  # fmt: skip
PREVIEW_3D = {
    "tr.0": 2300.0, "te.0": 2.98, "angle_array.0": 9.0, "matrix": 256, "ips": 176, "ph_os": 0.0, "sl_os": 25.0,
    "total_size": 1, "time_sec": 314, "time": "5:14", "seq_subpath": "tfl", "readout_fov": 256.0,
    "phase_fov": 93.8, "sl_thick": 1.0, "sg.0.df": 0.0, "sg.0.size": 1, "mag_field_strength": 2.8936,
}  # fmt: skip


def test_a_preview_shows_what_the_block_says() -> None:
    slab = (
        MPRAGE_BLOCK + "sKSpace.dSliceOversamplingForDialog = 0.25\nsProtConsistencyInfo.flNominalB0 = 2.8936"
    )
    for text, binary, wanted in ((TSE, "tse", PREVIEW), (slab, "tfl", PREVIEW_3D)):
        assert block.preview_of(block_of(text, binary)) == {f"sub.0.msr.{k}": v for k, v in wanted.items()}
    groups = TSE.replace("sGroupArray.lSize = 1", "sGroupArray.lSize = 2")
    assert not {"sub.0.msr.sg.0.df", "sub.0.msr.sg.0.size"} & set(block.preview_of(block_of(groups)))
    shown = {
        "sub.0.msr.tr.0": {"Value": 1.0},
        "sub.0.msr.te.0": {"Value": 99.0},
        "sub.0.msr.matrix": {"Unit": ""},
    }
    block.update_preview(
        shown, block_of("alTR[0] = 1000\nalTE[0] = 2000"), block_of("alTR[0] = 3000\nalTE[0] = 2000")
    )
    assert shown == {
        "sub.0.msr.tr.0": {"Value": 3.0}, "sub.0.msr.te.0": {"Value": 99.0}, "sub.0.msr.matrix": {"Unit": ""}
    }  # fmt: skip


def test_a_preview_loses_what_is_no_more() -> None:
    shown = {
        "sub.0.msr.time_sec": {"Value": 1}, "sub.0.msr.time": {"Value": "0:01"}, "sub.0.msr.tr.0": {"Value": 1.0},
        "sub.1.msr.tr.0": {"Value": 2.0}, "sub.0.HEADER.SubProtocolCount": {"Value": 3},
        "ctrl.MultiStep.IsMultistep": {"Value": True}, "ctrl.MultiStep.IsInlineCompose": {"Value": True},
    }  # fmt: skip
    rest = {"sub.0.msr.tr.0": {"Value": 1.0}, "sub.0.HEADER.SubProtocolCount": {"Value": 1},
            "ctrl.MultiStep.IsMultistep": {"Value": False}, "ctrl.MultiStep.IsInlineCompose": {"Value": False}}  # fmt: skip
    assert block.pruned_preview({"Data": "x", "Preview": shown}, block_of("")) == {
        "Data": "x",
        "Preview": rest,
    }
    count = {
        "Preview": {"sub.0.HEADER.SubProtocolCount": {"Value": "3"}, "sub.0.msr.time": {"Value": "0:01"}}
    }
    kept = block.pruned_preview(count, block_of("lTotalScanTimeSec = 1"))["Preview"]
    assert kept == {"sub.0.HEADER.SubProtocolCount": {"Value": "1"}, "sub.0.msr.time": {"Value": "0:01"}}
    strength = {"sub.0.msr.mag_field_strength": {"Value": 1.494}}
    assert [block.previewed_strength(x) for x in (strength, {}, None)] == [1.494, None, None]


def test_what_the_operator_reads() -> None:
    contrast = Contrast(agent="gadobutrol", dose=0.1, minimum_delay=300.0, text="by hand")
    assert writer.contrast_text(contrast).split("; ")[:2] == [
        "Inject gadobutrol 0.1 mmol/kg", "next scan not before 5:00 min after the injection",
    ]  # fmt: skip
    assert writer.contrast_text(Contrast(agent=None)) == "Inject contrast agent"
    reformat = Reformat(source="t1", method="mpr", plane="coronal", slice_thickness=3.0, slice_gap=0.0,
                        plane_reference="subcallosal")  # fmt: skip
    assert (
        writer.reformat_text(reformat)
        == "Reformat t1, mpr, coronal, 3 mm, gap 0 mm, parallel to: subcallosal"
    )
    assert writer.reformat_text(Reformat(source="t1")) == "Reformat t1"
    scanned = scan(
        "a", MPRAGE, plane_reference="ac-pc", coverage=("cervical", "conus"), station="1", branch="x = y"
    )
    planned = writer.Planned(0, "a", scanned, remarks=("look", ""))
    assert planned.comment == "plane: ac-pc; coverage: cervical, conus; station: 1; branch: x = y; look"
    assert writer.Planned(0, "a").comment == ""
    export = build(DIALECT, protocol(scan("t1", MPRAGE), Pause(text="Wait", duration=90.0)), XA61, PLAIN)
    (loss,) = [x for x in export.losses if x.step == 1]
    assert (loss.kind, loss.field, loss.wanted, loss.severity) == (
        "approximated",
        "duration",
        90.0,
        "operator",
    )


@pytest.mark.parametrize(
    ("name", "inside", "file"),
    [
        ("3D T1 \u00e9", "3D T1 e", "3D-T1-e"),
        ('a "b"', "a 'b'", "a-b"),
        ("\u4e2d", "protocol", "protocol"),
        ("-a.b+c_d-.", "-a.b+c_d-.", "a.b+c_d"),
        ("x" * 120, "x" * 120, "x" * 100),
        ("a\tb", "a'b", "a-b"),
    ],
)
def test_names_are_plain_where_they_must_be(name: str, inside: str, file: str) -> None:
    assert (writer.protocol_name(name), writer.file_name(name)) == (inside, file)


def test_where_a_program_is_filed() -> None:
    def place(**given: object) -> tuple[list[str], str]:
        return writer.folders(Protocol(name="n", **given))  # type: ignore[arg-type]

    assert place(path=("Head", "a\nb", "card")) == (["Head", "a / b"], "card")
    assert place(path=("card",), region="brain") == (["Brain", "examcard"], "card")
    assert place() == (["Examcard", "examcard"], "n")
    assert writer.one_line(" a \n\n b ") == "a / b"
    assert writer.seed_of("a", 1) == writer.seed_of("a", "1") != writer.seed_of("a", 2)


LOCALIZER = {
    "tSequenceFileName": '"%SiemensSeq%\\gre"', "alTR[0]": "8000", "alTE[0]": "4000", "lContrasts": "1",
    "adFlipAngleDegree[0]": "20.0", "sRXSPEC.alDwellTime[0]": "6100", "sKSpace.ucDimension": "2",
    "sKSpace.lBaseResolution": "256", "sKSpace.lPhaseEncodingLines": "256", "sKSpace.dPhaseResolution": "1.0",
    "lAverages": "1", "sSliceArray.lConc": "3", "sSliceArray.lSize": "3", "sSliceArray.lSag": "1",
    "sSliceArray.lCor": "1", "sGroupArray.lSize": "3", "sGroupArray.anMember[1]": "1",
    "sGroupArray.anMember[2]": "2", "sGroupArray.anMember[3]": "-1",
} | {f"sGroupArray.asGroup[{i}].nSize": "1" for i in range(3)} | {
    f"sSliceArray.asSlice[{i}].{member}": value for i in range(3) for member, value in
    (("dThickness", "8.0"), ("dReadoutFOV", "300.0"), ("dPhaseFOV", "300.0"))
} | {f"sSliceArray.asSlice[{i}].sNormal.{axis}": "1.0" for i, axis in enumerate(("dSag", "dCor", "dTra"))}  # fmt: skip


def test_the_localizer_of_a_template_is_three_slices_through_the_isocentre() -> None:
    """1e9 / (2 x 256 x 320 Hz/px) is 6104 ns, on a raster of 100; transverse slices are counted nowhere."""
    text = writer.compile_scan(writer.LOCALIZER, None, 3.0).pro.decode()
    raw = ascconv.parse(text).raw
    assert {key: raw.get(key) for key in LOCALIZER} == LOCALIZER
    assert not [
        key
        for key in raw
        if ".sPosition." in key or key == "sSliceArray.lTra" or (".sNormal." in key and raw[key] != "1.0")
    ]
    assert len([key for key in raw if ".sNormal." in key]) == 3
    assert (writer.LOCALIZER.role, writer.LOCALIZER.slice_gap, writer.RELEASE) == ("localizer", 0.0, "XA61A")
    assert raw["ulVersion"] == "66110001"
