"""Suppressions, the three forms of a report, comparing cards, the pages about rules."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from generator import resources, vendors
from generator.errors import UsageError
from generator.followup.situation import Situation
from generator.model.tree import Acquisition, Contrast, Protocol, Target
from generator.rules import packs
from generator.rules.checklist import checklist, checklist_page
from generator.rules.checks import get, names
from generator.rules.compare import _pairs, compare_times, compare_vendors
from generator.rules.engine import check, check_facts
from generator.rules.facts.card import Subject, view
from generator.rules.finding import Finding
from generator.rules.reference import explain, list_rules, rules_reference
from generator.rules.render import Checked, report_json, report_sarif, report_text, summary
from generator.spec.diagnostic import Position
from generator.spec.load import load
from tests.conftest import ROOT
from tests.rules.cards import (
    DWI,
    FLAIR,
    SIEMENS,
    T1,
    baseline,
    changed,
    codes,
    examine,
    follow_up,
    scan,
    without,
)


@dataclass(frozen=True)
class Accept:
    code: str
    step: str | None = None
    reason: str = "the referent radiologist accepts it"


THICK = changed(follow_up(), "flair_3d", voxel_size=(1.2, 1.2, 1.2))


@pytest.mark.parametrize("name", ["GEO002", "ofsep2020.geometry.3d-isotropic-1mm"])
@pytest.mark.parametrize("step", [None, "flair_3d"])
def test_a_suppression_accepts_a_finding(name: str, step: str | None) -> None:
    report = examine(THICK, suppressions=[Accept(name, step)])
    assert "GEO002" not in codes(report) and "GUI902" not in codes(report)
    assert [f.code for f in report.suppressed] == ["GEO002"]


def test_an_unused_suppression_is_a_finding() -> None:
    report = examine(THICK, suppressions=[Accept("GEO002", "t1_3d_pre"), Accept("TIM001")])
    unused = [f for f in report.findings if f.code == "GUI902"]
    assert [f.measured for f in unused] == ["GEO002", "TIM001"]
    assert [f.step_name for f in unused] == ["t1_3d_pre", None]
    assert "GEO002" in codes(report) and not report.green


def test_a_suppression_needs_a_reason() -> None:
    report = examine(THICK, suppressions=[Accept("GEO002", reason=" ")])
    assert {"GUI903", "GEO002"} <= codes(report, "error")


def test_a_kind_or_region_that_no_pack_knows_is_said_and_one_that_is_not_stated_is_not() -> None:
    def said(**stated: Any) -> list[str]:
        report = check(Subject(follow_up().model_copy(update=stated)))
        return sorted(
            f.message.rpartition("(")[2]
            for f in report.findings
            if "kind " in f.message[-20:] or "region " in f.message[-20:]
        )

    assert said() == said(kind=None, region=None) == []
    assert said(kind="holiday") == ["kind holiday)"] and said(region="knees") == ["region knees)"]


def test_a_finding_names_four_targets_and_counts_the_rest() -> None:
    report, good = examine(THICK), examine(follow_up())
    for number, shown in ((1, "for: 0\n"), (4, "for: 0; 1; 2; 3\n"), (5, "for: 0; 1; 2; 3; and 1 more\n")):
        text = report_text([*(Checked(report, str(one)) for one in range(number)), Checked(good, "good")])
        assert text.count("[GEO002]") == 1 and shown in text
    assert "    for: " not in report_text([Checked(report, "0"), Checked(report, "1")])
    assert report_text([Checked(report)]) == report_text([Checked(report)], every=False)
    assert ": lacks " not in report_text([Checked(report)])
    assert ": lacks " in report_text([Checked(report)], every=True)
    data = json.loads(report_json([Checked(report, "GE")]))[0]
    assert (data["for"], data["checked"], data["green"]) == ("GE", True, report.green)


def test_a_check_that_compared_nothing_is_not_green() -> None:
    nothing = follow_up().model_copy(update={"steps": ()})
    report = check(Subject(nothing.model_copy(update={"kind": None, "region": None, "field_strengths": ()})))
    assert report.compared == 0 and not report.green
    assert "nothing was compared" in report_text([Checked(report)])
    assert json.loads(report_json([Checked(report)]))[0]["green"] is False


def place(finding: Finding) -> Position | None:
    return Position("card.yaml", 7, 5, 9) if finding.step is not None else None


def test_text_shows_place_line_caret_remedy_and_source() -> None:
    checked = Checked(examine(THICK), "siemens 3 T", place)
    text = report_text([checked], lambda position: "    voxel_size: [1.2 mm]"[:40])
    assert "card.yaml:7:5: error[GEO002]: flair_3d: No edge" in text
    assert "        voxel_size: [1.2 mm]\n        ^^^^^^^^^\n" in text
    assert "remedy: Take a finer matrix" in text
    assert "source: OFSEP 2020, Technical specification, Geometry; rests on reading C05" in text
    assert "siemens 3 T: 2 errors; " in text and "comparisons (" in text and "checklist" in text


def test_text_joins_equal_findings_of_several_targets() -> None:
    one, other = examine(THICK), examine(follow_up())
    both = report_text([Checked(one, "a", place), Checked(one, "b", place), Checked(other, "c", place)])
    assert both.count("error[GEO002]") == 1 and "for: a; b" in both


def test_text_lists_what_could_not_be_told() -> None:
    text = report_text([Checked(examine(follow_up()))], every=True)
    assert "PHY021" in text and "lacks gradient amplitude" in text


def test_json_holds_findings_with_places() -> None:
    (data,) = json.loads(report_json([Checked(examine(THICK), "siemens 3 T", place)]))
    (found,) = [f for f in data["findings"] if f["code"] == "GEO002"]
    assert found["position"] == {"file": "card.yaml", "line": 7, "column": 5}
    assert (found["measured"], found["limit"], found["unit"]) == (1.2, 1.05, "mm")
    assert data["comparisons"] > 20 and {"pack": "general", "comparisons": 3} in data["packs"]
    assert "ofsep2020.site.written-consent" in data["checklist"]


def test_sarif_has_the_shape_that_hosts_read() -> None:
    document = json.loads(report_sarif([Checked(examine(THICK), "siemens 3 T", place)]))
    assert document["version"] == "2.1.0" and document["$schema"].endswith("sarif-2.1.0.json")
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    (result,) = [r for r in run["results"] if r["ruleId"] == "GEO002"]
    assert rules[result["ruleIndex"]]["id"] == "GEO002"
    assert rules[result["ruleIndex"]]["name"] == "ofsep2020.geometry.3d-isotropic-1mm"
    assert result["level"] == "error"
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 7, "startColumn": 5, "endColumn": 14}
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "card.yaml"}


def test_the_same_card_gives_the_same_report() -> None:
    assert report_json([Checked(examine(THICK))]) == report_json([Checked(examine(THICK))])


GE = Target(vendor="ge", field_strength=3.0)


def on_ge(protocol: Protocol, **changes: Any) -> Protocol:
    """The same contrast on GE, whose 3D FLAIR states another echo time for it."""
    return changed(protocol, "flair_3d", **{"echo_times": (150.0,), **changes})


def test_like_renderings_have_no_findings() -> None:
    ((target, report),) = compare_vendors([(SIEMENS, follow_up()), (GE, on_ge(follow_up()))], ["ofsep-2020"])
    assert target == GE and report.green and report.compared >= 12


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"voxel_size": (1.0, 1.0, 1.2)}, "VEN004"),
        ({"plane": "transverse"}, "VEN004"),
        ({"fat_suppression": "spair"}, "VEN901"),
        ({"technique": "gradient_echo"}, "VEN901"),
    ],
)
def test_unlike_renderings_are_found(changes: dict[str, object], code: str) -> None:
    other = on_ge(follow_up(), **changes)
    ((_, report),) = compare_vendors([(SIEMENS, follow_up()), (GE, other)], ["ofsep-2020"])
    assert code in codes(report) and all(f.step_name == "flair_3d" for f in report.findings)


def test_renderings_are_compared_without_a_guideline_too() -> None:
    other = on_ge(follow_up(), voxel_size=(1.0, 1.0, 1.2))
    ((_, report),) = compare_vendors([(SIEMENS, follow_up()), (GE, other)])
    assert codes(report) == {"VEN904"}


@pytest.mark.parametrize("lacking", [0, 1])
def test_a_scan_that_one_vendor_lacks_is_found(lacking: int) -> None:
    renderings = [(SIEMENS, baseline()), (GE, on_ge(baseline()))]
    target, full = renderings[lacking]
    renderings[lacking] = (target, without(full, "dwi"))
    ((_, report),) = compare_vendors(renderings)
    assert [(f.code, f.step_name) for f in report.findings] == [("VEN905", "dwi")]


def test_the_same_numbers_are_not_the_same_contrast() -> None:
    ((_, report),) = compare_vendors([(SIEMENS, follow_up()), (GE, follow_up())])
    (found,) = report.findings
    assert (found.code, found.step_name) == ("CON021", "flair_3d")
    assert "a lesion would look different on another scanner" in found.message


def test_fields_are_compared_apart() -> None:
    low = Target(vendor="siemens", field_strength=1.5)
    assert compare_vendors([(SIEMENS, follow_up()), (low, follow_up())]) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"repetition_time": 5100.0},
        {"echo_times": (400.0,)},
        {"inversion_time": 1850.0},
        {"inversion_time": None},
        {"voxel_size": (1.0, 1.0, 1.02)},
        {"plane": "coronal"},
        {"fat_suppression": "spair"},
    ],
)
def test_a_change_since_the_earlier_exam_is_found(changes: dict[str, object]) -> None:
    now = Subject(changed(follow_up(), "flair_3d", **changes), SIEMENS)
    report = compare_times(now, Subject(follow_up(), SIEMENS), ["ofsep-2020"])
    assert codes(report) == {"GUI002"}
    general = compare_times(now, Subject(follow_up(), SIEMENS))
    assert codes(general) == {"GUI905"}


def test_the_same_exam_again_is_green() -> None:
    now = Subject(changed(follow_up(), "flair_3d", repetition_time=5040.0), SIEMENS)
    report = compare_times(now, Subject(baseline(), SIEMENS), ["ofsep-2020"])
    assert report.green
    assert {(f.code, f.step_name) for f in report.findings} == {("GUI904", "t1_3d_post"), ("GUI904", "swi")}


def test_a_scan_without_an_earlier_one_is_a_remark() -> None:
    now = Subject(follow_up(scan("swi")), SIEMENS)
    report = compare_times(now, Subject(follow_up(), SIEMENS))
    assert [(f.code, f.severity, f.step_name) for f in report.findings] == [("GUI904", "info", "swi")]


def test_signal_is_held_against_a_reference() -> None:
    half = changed(follow_up(), "flair_3d", parallel_reduction_factor_in_plane=1.0, number_of_averages=1.0)
    rich = changed(half, "flair_3d", number_of_averages=3.0)
    subject = Subject(half, SIEMENS, reference=Subject(rich, SIEMENS))
    (found,) = [f for f in check(subject, ["ofsep-2020"]).findings if f.code == "PHY024"]
    assert found.severity == "warning" and found.measured == pytest.approx(3**-0.5)


ASKED = {
    "high_activity": "severity",
    "treatment_start": "treatment_change",
    "spinal_symptoms": "new_symptoms",
    "pregnancy": "pregnancy",
}
"""What the follow-up plan asks for, as the second source calls it."""


def gadolinium_choices() -> tuple[str, ...]:
    """What the shipped cards offer where gadolinium is optional."""
    specs = [load(path) for path in sorted(resources.specs("protocols").rglob("*.yaml"))]
    heads = [(spec.resolve(Target(vendor="ge", field_strength=3.0)).protocol) for spec in specs]
    offers = {
        kind: {
            ("give" if any(isinstance(s, Contrast) for s in p.steps) else "none")
            for p in heads
            if p.kind == kind
        }
        for kind in ("relapse", "pml-screening")
    }
    return tuple(sorted(set.intersection(*offers.values())))


def test_program_rules_hold_for_this_program() -> None:
    """The rules about the program itself are put to what it really does."""
    full = follow_up(scan("pdt2_2d"))
    roles = ("t1_3d_pre", "dwi", "flair_3d", "pdt2_2d")
    unknown = examine(follow_up(scan("other", name="MRA", optional=True)))
    facts = {
        "renderers": vendors.names(),
        "unknown_role_result": next(f.severity for f in unknown.findings if f.step_name == "MRA"),
        "missing_optional_result": "error" if codes(examine(follow_up()), "error") else "none",
        "missing_swi_result": "error" if "GUI015" in codes(examine(follow_up()), "error") else "none",
        "required_roles": tuple(r for r in roles if codes(examine(without(full, r)), "error")),
        "asked": tuple(factor for field, factor in ASKED.items() if field in Situation.model_fields),
        "evidence_note": packs.get("ms-follow-up-2025").document,
        "suppression_reason": "stated",
        "accepted_findings": 1,
        "comparisons": 1,
        "counterparts": 1,
        "gadolinium_choices": gadolinium_choices(),
    }
    report = check_facts(facts, packs.names(), ("program",))
    assert [f.message for f in report.findings] == [] and report.compared == 12


def test_what_no_card_proves_is_on_the_checklist_and_never_passed() -> None:
    items = checklist(["ofsep-2020"])
    assert {"GUI080", "GUI081", "GUI082", "GUI083", "GUI084", "GUI086"} <= {item.code for item in items}
    report = examine(baseline())
    attested = {rule.id for rule in report.attestations}
    assert attested and not attested & {tally.rule.id for tally in report.tallies if tally.compared}
    page = checklist_page(["ofsep-2020"])
    assert page.count("- [ ]") == sum(item.asks for item in items)
    assert checklist(["physics"]) == []


def test_rules_are_listed_and_explained() -> None:
    assert [rule.code for rule in list_rules(["physics"])][:2] == ["PHY001", "PHY002"]
    text = explain("GEO001")
    assert "`anisotropy` is at most 1.05" in text and "Reading C05" in text
    assert "What it checks" in explain("physics.fov-matrix-voxel")
    assert "rebaseline_gd" in explain("GAD011")
    with pytest.raises(UsageError, match="did you mean"):
        explain("GEO01")


def test_every_check_in_code_has_its_headings() -> None:
    for name in names():
        page = __import__(get(name).__module__, fromlist=["check"]).__doc__
        for heading in ("What it checks", "Why", "Example", "Use instead", "Source"):
            assert f"\n{heading}\n{'-' * len(heading)}\n" in page, name
    used = {rule.check for rule in packs.every_rule() if rule.check}
    assert used == set(names())


@pytest.mark.parametrize(("name", "make"), [("rules.md", rules_reference), ("checklist.md", checklist_page)])
def test_generated_pages_are_up_to_date(name: str, make: object, request: pytest.FixtureRequest) -> None:
    page = ROOT / "docs" / name
    if request.config.getoption("--accept-golden"):
        page.write_text(make(), "utf-8")  # type: ignore[operator]
    assert page.read_text("utf-8") == make(), f"docs/{name} is old; `make accept` writes it"  # type: ignore[operator]


def test_shipped_cards_are_clean_under_every_claim() -> None:
    """One shipped protocol here; all of them on all targets are tested beside the pipeline."""
    from generator import pipeline
    from generator.spec.load import load

    path: Path = resources.specs("protocols", "ofsep", "follow-up.yaml")
    spec = load(path)
    card = pipeline.prepare(spec, Target(vendor="siemens", field_strength=3.0))
    assert pipeline.check(card).green


def unnamed(protocol: Protocol) -> Protocol:
    """Make a protocol as a vendor file gives it back: no roles, no definitions, other names."""
    steps = [
        step.model_copy(update={"role": None, "definition": None, "name": f"series {index}"})
        for index, step in enumerate(protocol.acquisitions)
    ]
    return protocol.model_copy(update={"steps": tuple(steps)})


def test_scans_of_a_vendor_file_are_paired_by_what_they_are() -> None:
    """A reader knows no roles; a change must be found all the same."""
    earlier = Subject(unnamed(follow_up()), SIEMENS)
    assert not compare_times(Subject(follow_up(), SIEMENS), earlier, ["ofsep-2020"]).findings
    now = Subject(changed(follow_up(), "flair_3d", repetition_time=5100.0), SIEMENS)
    (found,) = compare_times(now, earlier, ["ofsep-2020"]).findings
    assert (found.code, found.step_name, found.severity) == ("GUI002", "flair_3d", "error")


def test_of_two_like_scans_the_order_decides() -> None:
    now = Subject(changed(baseline(), "t1_3d_post", flip_angle=9.0), SIEMENS)
    earlier = Subject(unnamed(changed(baseline(), "t1_3d_post", repetition_time=2400.0)), SIEMENS)
    found = compare_times(now, earlier).findings
    assert [(f.code, f.step_name) for f in found if f.severity == "warning"] == [("GUI905", "t1_3d_post")]


def test_exams_without_a_common_scan_are_an_error() -> None:
    report = compare_times(
        Subject(follow_up(), SIEMENS), Subject(Protocol(name="empty"), SIEMENS), ["ofsep-2020"]
    )
    (found,) = report.of_severity("error")
    assert found.code == "GUI907" and not report.green


def test_what_the_earlier_exam_does_not_state_is_a_remark() -> None:
    earlier = Subject(changed(follow_up(), "flair_3d", fat_suppression=None), SIEMENS)
    (found,) = compare_times(Subject(follow_up(), SIEMENS), earlier, ["ofsep-2020"]).findings
    assert (found.code, found.severity, found.step_name) == ("GUI002", "info", "flair_3d")
    assert "does not state fat suppression in the earlier exam" in found.message


def test_scans_are_paired_by_role_then_by_name_then_by_kind() -> None:
    """Two scans of different roles are never one, however alike; without a role, name and kind decide."""

    def steps(*named: tuple[str, str | None, dict[str, Any]]) -> Any:
        made = [Acquisition(name=name, role=role, **fields) for name, role, fields in named]
        return view(Subject(Protocol(name="p", steps=tuple(made)), SIEMENS), {}).steps

    ours = steps(("a", "t1_3d_pre", T1), ("b", None, T1), ("c", None, DWI), ("d", "flair_3d", FLAIR))
    theirs = steps(("x", "t1_3d_post", T1), ("y", "flair_3d", FLAIR), ("B", None, DWI), ("z", None, DWI))
    assert {index: step.name for index, step in _pairs(ours, theirs).items()} == {1: "B", 2: "z", 3: "y"}
    assert _pairs(ours[:1], theirs[:1]) == {}
    tensor = steps(("t", None, DWI | {"diffusion_directions": 6}))
    trace = steps(("u", None, DWI | {"diffusion_directions": 5}))
    assert _pairs(tensor, trace) == {} and _pairs(trace, steps(("v", None, DWI))) != {}


def test_a_pack_that_was_asked_for_is_named_even_where_it_compared_nothing() -> None:
    counts = {"general": 0, "physics": 3, "ofsep-2020": 0}
    none: dict[str, Any] = {"suppressed": (), "lacking": (), "attestations": (), "of_severity": lambda _: ()}
    report = SimpleNamespace(compared=3, packs=tuple(counts), compared_in=counts.get, **none)
    said = summary(SimpleNamespace(report=report, label="a"))  # type: ignore[arg-type]
    assert said == "a: no findings; 3 comparisons (physics 3, ofsep-2020 0)"
