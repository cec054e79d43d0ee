"""Steps as notes and back: the fixed wording, and what becomes of somebody else's notes."""

from __future__ import annotations

from typing import Any

import pytest

from generator import limits
from generator.errors import UnusableInput
from generator.model.tree import Acquisition, Contrast, Loss, Pause, Protocol, Reformat
from generator.vendors.account import Reasons
from generator.vendors.ge import notes
from generator.vendors.ge.notes import Event, Slot


def test_each_event_is_one_paragraph_and_back() -> None:
    said: dict[str, tuple[Event, bool]] = {
        "Inject contrast before this series": (Contrast(), False),
        "Inject contrast after this series: agent = Gadavist; dose = 0.1 mmol/kg; minimum_delay = 300 s": (
            Contrast(agent="Gadavist", dose=0.1, minimum_delay=300.0), True,
        ),
        "Pause before this series: text = Turn; a // b = c": (Pause(text="Turn; a\nb = c"), False),
        "Reformat after this series: source = T1; plane = coronal; slice_thickness = 3 mm": (
            Reformat(source="T1", plane="coronal", slice_thickness=3.0), True,
        ),
    }  # fmt: skip
    for text, (event, after) in said.items():
        assert notes.event_paragraph(event, after=after) == text
        assert notes.read_event(text) == (event, after)
    for text in (
        "Pause before this series: words = x", "Pause during this series", "A Pause before this series",
        "Pause",
        "Inject contrast before this series: dose = much mmol/kg",
        "Reformat after this series: plane = upside down",
        "Inject contrast before this series: dose",
    ):  # fmt: skip
        assert notes.read_event(text) is None


def test_a_scan_says_what_only_a_note_holds() -> None:
    scan = Acquisition(
        name="T2", optional=True, instruction="Ask: 1\nthen; 2", plane_reference="ac-pc",
        coverage=("cervical", "conus"), output_maps=("adc", "trace"), station="2", repetition_time=5.0,
    )  # fmt: skip
    text = notes.series_paragraph(scan) or ""
    assert text.startswith(
        "This series: optional = yes; plane_reference = ac-pc; coverage = cervical, conus; "
    )
    assert text.endswith("; instruction = Ask: 1 // then; 2")
    assert "output_maps = adc, trace; station = 2" in text
    back = notes.read_fields(text)
    expected: dict[str, Any] = {
        "optional": True, "plane_reference": "ac-pc", "coverage": ("cervical", "conus"),
        "output_maps": ("adc", "trace"),
        "instruction": "Ask: 1\nthen; 2",
    }  # fmt: skip
    assert {name: back[name] for name in expected} == expected
    assert notes.series_paragraph(Acquisition(name="T2", repetition_time=5.0)) is None
    for other in (
        "That series: optional = yes",
        "This series: own = 1",
        "This series: optional",
        "This series",
    ):
        assert notes.read_fields(other) == {}
    assert notes.read_fields("This series: voxel_size = 1 mm, None, 2.5 mm; optional = no") == {
        "voxel_size": (1.0, None, 2.5), "optional": False,
    }  # fmt: skip


def test_what_is_left_to_the_operator() -> None:
    def loss(name: str | None, wanted: Any, kind: Any = "unsupported") -> Loss:
        return Loss(kind=kind, field=name, wanted=wanted, reason="-", severity="image")

    settable: dict[str, tuple[Any, str]] = {
        "technique": ("gradient_echo", "gradient_echo"), "echo_times": ((11.0, 88.5), "11 ms, 88.5 ms"),
        "inversion_time": (150.0, "150 ms"), "second_inversion_time": (450.0, "450 ms"),
        "fat_suppression": ("stir", "stir"), "readout": ("radial", "radial"),
        "phase_encoding_direction": ("AP", "AP"), "partial_fourier_phase": (0.75, "0.75"),
        "gating": ("cardiac", "cardiac"), "compressed_sensing_factor": (1.5, "1.5"),
    }  # fmt: skip
    for name, (wanted, words) in settable.items():
        assert notes.by_hand([loss(name, wanted)]) == f"To be set by hand: {name} = {words}"
        assert notes.by_hand([loss(name, wanted, "rounded")]) is None
    both = notes.by_hand(
        [loss("gating", "cardiac"), loss(None, "x"), loss("slice_gap", 1.0), loss("readout", "radial")]
    )
    assert both == "To be set by hand: gating = cardiac; readout = radial"


def test_steps_are_laid_out_as_series() -> None:
    """A reformat right after a series belongs to it, everything else to the next one."""
    scans = [Acquisition(name=name) for name in "abc"]
    first, other, last = Reformat(source="a"), Reformat(source="x"), Pause(text="end")
    steps = (Pause(text="go"), scans[0], first, Contrast(agent="Gd"), other, scans[1], scans[2], last)
    reasons = Reasons()
    one, two, three = notes.slots(Protocol(name="p", steps=steps), reasons)
    assert [slot.index for slot in (one, two, three)] == [1, 5, 6]
    assert (one.before, one.after, one.contrast) == ([(0, steps[0])], [(2, first)], None)
    assert (two.before, two.after) == ([(3, steps[3]), (4, other)], [])
    assert (three.before, three.after) == ([], [(7, last)])
    assert two.contrast == three.contrast == steps[3]
    assert [(loss.kind, loss.wanted, loss.got, loss.severity) for loss in reasons.further] == [
        ("approximated", kind, "note", "operator")
        for kind in ("pause", "reformat", "contrast", "reformat", "pause")
    ]
    assert notes.slots(Protocol(name="p", steps=(last,)), Reasons()) == []
    two.add(None)
    two.add("By hand")
    assert two.paragraphs == [
        "Inject contrast before this series: agent = Gd", "Reformat before this series: source = x",
        "By hand",
    ]  # fmt: skip
    assert one.paragraphs[-1] == "Reformat after this series: source = a"


def test_contrast_of_a_series() -> None:
    scan = Acquisition(name="T1")
    assert notes.contrast_pairs(Slot(0, scan)) == {"CONTRAST": "No"}
    agents = {None: {}, "Gado “x” Ä\n y": {"CONTAG": "Gado x A y"}, "½": {"CONTAG": "12"}}
    for agent, pairs in agents.items():
        slot = Slot(0, scan, contrast=Contrast(agent=agent))
        assert notes.contrast_pairs(slot) == {"CONTRAST": "Yes", "CONTAM": "Yes", **pairs}


def test_paragraphs_of_a_note() -> None:
    page = b'<p style="margin-top: 0">\n  This  series:\n a &amp; b\n</p>stray<p></p><P>two<b>!</b></p><p>x'
    assert notes.paragraphs(page, "x") == ["This series: a & b", "two!"]
    assert notes.paragraphs(b"<p>somebody's text</p>", "x") == []
    assert notes.paragraphs(b"<html>\n  <head>\n    \n  </head>\n  <body>\n  </body>\n</html>\n", "x") == []
    assert notes.paragraphs(b"<p>series \xff</p>", "x") == ["series \ufffd"]
    filled = b"<p>series</p>" + b" " * (limits.NOTE_BYTES - 13)
    assert notes.paragraphs(filled, "x") == ["series"]
    with pytest.raises(UnusableInput, match="a note of"):
        notes.paragraphs(filled + b" ", "x")
    for bad in (b"<script>", b"< IFRAME x>", b'<a onclick = "x">', b"javascript:", b"<object>", b"<form >"):
        with pytest.raises(UnusableInput, match="active content") as caught:
            notes.paragraphs(b"<p>" + bad, "x")
        assert caught.value.where == "byte 3"
    assert notes.has_pictures(b"<p><IMG src=x>") and not notes.has_pictures(b"<p>img</p>")
