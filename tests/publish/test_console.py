"""Sheets speak as the console does: its words, its order, its units; values worked out by hand."""

from __future__ import annotations

from typing import Any

import pytest

from generator.model.tree import Acquisition
from generator.publish import console
from generator.publish.voice import voice
from generator.vendors.profile import names

SCAN: dict[str, Any] = {
    "kind": "acquisition",
    "mr_acquisition_type": "2D",
    "plane": "transverse",
    "phase_encoding_direction": "RL",
    "field_of_view": [240, 204],
    "acquisition_matrix": [256, 218],
    "slice_thickness": 3.0,
    "slice_gap": 0.9,
    "repetition_time": 3500.0,
    "echo_times": [2.9844],
    "pixel_bandwidth": 217.0,
    "partial_fourier_phase": 0.75,
    "number_of_averages": 2,
    "voxel_size": [0.9375, 0.9375, 3.0],
    "parallel_reduction_factor_in_plane": 2.0,
}


def lines(vendor: str, language: str = "en") -> dict[str, str]:
    target = {"vendor": vendor, "field_strength": 3.0}
    found = [line for _, some in console.cards(SCAN, SCAN, target) for line in some]
    speaker = voice(language)
    return {line.label or line.field: speaker.entered(line).replace("\xa0", " ") for line in found}


@pytest.mark.parametrize(
    ("vendor", "expected"),
    [
        (
            "siemens",
            {
                "FOV Read": "240 mm", "FOV Phase": "85 %", "Base Resolution": "256",
                "Phase Resolution": "100.2 %",
                "Distance Factor": "30 %", "Phase Partial Fourier": "6/8", "Acceleration Factor PE": "2",
                "Averages": "2", "TE": "2.98 ms", "Slices": "?", "Phase Encoding Dir.": "R >> L",
            },
        ),
        (
            "ge",
            {
                "FOV": "24 cm", "Phase FOV": "0.85", "Frequency": "256", "Phase": "218", "NEX": "2",
                "Receiver Bandwidth": "27.78 kHz", "Slice Spacing": "0.9 mm",
            },
        ),
        # Water-fat shift times bandwidth is 434.4 Hz at 3 T in 161 of 163 scans of real cards.
        ("philips", {"WFS (pix)": "2", "WFS / BW": "217 Hz", "FOV AP": "240 mm", "FOV RL": "204 mm",
                     "NSA": "2", "SENSE P reduction": "2", "Voxel size": "0.94 × 0.94 × 3 mm"}),
        ("canon", {"NAQ": "2", "SPEEDER": "2", "MTX": "256 × 218", "FOV": "24 × 20.4 cm"}),
    ],
)  # fmt: skip
def test_a_console_reads_its_own_words_and_units(vendor: str, expected: dict[str, str]) -> None:
    found = lines(vendor)
    for label, text in expected.items():
        if text == "?":
            assert label not in found, "the scan does not state it"
        else:
            assert found[label] == text, label


def test_french_has_its_decimal_sign_and_two_decimals() -> None:
    assert lines("philips", "fr")["Voxel size"] == "0,94 × 0,94 × 3 mm"


@pytest.mark.parametrize("vendor", [name for name in names() if console.words(name)])
def test_every_entry_is_a_field_of_the_tree_with_a_known_form(vendor: str) -> None:
    assert {word.field for word in console.words(vendor)} <= set(Acquisition.model_fields)
    forms = {word.form for word in console.words(vendor) if word.form}
    assert forms <= {*console._FORMS, *console._KINDS}
    labels = [(word.label, word.form, word.field) for word in console.words(vendor)]
    assert len(labels) == len(set(labels))


def test_what_a_console_has_no_word_for_is_not_dropped() -> None:
    scan = {**SCAN, "readout": "cartesian", "gating": "respiratory"}
    for vendor in names():
        found = console.cards(scan, scan, {"vendor": vendor, "field_strength": 3.0})
        shown = {line.field for _, some in found for line in some}
        assert {"readout", "gating"} <= shown
        assert set(SCAN) - {"kind"} <= shown, vendor


@pytest.mark.parametrize(
    ("vendor", "technique", "label"),
    [
        ("siemens", "turbo_spin_echo", "Turbo Factor"),
        ("siemens", "magnetization_prepared_gradient_echo", "Turbo Factor"),
        ("siemens", "echo_planar_diffusion", "EPI Factor"),
        ("philips", "turbo_spin_echo", "TSE factor"),
        ("philips", "magnetization_prepared_gradient_echo", "TFE factor"),
        ("philips", "echo_planar_bold", "EPI factor"),
    ],
)
def test_a_train_has_the_word_of_its_technique(vendor: str, technique: str, label: str) -> None:
    """Printouts of XA11B and XA61 and of R5.3 call it so (console_words.json)."""
    scan = {**SCAN, "technique": technique, "echo_train_length": 36}
    found = [
        line
        for _, some in console.cards(scan, scan, {"vendor": vendor, "field_strength": 3.0})
        for line in some
    ]
    assert [line.label for line in found if line.field == "echo_train_length"] == [label]
