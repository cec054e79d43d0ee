"""The sheet read back: the same tree, hand-made changes, and every way a file can be broken."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator import vendors
from generator.errors import ExamcardError, UnusableInput
from generator.model.tree import Acquisition, Protocol
from generator.vendors.canon import DIALECT, facts
from generator.vendors.canon.entries import entered
from generator.vendors.canon.reader import read_sheet
from generator.vendors.canon.sheet import parse
from tests.support.kitchen import kitchen_sink
from tests.support.translate import BOOKKEEPING, assert_translates
from tests.vendors.canon.sheets import TARGET, build, one_scan, options, sink, written


@pytest.mark.parametrize("strength", [1.5, 3.0])
def test_kitchen_sink_translates(strength: float, tmp_path: Path) -> None:
    target = TARGET.model_copy(update={"field_strength": strength})
    protocol = kitchen_sink(target)
    assert_translates(protocol, target, options(protocol), lambda export: written(export, tmp_path))


def test_the_xml_carries_all_that_is_no_vendor_parameter(tmp_path: Path) -> None:
    protocol, export = sink()
    result = read_sheet(written(export, tmp_path))
    (back,) = result.protocols
    assert (result.format, result.software, result.field_strength) == ("canon-sheet", "V6.1", 3.0)
    assert not result.notes
    assert len(back.steps) == len(protocol.steps)
    assert back.model_copy(update={"steps": ()}) == protocol.model_copy(update={"steps": ()})
    for wanted, got in zip(protocol.steps, back.steps, strict=True):
        if not isinstance(wanted, Acquisition):
            assert got == wanted
            continue
        stated = {name for name in type(wanted).model_fields if getattr(wanted, name) is not None}
        for name in stated & (BOOKKEEPING - {"vendor"}):
            assert getattr(got, name) == getattr(wanted, name), name


ROUNDED = {"field_of_view": (224.4, 240.0), "flip_angle": 8.6, "parallel_reduction_factor_in_plane": 1.76}


@pytest.mark.parametrize(
    "fields",
    [
        ROUNDED,
        {"voxel_size": (1.0, 1.0, 3.0), "field_of_view": (256.0, 200.0)},
        {"voxel_size": (0.7, 0.7, 2.0), "acquisition_matrix": (320, 320)},
        {"voxel_size": (1.0, 1.0, 3.0), "field_of_view": (256.0, 256.0), "acquisition_matrix": (256, 192)},
        {"repetition_time": 7.4, "repetition_time_preparation": 2300.0, "technique": "mp2rage"},
        {"field_of_view": (None, 200.0), "acquisition_matrix": (256, None)},
        {"echo_times": (2.4600000001, 4.92), "slice_gap": -0.5, "number_of_averages": 0.5},
    ],
)
def test_rounded_derived_and_open_values_translate(fields: dict[str, object], tmp_path: Path) -> None:
    assert_translates(one_scan(**fields), TARGET, options(Protocol(name="")), lambda e: written(e, tmp_path))


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_numbers_translate(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    plain = [
        "repetition_time", "inversion_time", "flip_angle", "refocusing_flip_angle", "slice_thickness",
        "pixel_bandwidth", "echo_spacing", "repetition_time_preparation", "echo_train_duration",
    ]  # fmt: skip
    fields = {name: data.draw(st.none() | st.floats(0.01, 360), name) for name in plain}
    technique = data.draw(
        st.sampled_from(["gradient_echo", "turbo_spin_echo", "mp2rage", "echo_planar_bold"])
    )
    folder = tmp_path_factory.mktemp("sheet")
    assert_translates(
        one_scan(technique=technique, **fields),
        TARGET,
        options(Protocol(name="")),
        lambda e: written(e, folder),
    )


def changed(tmp_path: Path, old: str, new: str, **fields: object) -> Path:
    scan = {"repetition_time": 500.0, "field_of_view": (240.0, 240.0), "plane": "sagittal"} | fields
    path = written(build(one_scan(**scan)), tmp_path) / facts.XML_NAME
    text = path.read_text()
    assert text.count(old) == 1, text.count(old)
    path.write_text(text.replace(old, new))
    return path


@pytest.mark.parametrize(
    ("old", "new", "field", "value"),
    [
        ('<value unit="ms">500</value>', '<value unit="ms">650</value>', "repetition_time", 650.0),
        ("24.0 x 24.0", "24.0 x 25.6", "field_of_view", (256.0, 240.0)),
        ("<value>SG</value>", "<value>AX</value>", "plane", "transverse"),
        ("<value>scan</value>", "<value>renamed</value>", "name", "renamed"),
    ],
)
def test_what_was_changed_by_hand_counts_and_is_noted(
    tmp_path: Path, old: str, new: str, field: str, value: object
) -> None:
    result = read_sheet(changed(tmp_path, old, new))
    assert getattr(result.protocols[0].acquisitions[0], field) == value
    (note,) = result.notes
    assert (note.code, note.field, note.step) == ("changed-by-hand", field, 0)
    assert "line " in note.message


def test_an_entry_filled_in_by_hand_is_read(tmp_path: Path) -> None:
    path = written(build(one_scan()), tmp_path) / facts.XML_NAME
    text = path.read_text().replace('<value unit="ms"></value>', '<value unit="ms">600</value>', 1)
    path.write_text(text)
    assert read_sheet(path).protocols[0].acquisitions[0].repetition_time == 600


def test_a_text_that_is_not_read_but_was_changed_is_noted(tmp_path: Path) -> None:
    path = changed(tmp_path, "<value>4</value>", "<value>5</value>", number_of_shots=4)
    result = read_sheet(path)
    assert result.protocols[0].acquisitions[0].number_of_shots == 4
    assert [note.code for note in result.notes] == ["not-read"]


BROKEN = {
    "empty": ("", "", "damaged XML"),
    "not xml": ("<?xml", "nonsense <?xml", "damaged XML"),
    "cut off": ("</sheet>", "", "damaged XML"),
    "document type": ("<sheet ", '<!DOCTYPE sheet [<!ENTITY a "b">]><sheet ', "line 2: XML with a DOCTYPE"),
    "entity": ("<label>", "<label>&lol;", "undefined entity"),
    "root": ("sheet", "shoot", "root is <shoot>"),
    "foreign": (facts.NAMESPACE, "urn:something:else", "not a Canon entry sheet"),
    "version": (facts.NAMESPACE, facts.NAMESPACE[:-1] + "9", "another version"),
    "kind": ('kind="sheet"', 'kind="donor"', "line 2: "),
    "unknown element": ("<steps>", "<steps><mystery/>", "mystery"),
    "unknown flag": (
        'flag="as-is" proof="V" element="TR"',
        'flag="perhaps" proof="V" element="TR"',
        "perhaps",
    ),
    "missing": ("<mark>", "<label>", "line 3"),
    "unknown field": ('field="repetition_time"', 'field="repetition_tim"', "did you mean 'repetition_time'"),
    "unit": ('field="repetition_time" unit="ms"', 'field="repetition_time" unit="s"', "expected ms"),
    "source": ('unit="ms">500</source>', 'unit="ms">fast</source>', "repetition_time: could not convert"),
    "value": ('<value unit="ms">500</value>', '<value unit="ms">5oo</value>', "TR: '5oo' is not a value"),
    "out of range": (">500</", ">-500</", "greater than or equal"),
    "infinite": (
        '<value unit="ms">500</value>',
        '<value unit="ms">inf</value>',
        "that a quantity has",
    ),
    "word": ("<value>SG</value>", "<value>SAG</value>", "expected one of AX, SG, CO, Other"),
    "field strength": ("<field_strength>3.0", "<field_strength>strong", "line "),
}


@pytest.mark.parametrize(("old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_broken_files_get_a_located_message(old: str, new: str, message: str, tmp_path: Path) -> None:
    scan = one_scan(repetition_time=500.0, plane="sagittal")
    path = written(build(scan), tmp_path) / facts.XML_NAME
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new) if old else "")
    with pytest.raises(UnusableInput) as caught:
        read_sheet(path)
    assert message in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")


def test_the_line_of_an_invalid_value_is_named(tmp_path: Path) -> None:
    path = changed(tmp_path, "<value>SG</value>", "<value>SAG</value>")
    line = path.read_text().splitlines().index("        <value>SAG</value>")  # the entry begins two lines up
    with pytest.raises(UnusableInput, match=f"line {line - 1}: Plane"):
        read_sheet(path)


def test_a_hidden_document_type_is_refused_whatever_the_file_says_of_its_encoding(tmp_path: Path) -> None:
    content = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'.encode(
        "utf-16"
    )
    with pytest.raises(UnusableInput):
        parse(tmp_path, content)


def test_a_flood_is_refused(tmp_path: Path) -> None:
    path = tmp_path / facts.XML_NAME
    path.write_bytes(b"<sheet>" + b" " * (17 * 2**20))
    with pytest.raises(UnusableInput, match="larger than 16 MB"):
        read_sheet(path)


@pytest.mark.parametrize("lxml", ["with lxml", "without lxml"])
@given(at=st.integers(0, 10_000), patch=st.binary(max_size=6), cut=st.integers(0, 40))
@settings(max_examples=150, deadline=None)
def test_no_damage_ends_in_anything_but_a_message(
    tmp_path_factory: pytest.TempPathFactory, lxml: str, at: int, patch: bytes, cut: int
) -> None:
    content = build(one_scan(repetition_time=500.0, echo_times=(3.0,))).files[facts.XML_NAME]
    place = at % len(content)
    path = tmp_path_factory.mktemp("damaged") / facts.XML_NAME
    path.write_bytes(content[:place] + patch + content[place + cut :])
    with pytest.MonkeyPatch.context() as machine:
        if lxml == "without lxml":
            machine.setitem(sys.modules, "lxml", None)
        try:
            read_sheet(path)
        except ExamcardError as error:
            assert str(path) in str(error)


def test_a_sheet_is_read_without_lxml_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(build(one_scan(repetition_time=500.0, echo_times=(3.0,))), tmp_path)
    with_lxml = read_sheet(path)
    monkeypatch.setitem(sys.modules, "lxml", None)
    assert read_sheet(path) == with_lxml
    file = path / facts.XML_NAME
    file.write_text(file.read_text().replace("<steps>", "<steps><mystery/>"))
    with pytest.raises(UnusableInput, match="unknown step <mystery>"):
        read_sheet(path)


def test_the_dialect_is_found_by_file_and_by_folder(tmp_path: Path) -> None:
    _, export = sink()
    folder = written(export, tmp_path)
    assert vendors.of_file(folder / facts.XML_NAME) == (DIALECT, "canon-sheet")
    assert DIALECT.sniff(folder, b"") == "canon-sheet"
    assert DIALECT.sniff(folder / facts.HTML_NAME, b"<!DOCTYPE html>") is None


def test_inspection_says_what_the_sheet_is(tmp_path: Path) -> None:
    _, export = sink()
    found = DIALECT.inspect(written(export, tmp_path))
    told = dict(found.facts)
    assert found.format == "canon-sheet"
    assert told["what it is"] == facts.MARK
    assert told["made from"] == "made for the tests"
    assert told["scans"] == "24" and int(told["entries to choose at the console"]) > 24
    assert [note.code for note in found.warnings] == ["not-loadable", "built-with"]
    assert found.series[0] == ("Localizer", 14.0)


def test_scans_read_apart_are_those_of_the_whole_sheet() -> None:
    _, export = sink()
    name = f"{{{facts.NAMESPACE}}}"
    scans = parse(Path("sheet.xml"), export.files[facts.XML_NAME]).iter(f"{name}scan")
    whole = [
        entered(
            (line.get("id", ""), line.findtext(f"{name}value") or "", line.get("flag", "")) for line in scan
        )
        for scan in scans
    ]
    (back,) = DIALECT.read_files(export.files).protocols
    assert len(whole) > 10
    assert list(back.acquisitions) == [Acquisition(**{"name": "", **fields}) for fields in whole]


@pytest.mark.parametrize("damage", [b"</value>", b"</scan>", b"</steps>", b"<steps>"])
def test_damage_inside_or_between_scans_is_found(damage: bytes) -> None:
    _, export = sink()
    broken = export.files[facts.XML_NAME].replace(damage, b"", 1)
    with pytest.raises(UnusableInput):
        DIALECT.read_files({facts.XML_NAME: broken})


def sheet_of_items(tmp_path: Path, old: str, new: str) -> Path:
    path = (
        written(build(one_scan(field_of_view=(240.0, None), elliptical_scanning=True)), tmp_path)
        / facts.XML_NAME
    )
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    return path


def test_sources_are_read_as_their_fields_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An item may be open; a value of a list, a truth value and a number have their own spelling."""
    monkeypatch.setitem(sys.modules, "lxml", None)
    for spelled, view in (("true", (240, None)), ("1", (240, None))):
        path = sheet_of_items(tmp_path, '<item open="true"/>', f'<item open="{spelled}"/>')
        scan = read_sheet(path).protocols[0].acquisitions[0]
        assert (scan.field_of_view, scan.elliptical_scanning) == (view, True)
    for old, new, said in (
        ('<item open="true"/>', '<item open="false"/>', "field_of_view: could not convert"),
        ('<item open="true"/>', "", "field_of_view: 1 values, expected 2"),
        ('scanning">true<', 'scanning">yes<', "'yes' is neither true nor false"),
        (
            '<source field="field_of_view" unit="mm">',
            '<source field="field_of_view">',
            "is in no unit, expected mm",
        ),
        ("<protocol>", "<other>", "damaged XML"),
        ("<situation>", "<situations>", "damaged XML"),
    ):
        with pytest.raises(UnusableInput, match=said):
            read_sheet(sheet_of_items(tmp_path, old, new))
    path = sheet_of_items(tmp_path, "<situation>", "<sit>")
    path.write_text(path.read_text().replace("</situation>", "</sit>"))
    with pytest.raises(UnusableInput, match=r"line \d+: <situation> is missing"):
        read_sheet(path)


def test_what_was_rounded_by_the_writer_is_not_noted_as_changed(tmp_path: Path) -> None:
    """What is entered counts; a note is for what somebody changed."""
    path = written(build(one_scan(flip_angle=8.6, fat_suppression="spair")), tmp_path) / facts.XML_NAME
    result = read_sheet(path)
    assert (result.protocols[0].acquisitions[0].flip_angle, list(result.notes)) == (9, [])
    text = path.read_text()
    path.write_text(text.replace("<value>SPAIR / Enhanced FatSAT</value>", "<value>STIR</value>"))
    result = read_sheet(path)
    assert (result.protocols[0].acquisitions[0].fat_suppression, list(result.notes)) == ("stir", [])
    path.write_text(text.replace('id="flip" flag="rounded"', 'id="flip" flag="as-is"'))
    (note,) = read_sheet(path).notes
    assert (note.code, note.protocol, note.step, note.field) == ("changed-by-hand", 0, 0, "flip_angle")
    assert "Flip angle is '9' on the sheet, the spec beside it says 8.6; the sheet counts" in note.message


def test_texts_that_are_compared_are_not_read(tmp_path: Path) -> None:
    path = changed(tmp_path, "<value>yes</value>", "<value>no</value>", breath_hold=True)
    (note,) = read_sheet(path).notes
    assert (note.code, note.protocol, note.step, note.field) == ("not-read", 0, 0, "breath_hold")
    assert "Breath-hold: the text 'no' is not read, only the value beside it" in note.message
