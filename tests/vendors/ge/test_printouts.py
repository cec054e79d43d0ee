"""Printouts of GE: HTML and PDF, each label a key of LxProtocol."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import vendors
from generator.donors import library
from generator.errors import UnusableInput
from generator.model.tree import Acquisition
from generator.vendors.ge import DIALECT
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
