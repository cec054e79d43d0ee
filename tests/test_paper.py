"""Words of a PDF and their places; what cannot be read says why."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import paper, vendors
from generator.errors import UnusableInput
from tests.support import pdf

pytest.importorskip("pypdfium2", reason="the extra `printouts` is not installed")


def test_words_stand_where_they_were_put(tmp_path: Path) -> None:
    path = pdf.write(tmp_path / "a.pdf", [[(60, 700, "FoV read"), (200, 700.4, "230 mm"), (60, 690, "TR")]])
    (page,) = paper.pages(path)
    lines = paper.lines(page.words)
    assert [[paper.spoken(cell) for cell in paper.cells(line)] for line in lines] == [
        ["FoV read", "230 mm"],
        ["TR"],
    ]
    assert lines[0][2].left == pytest.approx(200, abs=0.5)
    assert (page.width, lines[0][2].base) == (595, pytest.approx(700.4, abs=0.1))


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"%PDF-1.4\n", "damaged PDF"), (b"%PDF-1.7\n" + b"\0" * 5000, "damaged PDF")],
)
def test_a_damaged_pdf_is_no_traceback(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    with pytest.raises(UnusableInput, match=message):
        paper.pages(path)
    with pytest.raises(UnusableInput, match=f"this is a PDF; {message}"):
        vendors.of_file(path)


def test_a_scan_of_paper_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="a PDF without text"):
        vendors.of_file(pdf.write(tmp_path / "a.pdf", [[]]))


def test_a_letter_is_no_printout(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="no title of a vendor's printout"):
        vendors.of_file(pdf.write(tmp_path / "a.pdf", [[(60, 700, "Dear colleague")]]))


def test_without_the_library_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pdf.write(tmp_path / "a.pdf", [[(60, 700, "SIEMENS MAGNETOM Any")]])
    monkeypatch.setattr(paper, "available", lambda: False)
    with pytest.raises(UnusableInput, match=r"pip install 'examcard\[printouts\]'"):
        vendors.of_file(path)


def test_a_page_fuller_than_any_printout_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    letter = [(60.0, 700.0, "Dear colleague")]
    path = pdf.write(tmp_path / "b.pdf", [letter, letter])
    with monkeypatch.context() as patch:
        patch.setattr(paper, "MAX_TOTAL", 20)
        with pytest.raises(UnusableInput, match="page 2: 14 characters"):
            paper.pages(path)
    monkeypatch.setattr(paper, "MAX_CHARACTERS", 4)
    with pytest.raises(UnusableInput, match="page 1: 14 characters"):
        paper.pages(path)
