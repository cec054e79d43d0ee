"""The printed sheets: what stands on them, word for word, and that each page is one page."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any

import pytest

from generator.model.tree import Target
from generator.publish.card import make
from generator.publish.record import Record
from generator.publish.sheets import sheet_html, sheet_pdf
from generator.spec.load import load
from tests.support.golden import Golden

# Every number is stated here and every time is a console's: the sheets change only if they are meant to.
SPEC = """\
protocol: sheet-test
title: A brain with <contrast> & more
version: "7"
field_strengths: [3 T]
path: [Test]
steps:
  - acquisition: {name: T1 3D, role: t1_3d_pre, technique: magnetization_prepared_gradient_echo,
      mr_acquisition_type: 3D, plane: sagittal, repetition_time: 2000 ms, echo_times: [2.9 ms],
      inversion_time: 880 ms, flip_angle: 8 deg, field_of_view: [256 mm, 240 mm],
      voxel_size: [1 mm, 1 mm, 1 mm], number_of_slices: 192, fat_suppression: none,
      acquisition_duration: 240 s, instruction: Cover the whole head.}
  - contrast: {agent: gadobutrol, dose: 0.1 mmol/kg, minimum_delay: 5 min, text: Inject slowly.}
  - acquisition: {name: PD/T2, role: pdt2_2d, technique: turbo_spin_echo, mr_acquisition_type: 2D,
      optional: true, plane: transverse, repetition_time: 3500 ms, echo_times: [11 ms, 88 ms],
      slice_thickness: 3 mm, slice_gap: 0 mm, number_of_slices: 50, fat_suppression: stir,
      elliptical_scanning: false, acquisition_duration: 150.5 s}
  - pause: {text: Ask how the patient feels., duration: 30 s}
  - acquisition: {name: T1 3D Gd, role: t1_3d_post, technique: magnetization_prepared_gradient_echo,
      mr_acquisition_type: 3D, plane: sagittal, repetition_time: 2000 ms, echo_times: [2.9 ms],
      inversion_time: 880 ms, flip_angle: 8 deg, acquisition_duration: 240 s}
  - reformat: {source: t1_3d_post, plane: transverse, slice_thickness: 3 mm}
"""
FACTS: dict[str, Any] = {
    "title": "Cards",
    "network": "A network",
    "contact": {"name": "Somebody", "email": "somebody@network.example", "url": None},
    "licence": "CC0",
    "pdf": False,
}


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    path = tmp_path_factory.mktemp("sheets") / "sheet-test.yaml"
    path.write_text(SPEC, encoding="utf-8")
    made = make(load(path), Target(vendor="canon", field_strength=3.0), "7", None, ("en",), FACTS).record
    warning = {"severity": "warning", "step_name": "PD/T2", "message": "A warning of the test."}
    return made | {"findings": [warning, warning | {"severity": "info", "message": "Not for the sheet."}]}


def words(html: str) -> str:
    """Text of a page, a line for every block."""
    body = re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL)
    lines = re.sub(r"</?(?:p|tr|h\d|caption|section|table|li|title)\b[^>]*>", "\n", body)
    text = unescape(re.sub(r"<[^>]+>", " ", lines))
    found = (re.sub(r"\s+", " ", line).strip() for line in text.splitlines())
    joined: list[str] = []
    for line in re.split(r"\n{2,}", "\n".join(found)):
        joined += [re.sub(r"\s+", " ", line).strip()]
    return "\n".join(line for line in joined if line) + "\n"


def test_the_words_of_the_sheets(record: Record, golden: Golden) -> None:
    texts = {f"sheet.{code}.txt": words(sheet_html(record, FACTS, code)).encode() for code in ("en", "fr")}
    golden.check("publish/sheets", texts)


def test_a_text_of_a_spec_is_no_markup_on_a_sheet(record: Record) -> None:
    html = sheet_html(record, FACTS, "en")
    assert "A brain with &lt;contrast&gt; &amp; more" in html
    assert "<contrast>" not in html


def test_a_sheet_stands_alone(record: Record) -> None:
    html = sheet_html(record, FACTS, "fr")
    assert "<script" not in html
    assert not re.search(r"(?:src|href)=|url\(|@import", html)


@pytest.fixture(scope="module")
def pdf(record: Record) -> Any:
    pytest.importorskip("weasyprint", reason="needs the extra `pdf`", exc_type=(ImportError, OSError))  # type: ignore[call-overload]
    pypdf = pytest.importorskip("pypdf")
    content = sheet_pdf(sheet_html(record, FACTS, "fr"))
    assert content == sheet_pdf(sheet_html(record, FACTS, "fr")), "a PDF is the same every time"
    return pypdf.PdfReader(io.BytesIO(content))


def test_one_page_a_protocol_and_one_a_sequence(pdf: Any, golden: Golden) -> None:
    texts = [" ".join(page.extract_text().split()) for page in pdf.pages]
    assert len(texts) == 4
    for page, (number, name) in enumerate(
        [("Fiche 1", "Gadolinium"), ("2", "T1 3D"), ("3", "PD/T2"), ("4", "T1 3D Gd")]
    ):
        assert number in texts[page]
        assert name in texts[page]
    golden.check("publish/sheets-pdf", {"sheet.fr.txt": ("\n".join(texts) + "\n").encode()})


def test_pages_are_a4(pdf: Any) -> None:
    for page in pdf.pages:
        width, height = (float(side) * 25.4 / 72 for side in (page.mediabox.width, page.mediabox.height))
        assert (round(width), round(height)) == (210, 297)
