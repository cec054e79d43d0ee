"""Exams done by shipped specs and by cards of real consoles: nothing is reported but what was changed."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generator.compare.audit import audit
from generator.images.session import exams
from generator.model.tree import Acquisition, Protocol, Target
from generator.sources import open_source, read_any
from tests.compare.test_audit import reported
from tests.support.dicom import PLANES, SEQUENCES, Series, exam_of, write

CARDS = (".exar1", ".edx", ".examcard", ".tar", ".gz")
SLICES = 4
"""Slices of every scan here, so that files stay small."""

EDITS: Mapping[str, Callable[[Any], Any]] = {
    "repetition_time": lambda v: v * 1.25, "echo_times": lambda v: tuple(t * 1.3 for t in v),
    "flip_angle": lambda v: max(2.0, v * 0.8), "slice_thickness": lambda v: v * 1.25,
    "pixel_bandwidth": lambda v: v * 1.4, "number_of_averages": lambda v: v + 1,
    "inversion_time": lambda v: v * 1.1, "number_of_slices": lambda v: v - 1,
}  # fmt: skip


def small(protocol: Protocol) -> Protocol:
    """Return a protocol of scans that the files of the tests can be made for, with few slices."""
    kept = [step for step in protocol.steps if not isinstance(step, Acquisition) or _can_be_made(step)]
    few = [
        step.model_copy(update={"number_of_slices": SLICES, "number_of_temporal_positions": None})
        if isinstance(step, Acquisition)
        else step
        for step in kept
    ]
    return protocol.model_copy(update={"steps": tuple(few)})


def _can_be_made(scan: Acquisition) -> bool:
    view, axis = scan.field_of_view, {"LR": 0, "RL": 0, "AP": 1, "PA": 1, "FH": 2, "HF": 2}
    if scan.technique not in SEQUENCES or scan.plane not in PLANES or not scan.slice_thickness:
        return False
    through = PLANES[scan.plane][2] == axis.get(scan.phase_encoding_direction or "AP")
    return not through and not (view and None not in view and (view[1] or 0) > (view[0] or 0))


def edited(done: list[Series], asked: Protocol, seed: int) -> tuple[list[Series], list[tuple[str, str]]]:
    """Change one field of up to three scans; return the exam, and what was changed of which scan."""
    rng, made, changed = random.Random(seed), list(done), []
    steps = [step for step in asked.acquisitions if not step.optional]
    for index in rng.sample(range(len(done)), min(3, len(done))):
        stated = [name for name in EDITS if getattr(steps[index], name) is not None]
        if stated:
            name = rng.choice(stated)
            made[index] = made[index].but(**{name: EDITS[name](getattr(done[index].scan, name))})
            changed.append((steps[index].name, name))
    return made, changed


@pytest.mark.parametrize("maker", ["siemens", "ge", "philips", "canon"])
@pytest.mark.parametrize("spec", ["ofsep-brain-baseline-diagnosis", "ofsep-spine-diagnosis"])
def test_an_exam_by_a_shipped_spec_reports_what_was_changed(tmp_path: Path, spec: str, maker: str) -> None:
    target = Target(vendor=maker, field_strength=3.0)
    asked = small(open_source(spec).read_for(target).protocols[0])
    done = exam_of(asked, maker)
    (exam,) = exams(write(tmp_path / "as asked", *done))
    assert reported(audit(exam, asked)) == []
    made, changed = edited([replace(one, enhanced=False) for one in done], asked, len(spec))
    (exam,) = exams(write(tmp_path / "changed", *made))
    assert sorted(reported(audit(exam, asked))) == sorted(changed)


def test_exams_by_cards_of_real_consoles_report_what_was_changed(tmp_path: Path, corpus: Path) -> None:
    files = [p for v in ("siemens", "ge", "philips") for p in sorted((corpus / v).rglob("*")) if p.is_file()]
    tried = 0
    for file in (path for path in files if path.suffix.lower() in CARDS):
        result = read_any(file)
        for number, asked in enumerate(map(small, result.protocols[:2])):
            if not asked.acquisitions or any(step.kind == "contrast" for step in asked.steps):
                continue
            done = exam_of(asked, result.vendor)
            folder = tmp_path / f"{file.name} {number}"
            (exam,) = exams(write(folder / "as asked", *done))
            assert reported(audit(exam, asked)) == [], file.name
            made, changed = edited(done, asked, tried)
            (exam,) = exams(write(folder / "changed", *made))
            found = [one for one in reported(audit(exam, asked)) if isinstance(one, tuple)]
            assert sorted(found) == sorted(changed), file.name
            tried += len(changed)
    assert tried > 25
