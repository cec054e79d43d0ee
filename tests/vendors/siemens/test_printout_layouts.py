# ruff: noqa: E501  (a row of a table is a line)
"""Layouts of printouts: what is a head, a card, a row, a continued value, in PDF, text and XML."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from generator.errors import UnusableInput
from generator.model.tree import ReadResult
from generator.paper import Page, Word
from generator.vendors.siemens import DIALECT
from generator.vendors.siemens.printouts import layouts
from generator.vendors.siemens.printouts.layouts import Cards, Print, header_of
from tests.support import pdf

TITLE = "SIEMENS MAGNETOM Skyra 3.0T syngo MR E11"


def step(path: str, rows: Sequence[tuple[str, str]], time: str = "TA: 1:00") -> str:
    shown = "".join(
        f"<ProtParameter><Label>{label}</Label><ValueAndUnit>{value}</ValueAndUnit></ProtParameter>"
        for label, value in rows
    )
    head = f"<HeaderProtPath>{path}</HeaderProtPath><HeaderProperty>{time}</HeaderProperty>"
    return f"<Protocol><ProtHeaderInfo>{head}</ProtHeaderInfo><Card>{shown}</Card></Protocol>"


def read_xml(folder: Path, *parts: str) -> ReadResult:
    path = folder / "a.xml"
    text = f"<PrintOut><HeaderTitle>{TITLE}</HeaderTitle>{''.join(parts)}</PrintOut>"
    path.write_text(text, encoding="utf-8")
    return DIALECT.read(path)


TR = [("TR", "500 ms")]


def test_consecutive_steps_of_one_path_are_one_program(tmp_path: Path) -> None:
    found = read_xml(
        tmp_path,
        step("\\\\USER\\head\\ms\\a", TR),
        step("\\\\USER\\head\\ms\\b", TR, "TA: 0:30"),
        step("\\\\USER\\neck\\c", TR),
        step("\\\\USER\\d", [], "no time"),
    )
    assert (found.format, found.vendor, found.software) == ("siemens-printout-xml", "siemens", "VE11")
    assert found.field_strength == 3
    told = [
        (p.name, p.path, [a.name for a in p.acquisitions], p.acquisition_duration) for p in found.protocols
    ]
    assert told == [
        ("ms", ("head", "ms"), ["a", "b"], 90),
        ("neck", ("neck",), ["c"], 60),
        ("(printout)", (), ["d"], None),
    ]
    notes = [(note.code, note.protocol, note.step, note.field) for note in found.notes]
    assert [note for note in notes if note[0] != "printed"] == [
        ("printout", None, None, None),
        ("sum", 0, None, "acquisition_duration"),
        ("sum", 1, None, "acquisition_duration"),
        ("foreign-labels", 2, 0, None),
    ]
    assert [note[1:] for note in notes if note[0] == "printed"] == [
        (0, 0, "number_of_slices"),
        (0, 1, "number_of_slices"),
        (1, 0, "number_of_slices"),
        (2, 0, "number_of_slices"),
    ]
    assert found.protocols[0].acquisitions[0].vendor == {"printed": {"tr": ["500 ms"]}}


def test_scans_that_exclude_each_other_have_no_total(tmp_path: Path) -> None:
    plain = read_xml(tmp_path, "<TOC><x><pauseStep/></x></TOC>", step("\\\\USER\\a\\b", TR))
    assert plain.protocols[0].acquisition_duration == 60
    found = read_xml(tmp_path, "<TOC><x><decisionStep/></x></TOC>", step("\\\\USER\\a\\b", TR))
    assert found.protocols[0].acquisition_duration is None
    assert "sum" not in {note.code for note in found.notes}


def test_what_cannot_be_is_left_out_and_said(tmp_path: Path) -> None:
    found = read_xml(tmp_path, step("\\\\USER\\a\\b", [*TR, ("Flip angle", "-20 deg")]))
    (scan,) = found.protocols[0].acquisitions
    assert scan.flip_angle is None
    assert [(n.step, n.field) for n in found.notes if n.code == "impossible"] == [(0, "flip_angle")]


def test_cards_of_xml_repeat_a_parameter_and_groups_have_several(tmp_path: Path) -> None:
    cards = [*TR, ("Slices", "5"), ("Slices", "7"), ("Slice group", "1"), ("Slice group", "2")]
    text = step("\\\\USER\\a\\b *", cards).replace(
        "</Protocol>", "<Card><ProtParameter><Label>Slices</Label><ValueAndUnit>9</ValueAndUnit></ProtParameter>"
        "<ProtParameter/></Card></Protocol>",
    )  # fmt: skip
    nameless = step(" ", TR)
    headless = "<Protocol><Card/></Protocol>"
    found = read_xml(tmp_path, nameless, headless, text)
    (scan,) = found.protocols[0].acquisitions
    assert (scan.name, scan.number_of_slices) == ("b", 12)
    with pytest.raises(UnusableInput, match="a printout without a protocol"):
        read_xml(tmp_path, nameless, headless)


def test_xml_of_another_root_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text("<Other/>")
    with pytest.raises(UnusableInput, match="the root is <Other>"):
        layouts.read_xml(path)


def test_the_head_of_a_step() -> None:
    heads = {
        "\\\\USER\\head\\ms\\card\\t2_tra": ("t2_tra", ("head", "ms", "card")),
        " \\\\SIEMENS\\a\\b *": ("b", ("a",)),
        "\\\\USER\\b": ("b", ()),
        "b": ("b", ()),
        "": ("", ()),
    }
    assert {full: ((p := header_of(full, "TA: 1:00")).name, p.path) for full, _ in heads.items()} == heads
    assert header_of("a", "TA: 1:00").header == "TA: 1:00"


def test_cards_collect_rows() -> None:
    """A label alone is a heading or goes on with the one above; a card that is titled again goes on."""
    cards = Cards(Print("a", (), ""))
    cards.title("Geometry")
    cards.row("Slices", "5")
    cards.row("Slices", "7")
    cards.title("Contrast")
    cards.row("Phase enc.", "A >> P")
    cards.row("dir.", "")
    cards.row("Fat suppr.", "Fat")
    cards.more("sat.")
    cards.row("Slices", "99")
    cards.title("Geometry")
    cards.more("lost")
    cards.row("Heading", "")
    cards.row("Slices", "9")
    values = cards.filled().values
    assert values == {
        "slices": ["5", "7", "9"],
        "heading": [""],
        "phaseenc": ["A >> P"],
        "phaseencdir": ["A >> P"],
        "dir": [],
        "fatsuppr": ["Fat sat."],
    }


def test_a_value_of_the_first_card_that_has_one_counts() -> None:
    cards = Cards(Print("a", (), "", {"tr": ["1 ms"]}))
    cards.row("TR", "2 ms")
    cards.row("TE", "3 ms")
    assert cards.filled().values == {"tr": ["1 ms"], "te": ["3 ms"]}


TEXT = f"""
{TITLE}
{"-" * 40}
     \\\\USER\\head\\ms\\t2 *
     TA: 1:14 PM: FIX : tse
{"=" * 40}
Routine
     Slices                            30
     Orientation                       T > C-6.4
                                       > S2.0
{"_" * 40}

   \\\\USER\\head\\ms\\flair
   TA: 2:00
Contrast
     TR                                9000 ms
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252"])
def test_text_in_every_encoding(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    text = TEXT.replace("Slices ", "Tischposition   H é\n     Slices ")
    path.write_bytes(b"\xfe\xff" * (encoding == "utf-16-be") + text.encode(encoding))
    found = layouts.read_text(path)
    assert (found.titles, found.branched) == ([TITLE], False)
    assert [(p.name, p.path, p.header) for p in found.steps] == [
        ("t2", ("head", "ms"), "TA: 1:14 PM: FIX : tse"),
        ("flair", ("head", "ms"), "TA: 2:00"),
    ]
    wanted = {"tischposition": ["H é"], "slices": ["30"], "orientation": ["T > C-6.4 > S2.0"]}
    assert found.steps[0].values | wanted == found.steps[0].values
    assert "routine" not in found.steps[0].values
    assert found.steps[1].values == {"tr": ["9000 ms"]}


def test_a_text_far_to_the_right_goes_on_with_the_value(tmp_path: Path) -> None:
    """Labels are indented by up to 30 blanks, what stands further right belongs to the row above."""
    path = tmp_path / "a.txt"
    lines = [
        f"   {HEAD[1][2]}",
        "   TA: 1:00",
        "     TR      5 ms",
        " " * 30 + "TE      7 ms",
        " " * 31 + "and more",
    ]
    path.write_text("\n".join([TITLE, *lines]))
    (step,) = layouts.read_text(path).steps
    assert step.values == {"tr": ["5 ms"], "te": ["7 ms and more"]}


def test_a_text_before_its_first_step_is_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"Routine\n     TR      5 ms\n   TA: 1:00\n{TITLE}\n")
    assert layouts.read_text(path).steps == []


def rows(left: float, value: float, top: float, *pairs: tuple[str, str]) -> list[pdf.Placed]:
    shown: list[pdf.Placed] = []
    for number, (label, text) in enumerate(pairs):
        shown.append((left, top - 13 * number, label))
        shown += [(value, top - 13 * number, text)] if text else []
    return shown


HEAD: list[pdf.Placed] = [
    (180, 800, TITLE), (100, 780, "\\\\USER\\head\\ms\\a long"), (100, 768, "card\\t2_tra"), (140, 756, "TA: 1:14 : tse"),
]  # fmt: skip
LEFT = [
    ("Slices", "30"),
    ("Dist. factor", "20 %"),
    ("Orientation", "T > C-6.4"),
    ("FoV read", "230 mm"),
    ("TR", "5 ms"),
]


def test_pdf_in_two_columns_over_two_pages(tmp_path: Path) -> None:
    """The right column goes on with cards of the left, the next page with those of the page before."""
    pytest.importorskip("pypdfium2", reason="the extra `printouts` is not installed")
    first = [
        *HEAD,
        (56.7, 731, "Routine"), *rows(59.1, 198, 715, *LEFT),
        (60, 640, "-" * 12), (306.7, 640, "-" * 30),
        (306.7, 731, "Contrast"), *rows(309, 448, 715, ("Flip angle", "150 deg"), ("Averages", "2"), ("Fat suppr.", "Fat")),
        (448, 667, "sat."), (309, 654, "Phase enc. dir."), (448, 654, "R >> L"),
        (289, 32, "- 2 -"),
    ]  # fmt: skip
    second = [
        (180, 800, TITLE), (56.7, 731, "Contrast"), *rows(59.1, 198, 715, ("TE", "96 ms"), ("Averages", "9")),
        (306.7, 731, "Resolution"), *rows(309, 448, 715, ("FoV phase", "50 %"), ("Base resolution", "256")),
        (289, 32, "3/ 12+"),
    ]  # fmt: skip
    third = [
        *((x, y, t.replace("t2_tra", "other")) for x, y, t in HEAD),
        (59.1, 715, "TR"),
        (198, 715, "7 ms"),
    ]
    found = layouts.read_pdf(pdf.write(tmp_path / "a.pdf", [[(180, 800, TITLE)], first, second, third]))
    assert found.titles == [TITLE]
    assert [(p.name, p.path, p.header) for p in found.steps] == [
        ("t2_tra", ("head", "ms", "a longcard"), "TA: 1:14 : tse"),
        ("other", ("head", "ms", "a longcard"), "TA: 1:14 : tse"),
    ]
    assert found.steps[0].values == {
        "slices": ["30"], "distfactor": ["20 %"], "orientation": ["T > C-6.4"], "fovread": ["230 mm"],
        "tr": ["5 ms"], "flipangle": ["150 deg"], "averages": ["2", "9"], "fatsuppr": ["Fat sat."],
        "phaseencdir": ["R >> L"], "te": ["96 ms"], "fovphase": ["50 %"], "baseresolution": ["256"],
    }  # fmt: skip
    assert found.steps[1].values == {"tr": ["7 ms"]}


def page(*texts: str) -> Page:
    return Page(595, tuple(Word(text, 50, 90, 800 - 20 * i, 8) for i, text in enumerate(texts)))


def test_the_head_of_a_page_is_all_from_the_path_to_the_time() -> None:
    path, time = "\\\\USER\\a", "TA: 1:00"
    for texts, head in (
        ((path, time), (path, time)),
        ((path, "b", time), (path + "b", time)),
        (("title", path, "b", "c", time, path), (path + "bc", time)),
        (("title", time, path), None),
        ((path,), None),
    ):
        assert layouts._head(page(*texts)) == head


def test_a_column_begins_in_the_middle() -> None:
    words = [Word("TA: 1:00", 50, 90, 800, 8)] + [
        Word(t, x, x + 9, 780, 8) for t, x in (("a", 99.9), ("b", 100))
    ]
    shown = [layouts._column(Page(200, tuple(words)), right) for right in (False, True)]
    assert [[word.text for line in lines for word in line] for lines in shown] == [["a"], ["b"]]


def test_a_pdf_is_ours_by_its_first_pages() -> None:
    ours = page("SIEMENS MAGNETOM"), page("\\\\USER")
    blank = [page()] * 3
    assert layouts.is_ours([ours[0], *blank, ours[1]])
    assert not layouts.is_ours([ours[0], *blank, page(), ours[1]])
    assert not layouts.is_ours([ours[0]]) and not layouts.is_ours([ours[1]])
    assert not layouts.is_ours([page("SIEMENSX"), ours[1]])


def test_a_little_to_the_left_is_still_the_same_column(tmp_path: Path) -> None:
    """Values begin up to 1.5 points further left than most, titles at least 1.5 points left of the labels."""
    pytest.importorskip("pypdfium2", reason="the extra `printouts` is not installed")
    many = rows(60, 200, 715, *((f"Label {i}x", f"{i} mm") for i in range(25)))
    page = [
        *HEAD, *many,
        (60, 380, "TR"), (198.6, 380, "5 ms"), (60, 360, "TE"), (198.3, 360, "7 ms"),
        (58.6, 340, "Heading"), (58.4, 320, "Title"), (60, 300, "TI"), (200, 300, "9 ms"), (40, 280, "odd"), (200, 280, "8 ms"),
    ]  # fmt: skip
    (step,) = layouts.read_pdf(pdf.write(tmp_path / "a.pdf", [page])).steps
    assert (step.values["tr"], step.values["ti"]) == (["5 ms"], ["9 ms"])
    assert "te7" in step.values and "title" not in step.values and step.values["heading"] is not None
