"""Trees at random, from the table of fields: whatever the tree admits, a spec must be able to say."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from generator.model.fields import FieldSpec, field_table
from generator.model.plausible import RANGES
from generator.model.tree import (
    Acquisition,
    Contrast,
    Node,
    Pause,
    Protocol,
    Reformat,
    Situation,
)

TRAPS = [
    "no",
    "on",
    "1:30",
    "null",
    "~",
    "",
    "3D",
    "1e3",
    "a: b",
    "# x",
    "'",
    '"',
    "\\",
    "- a",
    "a\n b\n",
    "\t",
]
# A spec holds no control characters; the loader points to those that a vendor file may have.
_PRINTABLE = st.characters(
    exclude_categories=("Cc", "Cs", "Cf", "Cn", "Co", "Zl", "Zp"), include_characters="\t\n"
)
TEXTS = st.one_of(
    st.sampled_from(TRAPS),
    st.text(_PRINTABLE, max_size=12),
    st.text("ab :#-'\"\n{}[],&*!|>%@`é", max_size=12),
)
NAMES = TEXTS.map(lambda text: " ".join(text.split()) or "scan")
"""A name is one line of visible characters; texts may be anything."""
IDS = st.from_regex(r"\A[a-z0-9]{1,4}(-[a-z0-9]{1,4}){0,2}\Z")

_JSON_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), TEXTS
)
JSON = st.recursive(
    _JSON_SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)

# Bounds of numbers are the tree's business; these ranges are inside all of them but those named here.
_NUMBERS = {
    "flip_angle": (0, 360),
    "refocusing_flip_angle": (0, 360),
    "oblique_angles": (-360, 360),
    "partial_fourier_phase": (1e-3, 1),
    "partial_fourier_slice": (1e-3, 1),
}


def _number(spec: FieldSpec) -> st.SearchStrategy[Any]:
    least, most = RANGES.get(spec.name, (1, 10_000 if spec.type is int else 1e7))
    if spec.type is int:
        return st.integers(max(1, int(least)), min(10_000, int(most)))
    low, high = _NUMBERS.get(spec.name, (max(least, 0.01), most))
    return st.floats(low, high)


def _one(spec: FieldSpec) -> st.SearchStrategy[Any]:
    if spec.choices:
        return st.sampled_from(spec.choices)
    if spec.type is bool:
        return st.booleans()
    if spec.known:
        return st.sampled_from([*spec.known, "acute-stroke"])
    if spec.name == "name":
        return NAMES
    return TEXTS if spec.type is str else _number(spec)


def _value(spec: FieldSpec) -> st.SearchStrategy[Any]:
    if spec.type is dict:
        return st.dictionaries(TEXTS, JSON, max_size=3)
    if spec.shape == "list":
        return st.lists(_one(spec), max_size=4).map(tuple)
    if spec.shape == "fixed":
        assert spec.length is not None
        return st.tuples(*[st.none() | _one(spec)] * spec.length)
    return _one(spec)


def nodes(model: type[Node], **fixed: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Nodes of a class with any of its optional fields."""
    specs = {name: spec for name, spec in field_table(model).items() if name != "kind" and name not in fixed}
    required = {name: _value(spec) for name, spec in specs.items() if spec.required}
    optional = {name: _value(spec) for name, spec in specs.items() if not spec.required}
    values = st.fixed_dictionaries({**required, **fixed}, optional=optional)
    return values.map(lambda given: model(**given))


@st.composite
def protocols(draw: st.DrawFn) -> Protocol:
    """Protocols as a spec or a vendor file may hold them."""
    steps = draw(
        st.lists(st.one_of(nodes(Acquisition), nodes(Contrast, during=st.none()), nodes(Pause)), max_size=4)
    )
    names = [step.name for step in steps if isinstance(step, Acquisition) and step.name]
    if names:
        steps += draw(st.lists(nodes(Reformat, source=st.sampled_from(names)), max_size=2))
    kinds = nodes(
        Protocol,
        id=st.none() | IDS,
        steps=st.just(tuple(steps)),
        situation=nodes(Situation),
    )
    return draw(kinds)


__all__ = ["TRAPS", "nodes", "protocols"]
