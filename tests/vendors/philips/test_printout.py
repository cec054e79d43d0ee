"""Printouts of Philips: the protocol dump as PDF and the text export, each label a parameter."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import vendors
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
    assert sniffed(known + others + [b"row = 1;"] * 30 + [b"no row"] * 90) == "philips-printout"


def test_a_damaged_or_empty_printout_is_refused(tmp_path: Path) -> None:
    assert printouts.sniff(tmp_path / "none.pdf", b"%PDF-1.7 and no more") is None
    assert not printouts.is_one(tmp_path)
    path = tmp_path / "a.txt"
    with path.open("wb") as stream:
        stream.truncate(printouts.MAX_SIZE + 1)
    with pytest.raises(UnusableInput, match="larger than"):
        printouts.read(path)
