"""What a printout does not print as such: slabs of XA, averages of each b-value, names with a mark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.donors import library
from generator.errors import UnusableInput
from generator.model.tree import Acquisition
from generator.timing import estimate
from generator.vendors.siemens import DIALECT
from generator.vendors.siemens.printouts import fields_of
from generator.vendors.siemens.printouts.layouts import Print
from generator.vendors.siemens.printouts.words import fold
from tests.support import pdf

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


def folded(values: dict[str, list[str]]) -> dict[str, list[str]]:
    return {fold(label): found for label, found in values.items()}


def fields(values: dict[str, list[str]], header: str = "") -> dict[str, Any]:
    return fields_of(Print("scan", (), header, folded(values)))[0]


def test_a_volume_as_large_as_the_images_is_the_slab() -> None:
    found, doubts = fields_of(Print("scan", (), "", folded(SLAB)))
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
    ("printed", "gating"),
    [
        ({"1st Signal/Mode": ["None"]}, "none"),
        ({"1st Signal/Mode": ["None"], "Resp. control": ["Off"]}, "none"),
        ({"1st Signal/Mode": ["None"], "Resp. control": ["Breath-hold"]}, "none"),
        ({"1st Signal/Mode": ["None"], "Resp. control": ["Trigger"]}, "respiratory"),
        ({"1st Signal/Mode": ["Keines"], "Atemkontrolle": ["Navigator"]}, "respiratory"),
        ({"1st Signal/Mode": ["Respiratory/Trigger"]}, "respiratory"),
        ({"1st Signal/Mode": ["ECG/Trigger"]}, "cardiac"),
        ({"1st Signal/Mode": ["Ext/Trigger"]}, None),
        ({}, None),
    ],
)
def test_what_a_scan_waits_for(printed: dict[str, list[str]], gating: str | None) -> None:
    """A navigator is printed as respiratory control, beside a signal of none."""
    assert fields(printed)["gating"] == gating


@pytest.mark.parametrize(
    ("name", "technique"),
    [
        ("tse_rr", "turbo_spin_echo"),
        ("fl_r", "gradient_echo"),
        ("fm_r", "field_map"),
        ("r1", None),
        ("spcR", "turbo_spin_echo"),
        ("tseR_rs", "turbo_spin_echo"),
    ],
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


ROWS: dict[str, dict[str, Any]] = {
    "en": {
        "card": ("Routine", "Contrast - Common"),
        "rows": [
            ("Slices", "30"),
            ("Dist. factor", "20 %"),
            ("Orientation", "T > C-6.4"),
            ("Phase enc. dir.", "R >> L"),
            ("FoV read", "230 mm"),
            ("FoV phase", "87.5 %"),
            ("Slice thickness", "4.5 mm"),
            ("TR", "5120.5 ms"),
            ("TE", "96.25 ms"),
            ("Phase partial Fourier", "Off"),
            ("PAT mode", "None"),
        ],
        "more": [("Flip angle", "150 deg"), ("Fat suppr.", "Fat sat."), ("Averages", "2")],
    },
    "de": {
        "card": ("Routine", "Kontrast - Allgemein"),
        "rows": [
            ("Schichten", "30"),
            ("Distanzfaktor", "20 %"),
            ("Orientierung", "T > C-6.4"),
            ("Phasenkod.-Richt.", "R >> L"),
            ("FoV Auslese", "230 mm"),
            ("FoV Phase", "87,5 %"),
            ("Schichtdicke", "4,5 mm"),
            ("TR", "5120,5 ms"),
            ("TE", "96,25 ms"),
            ("Phasen Partial Fourier", "Aus"),
            ("PAT Modus", "Keiner"),
        ],
        "more": [("Flipwinkel", "150 Grad"), ("Fettunterdr.", "Fettsättig."), ("Mittelungen", "2")],
    },
    "fr": {
        "card": ("Routine", "Contraste"),
        "rows": [
            ("Coupes", "30"),
            ("Fac. distance", "20 %"),
            ("Orientation", "T > C-6.4"),
            ("Dir. codage phase", "R >> L"),
            ("FoV", "230 mm"),
            ("Phase FoV", "87.5 %"),
            ("Epaiss. coupe", "4.5 mm"),
            ("TR", "5120.5 ms"),
            ("TE", "96.25 ms"),
            ("Phase Fourier partiel", "Désactivé"),
            ("Mode PAT", "Néant"),
        ],
        "more": [
            ("Angle de basc.", "150 deg"),
            ("Suppression graisse", "Néant"),
            ("Nb. d\u2019excitations", "2"),
        ],
    },
}
PATH, TIME = "\\\\USER\\head\\ms\\card\\t2_tra", "TA: 1:14 PM: FIX PAT: Off Rel. SNR: 1.00 : tse"


def page(language: str) -> list[pdf.Placed]:
    """A page as VE to XA print it: titles left of labels, values in a column of their own."""
    said = ROWS[language]
    left = [(59.1, label, value) for label, value in said["rows"]]
    right = [(309.0, label, value) for label, value in said["more"]]
    words: list[pdf.Placed] = [(180, 800, "SIEMENS MAGNETOM Any 3.0T"), (150, 772, PATH), (140, 756, TIME)]
    for title, rows, shift in zip(said["card"], (left, right), (0, 250), strict=True):
        words.append((56.7 + shift, 731, str(title)))
        for i, (x, label, value) in enumerate(rows):
            words += [(x, 715 - 13 * i, label), (197.9 + shift, 715 - 13 * i, value)]
    return [*words, (289, 32, "- 2 -")]


@pytest.mark.parametrize("language", ROWS)
def test_a_pdf_is_read_in_three_languages(language: str, tmp_path: Path) -> None:
    pytest.importorskip("pypdfium2", reason="the extra `printouts` is not installed")
    path = pdf.write(tmp_path / "a.pdf", [[(180, 800, "SIEMENS MAGNETOM Any 3.0T")], page(language)])
    found = DIALECT.read(path)
    (card,) = found.protocols
    (scan,) = card.acquisitions
    assert (found.format, found.field_strength) == ("siemens-printout-pdf", 3.0)
    assert (card.path, card.acquisition_duration) == (("head", "ms", "card"), 74)
    assert (scan.name, scan.technique, scan.mr_acquisition_type) == ("t2_tra", "turbo_spin_echo", "2D")
    assert (scan.repetition_time, scan.echo_times, scan.flip_angle) == (5120.5, (96.25,), 150)
    assert (scan.field_of_view, scan.slice_thickness, scan.slice_gap) == ((230, 201.25), 4.5, 0.9)
    assert (scan.plane, scan.oblique_angles) == ("transverse", (-6.4, 0))
    assert (scan.number_of_slices, scan.phase_encoding_direction) == (30, "RL")
    assert (scan.number_of_averages, scan.partial_fourier_phase) == (2, 1)
    assert scan.parallel_reduction_factor_in_plane == 1
    assert scan.fat_suppression == ("none" if language == "fr" else "fat_saturation")


def test_labels_of_no_known_language_are_said(tmp_path: Path) -> None:
    pytest.importorskip("pypdfium2", reason="the extra `printouts` is not installed")
    words = [(180, 800, "SIEMENS MAGNETOM Any"), (150, 772, PATH), (140, 756, TIME)]
    found = DIALECT.read(pdf.write(tmp_path / "a.pdf", [[*words, (59, 715, "Espesor"), (198, 715, "4 mm")]]))
    assert "foreign-labels" in {note.code for note in found.notes}
    assert found.protocols[0].acquisitions[0].slice_thickness is None


def test_groups_that_are_printed_alike_are_not_counted() -> None:
    group = {"slice group": ["1", "2"], "position": ["L0 P1 H0 mm"] * 2, "orientation": ["Coronal"] * 2}
    printed = group | {"slices": ["5", "5"], "dimension": ["2D"]}
    assert fields(printed).get("number_of_slices") is None
    assert fields(printed | {"orientation": ["Coronal", "Sagittal"]})["number_of_slices"] == 10


def test_compressed_sensing_has_a_total_factor() -> None:
    found = fields({"acceleration mode": ["CS"], "total factor": ["5.0"], "dimension": ["3D"]})
    assert found["compressed_sensing_factor"] == 5
    assert found["parallel_reduction_factor_in_plane"] is None


def test_a_text_printout_is_read(tmp_path: Path) -> None:
    said = ROWS["en"]
    rows = [f"     {label:<40}{value}" for label, value in [*said["rows"], *said["more"]]]
    lines = ["", "SIEMENS MAGNETOM Any syngo MR E11", "-" * 60, f"   {PATH}", f"   {TIME}", "Routine", *rows]
    path = tmp_path / "a.txt"
    path.write_text("\n".join(lines), encoding="cp1252")
    found = DIALECT.read(path)
    (scan,) = found.protocols[0].acquisitions
    assert (found.format, found.software) == ("siemens-printout-text", "VE11")
    assert (scan.repetition_time, scan.number_of_slices, scan.fat_suppression) == (
        5120.5,
        30,
        "fat_saturation",
    )


def test_a_printout_is_no_donor(tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text("<PrintOut><Protocol/></PrintOut>")
    with pytest.raises(UnusableInput, match="a printout is no donor"):
        library(DIALECT, [path])


PRINTED = {
    "VB17A/spine_generic_siemens-trio": ".edx",
    "VE11C/spine_generic_Prisma_VE11C_ZOOMit": ".exar1",
    "VE11P/spine_generic_siemens-biograph-VE11P": ".exar1",
    "XA20/spine_generic_Vida_VE11C_no-ZOOMit": ".exar1",
    "XA61/spine-generic_CimaX_XA61_ZOOMit": ".exar1",
}


@pytest.mark.corpus
@pytest.mark.parametrize("name", PRINTED)
def test_what_is_printed_is_what_the_archive_holds(name: str, corpus: Path) -> None:
    pytest.importorskip("pypdfium2", reason="the extra `printouts` is not installed")
    printed = DIALECT.read(corpus / "siemens" / f"{name}.pdf").protocols[0].acquisitions
    stored = DIALECT.read(corpus / "siemens" / f"{name}{PRINTED[name]}").protocols[0].acquisitions
    assert [a.name for a in printed] == [a.name for a in stored]
    pairs = [
        (f"{a.name}: {what}", getattr(a, what), getattr(b, what))
        for a, b in zip(stored, printed, strict=True)
        for what in Acquisition.model_fields.keys() - {"vendor", "output_maps"}
    ]
    both = [(what, a, b) for what, a, b in pairs if a is not None and b is not None]
    assert [row for row in both if not alike(row[1], row[2])] == []
    assert len(both) > 35 * len(printed)


def alike(stored: Any, printed: Any) -> bool:
    """Whether two values are the same but for what a printout rounds."""
    if isinstance(stored, tuple):
        return len(stored) == len(printed) and all(map(alike, stored, printed))
    if stored is None or printed is None or isinstance(stored, bool | str):
        return stored == printed or stored is None or printed is None
    return bool(stored == pytest.approx(printed, rel=0.011, abs=0.055))


@pytest.mark.corpus
def test_german_says_what_english_says(corpus: Path) -> None:
    pytest.importorskip("pypdfium2", reason="the extra `printouts` is not installed")
    stem = corpus / "siemens" / "printouts" / "DZNE_RLS_v1p2_compatibility_3TPrisma_VE11C"
    english, german = (DIALECT.read(Path(f"{stem}{end}")).protocols[0] for end in (".pdf", "_german.pdf"))
    as_shown = {"vendor", "gradient_mode", "specific_absorption_rate_mode"}
    assert len(german.steps) == 15
    assert [step.model_dump(exclude=as_shown) for step in german.steps] == [
        step.model_dump(exclude=as_shown) for step in english.steps
    ]
