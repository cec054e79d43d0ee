"""The dictionary of facts: name, unit, shape and words of everything a rule may name.

Most facts are fields of the tree and are declared there. The others are declared in the modules beside
this one, a derived fact together with the function that computes it. The rule language looks here to
refuse a fact that does not exist, a wrong unit and a misspelt word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import Any, Literal

from generator.model import words
from generator.model.fields import FieldSpec, field_table
from generator.model.tree import Acquisition, Contrast, Reformat, Situation
from generator.rules.facts.labels import label

Scope = Literal["step", "card", "plan", "site", "reading", "program"]
Formula = Callable[[Any], Any]
"""Takes the facts of one thing (:class:`generator.rules.facts.view.Facts`) and returns one more."""

GADOLINIUM = "gd"
REFORMAT = "reformat"
ROLES = (*words.ROLES, GADOLINIUM, REFORMAT)
"""Roles of steps as rules see them: those of the tree, and one each for injection and reformat."""

UNRATED_ROLES = frozenset({"localizer", "calibration", "other", REFORMAT})
"""Roles that no guideline lists: they have no place in the order and no geometry to keep."""

_BOOKKEEPING = {"kind", "name", "definition", "vendor", "instruction", "text"}
_MODULES = ("geometry", "physics", "gadolinium", "contrast", "exam", "plan")


@dataclass(frozen=True, slots=True)
class Fact:
    """One name that rules may use.

    Attributes
    ----------
    many : bool
        Whether the value is a list of ``type``.
    unit : str or None
        Canonical unit of a quantity; ``None`` for a plain number, a word or a yes/no.
    choices : tuple of str
        Closed list of words, empty if the fact is open text or a number.
    formula : callable or None
        Computes the fact from other facts; it raises Unstated where one of them is missing.
    of : tuple of str
        The fields of the tree that a derived fact comes from, and where its author has to look: the first
        that is stated.
    """

    name: str
    scope: Scope
    type: type
    description: str
    many: bool = False
    unit: str | None = None
    choices: tuple[str, ...] = ()
    formula: Formula | None = None
    of: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The name as people say it, of one entry if there are several."""
        return label(self.name)

    def spec(self, many: bool | None = None) -> FieldSpec:
        """Describe what may be written for it, for one entry or for the list."""
        shape: Literal["scalar", "list"] = "list" if (self.many if many is None else many) else "scalar"
        return FieldSpec(
            self.name, shape, self.type, self.unit, self.choices, None, self.description, required=False
        )


_declared: dict[str, Fact] = {}


def declare(
    name: str,
    scope: Scope,
    kind: type,
    description: str,
    *,
    many: bool = False,
    unit: str | None = None,
    choices: Iterable[str] = (),
) -> None:
    """Add a fact that is handed in with the card, the plan or the example."""
    if name in _declared:
        raise ValueError(f"two facts are named {name}")
    _declared[name] = Fact(name, scope, kind, description, many, unit, tuple(choices))


def derived(
    scope: Scope,
    kind: type,
    *,
    many: bool = False,
    unit: str | None = None,
    choices: Iterable[str] = (),
    of: str | tuple[str, ...] = (),
) -> Callable[[Formula], Formula]:
    """Add a fact that is computed from others; its name and meaning are those of the function."""

    def register(formula: Formula) -> Formula:
        name = formula.__name__
        description = (formula.__doc__ or name).strip().rstrip(".")
        declare(name, scope, kind, description, many=many, unit=unit, choices=choices)
        _declared[name] = replace(_declared[name], formula=formula, of=(of,) if isinstance(of, str) else of)
        return formula

    return register


def _declare_fields_of_the_tree() -> None:
    for model, scope in ((Acquisition, "step"), (Contrast, "step"), (Reformat, "step"), (Situation, "card")):
        for name, field in field_table(model).items():
            if name in _BOOKKEEPING or name in _declared:
                continue
            choices = ROLES if name == "role" else field.choices
            _declared[name] = Fact(
                name,
                scope,  # type: ignore[arg-type]
                field.type,
                field.description or name.replace("_", " "),
                field.shape != "scalar",
                field.unit,
                choices,
            )


@cache
def facts() -> dict[str, Fact]:
    """All facts by name: those of the tree first, then the declared and derived ones."""
    _declare_fields_of_the_tree()
    for module in _MODULES:
        import_module(f"generator.rules.facts.{module}")
    _declare_counterparts()
    return _declared


COMPARED = (
    "voxel_size",
    "field_of_view",
    "plane",
    "technique",
    "contrast_family",
    "repetition_time",
    "cycle_time",
    "echo_times",
    "inversion_time",
    "flip_angle",
    "fat_suppressed",
    "inverted",
    "b_values",
    "white_over_grey_matter",
    "role_contrast",
)
"""Facts of a step that can be held against those of its counterpart."""

COUNTERPARTS = {
    "pre": "the scan of the same kind before the injection",
    "other": "the same scan on another scanner",
    "earlier": "the same scan in the earlier exam",
}
"""Whose facts a step can be compared with: ``pre_voxel_size``, ``earlier_repetition_time``."""


def _declare_counterparts() -> None:
    for prefix, whose in COUNTERPARTS.items():
        for name in COMPARED:
            own = _declared[name]
            _declared[f"{prefix}_{name}"] = replace(
                own, name=f"{prefix}_{name}", description=f"{own.label} of {whose}", formula=None
            )
