"""Any two cards of a protocol: which step is which, what differs, what a list of changes says once."""

from __future__ import annotations

from typing import Any

import pytest

from generator.publish.differences import Differences, changes, of

Step = dict[str, Any]


def scan(name: str, **fields: Any) -> Step:
    return {"kind": "acquisition", "name": name, "technique": "turbo_spin_echo", **fields}


def record(*steps: Step | None, vendor: str = "ge", field: float = 3.0, software: str = "A") -> Step:
    """A card; ``None`` leaves out the step of that place in the spec."""
    target = {"vendor": vendor, "field_strength": field, "model": None, "software": software}
    entries = [
        {"origin": place, "step": step, "row": {"label": step.get("name", ""), "duration": 60.0}}
        for place, step in enumerate(steps)
        if step
    ]
    slug = f"{vendor}-{field:g}T-{software}"
    return {
        "title": "A title", "slug": slug, "target": target, "steps": entries, "losses": [],
        "time": {"counted": 60.0 * len(entries)},
    }  # fmt: skip


T1, T2 = scan("3D T1", inversion_time=900.0, mr_acquisition_type="3D"), scan("T2", echo_times=[100.0])
FLAIR = scan("FLAIR", inversion_time=2500.0, echo_times=[120.0])
GADOLINIUM = {"kind": "contrast", "agent": "gadobutrol", "dose": 0.1}


def told(known: Differences, old: str = "1", new: str = "2") -> list[tuple[Any, ...]]:
    return [
        (one.name, one.field, one.old, one.new, one.moved, one.targets) for one in changes(known, old, new)
    ]


def test_a_value_that_changed_on_several_scanners_is_said_once() -> None:
    longer = T2 | {"echo_times": [110.0]}
    before = [record(T1, T2), record(T1, T2, vendor="canon")]
    after = [record(T1, longer), record(T1, longer, vendor="canon")]
    both = ("ge-3T-A", "canon-3T-A")
    assert told(of({"1": before, "2": after})) == [("T2", "echo_times", (100.0,), (110.0,), False, both)]


def test_a_scan_under_a_new_name_is_the_same_scan() -> None:
    renamed = FLAIR | {"name": "FLAIR fs", "inversion_time": 2400.0}
    known = of({"1": [record(T1, FLAIR)], "2": [record(T1, renamed)]})
    assert [(field, old, new) for _, field, old, new, _, _ in told(known)] == [
        ("name", "FLAIR", "FLAIR fs"),
        ("inversion_time", 2500.0, 2400.0),
    ]


def test_steps_that_came_went_and_moved() -> None:
    known = of({"1": [record(T1, T2, FLAIR)], "2": [record(T1, GADOLINIUM, FLAIR, T2)]})
    here = [(name, field, old, new, moved) for name, field, old, new, moved, _ in told(known)]
    assert ("", None, None, "contrast", False) in here
    assert [one for one in here if one[4]] in (
        [("T2", None, None, None, True)],
        [("FLAIR", None, None, None, True)],
    )
    assert len(here) == 2
    gone = of({"1": [record(T1, T2)], "2": [record(T1)]})
    assert told(gone) == [("T2", None, "acquisition", None, False, ("ge-3T-A",))]


def test_versions_that_are_no_neighbours_are_compared_directly() -> None:
    """A scan that was away in between is the same scan, not one that went and one that came."""
    known = of({"1": [record(T1, T2)], "2": [record(T1)], "3": [record(T1, T2 | {"echo_times": [90.0]})]})
    assert told(known, "1", "3") == [("T2", "echo_times", (100.0,), (90.0,), False, ("ge-3T-A",))]
    assert told(known, "3", "1")[0][2:4] == ((90.0,), (100.0,))


def test_a_step_that_one_scanner_lacks_is_one_difference() -> None:
    known = of({"1": [record(T1, T2, FLAIR), record(T1, None, FLAIR, vendor="canon")]})
    (change,) = known.between(*known.cards)
    assert (change.name, change.field, change.old, change.new) == ("T2", None, "acquisition", None)


@pytest.mark.parametrize(("vendor", "found"), [("ge", ["gradient_mode"]), ("canon", [])])
def test_words_of_a_console_are_held_against_those_of_the_same_maker_only(
    vendor: str, found: list[str]
) -> None:
    one, other = T1 | {"gradient_mode": "fast"}, T1 | {"gradient_mode": "whisper"}
    known = of({"1": [record(one), record(other, vendor=vendor, field=1.5)]})
    assert [change.field for change in known.between(*known.cards)] == found


def test_releases_that_ask_for_the_same_are_one() -> None:
    known = of({"1": [record(T1), record(T1, software="B"), record(T2, software="C")]})
    assert [(one.slugs, one.releases) for one in known.groups("1")] == [
        (("ge-3T-A", "ge-3T-B"), ("A", "B")),
        (("ge-3T-C",), ("C",)),
    ]


def test_scanners_of_one_field_or_of_one_maker_are_neighbours() -> None:
    fields = [("ge", 3.0), ("ge", 1.5), ("canon", 3.0), ("canon", 1.5)]
    known = of({"1": [record(T1, vendor=vendor, field=field) for vendor, field in fields]})
    names = [(a.slugs[0], b.slugs[0]) for a, b in known.sides("1")]
    assert names == [
        ("ge-3T-A", "canon-3T-A"),
        ("ge-3T-A", "ge-1.5T-A"),
        ("canon-3T-A", "canon-1.5T-A"),
        ("ge-1.5T-A", "canon-1.5T-A"),
    ]
