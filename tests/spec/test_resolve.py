"""Layers: which value wins, where it stands, where it was published."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.model.tree import Acquisition, Target
from generator.spec.diagnostic import Position, SourceErrors
from generator.spec.load import load, load_text
from generator.spec.spec import Block, Given, Resolved, Variant, applies, conflicts, merge

GE_3T = Target(vendor="ge", field_strength=3.0)
GE_15T = Target(vendor="ge", field_strength=1.5)
CANON_15T = Target(vendor="canon", field_strength=1.5)

DEFINITION = """\
acquisition: t1
flip_angle: 1 deg
echo_train_length: 1
repetition_time: 1 s
echo_times: [1 ms, 2 ms]
source: definition
sources: {echo_train_length: a book}
variants:
  - when: {vendor: ge, field_strength: 1.5 T}
    set: {flip_angle: 3 deg}
    source: ge at 1.5 T
  - when: {vendor: ge}
    set: {flip_angle: 2 deg, repetition_time: 2 s}
    source: ge
"""
PROTOCOL = """\
protocol: p
title: P
source: protocol
steps:
  - acquisition: t1
    echo_times: [9 ms]
    variants:
      - when: {field_strength: 1.5 T}
        set: {repetition_time: 5 s}
  - acquisition: t1
    name: second
    repetition_time: null
    flip_angle: 7 deg
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sequences").mkdir()
    (tmp_path / "sequences" / "t1.yaml").write_text(DEFINITION, "utf-8")
    (tmp_path / "p.yaml").write_text(PROTOCOL, "utf-8")
    return tmp_path


def scan(resolved: Resolved, step: int = 0) -> Acquisition:
    found = resolved.protocol.steps[step]
    assert isinstance(found, Acquisition)
    return found


@pytest.mark.parametrize(
    ("target", "angle", "time"),
    [(GE_3T, 2, 2000), (GE_15T, 3, 5000), (CANON_15T, 1, 5000)],
)
def test_the_most_specific_wins_and_what_is_in_place_stands_above(
    folder: Path, target: Target, angle: float, time: float
) -> None:
    first = scan(load(folder / "p.yaml").resolve(target))
    assert (first.flip_angle, first.repetition_time, first.echo_times) == (angle, time, (9.0,))
    assert (first.name, first.definition) == ("t1", "t1")


def test_null_in_place_takes_a_value_away(folder: Path) -> None:
    second = scan(load(folder / "p.yaml").resolve(GE_15T), 1)
    assert (second.repetition_time, second.flip_angle, second.name) == (None, 7, "second")


def test_places_and_sources_are_those_of_the_values_that_won(folder: Path) -> None:
    resolved = load(folder / "p.yaml").resolve(GE_15T)
    found = {
        field: (
            Path(resolved.position(0, field).file).name,
            resolved.position(0, field).line,
            resolved.source(0, field),
        )
        for field in ("flip_angle", "echo_train_length", "repetition_time", "echo_times", "name", "plane")
    }
    assert found == {
        "flip_angle": ("t1.yaml", 10, "ge at 1.5 T"),
        "echo_train_length": ("t1.yaml", 3, "a book"),
        "repetition_time": ("p.yaml", 9, None),
        "echo_times": ("p.yaml", 6, "protocol"),
        "name": ("t1.yaml", 1, None),
        "plane": ("p.yaml", 5, None),
    }
    assert resolved.unsourced() == ((0, "repetition_time"),)
    assert resolved.position().line == 1 and resolved.position(None, "name").line == 2
    assert resolved.position(1).line == 10


def test_what_a_spec_says_of_itself(folder: Path) -> None:
    spec = load(folder / "p.yaml")
    assert (spec.protocol_id, spec.title, spec.version, spec.kind) == ("p", "P", None, None)
    assert spec.field_strengths == () and spec.guidelines == ()
    assert [path.name for path in spec.files] == ["p.yaml", "t1.yaml"]
    assert spec.sources == ("protocol", "definition", "a book", "ge at 1.5 T", "ge")
    assert spec.steps[1].labels() == {"t1", "second"}


def test_a_name_that_is_always_overridden_is_no_label() -> None:
    text = (
        "protocol: p\ntitle: t\nsteps:\n"
        "  - acquisition: {name: below, role: dwi, variants: [{when: {vendor: ge}, set: {role: dti}}]}\n"
        "    name: above\n"
        "    variants: [{when: {vendor: ge}, set: {name: ge}}]\n"
    )
    assert load_text(text).steps[0].labels() == {"above", "ge", "dwi", "dti"}


def test_the_nearest_definition_wins(folder: Path) -> None:
    inner = folder / "network" / "sequences"
    inner.mkdir(parents=True)
    (folder / "site.yaml").write_text("site: network\nprotocols: [network/p.yaml]\n", "utf-8")
    (folder / "network" / "p.yaml").write_text(PROTOCOL, "utf-8")
    assert scan(load(folder / "network" / "p.yaml").resolve(GE_3T), 1).echo_train_length == 1
    (inner / "t1.yaml").write_text("acquisition: t1\nextends: t1\nname: near\n", "utf-8")
    assert scan(load(folder / "network" / "p.yaml").resolve(GE_3T)).name == "near"


def test_a_definition_that_changes_is_read_again(folder: Path) -> None:
    load(folder / "p.yaml")
    (folder / "sequences" / "t1.yaml").write_text("acquisition: t1\nname: a longer file\n", "utf-8")
    assert scan(load(folder / "p.yaml").resolve(GE_3T)).name == "a longer file"


def test_shipped_definitions_are_found_last(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "p.yaml").write_text(PROTOCOL, "utf-8")
    with pytest.raises(SourceErrors, match="there is no definition 't1'"):
        load(elsewhere / "p.yaml")
    monkeypatch.setattr("generator.resources.specs", lambda *parts: folder.joinpath(*parts))
    assert scan(load(elsewhere / "p.yaml").resolve(GE_3T)).name == "t1"


@pytest.mark.parametrize(
    ("when", "target", "wanted"),
    [
        ({"field_strength": 3.0}, Target(vendor="siemens", field_strength=2.89), True),
        ({"field_strength": 3.0}, GE_15T, False),
        ({"vendor": "ge", "model": "signa premier"}, GE_3T, False),
        ({"model": "SIGNA Premier"}, GE_3T.model_copy(update={"model": "signa premier"}), True),
        ({"software": "MR30"}, GE_3T.model_copy(update={"software": "MR29"}), False),
    ],
)
def test_which_targets_fit(when: dict[str, Any], target: Target, wanted: bool) -> None:
    assert applies(when, target) is wanted


def variant(value: int, **when: Any) -> Variant:
    at = Position("x", 1, 1)
    return Variant(when, {"echo_train_length": Given(value, at)}, at)


@pytest.mark.parametrize(
    ("variants", "wanted"),
    [
        ([variant(1, vendor="ge"), variant(2, vendor="canon")], 0),
        ([variant(1, vendor="ge"), variant(1, field_strength=3.0)], 0),
        ([variant(1, vendor="ge"), variant(2, field_strength=3.0)], 1),
        ([variant(1, vendor="ge"), variant(2, vendor="ge")], 1),
        ([variant(1, vendor="ge"), variant(2, vendor="ge", field_strength=3.0)], 0),
        ([variant(1, vendor="ge"), variant(2, model="a"), variant(3, vendor="ge", model="a")], 0),
        ([variant(1, vendor="ge"), variant(2, model="a"), variant(3, vendor="ge", model="b")], 1),
        ([variant(1, field_strength=1.5), variant(2, field_strength=3.0)], 0),
    ],
)
def test_conflicts(variants: list[Variant], wanted: int) -> None:
    assert len(list(conflicts(tuple(variants)))) == wanted


WHENS = st.fixed_dictionaries(
    {},
    optional={
        "vendor": st.sampled_from(["ge", "canon"]),
        "field_strength": st.sampled_from([1.5, 3.0]),
        "model": st.sampled_from(["a", "b"]),
    },
).filter(bool)


@given(
    st.lists(st.builds(lambda value, when: variant(value, **when), st.integers(1, 3), WHENS), max_size=5),
    st.builds(
        Target,
        vendor=st.sampled_from(["ge", "canon"]),
        field_strength=st.sampled_from([1.5, 3.0]),
        model=st.sampled_from(["a", "b"]),
    ),
)
def test_without_conflict_the_order_of_variants_does_not_matter(
    variants: list[Variant], target: Target
) -> None:
    at = Position("x", 1, 1)
    values = {
        merge([Block({}, tuple(order), at)], target).get("echo_train_length", Given(0, at)).value
        for order in (variants, variants[::-1])
    }
    assert len(values) == 1 or list(conflicts(tuple(variants)))


def test_sources_may_stand_beside_a_step_in_place() -> None:
    spec = load_text(
        "protocol: p\ntitle: t\nsteps:\n"
        "  - contrast: {dose: 0.1 mmol/kg, minimum_delay: 5 min}\n"
        "    source: label\n"
        "    sources: {minimum_delay: a book}\n"
        "  - acquisition: {name: x, flip_angle: 9 deg, echo_train_length: 3, sources: {flip_angle: in}}\n"
        "    source: out\n"
    )
    resolved = spec.resolve(GE_3T)
    assert resolved.source(0, "dose") == "label" and resolved.source(0, "minimum_delay") == "a book"
    assert resolved.source(1, "flip_angle") == "in" and resolved.source(1, "echo_train_length") == "out"
