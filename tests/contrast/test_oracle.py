"""The kernels against qmrpy, an independent package."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.contrast import phasegraph, physics, trains
from generator.contrast.tissues import tissue
from tests.support.oracles import Oracles

TRAINS = [
    ("white_matter", 3.0, trains.constant_angles(12, 130.0), 11.0),
    ("lesion", 1.5, trains.constant_angles(17, 150.0), 10.0),
    ("grey_matter", 3.0, (60.0,) * 20, 8.0),
    *(
        (name, 3.0, trains.variable_angles(centre, design), 3.6)
        for name in ("white_matter", "grey_matter", "lesion", "csf")
        for centre in (30, 109)
        for design in trains.DESIGNS
    ),
]


def test_echo_trains_and_gradient_echoes(oracles: Oracles, tmp_path: Path) -> None:
    cases: list[dict[str, Any]] = [
        {"kind": "train", "t1_ms": one.t1, "t2_ms": one.t2, "te_ms": spacing, "angles": angles}
        for name, field, angles, spacing in TRAINS
        for one in [tissue(name, field)]
    ]
    flashes = [("white_matter", 28.0, 15.0), ("csf", 28.0, 15.0), ("white_matter", 1000.0, 25.0)]
    for name, repetition, angle in flashes:
        one = tissue(name, 3.0)
        cases.append({"kind": "flash", "t1_ms": one.t1, "tr_ms": repetition, "fa_deg": angle})
        cases.append({"kind": "ernst", "t1_ms": one.t1, "tr_ms": repetition})
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(cases), "utf-8")
    expected = oracles.run("qmrpy_signal", file)
    for (name, field, angles, spacing), echoes in zip(TRAINS, expected, strict=False):
        one = tissue(name, field)
        assert phasegraph.echo(angles, spacing, one.t1, one.t2) == pytest.approx(echoes[-1], rel=1e-6)
    for place, (name, repetition, angle) in enumerate(flashes):
        flash, ernst = expected[len(TRAINS) + 2 * place : len(TRAINS) + 2 * place + 2]
        one = tissue(name, 3.0)
        found = physics.spoiled(one, repetition, (0.0,), angle)
        assert found == pytest.approx(flash * one.density, rel=1e-6)
        assert physics.ernst_angle(repetition, one.t1) == pytest.approx(ernst, rel=1e-6)
