"""Printouts of Philips: the protocol dump as PDF and the text export, each label a parameter."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import paper, vendors
from generator.donors import library
from generator.errors import UnusableInput
from generator.model.tree import Acquisition
from generator.vendors.philips import DIALECT, printouts
from tests.support import pdf
from tests.vendors.philips.vectors import TOGETHER, WORDS

# below another row, label, value
INFO = [
    (False, "Total scan duration", "04:31.5"), (False, "Act. TR/TE (ms)", "8.1 / 3.7"),
    (False, "ACQ matrix M x P", "256 x 220"), (False, "ACQ voxel MPS (mm)", "0.94 / 0.95 / 1.20"),
    (False, "Act. WFS (pix) / BW (Hz)", "2.268 / 191.5"), (False, "TFE factor", "200"),
    (False, "Respiratory compensation", "no"), (False, "NSA", "2"), (False, "Flow compensation", "no"),
    (False, "Dynamic study", "individual"), (True, "dyn scans", "4"), (True, "MTC", "yes"),
]  # fmt: skip
GEOMETRY = [
    (False, "Nucleus", "H1"), (False, "Uniformity", "CLEAR"), (False, "FOV FH (mm)", "240"),
    (True, "AP (mm)", "210"), (True, "RL (mm)", "180"), (False, "ACQ voxel size FH (mm)", "0.9375"),
    (True, "AP (mm)", "0.95"), (True, "RL (mm)", "1.2"), (False, "SENSE", "yes"),
    (True, "P reduction (AP)", "1.8"), (True, "S reduction (RL)", "1.5"), (False, "Stacks", "1"),
    (True, "slices", "150"), (True, "slice orientation", "sagittal"), (True, "fold-over direction", "AP"),
    (True, "fat shift direction", "F"), (False, "REST slabs", "0"),
    (False, "Stack Offc. AP (P=+mm)", "4.9"), (True, "RL (L=+mm)", "3.9"), (True, "Ang. AP (deg)", "0"),
    (True, "RL (deg)", "2.5"), (True, "FH (deg)", "0"),
]  # fmt: skip
CONTRAST = [
    (False, "Scan type", "Imaging"), (False, "Scan mode", "3D"), (True, "technique", "FFE"),
    (False, "Contrast enhancement", "T1"), (False, "Acquisition mode", "cartesian"),
    (False, "Fast Imaging mode", "TFE"), (True, "shot mode", "multishot"),
    (True, "shot interval", "user defined"),
    (True, "(ms)", "2100"), (False, "Echoes", "1"), (False, "TE", "user defined"), (True, "(ms)", "3.7"),
    (False, "Flip angle (deg)", "8"), (False, "TR", "shortest"), (False, "Halfscan", "no"),
    (False, "Fat suppression", "SPAIR"), (False, "TFE prepulse", "invert"), (True, "delay", "user defined"),
    (True, "(ms)", "950"), (False, "MTC", "no"), (False, "Diffusion mode", "no"),
    (False, "Gradient mode", "maximum"),
]  # fmt: skip


def check(scan: Acquisition) -> None:
    assert (scan.technique, scan.mr_acquisition_type) == ("magnetization_prepared_gradient_echo", "3D")
    assert (scan.repetition_time, scan.echo_times, scan.flip_angle) == (8.1, (3.7,), 8)
    assert (scan.inversion_time, scan.repetition_time_preparation) == (950, 2100)
    assert (scan.field_of_view, scan.acquisition_matrix) == ((240, 210), (256, 220))
    assert scan.voxel_size == pytest.approx((0.94, 0.95, 1.2), abs=0.01)
    assert (scan.slice_thickness, scan.slice_gap, scan.number_of_slices) == (1.2, None, 150)
    assert (scan.plane, scan.phase_encoding_direction) == ("sagittal", "AP")
    assert scan.oblique_angles is not None
    assert (scan.parallel_reduction_factor_in_plane, scan.parallel_reduction_factor_out_of_plane) == (
        1.8,
        1.5,
    )
    assert (scan.echo_train_length, scan.pixel_bandwidth, scan.number_of_averages) == (200, 191.5, 2)
    assert (scan.fat_suppression, scan.partial_fourier_phase) == ("spair", 1)
    assert (scan.magnetization_transfer, scan.number_of_temporal_positions) == (False, 4)
    assert scan.acquisition_duration == 271.5


def export(rows: list[tuple[bool, str, str]]) -> str:
    lines = []
    for below, label, value in rows:
        shown = value if value.replace(".", "").isdigit() else f'"{value}"'
        lines.append(f"{'    ' if below else ''}{label} =\t\t{shown};")
    return "\r\n".join(lines) + "\r\n"


def test_a_text_export_is_read(tmp_path: Path) -> None:
    path = tmp_path / "T1 sag.txt"
    path.write_text(export([*GEOMETRY, *CONTRAST, *INFO]), encoding="cp1252")
    dialect, kind = vendors.of_file(path)
    found = dialect.read(path)
    (scan,) = found.protocols[0].acquisitions
    assert (kind, found.format, scan.name) == ("philips-printout", "philips-printout", "T1 sag")
    check(scan)


def dump() -> list[list[pdf.Placed]]:
    """A page as the dump has it: three columns, labels and values that go on further left."""
    words: list[pdf.Placed] = [
        (54, 800, "Philips MRI Protocol Dump"), (60, 770, "Hospital (1) |"), (120, 770, "InBox (1) |"),
        (60, 760, "my card (2) 09:03.0 |"), (180, 760, "T1 sag 04:31.5"),
        (97, 740, "INFO PAGE"), (240, 740, "GEOMETRY"), (400, 740, "CONTRAST"),
    ]  # fmt: skip
    for x, rows in ((60, INFO), (215, GEOMETRY), (390, CONTRAST)):
        y = 730
        for below, label, value in rows:
            first, _, rest = label.rpartition(" ") if len(label) > 24 else (label, "", "")
            words += [(x + 12 * below, y, first), (x + 95, y, value.removesuffix(" 1.20"))]
            if rest:
                words.append((x - 1.5, y - 6, rest))
            if value.endswith(" 1.20"):
                words.append((x + 93.5, y - 6, "1.20"))
            y -= 13
    return [words]


def test_a_dump_is_read(tmp_path: Path) -> None:
    pytest.importorskip("pypdfium2", reason="the extra `printouts` is not installed")
    found = DIALECT.read(pdf.write(tmp_path / "a.pdf", dump(), size=5))
    (card,) = found.protocols
    assert (found.format, card.name, card.acquisition_duration) == ("philips-printout", "my card", 543)
    (scan,) = card.acquisitions
    assert scan.name == "T1 sag"
    check(scan)
    assert "printout" in DIALECT.inspect(tmp_path / "a.pdf").facts[1][1]


def test_a_word_of_no_list_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(export([*GEOMETRY, *CONTRAST, *INFO]).replace("SPAIR", "by magic"), encoding="cp1252")
    found = DIALECT.read(path)
    assert found.protocols[0].acquisitions[0].fat_suppression is None
    assert ("fat_suppression", "printed") in {(note.field, note.code) for note in found.notes}


@pytest.mark.parametrize("number", ["1e400", "9" * 400, "nan", "-1", "0"])
def test_a_number_that_cannot_be_is_left_out(number: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    text = export([*GEOMETRY, *CONTRAST, *INFO])
    path.write_text(text.replace("=\t\t150;", f"=\t\t{number};").replace("=\t\t8;", f"=\t\t{number};"))
    scan = DIALECT.read(path).protocols[0].acquisitions[0]
    assert scan.number_of_slices is None
    assert scan.flip_angle in (None, 0)


def test_other_texts_are_not_taken_for_an_export(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("[tool]\nname = 'x'\nStacks = 3\n\nAnd a sentence.\n" * 4)
    assert DIALECT.sniff(path, path.read_bytes()) is None


def test_it_is_no_donor(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(export([*GEOMETRY, *CONTRAST, *INFO]), encoding="cp1252")
    with pytest.raises(UnusableInput, match="a printout is no donor"):
        library(DIALECT, [path])


@pytest.mark.corpus
def test_what_is_printed_is_what_the_card_holds(corpus: Path) -> None:
    pytest.importorskip("pypdfium2", reason="the extra `printouts` is not installed")
    stem = corpus / "philips" / "R5.3" / "spine_generic_philips_R53"
    printed, stored = (DIALECT.read(Path(f"{stem}{end}")).protocols[0] for end in (".pdf", ".ExamCard"))
    assert printed.name == stored.name
    assert printed.acquisition_duration == pytest.approx(stored.acquisition_duration, abs=0.05)
    compared = 0
    for a, b in zip(stored.acquisitions, printed.acquisitions, strict=True):
        for what in Acquisition.model_fields.keys() - {"vendor"}:
            one, other = getattr(a, what), getattr(b, what)
            if one is not None and other is not None:
                exact = isinstance(one, str | bool) or (isinstance(one, tuple) and isinstance(one[0], str))
                assert one == other if exact else one == pytest.approx(other, rel=0.011), f"{a.name}: {what}"
                compared += 1
    assert compared > 280


def test_every_printed_word_is_a_text_of_its_list() -> None:
    wrong = []
    for label, printed, name, held in WORDS:
        doubts: list[tuple[str, str]] = []
        found = printouts.parameters({label: printed}, doubts)
        if found.get(name) != held or doubts:
            wrong.append((label, printed, found, doubts))
    for rows, wanted in TOGETHER:
        found = printouts.parameters(rows, [])
        differ = {name: found.get(name) for name, value in wanted.items() if found.get(name) != value}
        if differ:
            wrong.append((rows, differ))
    assert not wrong, "\n".join(map(str, wrong))


def test_a_printed_word_or_number_that_is_none_is_a_doubt() -> None:
    for label, printed, field in (
        ("Flip angle (deg)", "many", "flip_angle"),
        ("Echoes", "04:31", "echo_times"),
        ("Images", "M, magic", "output_maps"),
        ("Scan mode", "4D", "mr_acquisition_type"),
        ("technique", "no", "technique"),
    ):
        doubts: list[tuple[str, str]] = []
        assert printouts.parameters({label: printed}, doubts) == {}, label
        assert [what for what, _ in doubts] == [field]
        assert printed in doubts[0][1]


def test_rows_below_others_and_units() -> None:
    rows = [
        printouts.Row(False, "TE", "user defined"), printouts.Row(True, "(ms)", "3.7"),
        printouts.Row(False, "Stacks", "1"), printouts.Row(True, "slices", "150"),
        printouts.Row(True, "gap", "user defined"), printouts.Row(True, "(mm)", "2"),
        printouts.Row(False, "SENSE", "yes"), printouts.Row(False, "TE", "again"),
        printouts.Row(True, "slices", "9"),
    ]  # fmt: skip
    found = printouts.Printed("x", rows).values()
    assert found == {
        "TE": "user defined", "TE/(ms)": "3.7", "TE (ms)": "3.7", "Stacks": "1", "Stacks/slices": "150",
        "slices": "150", "Stacks/gap": "user defined", "gap": "user defined", "Stacks/(mm)": "2",
        "gap (mm)": "2", "SENSE": "yes", "TE/slices": "9",
    }  # fmt: skip


def test_several_stacks_are_printed_as_the_current_one(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    text = export([*GEOMETRY, *CONTRAST, *INFO])
    path.write_text(text.replace("Stacks =\t\t1;", "Stacks =\t\t2;"), encoding="cp1252")
    found = DIALECT.read(path)
    scan = found.protocols[0].acquisitions[0]
    assert (scan.number_of_slices, scan.plane, scan.oblique_angles) == (None, None, None)
    assert ("number_of_slices", "printed") in {(note.field, note.code) for note in found.notes}
    assert {note.code for note in found.notes if note.protocol is None} == {"printout"}
    assert {note.step for note in found.notes if note.field} == {0}
    assert scan.vendor["printed"]["Stacks"] == "2"
    assert (found.vendor, found.protocols[0].name) == ("philips", "a")


def test_a_text_of_the_largest_size_is_read_and_no_larger_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_text(export([*GEOMETRY, *CONTRAST, *INFO]), encoding="cp1252")
    monkeypatch.setattr(printouts, "MAX_SIZE", path.stat().st_size)
    assert DIALECT.read(path).protocols
    monkeypatch.setattr(printouts, "MAX_SIZE", path.stat().st_size - 1)
    with pytest.raises(UnusableInput, match="larger than"):
        DIALECT.read(path)


def test_an_export_is_known_by_three_labels_and_most_of_its_rows() -> None:
    known = [b'Nucleus = "H1";', b"SmartSelect = no;", b"Stacks = 1;", b"a = 1;", b"b = 1;", b"c = 1;"]
    others = [b"no row", b"no row", b"no row", b"no row"]

    def sniffed(lines: list[bytes]) -> str | None:
        return DIALECT.sniff(Path("a.txt"), b"\n".join([*lines, b"cut off in the mid"]))

    assert sniffed(known + others) == "philips-printout"  # six of ten rows
    assert sniffed(known[:-1] + others[:2]) == "philips-printout"  # five of seven
    for label in (b"Coil selection", b"Patient weight [kg]"):
        assert sniffed([label + b" = 1;", *known[1:], *others]) == "philips-printout"
    for wrong in (
        known[:-1] + others[:4] + [b"no row"],
        known,
        [b"Sticks = 1;", *known[1:], *others],
        [known[0] + b"\0", *known[1:], *others],
        [line.replace(b"=", b":") for line in known + others],
    ):
        assert sniffed(wrong) is None, wrong
    first = known + [b"row = 1;"] * 18 + [b"no row"] * 16  # 24 of the first 40 rows
    assert sniffed([*first, b"no row"]) == "philips-printout"


def test_a_damaged_or_empty_printout_is_refused(tmp_path: Path) -> None:
    assert printouts.sniff(tmp_path / "none.pdf", b"%PDF-1.7 and no more") is None
    assert not printouts.is_one(tmp_path)
    path = tmp_path / "a.txt"
    with path.open("wb") as stream:
        stream.truncate(printouts.MAX_SIZE + 1)
    with pytest.raises(UnusableInput, match="larger than"):
        printouts.read(path)


# --- the layout of a dump, by hand ------------------------------------------------------------------------


def at(base: float, *words: tuple[float, str]) -> list[paper.Word]:
    """Words of one line, each as wide as five points a letter."""
    return [paper.Word(text, left, left + 5 * len(text), base, 8) for left, text in words]


def test_rows_of_columns_by_their_places() -> None:
    columns = [printouts._Column(60, 155), printouts._Column(215, 310)]
    words = [
        *at(720, (60, "INFO PAGE"), (215, "GEOMETRY")),
        *at(700, (60, "Flip angle"), (155, "9"), (211, "Stacks"), (310, "1")),
        *at(690, (64.1, "below"), (155, "yes"), (210.9, "far right")),
        *at(680, (64, "beside"), (150.9, "its end"), (155, "no")),
        *at(670, (151, "more")),
        *at(660, (59.4, "goes on")),
        *at(650, (59.5, "New")),
        *at(645, (55.9, "lost")),
        *at(640, (97, "CONFLICTS"), (240, "one")),
        *at(630, (60, "Flip angle"), (155, "10")),
        *at(620, (97, "CONTRAST")),
        *at(610, (60, "TR"), (155, "1")),
        *at(600, (60, "MOTION"), (155, "2")),
    ]
    rows = [(row.below, row.label, row.value) for row in printouts._rows(words, columns)]
    assert rows == [
        (False, "Flip angle", "9"), (True, "below", "yes far right"), (False, "beside its end goes on",
        "no more"),
        (False, "New", ""), (False, "TR", "1"), (False, "MOTION", "2"), (False, "Stacks", "1"), (True,
        "one", ""),
    ]  # fmt: skip
    assert list(printouts._rows(at(700, (151, "9")), columns)) == []


def test_columns_begin_where_rows_of_every_scan_do() -> None:
    page = paper.Page(595, (
        *at(700, (60, "Total scan duration"), (165, "04:31"), (215, "Nucleus"), (310, "H1"), (390,
            "Scan type"),
            (480, "Imaging")),
        *at(690, (63.9, "Uniformity"), (200, "x")), *at(680, (500, "Scan mode")),
        *at(670, (20, "other"), (90, "x")), *at(660, (94, "Scan mode"), (160, "3D")),
    ))  # fmt: skip
    found = [(column.label, column.value) for column in printouts._columns([page])]
    assert found == [(60, 165), (94, 160), (215, 310), (390, 480)]
    assert printouts._is_heading(at(700, (60, "INFO PAGE"), (200, "GEOMETRY"), (400, "POST/PROC")))
    assert printouts._is_heading(at(700, (60, "MOTION"), (200, "DYN/ANG"), (400, "OFFC/ANG")))
    assert not printouts._is_heading(at(700, (60, "INFO PAGE"), (200, "other")))


def test_scans_of_a_dump_begin_with_their_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def page(crumbs: list[paper.Word], value: str, *more: paper.Word) -> paper.Page:
        rows = [
            *at(740, (60, "INFO PAGE")),
            *at(730, (60, "Scan type"), (155, "Imaging")),
            *at(720, (60, "NSA"), (155, value)),
        ]
        return paper.Page(595, (*at(800, (54, "Philips MRI Protocol Dump")), *crumbs, *rows, *more))

    pages = (
        paper.Page(595, tuple(at(800, (54, "Philips MRI Protocol Dump")) + at(700, (54, "a cover")))),
        page(
            at(770, (60, "Hospital (1) |"), (200, "my card (7) 1:25:06.7 |"))
            + at(760, (60, "T1 | x 00:33.8")),
            "1",
            *at(20, (60, "Software Stream 5.3.1")),
        ),
        page([], "2"),
        page(at(770, (60, "Hospital (1) | my card (7) |"), (300, "T2 two")), "3"),
    )
    monkeypatch.setattr(paper, "pages", lambda path: pages)
    dump = printouts._from_pdf(tmp_path / "a.pdf")
    assert (dump.software, dump.name, dump.seconds) == ("5.3.1", "my card", None)
    assert [(scan.name, scan.seconds) for scan in dump.scans] == [("x", 33.8), ("T2 two", None)]
    assert [row.value for row in dump.scans[0].rows if row.label == "NSA"] == ["1", "2"]
    assert [row.value for row in dump.scans[1].rows if row.label == "NSA"] == ["3"]
    assert printouts._is_dump(tmp_path / "a.pdf")
    monkeypatch.setattr(paper, "pages", lambda path: (paper.Page(595, ()),) * 2 + pages)
    assert not printouts._is_dump(tmp_path / "a.pdf")
    monkeypatch.setattr(paper, "pages", lambda path: (paper.Page(595, ()), *pages))
    assert printouts._is_dump(tmp_path / "a.pdf")
    assert [printouts._seconds(text) for text in ("04:31.5", " 1:00:01 ", "4", "4:1", None)] == [
        271.5, 3601, None, None, None,
    ]  # fmt: skip
