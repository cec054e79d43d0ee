"""The floor that no card leaves: gadolinium, durations and the scanner, without any guideline claimed."""

from __future__ import annotations

from typing import Any

import pytest

from generator import pipeline
from generator.model import words
from generator.model.tree import Contrast, Target
from generator.rules import packs
from generator.rules.compare import check_session
from generator.rules.engine import Report
from generator.rules.facts.view import Facts
from generator.spec.agents import agents, find_agent
from generator.spec.diagnostic import SourceErrors
from generator.spec.load import load_text
from tests.rules.cards import codes, examine, follow_up, gd, pause, scan, situated, spine

GE = Target(vendor="ge", field_strength=3.0)
HEAD = "protocol: card\ntitle: A card\nfield_strengths: [1.5 T, 3 T]\n"
POST = "  - acquisition: t1-3d\n    role: t1_3d_post\n    name: T1 post\n"


def report(steps: str, target: Target = GE, head: str = "") -> Report:
    return pipeline.check(pipeline.prepare(load_text(f"{HEAD}{head}steps:\n{steps}"), target))


def found(steps: str, target: Target = GE, head: str = "") -> set[str]:
    said = report(steps, target, head).findings
    return {one.code for one in said if one.severity in ("error", "warning")}


def injected(contrast: str) -> str:
    return f"  - acquisition: t1-3d\n  - contrast: {{{contrast}}}\n{POST}"


GOOD = "agent: gadobutrol, dose: 0.1 mmol/kg, minimum_delay: 5 min"


def test_a_good_injection_passes() -> None:
    assert not {code for code in found(injected(GOOD)) if code.startswith("GAD")}


@pytest.mark.parametrize(
    "contrast, code",
    [
        ("agent: gadobutrol, dose: 1 mmol/kg", "GAD906"),
        ("agent: gadobutrol, dose: 0.01 mmol/kg", "GAD905"),
        ("agent: gadobutrol, dose: 0.15 mmol/kg", "GAD905"),
        ("agent: gadopiclenol, dose: 0.1 mmol/kg", "GAD905"),
        ("agent: gadodiamide, dose: 0.1 mmol/kg", "GAD904"),
        ("agent: Omniscan, dose: 0.1 mmol/kg", "GAD904"),
        ("agent: water, dose: 0.1 mmol/kg", "GAD904"),
        ("dose: 0.1 mmol/kg", "GAD904"),
        ("agent: gadobutrol", "GAD905"),
        ("agent: gadobutrol, volume: 0.3 ml/kg", "GAD906"),
        ("agent: gadobutrol, dose: 0.1 mmol/kg, volume: 0.2 ml/kg", "GAD907"),
        ("agent: gadobutrol, dose: 0.1 mmol/kg, flow_rate: 40 ml/s", "GAD915"),
        ("agent: gadobutrol, dose: 0.1 mmol/kg, flush_volume: 200 ml", "GAD915"),
        ("agent: gadobutrol, dose: 0.1 mmol/kg, minimum_delay: 50 min", "GAD914"),
    ],
)
def test_a_bad_injection_is_found_without_a_guideline(contrast: str, code: str) -> None:
    assert code in found(injected(contrast))


@pytest.mark.parametrize(
    "steps, code",
    [
        (injected(GOOD) + injected(GOOD).partition("\n")[2], "GAD901"),
        (f"  - acquisition: t1-3d\n  - contrast: {{{GOOD}}}\n", "GAD902"),
        (f"{POST}  - contrast: {{{GOOD}}}\n", "GAD903"),
        (injected(GOOD) + "    fat_suppression: fat_saturation\n", "GAD911"),
        (injected(GOOD) + "    field_of_view: [200 mm, 200 mm]\n", "GAD910"),
    ],
)
def test_what_goes_wrong_around_an_injection(steps: str, code: str) -> None:
    assert code in found(steps)


def test_a_stable_follow_up_with_gadolinium_and_a_reason_without_it() -> None:
    assert "GAD909" in found(injected(GOOD), head="kind: follow-up\nregion: brain\n")
    reason = "situation: {gadolinium_reason: doubt of PML}\n"
    assert "GAD909" not in found(injected(GOOD), head=f"kind: follow-up\n{reason}")
    assert "GAD912" in found("  - acquisition: t1-3d\n", head=reason)


def test_the_spine_after_an_injected_brain() -> None:
    after = {"spine_after_brain": True}
    second = situated(spine(gd(), pause(310.0), scan("spine_t1_sag_post")), **after)
    assert "GAD908" in codes(examine(second), "error")
    assert not {"GAD908", "GAD903"} & set(codes(examine(situated(spine(scan("spine_t1_sag_post")), **after))))


def test_an_agent_table_has_every_agent_once() -> None:
    assert tuple(agent.substance for agent in agents()) == words.Agent.__args__  # type: ignore[attr-defined]
    names = [name.casefold() for agent in agents() for name in (agent.substance, *agent.names)]
    assert len(names) == len(set(names))
    assert find_agent(" DOTAREM ") is find_agent("gadoteric acid") and find_agent("saline") is None


def test_a_dose_given_as_a_volume_is_explained() -> None:
    with pytest.raises(SourceErrors) as raised:
        report(injected("agent: gadobutrol, dose: 0.1 ml/kg"))
    (error,) = raised.value.diagnostics
    assert "0.1 mmol/kg of gadobutrol (1 mmol/ml)" in (error.expected or "")
    assert "0.05 mmol/kg of gadoteridol, gadoteric acid" in (error.expected or "")
    assert "umol" not in str(error)


def test_a_volume_becomes_a_dose_and_rate_and_flush_reach_every_vendor_as_text() -> None:
    contrast = "agent: Dotarem, volume: 0.2 ml/kg, flow_rate: 2 ml/s, flush_volume: 20 ml, text: Slowly."
    card = pipeline.prepare(load_text(f"{HEAD}steps:\n{injected(contrast)}"), GE)
    (step,) = [step for step in card.protocol.steps if isinstance(step, Contrast)]
    assert step.dose == pytest.approx(0.1)
    assert step.text == "0.2 ml/kg at 2 ml/s then 20 ml of saline. Slowly."
    assert not {"GAD905", "GAD906", "GAD907"} & found(injected(contrast))


def test_a_session_counts_the_injections_of_all_its_cards() -> None:
    texts = [
        HEAD.replace("protocol: card", f"protocol: {name}") + f"steps:\n{injected(GOOD)}" for name in "ab"
    ]
    cards = [pipeline.prepare(load_text(text), GE) for text in texts]
    assert not any(one.code == "GAD901" for card in cards for one in pipeline.check(card).findings)
    (found,) = check_session([pipeline.subject(card) for card in cards]).findings
    assert (found.code, found.severity, found.measured) == ("GAD901", "error", 2)


@pytest.mark.parametrize(
    "steps, model, field, code",
    [
        ("  - acquisition: dti\n    multiband_factor: 4\n", "Aera", 1.5, "VEN911"),
        ("  - acquisition: flair-3d\n    compressed_sensing_factor: 4\n", "Aera", 1.5, "VEN912"),
        ("  - acquisition: t1-3d\n", "Aera", 3.0, "VEN913"),
    ],
)
def test_the_scanner_has_what_the_card_asks_for(steps: str, model: str, field: float, code: str) -> None:
    assert code in found(steps, Target(vendor="siemens", field_strength=field, model=model))
    assert code not in found(steps, Target(vendor="siemens", field_strength=3.0, model="MAGNETOM Vida"))


def test_a_scan_and_an_exam_of_hours() -> None:
    slow = "  - acquisition: t1-3d\n    number_of_averages: 20\n"
    assert "TIM901" in {one.code for one in report(slow).of_severity("error")}
    exam = "".join(f"  - acquisition: t1-3d\n    number_of_averages: 6\n    name: T1 {i}\n" for i in range(6))
    assert "TIM902" in found(exam, head="kind: relapse\n")


def test_brain_and_spine_of_one_card_are_counted_apart() -> None:
    long = [scan("spine_t2_sag", name=f"t2 {i}", acquisition_duration=700.0) for i in range(3)]
    said = codes(examine(follow_up(*long)))
    assert "TIM903" in said and "TIM002" not in said


def test_a_doubt_silences_no_error() -> None:
    """Without 3D FLAIR and without PD/T2 the card is wrong whether or not the scanner has a 3D FLAIR."""
    steps = "".join(f"  - acquisition: {name}\n" for name in ("t1-3d", "dwi", "flair-2d"))
    card = report(steps, head="kind: follow-up\nregion: brain\nguidelines: [ofsep-2020]\n")
    assert {one.code for one in card.of_severity("error")} == {"GUI043"}
    card = report(
        f"{steps}  - acquisition: pdt2-2d\n",
        head="kind: follow-up\nregion: brain\nguidelines: [ofsep-2020]\n",
    )
    assert not card.of_severity("error") and "GUI030" in {one.code for one in card.of_severity("warning")}


@pytest.mark.parametrize(
    "code, facts, result",
    [
        ("GAD901", {"injections": 1}, "none"),
        ("GAD906", {"injections": 1, "total_dose": 0.2}, "none"),
        ("GAD906", {"injections": 1, "total_dose": 0.201}, "error"),
        ("GAD914", {"minimum_delay": 180.0}, "none"),
        ("GAD914", {"minimum_delay": 1200.0}, "none"),
        ("GAD914", {"minimum_delay": 1201.0}, "warning"),
        ("GAD915", {"flow_rate": 0.5}, "none"),
        ("GAD915", {"flow_rate": 5.1}, "warning"),
        ("GAD915", {"flow_rate": 10.1}, "error"),
        ("GAD915", {"flush_volume": 50.0}, "none"),
        ("GAD915", {"flush_volume": 51.0}, "warning"),
        ("GAD915", {"flush_volume": 101.0}, "error"),
        ("TIM901", {"acquisition_duration": 1200.0}, "none"),
        ("TIM901", {"acquisition_duration": 1201.0}, "warning"),
        ("TIM901", {"acquisition_duration": 3601.0}, "error"),
        ("TIM902", {"kind": "follow-up", "counted_durations": (3600.0,)}, "none"),
        ("TIM902", {"kind": "follow-up", "counted_durations": (3601.0,)}, "warning"),
        ("TIM902", {"kind": "follow-up", "counted_durations": (7201.0,)}, "error"),
        ("TIM903", {"spine_duration": 1800.0}, "none"),
        ("TIM903", {"spine_duration": 1801.0}, "warning"),
        ("VEN915", {"field_strength": 0.55}, "none"),
        ("VEN915", {"field_strength": 15.0}, "error"),
        ("PHY020", {"partial_fourier_phase": 0.5}, "none"),
        ("PHY020", {"partial_fourier_phase": 0.49}, "error"),
        ("PHY020", {"partial_fourier_phase": 0.6, "partial_fourier_slice": 0.69}, "warning"),
        ("PHY020", {"partial_fourier_phase": 0.6, "partial_fourier_slice": 0.7}, "none"),
        ("PHY028", {"estimated_duration": 300.0, "acquisition_duration": 315.0}, "none"),
        ("PHY028", {"estimated_duration": 300.0, "acquisition_duration": 880.0}, "info"),
        ("PHY028", {"estimated_duration": 300.0, "acquisition_duration": 920.0}, "warning"),
        ("PHY028", {"estimated_duration": 300.0, "acquisition_duration": 99.0}, "warning"),
    ],
)
def test_limits_are_where_they_are_said_to_be(code: str, facts: dict[str, Any], result: str) -> None:
    assert packs.find(code).judge(Facts(facts)).result == result
