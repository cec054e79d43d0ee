"""Texts that try to become something else: markup, formulas, control characters."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from lxml import html

from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Reformat, Situation, Target
from generator.vendors.canon import DIALECT, facts
from generator.vendors.canon.writer import cell
from generator.vendors.dialect import BuildOptions
from tests.vendors.canon.sheets import build, one_scan, written

SCRIPT = "</td><script>alert('1')</script>&\"'"


def hostile(text: str) -> tuple[Protocol, Target, BuildOptions]:
    scan = Acquisition(name=text, definition=text, instruction=text, vendor={text: text})
    protocol = Protocol(
        name=text,
        id=text,
        version=text,
        path=(text, text),
        guidelines=(text,),
        situation=Situation(gadolinium_reason=text),
        steps=(scan, Contrast(agent=text, text=text), Pause(text=text), Reformat(source=text)),
    )
    target = Target(vendor="canon", field_strength=3, model=text, software=text)
    return protocol, target, BuildOptions(label=text, warnings=(text,))


def test_markup_stays_text() -> None:
    export = DIALECT.build(*hostile(SCRIPT))
    page = export.files[facts.HTML_NAME].decode()
    assert "<script" not in page
    assert page.count("&lt;script&gt;") > 10
    assert not html.fromstring(page.encode()).xpath("//script")


def test_markup_survives_the_way_back(tmp_path: Path) -> None:
    protocol, target, options = hostile(SCRIPT)
    result = DIALECT.read(written(DIALECT.build(protocol, target, options), tmp_path))
    (back,) = result.protocols
    bare = protocol.acquisitions[0].model_copy(update={"vendor": {}})
    assert back == protocol.model_copy(update={"steps": (bare, *protocol.steps[1:])})
    assert result.software == SCRIPT


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "\n@"])
def test_formulas_are_disarmed_in_every_cell(start: str) -> None:
    export = DIALECT.build(*hostile(f"{start}HYPERLINK(1)"))
    for name in (facts.CSV_NAME, facts.LONG_CSV_NAME):
        for row in csv.reader(io.StringIO(export.files[name].decode("utf-8-sig"))):
            assert not [one for one in row if one.lstrip().startswith(("=", "+", "-", "@"))], name


def test_negative_numbers_stay_numbers() -> None:
    assert (cell("-0.5"), cell("-1+1"), cell("--"), cell("3")) == ("-0.5", "'-1+1", "'--", "3")
    export = build(one_scan(slice_gap=-0.5))
    assert ",-0.5," in export.files[facts.CSV_NAME].decode()


@pytest.mark.parametrize("text", ["bell\x07", "null\x00", "half\ud800", "\x1b[31mred", "\ufffe"])
def test_characters_that_no_file_can_carry_are_replaced_and_reported(text: str, tmp_path: Path) -> None:
    protocol = Protocol(name="p", steps=(Pause(text=text), Acquisition(name=text)))
    export = build(protocol, label=text, warnings=(text,))
    assert [loss.step for loss in export.losses if "control characters" in loss.reason] == [0, 1]
    (back,) = DIALECT.read(written(export, tmp_path)).protocols
    assert all("\ufffd" in words for words in (back.steps[0].text, back.steps[1].name))  # type: ignore[union-attr]


def test_line_ends_are_told_alike(tmp_path: Path) -> None:
    export = build(Protocol(name="p", steps=(Pause(text="one\ntwo\n"), Pause(text="  led by blanks"))))
    (back,) = DIALECT.read(written(export, tmp_path)).protocols
    assert [step.text for step in back.steps] == ["one\ntwo\n", "  led by blanks"]  # type: ignore[union-attr]
