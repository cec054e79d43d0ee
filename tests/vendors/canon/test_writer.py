"""The entry sheet as it is written: golden, mark, schema, flags, pages."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from lxml import etree, html

from generator.errors import CannotBuild
from generator.model.fields import field_table
from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Reformat
from generator.vendors.account import Reasons
from generator.vendors.canon import DIALECT, facts
from generator.vendors.canon.facts import SEQUENCES
from generator.vendors.canon.sheet import FLAGS, Flag, schema
from generator.vendors.canon.writer import sheet_of
from generator.vendors.dialect import BuildOptions
from tests.support.golden import Golden
from tests.vendors.canon.sheets import TARGET, build, entries, one_scan, sink

TEXTS = [facts.XML_NAME, facts.CSV_NAME, facts.LONG_CSV_NAME, facts.HTML_NAME]


def test_kitchen_sink_is_the_accepted_one(golden: Golden) -> None:
    _, export = sink()
    golden.check("canon/kitchen-sink", export.files)


def test_kitchen_sink_at_1_5_tesla_is_the_accepted_one(golden: Golden) -> None:
    _, export = sink(1.5)
    golden.check("canon/kitchen-sink-1.5T", {facts.XML_NAME: export.files[facts.XML_NAME]})


def test_every_file_says_first_that_it_is_not_loadable() -> None:
    _, export = sink()
    assert export.kind == "sheet"
    for name in TEXTS:
        first, _, rest = export.files[name].decode("utf-8-sig").partition("\n")
        assert facts.MARK in first, name
        assert "made for the tests" in rest and "built with --force: 2 errors" in rest, name


def test_every_page_of_the_print_says_so_too() -> None:
    _, export = sink()
    pages = html.fromstring(export.files[facts.HTML_NAME]).xpath("//article")
    assert len(pages) == 1 + 24
    for page in pages:
        (mark,) = page.find_class("mark")
        assert mark.text_content().startswith(facts.MARK) and mark.text_content().endswith("sheet")


def test_the_print_needs_nothing_from_elsewhere() -> None:
    _, export = sink()
    text = export.files[facts.HTML_NAME].decode()
    for word in ("<script", "<link", "<img", "@import", "url(", "http:", "https:"):
        assert word not in text


def test_xml_is_valid_and_the_schema_comes_with_it() -> None:
    _, export = sink()
    schema = etree.XMLSchema(etree.fromstring(export.files[facts.XSD_NAME]))
    schema.assertValid(etree.fromstring(export.files[facts.XML_NAME]))


def test_schema_and_program_know_the_same_flags_and_proofs() -> None:
    names = "//xs:simpleType[@name=$name]//xs:enumeration/@value"
    shipped, space = etree.fromstring(schema()), {"xs": "http://www.w3.org/2001/XMLSchema"}
    assert shipped.xpath(names, namespaces=space, name="flag") == list(FLAGS) == list(get_args(Flag))
    assert shipped.xpath(names, namespaces=space, name="proof") == list(facts.PROOFS)
    assert set(get_args(facts.Proof)) == set(facts.PROOFS)


def test_output_does_not_depend_on_hash_seed_or_locale(tmp_path: Path) -> None:
    script = (
        "import hashlib; from tests.vendors.canon.sheets import sink;"
        "print({n: hashlib.sha256(b).hexdigest() for n, b in sink()[1].files.items()})"
    )
    root = Path(__file__).resolve().parents[3]
    said = set()
    for seed, locale in (("1", "C"), ("2", "tr_TR.UTF-8")):
        environment = os.environ | {"PYTHONHASHSEED": seed, "LC_ALL": locale, "TZ": "Asia/Kolkata"}
        run = subprocess.run(
            [sys.executable, "-c", script],
            cwd=root,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        said.add(run.stdout)
    assert len(said) == 1


def test_every_field_of_the_tree_has_exactly_one_line() -> None:
    keys = (*facts.KEYS, *facts.EXTRAS)
    named = [name for key in keys for name in (key.field, *key.also) if name]
    assert sorted(named) == sorted(set(field_table(Acquisition)) - {"kind", "vendor"})
    assert len({key.id for key in keys}) == len(keys)


def test_every_technique_with_a_name_is_one_of_the_vocabulary() -> None:
    assert {row.technique for row in SEQUENCES} <= set(field_table(Acquisition)["technique"].choices)


@pytest.mark.parametrize(
    ("technique", "dimension", "fields", "name"),
    [
        ("turbo_spin_echo", "3D", {"inversion_time": 1800}, "MPV (FASE3D_mpv) with IR"),
        ("turbo_spin_echo", "2D", {"inversion_time": 160, "fat_suppression": "stir"}, "FastSTIR, 2D"),
        ("turbo_spin_echo", "2D", {"inversion_time": 2500, "role": "flair_2d"}, "FastFLAIR, 2D"),
        ("turbo_spin_echo", "2D", {"inversion_time": 400}, "FSE with IR, 2D"),
        ("gradient_echo", "3D", {}, "FFE (FastFE), 3D"),
        ("magnetization_prepared_gradient_echo", "3D", {}, "FFE3D with IR (FFE3D_IR)"),
        ("echo_planar_diffusion", "2D", {}, "SE_EPI (SEEPI2D)"),
    ],
)
def test_sequence_names(technique: str, dimension: str, fields: dict[str, object], name: str) -> None:
    scan = one_scan(technique=technique, mr_acquisition_type=dimension, **fields)
    assert entries(build(scan))["sequence"][0] == name


def test_values_stand_in_canon_units_and_order() -> None:
    scan = one_scan(
        repetition_time=5000.0,
        echo_times=(20.0, 80.5),
        field_of_view=(240.0, 195.0),
        acquisition_matrix=(256, 208),
        parallel_reduction_factor_in_plane=2.0,
        multiband_factor=1,
        partial_fourier_phase=0.75,
        phase_oversampling=0.5,
        pixel_bandwidth=1562.5,
        phase_encoding_direction="PA",
        slice_gap=0.0,
        plane="sagittal",
    )
    shown = {name: value for name, (value, _) in entries(build(scan)).items()}
    assert (
        shown
        | {
            "tr": "5000",
            "te": "20 / 80.5",
            "fov": "19.5 x 24.0",
            "matrix": "208 x 256",
            "speeder": "2.0",
            "multiband": "off",
            "afi": "0.75",
            "nowrap": "50",
            "bw": "1562.5",
            "pe": "AP, P to A",
            "gap": "0",
            "plane": "SG",
            "region": "HEAD",
        }
        == shown
    )


def test_what_the_spec_leaves_open_is_left_open_on_the_sheet() -> None:
    shown = entries(build(one_scan()))
    for name in (
        "tr",
        "te",
        "flip",
        "thickness",
        "matrix",
        "fov",
        "slices",
        "naq",
        "plane",
        "pe",
        "bw",
        "coil",
    ):
        assert shown[name] == ("", "choose"), name


@pytest.mark.parametrize(
    ("technique", "asked"),
    [
        ("magnetization_prepared_gradient_echo", "ti"),
        ("turbo_spin_echo", "flop"),
        ("echo_planar_bold", "etl"),
        ("echo_planar_diffusion", "b"),
        ("echo_planar_diffusion", "axes"),
    ],
)
def test_what_a_family_needs_is_asked_of_that_family_only(technique: str, asked: str) -> None:
    assert entries(build(one_scan(technique=technique)))[asked] == ("", "choose")
    assert asked not in entries(build(one_scan()))


@pytest.mark.parametrize(
    ("field", "wanted", "got"),
    [("field_of_view", (224.4, 240.0), (224.0, 240.0)), ("flip_angle", 8.6, 9.0),
     ("parallel_reduction_factor_in_plane", 1.76, 1.8)],
)  # fmt: skip
def test_rounding_is_reported(field: str, wanted: object, got: object) -> None:
    export = build(one_scan(**{field: wanted}))
    (loss,) = export.losses
    assert (loss.kind, loss.field, loss.wanted, loss.got, loss.step) == ("rounded", field, wanted, got, 0)


def test_a_fractional_number_of_averages_is_not_rounded() -> None:
    export = build(one_scan(number_of_averages=1.5))
    assert [(loss.kind, loss.field) for loss in export.losses] == [("unsupported", "number_of_averages")]
    assert entries(export)["naq"] == ("", "choose")


def test_a_word_without_canon_name_is_for_the_radiographer_to_choose() -> None:
    export = build(one_scan(fat_suppression="spir"))
    assert [(loss.kind, loss.field) for loss in export.losses] == [("unsupported", "fat_suppression")]
    assert entries(export)["fat"] == ("", "choose")


def test_an_assumed_word_is_reported() -> None:
    (loss,) = build(one_scan(fat_suppression="spair")).losses
    assert (loss.kind, loss.field, loss.got) == ("approximated", "fat_suppression", "spair")
    assert "assumed" in loss.reason


@pytest.mark.parametrize(
    ("fields", "shown", "lost"),
    [
        # The shot interval is what Canon is assumed to show; the excitation interval has no entry.
        ({"repetition_time_preparation": 2300.0, "repetition_time_excitation": 7.4}, "2300",
         {"repetition_time_excitation"}),
        # A tree read from a console that shows the time between excitations.
        ({"repetition_time": 7.4, "repetition_time_preparation": 2300.0}, "2300", {"repetition_time"}),
        ({"repetition_time": 2300.0}, "2300", set()),
    ],
)  # fmt: skip
def test_repetition_time_of_a_prepared_scan(fields: dict[str, float], shown: str, lost: set[str]) -> None:
    technique = {"technique": "magnetization_prepared_gradient_echo", "mr_acquisition_type": "3D"}
    export = build(one_scan(**technique, **fields))
    assert entries(export)["tr"][0] == shown
    assert {loss.field for loss in export.losses} == lost
    (note,) = export.notes
    assert note.field == "repetition_time" and "console" in note.message


@pytest.mark.parametrize(
    ("fields", "flip", "flop", "lost"),
    [
        ({"flip_angle": 90.0, "refocusing_flip_angle": 180.0}, "90", "180", []),
        ({"flip_angle": 120.0, "refocusing_flip_angle": 120.0}, "", "120", []),
        ({"flip_angle": 150.0}, "", "", ["flip_angle"]),
        ({"flip_angle": 90.0}, "90", "", []),
    ],
)
def test_a_refocusing_angle_never_becomes_the_excitation_angle(
    fields: dict[str, float], flip: str, flop: str, lost: list[str]
) -> None:
    export = build(one_scan(technique="turbo_spin_echo", **fields))
    shown = entries(export)
    assert (shown["flip"][0], shown["flop"][0]) == (flip, flop)
    assert [loss.field for loss in export.losses] == lost


def test_matrix_and_thickness_follow_from_the_voxel() -> None:
    export = build(one_scan(field_of_view=(256.0, 240.0), voxel_size=(1.0, 1.0, 3.0)))
    shown = entries(export)
    assert shown["matrix"] == ("240 x 256", "converted")
    assert shown["thickness"] == ("3", "converted")
    assert shown["voxel-size"] == ("1 x 1 x 3", "control")
    assert not export.losses


def test_a_voxel_that_fov_and_matrix_do_not_give_is_reported() -> None:
    scan = one_scan(field_of_view=(256.0, 256.0), acquisition_matrix=(256, 192), voxel_size=(1.0, 1.0, 3.0))
    (loss,) = build(scan).losses
    assert (loss.kind, loss.field, loss.got) == ("approximated", "voxel_size", (1.0, 1.3333, 3.0))


def test_values_of_a_vendor_file_stay_behind() -> None:
    export = build(one_scan(vendor={"sWipMemBlock": "site secret"}))
    assert [(loss.field, loss.wanted) for loss in export.losses] == [("vendor", ["sWipMemBlock"])]
    assert not any(b"site secret" in content for content in export.files.values())


def test_a_donor_is_refused_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(CannotBuild, match="no export format of Canon's consoles is public"):
        DIALECT.build(one_scan(), TARGET, BuildOptions(donor=tmp_path / "site.tar"))


def exam() -> Protocol:
    scan = Acquisition(name="A", technique="gradient_echo")
    return Protocol(
        name="exam",
        path=("Brain",),
        steps=(
            Pause(text="first", duration=10),
            scan,
            Reformat(source="A", plane="transverse", slice_thickness=3),
            Contrast(agent="gadobutrol", dose=0.1, minimum_delay=300),
            Reformat(source="A", optional=True),
            scan.model_copy(update={"name": "B", "optional": True}),
            scan.model_copy(update={"name": "C"}),
            Pause(text="last"),
        ),
    )


def test_boxes_stand_on_the_page_of_the_scan_they_belong_to() -> None:
    sheet = sheet_of(exam(), TARGET, BuildOptions(), Reasons())
    pages = [
        ([b.kind for b in page.before], page.scan.name if page.scan else None, [b.kind for b in page.after])
        for page in sheet.pages()
    ]
    assert pages == [
        (["pause"], "A", ["reformat"]),
        (["contrast", "reformat"], "B", []),
        ([], "C", ["pause"]),
    ]


def test_a_reformat_names_its_scan_as_the_sheet_does() -> None:
    scans = [Acquisition(name=name, role="t1_3d_pre", definition="t1") for name in ("3D T1", "another")]
    for source, title in (("t1_3d_pre", "3D T1"), ("t1", "3D T1"), ("elsewhere", "elsewhere")):
        export = build(Protocol(name="p", steps=(*scans, Reformat(source=source))))
        assert f"<h3>Reformat {title}</h3>" in export.files[facts.HTML_NAME].decode()


def test_times_run_without_optional_scans_and_stop_where_one_is_unknown() -> None:
    times = (10.0, 100.0, None, None, None, 50.0, 200.0, None)
    sheet = sheet_of(exam(), TARGET, BuildOptions(durations=times), Reasons())
    assert [step.start for step in sheet.steps] == [0, 10, 110, 110, None, None, 110, 310]
    assert (sheet.total, sheet.optional_total) == (300, 50)
    unknown = sheet_of(exam(), TARGET, BuildOptions(), Reasons())
    assert [step.start for step in unknown.steps] == [0, 10, None, None, None, None, None, None]
    assert unknown.total is None


def test_an_exam_without_scans_has_its_boxes() -> None:
    export = build(Protocol(name="talk", steps=(Pause(text="Explain the exam"),)))
    assert b"Explain the exam" in export.files[facts.HTML_NAME]


def test_wide_table_has_a_row_a_step_in_the_order_of_entry() -> None:
    protocol, export = sink()
    rows = list(csv.reader(io.StringIO(export.files[facts.CSV_NAME].decode("utf-8-sig"))))
    header = next(index for index, row in enumerate(rows) if row[0] == "step")
    assert len(rows) - header - 1 == len(protocol.steps)
    assert rows[header][4:8] == ["Comment", "Sequence", "Region", "Patient orientation"]
    assert [row[1] for row in rows[header + 1 :]] == [step.kind for step in protocol.steps]


def test_long_table_has_the_columns_of_the_sheet() -> None:
    _, export = sink()
    rows = list(csv.reader(io.StringIO(export.files[facts.LONG_CSV_NAME].decode("utf-8-sig"))))
    assert rows[3][:5] == ["scan", "label", "value", "unit", "note"]
    assert ["3 3D T1 pre", "FOV (PE x RO)", "25.6 x 25.6", "cm"] in [row[:4] for row in rows]


def printed(protocol: Protocol) -> str:
    """Return the text of the printed sheet."""
    page = html.fromstring(build(protocol).files[facts.HTML_NAME])
    for hidden in page.xpath("//style"):
        hidden.drop_tree()
    return " ".join(page.text_content().split())


def test_the_print_speaks_the_words_of_the_field() -> None:
    scan = one_scan(
        role="flair_3d", technique="turbo_spin_echo", fat_suppression="spair", output_maps=("adc", "minip")
    )
    text = printed(scan)
    for said in ("3D FLAIR", "spec: turbo spin echo; 2D", "spec: SPAIR", "ADC, minIP"):
        assert said in text
    for word in ("flair_3d", "flair 3d", "turbo_spin_echo", "minip"):
        assert word not in text


@pytest.mark.parametrize(
    "reference, said",
    [
        ("subcallosal", "Slices along the subcallosal line"),
        ("ac-pc", "Slices along the AC-PC line"),
        ("perpendicular-to-cord", "Slices perpendicular to the cord"),
    ],
)
def test_the_operator_is_told_along_which_line(reference: str, said: str) -> None:
    text = printed(one_scan(plane="transverse", plane_reference=reference))
    assert said in text
    assert said.replace("Slices", "tilted") + ": the console may then show an oblique" in text


@pytest.mark.parametrize(
    "text, said",
    [
        ("Wait 0:10: not before 5:00 after the injection", "Wait 0:10: not before 5:00 after the injection"),
        ("for the agent", "Wait 0:10 min · for the agent"),
    ],
)
def test_a_wait_says_its_length_once(text: str, said: str) -> None:
    scan = one_scan().steps[0]
    protocol = Protocol(name="test", steps=(scan, Pause(text=text, duration=10.0), scan))
    shown = printed(protocol)
    assert said in shown
    assert f"Wait 0:10 · {text}" not in shown


def test_repetitions_of_b_values_are_not_asked_for_again() -> None:
    scan = one_scan(technique="echo_planar_diffusion", b_values=(0.0, 1000.0), b_value_averages=(1, 2))
    text = printed(scan)
    assert "NAQ averages; the spec states repetitions of each b value: see NAQ per b" in text
