"""Printouts of GE: HTML and PDF, each label a key of LxProtocol."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import paper, vendors
from generator.donors import library
from generator.errors import UnusableInput
from generator.model.tree import Acquisition
from generator.vendors.ge import DIALECT, printouts
from tests.support import pdf

TABLES = {
    "IMAGING PARAMETERS": [
        ("Imaging Mode", "2D"), ("Pulse Sequence", "FSE-XL"), ("Imaging Options", "EDR, TRF, Fast, ARC"),
        ("Phase", "2.00"), ("Phase Novelty", "7"),
    ],
    "SCAN TIMING": [
        ("TE", "88.5"), ("TR", "4130.0"), ("Receiver Bandwidth", "41.67"), ("Echo Train Length", "15"),
    ],
    "SCAN RANGE": [
        ("FOV", "23.0"), ("Slice Thickness", "4.50"), ("Slice Spacing", "0.5"), ("Number of Slices", "31"),
    ],
    "ACQ TIMING": [("Freq", "320"), ("Phase", "224"), ("NEX", "1.50"), ("Phase FOV", "0.80")],
    "SAT": [("Fat/Water Saturation", "Fat Classic"), ("SAT Location", "S"), ("SAT Location", "I")],
}  # fmt: skip
TITLES = ("Ax T2 - FS - Ax T2 - FS", "LOC")


def cell(kind: str, text: str, more: str = "") -> str:
    return f'<{kind} {more} bgcolor=ddddff><font face="arial bold"><b>{text}</b></font></{kind}>'


def page(titles: tuple[str, ...] = TITLES) -> str:
    """A page as Protocol Exchange writes it: tables in a table, cells that nobody closes properly."""
    series = ""
    for title in titles:
        series += f"<table border=1><tr>{cell('th', title, 'colspan=2')}</tr>"
        for name, rows in TABLES.items():
            lines = "".join(f"<tr>{cell('td', a)}{cell('td', b)}</tr>\n" for a, b in rows)
            head = cell("th", name, "align=left colspan=2")
            series += f"<tr><td valign=top><table><tr>{head}</tr>{lines}</table></td></tr>"
        series += "</table><br>"
    heading = "<b>Protocol: adult_head_MS_follow up_20190130121510307_7</b>"
    return f"<html><body><table><tr><th>ANY 3T</th></tr></table><center>{heading}{series}</body></html>"


def check(found: Acquisition) -> None:
    assert (found.technique, found.mr_acquisition_type) == ("turbo_spin_echo", "2D")
    assert (found.repetition_time, found.echo_times, found.echo_train_length) == (4130, (88.5,), 15)
    assert found.field_of_view == (230, 184)
    assert found.acquisition_matrix == (320, 224)
    assert found.pixel_bandwidth == pytest.approx(2000 * 41.67 / 320)
    assert (found.slice_thickness, found.slice_gap, found.number_of_slices) == (4.5, 0.5, 31)
    assert (found.number_of_averages, found.parallel_reduction_factor_in_plane) == (1.5, 2)
    assert (found.fat_suppression, found.saturation_bands) == ("fat_saturation", 2)
    assert set(found.saturation_band_positions or ()) == {"superior", "inferior"}
    assert found.acquisition_duration is None


def test_an_html_page_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(page())
    dialect, kind = vendors.of_file(path)
    found = dialect.read(path)
    (card,) = found.protocols
    assert (kind, found.format, found.field_strength) == ("ge-printout", "ge-printout", 3)
    assert (card.name, card.path) == ("MS_follow up", ("adult", "head"))
    assert [a.name for a in card.acquisitions] == ["Ax T2 - FS", "LOC"]
    for scan in card.acquisitions:
        check(scan)
    assert DIALECT.inspect(path).facts[1] == ("kind", "printout; no console imports it, and it is no donor")


def placed(wrapped: bool = False) -> list[list[pdf.Placed]]:
    """The same page on paper: two tables side by side, long cells in two lines."""
    words: list[pdf.Placed] = [(60, 800, "ANY 3T"), (60, 780, "Protocol: adult_head_MS_follow up")]
    top = 760
    for title in TITLES:
        words.append((200, top, title))
        heights = [top - 16, top - 16]
        for i, (name, rows) in enumerate(TABLES.items()):
            side = i % 2
            x, y = 60 + 260 * side, heights[side]
            words.append((x, y, name))
            for label, value in rows:
                y -= 16
                first, _, rest = label.partition(" ")
                if wrapped and rest and label not in ("SAT Location",):
                    words += [(x, y + 4, first), (x, y - 4.5, rest), (x + 130, y, value)]
                else:
                    words += [(x, y, label), (x + 130, y, value)]
            heights[side] = y - 20
        top = min(heights) - 10
    return [words]


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_pdf_is_read_as_the_html(wrapped: bool, tmp_path: Path) -> None:
    pytest.importorskip("pypdfium2", reason="the extra `printouts` is not installed")
    found = DIALECT.read(pdf.write(tmp_path / "a.pdf", placed(wrapped)))
    (card,) = found.protocols
    assert [a.name for a in card.acquisitions] == ["Ax T2 - FS", "LOC"]
    for scan in card.acquisitions:
        check(scan)


def test_without_the_options_nothing_is_called_off(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(page().replace("Imaging Options", "Options of tomorrow"))
    scan = DIALECT.read(path).protocols[0].acquisitions[0]
    assert (scan.technique, scan.flow_compensation, scan.gating) == (None, None, None)


def test_it_is_no_donor(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(page())
    with pytest.raises(UnusableInput, match="a printout is no donor"):
        library(DIALECT, [path])


@pytest.mark.parametrize(
    "content", ["<html>Protocol: x IMAGING PARAMETERS", "<html><td>" * 500 + "Protocol: IMAGING PARAMETERS"]
)
def test_a_page_without_a_series_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(content)
    with pytest.raises(UnusableInput, match="without a series"):
        DIALECT.read(path)


@pytest.mark.corpus
@pytest.mark.parametrize("place", ["DV25.1", "MR30.0/SIGNA Artist", "MR30.0/SIGNA Premier"])
def test_what_is_printed_is_what_the_archive_holds(place: str, corpus: Path) -> None:
    folder = corpus / "ge" / place
    stored = DIALECT.read(folder if place.startswith("MR") else folder / "protocol.tar").protocols
    by_name = {" ".join(p.name.split()): p for p in stored}
    compared = 0
    for path in sorted(folder.rglob("*.html")):
        (card,) = DIALECT.read(path).protocols
        truth = by_name[" ".join(card.name.split())]
        for a, b in zip(truth.acquisitions, card.acquisitions, strict=True):
            assert a.name.split() == b.name.split()
            for what in Acquisition.model_fields.keys() - {"vendor", "name", "acquisition_duration"}:
                one, other = getattr(a, what), getattr(b, what)
                if other is not None and not (what == "plane" and other == "oblique"):
                    assert _fits(one, other), f"{a.name}: {what}"
                    compared += 1
    assert compared > 25 * sum(len(p.acquisitions) for p in stored)


def _fits(stored: object, printed: object) -> bool:
    if isinstance(stored, tuple) and isinstance(printed, tuple):
        pairs = zip(stored, printed, strict=True)
        return all(
            b is None or a == pytest.approx(b) if isinstance(b, float) else a == b or b is None
            for a, b in pairs
        )
    return bool(stored == pytest.approx(printed) if isinstance(printed, float) else stored == printed)


# --- labels, words and cells, one by one ----------------------------------------------------------------

PRINTED = {
    "Plane": "PLANE", "Imaging Mode": "IMODE", "Pulse Sequence": "PSEQ", "Imaging Options": "IOPT",
    "PSD Name": "PSDNAME", "HyperSense": "CSACCEL", "IDEAL": "IDEAL",
    "Phase Acceleration Factor": "PHASEASSET",
    "Slice Acceleration Factor": "SLICEASSET", "TE": "TE", "TR": "TR", "TI": "TI", "TR Min": "TRMIN",
    "TR Max": "TRMAX", "Flip Angle": "FLIPANG", "Echo Train Length": "ETL", "Number of Echoes": "NECHO",
    "Number of Shots": "NUMSHOTS", "Receiver Bandwidth": "RBW", "FOV": "FOV", "Slice Thickness": "SLTHICK",
    "Slice Spacing": "SPC", "Number of Slices": "NOSLC", "Location per Slab": "SLABLOC",
    "Overlap Locations": "OVLPLOC", "Freq": "MATRIXX", "Phase": "MATRIXY", "Freq DIR": "SWAPPF", "NEX": "NEX",
    "Phase FOV": "PHASEFOV", "Fat Shift DIR": "INVERTF", "Flow Direction Compensation": "FLDIR",
    "Excitation Mode": "EXCITATIONMODE", "RF Drive Mode": "RFDRIVEMODE", "Auto Shim": "AUTOSHIM",
    "Phase Correction": "PHASECORR", "Filter Choice": "FILTCHOICE", "Auto SCIC": "AUTOSCIC",
    "Fat/Water Saturation": "SUPPTQ", "Slice Order": "SLICEORDER", "Slice per Location": "SLPERLOC",
    "Diffusion Directions": "DFAX", "Number of Diffusion Directions": "DIFNUMDIRS",
    "Multi b-values": "MULTIBVALUE", "Multi NEX Values": "MULTINEXVALUE", "NEX For T2": "NEXFORT2",
    "Number of T2 Images": "DIFNUMT2", "Cardiac Phase": "CPHASE", "# of RR Intervals": "REPTIME",
    "Contrast Yes/No": "CONTRAST",
}  # fmt: skip
"""Labels of the printouts of 210 series, and the key of the archive that has the same value."""


def pairs_of(*rows: tuple[str, str, str]) -> dict[str, str]:
    return printouts.Printed("x", list(rows)).pairs()


def test_each_label_is_a_key() -> None:
    found = pairs_of(*(("SCAN RANGE", label, f"value {i}") for i, label in enumerate(PRINTED)))
    assert found == {key: f"value {i}" for i, key in enumerate(PRINTED.values())}
    factors = [("IMAGING PARAMETERS", "Phase", "2.00"), ("IMAGING PARAMETERS", "Slice", "1.50")]
    assert pairs_of(*factors) == {"PHASEACCEL": "2.00", "SLICEACCEL": "1.50"}
    assert pairs_of(("ACQ TIMING", "Phase", "224"), ("ACQ TIMING", "Phase", "9")) == {"MATRIXY": "224"}
    assert pairs_of(("SCAN RANGE", "Slice", "4"), ("OTHERS", "Protocol Notes", "x")) == {}
    known = {*PRINTED, "Slice", "Preserve", "Inter-Delay", "Spokes Per Segment", "User CV0", "User CV63"}
    assert known <= printouts.KNOWN and "User CV64" not in printouts.KNOWN
    assert [word for word in printouts.SECTIONS if " " not in word] == [
        "GATING/TRIGGER", "FMRI", "MULTI-PHASE", "SAT", "DIFFUSION", "TRICKS", "CONTRAST", "ASSET", "TRACKER",
        "OTHERS",
    ]  # fmt: skip


def test_words_are_codes() -> None:
    words = {
        "Fat/Water Saturation": {"Fat": "1", "Fat Classic": "4", "Fat Special": "8", "Water": "Water"},
        "Diffusion Directions": {"All": "7", "Tensor": "16", "S/I": "1"}, "Slice Order": {"Interleaved": "1"},
        "Auto SCIC": {"Off": "0", "On": "1"}, "TE": {"Fat": "Fat"},
    }  # fmt: skip
    for label, codes in words.items():
        for word, code in codes.items():
            assert pairs_of(("SAT", label, word)) == {PRINTED[label]: code}
    bands = {"S": "Z1", "I": "Z2", "A": "Y1", "P": "Y2", "R": "X1", "L": "X2"}
    for letter, place in bands.items():
        assert pairs_of(("SAT", "SAT Location", letter)) == {f"SATLOC{place}": "9990"}
    assert set(pairs_of(("SAT", "SAT Location", "S;I  L Q"))) == {"SATLOCZ1", "SATLOCZ2", "SATLOCX2"}


def test_a_title_that_is_printed_twice_is_a_name_once() -> None:
    names = {"Ax T2 - Ax T2": "Ax T2", "Ax T2-Ax T2": "Ax T2", "Ax  T2": "Ax T2", "LOCLOC": "LOC",
    "T2 - T1": "T2 - T1",
             "a- a": "a", "A - - A": "A", "": "", "-": "-"}  # fmt: skip
    assert {title: printouts.Printed(title).name for title in names} == names
    rows = [("", "Patient Entry", "Feet First"), ("", "Patient Entry", "Head First")]
    assert printouts.Printed("x", rows).value("Patient Entry") == "Feet First"
    assert printouts.Printed("x", rows).value("Patient Position") == ""


def test_cells_of_a_page_are_titles_sections_labels_and_values(tmp_path: Path) -> None:
    heads = "".join(f"<tr><th>{name}</th></tr><tr><td>TE</td><td>5</td></tr>" for name in printouts.SECTIONS)
    path = tmp_path / "a.html"
    path.write_text(
        "<html>Site<table><tr><th>ANY 7T</th></tr></table>Protocol: first<table><tr><td>stray</td></tr>"
        "<tr><th>Ser 1</th></tr><tr><th align=left>NEW TABLE</th></tr><tr><th></th></tr>"
        "<tr><td>TE</td><td>80.0</td></tr><tr><td>TR</td><td></td></tr></table>"
        "Protocol: pediatric_spine_b_c_20190130092322849_2<table><tr><td></td></tr><tr><th>Ser 2</th></tr>"
        f"{heads}<tr><td>cut</td></tr></table></html>"
    )
    one, two = printouts._html_sheets(path)
    assert (one.titles, one.heading) == (["Site", "ANY 7T"], "first")
    assert [(s.title, s.rows) for s in one.series] == [
        ("Ser 1", [("NEW TABLE", "TE", "80.0"), ("NEW TABLE", "TR", "")])
    ]
    assert (two.titles, two.heading) == (["Site", "ANY 7T"], "pediatric_spine_b_c_20190130092322849_2")
    assert [(s.title, s.rows) for s in two.series] == [("Ser 2", [(name, "TE", "5") for name in SECTIONS])]
    result = DIALECT.read(path)
    assert result.field_strength == 7
    assert [(p.name, p.path) for p in result.protocols] == [("first", ()), ("b_c", ("pediatric", "spine"))]
    assert [note.code for note in result.notes][:1] == ["printout"]


SECTIONS = (
    "PATIENT POSITION", "IMAGING PARAMETERS", "SCAN TIMING", "SCAN RANGE", "IMAGE ENHANCE", "ACQ TIMING",
    "GATING/TRIGGER", "USER CVS", "FMRI", "MULTI-PHASE", "SAT", "DIFFUSION", "TRICKS", "CONTRAST", "ASSET",
    "TRACKER", "OTHERS",
)  # fmt: skip


def printed(tmp_path: Path, **values: str) -> Acquisition:
    """One series of a page with these labels, ``_`` for a blank."""
    rows = "".join(f"<tr><td>{k.replace('_', ' ')}</td><td>{v}</td></tr>" for k, v in values.items())
    path = tmp_path / "one.html"
    path.write_text(f"<html>Protocol: p<th>S</th><th align=left>IMAGING PARAMETERS</th>{rows}</html>")
    return DIALECT.read(path).protocols[0].acquisitions[0]


def test_what_is_not_printed_is_not_said(tmp_path: Path) -> None:
    """Images of a slab are fewer than its locations; directions are printed for all, options or none."""
    cube = {"Imaging_Mode": "3D", "Pulse_Sequence": "Cube", "Imaging_Options": "Fast", "FOV": "24.0",
            "Freq": "240", "Slice_Thickness": "1.0", "Location_per_Slab": "160"}  # fmt: skip
    found = printed(tmp_path, Patient_Entry="Feet First", Patient_Position="Prone", **cube)
    assert (found.number_of_slices, found.slab_thickness, found.patient_position) == (None, None, "FFP")
    assert (found.voxel_size, found.name, found.gating) == ((1.0, None, None), "S", "none")
    flat = printed(
        tmp_path, **{**cube, "Imaging_Mode": "2D"}, Number_of_Slices="20", Series_Description="Own"
    )
    assert (flat.number_of_slices, flat.voxel_size, flat.name) == (20, (1.0, None, 1.0), "Own")
    assert printed(tmp_path, Imaging_Mode="3D", Imaging_Options="Fast").voxel_size is None
    dwi = {"Pulse_Sequence": "Spin Echo", "Number_of_Diffusion_Directions": "6"}
    assert printed(tmp_path, Imaging_Options="EPI, DIFF", **dwi).diffusion_directions == 6
    assert printed(tmp_path, Imaging_Options="Fast", **dwi).diffusion_directions is None
    dwi["Number_of_Diffusion_Directions"] = "0"
    assert printed(tmp_path, Imaging_Options="EPI, DIFF", **dwi).diffusion_directions is None
    silent = printed(tmp_path, Pulse_Sequence="Cube")
    names = (
        "technique", "flow_compensation", "magnetization_transfer", "reference_scan", "gating",
        "parallel_reduction_factor_in_plane", "multiband_factor", "number_of_temporal_positions",
    )  # fmt: skip
    assert {name: getattr(silent, name) for name in names} == dict.fromkeys(names)


def test_a_printout_is_told_by_its_words(tmp_path: Path) -> None:
    texts = {
        "<html>Protocol: x IMAGING PARAMETERS": True, "<HTML>Protocol: IMAGING PARAMETERS": True,
        "<html>Protocol: x": False, "<html>IMAGING PARAMETERS": False,
        "html Protocol: IMAGING PARAMETERS": False,
        " " * 1019 + "<html>Protocol: IMAGING PARAMETERS": True,
        " " * 1020 + "<html>Protocol: IMAGING PARAMETERS": False,
        "<html>" + " " * 5000 + "Protocol: IMAGING PARAMETERS": True,
        "<html>Protocol:".ljust(65_518) + "IMAGING PARAMETERS": True,
        "<html>Protocol:".ljust(65_519) + "IMAGING PARAMETERS": False,
    }  # fmt: skip
    for text, expected in texts.items():
        path = tmp_path / "a.html"
        path.write_text(text)
        assert (
            (printouts.sniff(path, text[:4096].encode()) == "ge-printout")
            == expected
            == printouts.is_one(path)
        )
    assert not printouts.is_one(tmp_path)
    latin = tmp_path / "latin.html"
    latin.write_bytes("<html>Protocol: Kopf Ä<th>Sé</th><td>TE</td><td>5</td></html>".encode("cp1252"))
    assert printouts.read(latin).protocols[0].name == "Kopf Ä"


# --- pieces of a PDF, one by one ------------------------------------------------------------------------


def piece(text: str, left: float = 0.0, level: float = 100.0, right: float | None = None) -> printouts._Piece:
    """A piece of 10 points height, 5 points a letter."""
    return printouts._Piece(text, left, left + 5 * len(text) if right is None else right, level, 10.0)


def test_lines_of_one_cell_stand_close_and_below_each_other() -> None:
    one = piece("Slice", 50, 100, 75)
    near = {99.9: True, 89.0: True, 88.9: False, 100.0: False, 111.0: False}
    assert {level: one.over(piece("x", 60, level)) for level in near} == near
    sides = {(74.0, 99.0): True, (75.0, 99.0): False, (10.0, 51.0): True, (10.0, 50.0): False}
    assert {side: one.over(piece("x", side[0], 95.0, side[1])) for side in sides} == sides


def test_labels_are_found_in_one_line_or_several_or_glued_to_their_value() -> None:
    rows = [
        piece("Receiver", 0, 100), piece("Bandwidth", 0, 90), piece("31.25", 100, 95),
        piece("# of Acq. Before", 0, 70), piece("Pause", 0, 60), piece("TE 88.5", 0, 40),
            piece("Number of", 0, 20),
        piece("Phase", 0, 0), piece("FOV", 0, -10),
    ]  # fmt: skip
    labels, rest = printouts._labels(rows)
    assert [(one.text, one.left, one.level) for one in labels] == [
        ("Receiver Bandwidth", 0, 95.0), ("# of Acq. Before Pause", 0, 65.0), ("TE", 0, 40), ("Phase FOV",
        0, -5.0),
    ]  # fmt: skip
    assert [(one.text, one.left) for one in rest] == [("31.25", 100), ("88.5", 1), ("Number of", 0)]
    three = [piece("Diffusion", 0, 30), piece("Tenser Processing", 0, 20), piece("Output", 0, 10)]
    assert printouts._longest(three[0], three) == three
    four = [
        piece(text, 0, 40 - 10 * i) for i, text in enumerate(("Delay", "after", "Acquisition", "without AV"))
    ]
    assert printouts._longest(four[0], four) == four[:3], "no label has more than three lines"
    words = [piece("Delay after", 0, 30), piece("Acquisition", 0, 20), piece("without AV", 0, 10)]
    assert printouts._longest(words[0], words) == words
    assert printouts._longest(words[0], words[:2]) == words[:2]
    assert printouts._longest(piece("nothing"), words) == []


def test_a_value_belongs_to_the_label_at_its_height_in_the_same_table() -> None:
    te, tr, far = piece("TE", 50, 100), piece("TR", 50, 80), piece("TI", 10, 100)
    labels = [far, te, tr]

    def beside(value: printouts._Piece, pitch: float = 50) -> str:
        found = printouts._beside(value, labels, pitch)
        return found.text if found else ""

    assert beside(piece("v", 80, 100)) == "TE"
    assert (beside(piece("v", 80, 89.5)), beside(piece("v", 80, 91))) == ("TR", "TE")
    assert (beside(piece("v", 80, 111.0)), beside(piece("v", 80, 111.1))) == ("TE", "")
    assert (beside(piece("v", 50, 100)), beside(piece("v", 5, 100))) == ("TI", "")
    assert (beside(piece("v", 99.9, 80)), beside(piece("v", 100.0, 80))) == ("TR", "")
    assert beside(piece("v", 900, 80), 0) == "TR"


def test_titles_and_headings_of_a_pdf() -> None:
    mark = piece("IMAGING PARAMETERS", 0, 50)
    others = [piece("ANY", 0, 90), piece("T2", 0, 70), piece("below", 0, 40), piece("level", 0, 50)]
    assert (printouts._above(mark, others), printouts._above(mark, [])) == ("T2", "IMAGING PARAMETERS")
    one, two = piece("Protocol: adult_head_x"), piece("next")
    assert printouts._heading([one, two]) == "adult_head_x"
    assert printouts._heading([piece("Protocol:"), two]) == "next"
    assert (printouts._heading([piece("Protocol:")]), printouts._heading([])) == ("", "")


def word(text: str, left: float, base: float) -> paper.Word:
    return paper.Word(text, left, left + 5 * len(text), base, 10.0)


def test_series_of_a_pdf_go_on_over_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tables side by side; the second series begins on the second page, where its first table is."""
    one = (
        word("ANY", 60, 800), word("3T", 80, 800), word("Protocol:", 60, 780), word("adult_head_MS_1", 110,
            780),
        word("Ser1", 200, 760), word("IMAGING", 60, 740), word("PARAMETERS", 100, 740), word("SAT", 320, 740),
        word("Plane", 60, 720), word("AXIAL", 190, 720), word("Fat/Water", 320, 720), word("Saturation",
            370, 720),
        word("Fat", 480, 720), word("SCAN", 60, 690), word("TIMING", 85, 690), word("TE", 60, 670),
            word("88.5", 190, 670),
        word("(effective)", 190, 661),
    )  # fmt: skip
    two = (
        word("TR", 60, 790), word("4130", 190, 790), word("Ser2", 200, 760), word("IMAGING", 60, 740),
        word("PARAMETERS", 100, 740), word("Plane", 60, 720), word("CORONAL", 190, 720), word("OTHERS",
            320, 740),
        word("FOV", 320, 720), word("24.0", 480, 720),
    )  # fmt: skip
    pages = (paper.Page(600, one), paper.Page(600, two))
    monkeypatch.setattr(paper, "pages", lambda path: pages)
    (sheet,) = printouts._pdf_sheets(tmp_path / "x.pdf")
    assert (sheet.titles, sheet.heading) == (["ANY 3T"], "adult_head_MS_1")
    assert [(series.title, sorted(series.rows)) for series in sheet.series] == [
        ("Ser1", [
            ("IMAGING PARAMETERS", "Plane", "AXIAL"), ("SAT", "Fat/Water Saturation", "Fat"),
            ("SCAN TIMING", "TE", "88.5 (effective)"), ("SCAN TIMING", "TR", "4130"),
        ]),
        ("Ser2", [("IMAGING PARAMETERS", "Plane", "CORONAL"), ("OTHERS", "FOV", "24.0")]),
    ]  # fmt: skip
    monkeypatch.setattr(paper, "available", lambda: True)
    path = tmp_path / "x.pdf"
    assert printouts.sniff(path, paper.SIGNATURE) == "ge-printout"
    pages = (paper.Page(600, two),)
    assert printouts.sniff(path, paper.SIGNATURE) is None
    pages = (paper.Page(600, two),) * 3 + (paper.Page(600, one),)
    assert printouts.sniff(path, paper.SIGNATURE) is None, "only the first three pages count"
    pages = (paper.Page(600, two),) * 2 + (paper.Page(600, one),)
    assert printouts.sniff(path, paper.SIGNATURE) == "ge-printout"
    assert len(printouts._pieces(path, 1, paper.Page(600, one[:1] * 1500))) > 0
    many = paper.Page(600, one[:1] * 1501)
    with pytest.raises(UnusableInput, match="more than any printout") as caught:
        printouts._pieces(path, 1, many)
    assert caught.value.where == "page 2"
    assert printouts._pieces(path, 1, paper.Page(600, one[:1]))[0].level == 800 - 10_000
