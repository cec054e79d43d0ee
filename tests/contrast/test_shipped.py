"""The shipped protocols: no scan misses its purpose, vendors agree, a spoilt one is found by its look."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from docs.generate import every_card, every_contrast
from generator import pipeline
from generator.contrast.comparison import compare
from generator.contrast.reference import insert
from generator.model.tree import Acquisition, Target
from generator.pipeline import Card
from generator.rules.engine import check
from generator.rules.facts.card import Subject
from tests.conftest import ROOT

PROTOCOLS = sorted((ROOT / "specs" / "protocols" / "ofsep").glob("*.yaml"))


@cache
def cards(path: Path) -> tuple[Card, ...]:
    made, errors = pipeline.gather([path], pipeline.Choice())
    assert not errors
    return tuple(made)


@pytest.fixture(scope="module")
def every_sequence() -> tuple[Card, ...]:
    return tuple(every_card())


def of_contrast(card: Card, **changes: Any) -> list[tuple[str, str]]:
    """Code and message of every finding about contrast, after the scans of a role were changed."""
    role = changes.pop("role", None)
    steps = tuple(
        step.model_copy(update=changes)
        if role and isinstance(step, Acquisition) and step.role == role
        else step
        for step in card.protocol.steps
    )
    protocol = card.protocol.model_copy(update={"steps": steps})
    report = check(Subject(protocol, card.target))
    return [(one.code, one.message) for one in report.findings if one.code.startswith("CON")]


@pytest.mark.parametrize("path", PROTOCOLS, ids=lambda path: path.stem)
def test_no_shipped_card_misses_its_purpose(path: Path) -> None:
    found = {str(card.target): of_contrast(card) for card in cards(path)}
    assert {target: said for target, said in found.items() if said} == {}


def test_every_shipped_scan_is_simulated_and_alike_on_every_vendor(every_sequence: tuple[Card, ...]) -> None:
    spreads = compare((card.target, card.protocol) for card in every_sequence)
    assert len(spreads) == 2 * 17
    assert [view.missing for one in spreads for view in one.views if view.missing] == []
    assert all(len(one.views) == 4 for one in spreads)
    assert [(one.name, one.field_strength, one.spread) for one in spreads if not one.alike] == []


ABSURD: Mapping[str, tuple[str, dict[str, Any]]] = {
    "FLAIR, inversion too late": ("flair_3d", {"inversion_time": 2500.0}),
    "FLAIR, inversion too early": ("flair_3d", {"inversion_time": 1000.0}),
    "FLAIR, echo at the start of the train": ("flair_3d", {"echo_times": (15.0,)}),
    "FLAIR, repetition too long for the inversion": ("flair_3d", {"repetition_time": 15000.0}),
    "2D FLAIR, inversion of a STIR": ("flair_2d", {"inversion_time": 200.0}),
    "2D FLAIR, echo of a proton density": ("flair_2d", {"echo_times": (10.0,)}),
    "2D FLAIR, echo beyond any signal": ("flair_2d", {"echo_times": (400.0,), "echo_train_length": 42}),
    "DIR, long inversion too early": ("dir_3d", {"inversion_time": 1800.0}),
    "DIR, short inversion too long": ("dir_3d", {"second_inversion_time": 1000.0}),
    "T1, inversion nulls white matter": ("t1_3d_pre", {"inversion_time": 480.0, "echo_train_length": 64}),
    "T1, flip angle of one degree": ("t1_3d_pre", {"flip_angle": 1.0}),
    "T1, cycle and inversion of a FLAIR": (
        "t1_3d_pre",
        {"repetition_time_preparation": 9000.0, "inversion_time": 5000.0},
    ),
    "T1, echo of a T2*": ("t1_3d_pre", {"echo_times": (60.0,)}),
    "T1 with gadolinium, other inversion than before": ("t1_3d_post", {"inversion_time": 1250.0}),
    "T1 with gadolinium, short train and inversion": (
        "t1_3d_post",
        {"inversion_time": 300.0, "echo_train_length": 64},
    ),
    "PD/T2, second echo of a proton density": ("pdt2_2d", {"echo_times": (11.0, 22.0)}),
    "PD/T2, first echo of a T2": ("pdt2_2d", {"echo_times": (77.0, 99.0)}),
    "PD/T2, repetition of a T1": ("pdt2_2d", {"repetition_time": 500.0}),
    "3D T2, echo at the start of the train": ("t2_3d", {"echo_times": (15.0,)}),
    "DWI, b-value too low": ("dwi", {"b_values": (0.0, 100.0)}),
    "DWI, b-value too high": ("dwi", {"b_values": (0.0, 5000.0)}),
    "DWI, echo too late": ("dwi", {"echo_times": (250.0,)}),
    "SWI, echo too early": ("swi", {"echo_times": (2.0,)}),
    "SWI, echo beyond any signal": ("swi", {"echo_times": (120.0,)}),
    "T2*, echo too early": ("t2star_2d", {"echo_times": (3.0,)}),
    "T2*, flip angle of one degree": ("t2star_2d", {"flip_angle": 1.0}),
    "spine T2, echo of a proton density": ("spine_t2_sag", {"echo_times": (10.0,)}),
    "STIR, inversion of a FLAIR": ("spine_stir_sag", {"inversion_time": 1500.0}),
    "STIR, inversion too short": ("spine_stir_sag", {"inversion_time": 40.0}),
    "PSIR, inversion too late": ("spine_psir", {"inversion_time": 1900.0}),
    "spine T1, repetition of a T2": ("spine_t1_sag_post", {"repetition_time": 4000.0}),
    "spine T1, echo of a T2": ("spine_t1_ax_post", {"echo_times": (100.0,), "echo_train_length": 20}),
    "cord T2*, T1 weighted": ("spine_t2star_ax", {"flip_angle": 90.0, "echo_times": (3.0,)}),
}


@pytest.mark.parametrize("name", ABSURD)
@pytest.mark.parametrize("target", ["siemens 3 T", "ge 3 T", "philips 1.5 T"])
def test_an_absurd_scan_is_found(name: str, target: str, every_sequence: tuple[Card, ...]) -> None:
    card = next(one for one in every_sequence if str(one.target) == target)
    role, changes = ABSURD[name]
    found = of_contrast(card, role=role, **changes)
    assert found, f"{name} passes on {target}"


def test_the_message_says_what_would_be_seen(every_sequence: tuple[Card, ...]) -> None:
    card = next(one for one in every_sequence if one.target == Target(vendor="siemens", field_strength=3.0))
    ((code, message),) = of_contrast(card, role="flair_3d", inversion_time=2500.0)
    assert code == "CON001"
    assert "CSF would be as bright as the lesion" in message


def test_a_scan_that_cannot_be_simulated_is_said_and_not_judged(every_sequence: tuple[Card, ...]) -> None:
    card = every_sequence[0]
    for changes in ({"magnetization_transfer": True}, {"readout": "radial"}, {"echo_train_length": None}):
        assert of_contrast(card, role="flair_3d", inversion_time=2500.0, **changes) == []


def test_the_table_of_the_page_is_up_to_date() -> None:
    page = (ROOT / "docs" / "contrast.md").read_text("utf-8")
    assert insert(page, every_contrast()) == page
