"""The time limits of the guideline, with the uncertainty of the estimate counted against the card."""

from __future__ import annotations

from pathlib import Path

from generator.model.tree import Acquisition, Contrast, Target
from tests.specs_shipped.cards import PROTOCOLS, TARGETS, card, seconds
from tests.support.each import each

LIMITS = {
    "baseline-diagnosis": 1200,
    "baseline-new-dmt": 1200,
    "re-baseline-6-months": 1200,
    "follow-up": 900,
    "relapse": 900,
    "pml-screening": 600,
}
POST_CONTRAST = ("t1_3d_post", "spine_t1_sag_post")


def required(path: Path, target: Target) -> list[Acquisition]:
    return [scan for scan in card(path, target).protocol.acquisitions if not scan.optional]


@each([path for path in PROTOCOLS if "spine" not in path.stem], TARGETS)
def test_a_card_keeps_its_limit_even_if_every_scan_is_longer_than_estimated(
    path: Path, target: Target
) -> None:
    times = [seconds(scan, target) for scan in required(path, target)]
    longest = sum(time + margin for time, margin in times)
    protocol = card(path, target).protocol
    # Reading C11: any card with gadolinium has twenty minutes; the others keep to fifteen.
    injected = any(isinstance(step, Contrast) for step in protocol.steps)
    assert longest <= (1200 if injected else LIMITS[str(protocol.kind)])


@each(TARGETS)
def test_flair_fills_the_wait_after_the_injection(target: Target) -> None:
    path = next(path for path in PROTOCOLS if path.stem == "baseline-new-dmt")
    steps = card(path, target).protocol.steps
    place = next(i for i, step in enumerate(steps) if isinstance(step, Contrast))
    waited = 0.0
    for step in steps[place:]:
        if isinstance(step, Acquisition) and step.role in POST_CONTRAST:
            break
        if isinstance(step, Acquisition) and not step.optional:
            waited += seconds(step, target)[0]
    assert 300 <= waited <= 345


@each(PROTOCOLS, TARGETS)
def test_every_scan_has_an_estimate_and_none_is_long(path: Path, target: Target) -> None:
    for scan in card(path, target).protocol.acquisitions:
        assert 30 <= seconds(scan, target)[0] <= 390, scan.name
