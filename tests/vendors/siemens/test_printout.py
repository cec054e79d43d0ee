"""What a printout does not print as such: slabs of XA, averages of each b-value, names with a mark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.errors import UnusableInput
from generator.timing import estimate
from generator.vendors.siemens import DIALECT
from generator.vendors.siemens.printout import Print, fields_of

SLAB = {
    "dimension": ["3D"],
    "slabs": ["1"],
    "orientation": ["Sagittal"],
    "fov read": ["256 mm"],
    "fov phase": ["93.8 %"],
    "slice thickness": ["1.20 mm"],
    "r >> l": ["211 mm"],
    "a >> p": ["240 mm"],
    "f >> h": ["256 mm"],
}


def fields(values: dict[str, list[str]], header: str = "") -> dict[str, Any]:
    return fields_of(Print("scan", (), header, values))[0]


def test_a_volume_as_large_as_the_images_is_the_slab() -> None:
    found, doubts = fields_of(Print("scan", (), "", SLAB))
    assert found["slab_thickness"] == 211
    assert found["number_of_slices"] is None
    assert [what for what, _ in doubts] == ["slab_thickness"]


@pytest.mark.parametrize("change", [{"f >> h": ["350 mm"]}, {"slabs": ["4"]}, {"orientation": [""]}])
def test_any_other_volume_says_nothing(change: dict[str, list[str]]) -> None:
    assert fields(SLAB | change)["slab_thickness"] is None


def test_slices_that_are_printed_go_before_the_volume() -> None:
    found = fields(SLAB | {"slices per slab": ["160"]})
    assert (found["number_of_slices"], found["slab_thickness"]) == (160, 192)


def test_averages_stand_beside_the_b_values() -> None:
    printed = {"diff. weightings": ["2"], "b-value 1": ["0 s/mm²", "5"], "b-value 2": ["700 s/mm²", "1"]}
    found = fields(printed)
    assert (found["b_values"], found["b_value_averages"]) == ((0, 700), (5, 1))
    bare = fields(printed | {"b-value 2": ["700 s/mm²"]})
    assert (bare["b_values"], bare["b_value_averages"]) == ((0, 700), None)


@pytest.mark.parametrize(
    ("name", "technique"),
    [("tse_rr", "turbo_spin_echo"), ("fl_r", "gradient_echo"), ("fm_r", "field_map"), ("r1", None)],
)
def test_a_mark_behind_the_name_of_a_sequence_is_no_other_sequence(name: str, technique: str | None) -> None:
    assert fields({"sequence name": [name]})["technique"] == technique


@pytest.mark.corpus
def test_a_printout_gives_the_times_that_the_archive_beside_it_gives(corpus: Path) -> None:
    archive = corpus / "siemens" / "XA11B" / "Coma Science Group.exar1"
    pairs = [
        (estimate(one, "siemens", 3.0), estimate(other, "siemens", 3.0))
        for one, other in zip(
            DIALECT.read(archive).protocols[0].acquisitions,
            DIALECT.read(archive.with_suffix(".xml")).protocols[0].acquisitions,
            strict=True,
        )
    ]
    timed = [(one.seconds, other.seconds) for one, other in pairs if one and other]
    assert len(timed) >= 0.95 * len(pairs)
    assert all(one == pytest.approx(other, rel=0.001) for one, other in timed)


def test_each_part_of_a_step_is_a_scan_of_its_own(tmp_path: Path) -> None:
    def part(name: str, tr: str) -> str:
        header = f"<HeaderProtPath>\\\\USER\\a\\b\\card\\{name} *</HeaderProtPath>"
        row = f"<ProtParameter><Label>TR</Label><ValueAndUnit>{tr} ms</ValueAndUnit></ProtParameter>"
        return f"<SubStep><ProtHeaderInfo>{header}</ProtHeaderInfo><Card>{row}</Card></SubStep>"

    text = f"<PrintOut><Protocol>{part('upper', '500')}{part('lower', '700')}</Protocol></PrintOut>"
    path = tmp_path / "a.xml"
    path.write_text(text)
    (card,) = DIALECT.read(path).protocols
    assert [(a.name, a.repetition_time) for a in card.acquisitions] == [("upper", 500), ("lower", 700)]
    assert card.path == ("a", "b", "card")


def test_a_doctype_is_refused_in_any_encoding(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes('<!DOCTYPE x [<!ENTITY a "b">]><PrintOut><Protocol/></PrintOut>'.encode("utf-16"))
    with pytest.raises(UnusableInput, match="DOCTYPE"):
        DIALECT.read(path)
