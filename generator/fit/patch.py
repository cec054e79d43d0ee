"""A fit as a patch of the protocol's file: variants of the changed steps, for the fitted target alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import unified_diff
from itertools import product
from math import isclose
from pathlib import Path
from typing import Any

import yaml

from generator.errors import ExamcardError, UsageError
from generator.fit import edit
from generator.fit.edit import CannotEdit, Value
from generator.fit.fitting import Fit
from generator.model.tree import Acquisition, Target
from generator.spec.dump import quote, written
from generator.spec.load import load_text
from generator.spec.merge import NOMINAL
from generator.spec.spec import Spec, StepSpec
from generator.spec.variants import FIRST_VENDORS
from generator.text import clock


def patched(text: str, spec: Spec, fits: Sequence[Fit], path: Path | None = None) -> str:
    """Write fits into the text of the protocol they were made from.

    Parameters
    ----------
    text : str
        The protocol's file.
    spec : Spec
        What it says.
    fits : sequence of Fit
        For different targets.
    path : Path, optional
        Where the new text will stand; definitions are looked up from there. The spec's own if left out.

    Returns
    -------
    str
        Resolves to the fitted protocol for every fitted target, and to what it was for every other one.

    Raises
    ------
    UsageError
        If the text cannot be changed so that this holds.
    """
    before = spec
    for fit in fits:
        for index, values in fit.overrides.items():
            try:
                text = _with_variant(text, spec, index, _conditions(fit.target), values, _source(fit, index))
            except (CannotEdit, yaml.YAMLError) as error:
                raise _impossible(spec, fit.target, str(error)) from error
            spec = _loaded(text, spec.path, fit.target)
    _prove(text, path or spec.path, before, fits)
    return text


def difference(old: str, new: str, name: str) -> str:
    """Write the change from one text to another as a unified diff, empty if there is none."""
    lines = unified_diff(_split(old), _split(new), f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else line + _NO_NEWLINE for line in lines)


_NO_NEWLINE = "\n\\ No newline at end of file\n"


def _split(text: str) -> list[str]:
    """Cut a text into lines as `patch` does, at line feeds only."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _with_variant(
    text: str, spec: Spec, index: int, when: Mapping[str, Any], values: Mapping[str, Any], source: str
) -> str:
    """Add a variant to a step, or set the values in the one it has for the same target."""
    place = _same_variant(spec.steps[index], when)
    if place is not None:
        for name, value in values.items():
            text = _replaced(text, index, place, name, written(Acquisition, name, value), source)
        return text
    item: dict[str, Value] = {
        "when": {name: written(Target, name, value) for name, value in when.items()},
        "set": {name: written(Acquisition, name, value) for name, value in values.items()},
        "source": source,
    }
    step = _step(text, index)
    variants = edit.child(step, "variants")
    if variants is None:
        return edit.put_list(text, step, "variants", item)
    return edit.append(text, variants, item)


def _replaced(text: str, index: int, place: int, name: str, value: str, source: str) -> str:
    """Set one value of a variant and say where it comes from."""
    text = edit.put(text, _variant_part(text, index, place, "set"), name, value)
    variant = _variant_part(text, index, place)
    sources = edit.child(variant, "sources")
    if sources is None:
        return edit.put(text, variant, "sources", {name: source})
    return edit.put(text, sources, name, source)


def _step(text: str, index: int) -> yaml.Node:
    steps = edit.child(edit.compose(text), "steps")
    assert steps is not None, "a protocol has steps"
    found: yaml.Node = steps.value[index]
    return found


def _variant_part(text: str, index: int, place: int, key: str | None = None) -> yaml.Node:
    variants = edit.child(_step(text, index), "variants")
    assert variants is not None, "the variant was read from here"
    variant: yaml.Node = variants.value[place]
    part = edit.child(variant, key) if key else variant
    assert part is not None, "a variant sets something"
    return part


def _same_variant(step: StepSpec, when: Mapping[str, Any]) -> int | None:
    """Find the variant of a step, beside its definition, that is for the very same target."""
    beside = step.blocks[-1].variants
    return next((i for i, one in enumerate(beside) if _is_same(one.when, when)), None)


def _is_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return one.keys() == other.keys() and all(
        isclose(value, other[key], rel_tol=NOMINAL)
        if isinstance(value, float)
        else value.casefold() == other[key].casefold()
        for key, value in one.items()
    )


def _conditions(target: Target) -> dict[str, Any]:
    return {name: value for name, value in dict(target).items() if value is not None}


def _source(fit: Fit, index: int) -> str:
    """Where the numbers of a step come from, quoted for YAML."""
    own = [change for change in fit.changes if index in change.scan.steps]
    signals = [change.signal_of_scan for change in own if change.signal_of_scan is not None]
    signal = f", relative SNR {signals[-1]:.2f}" if signals else ""
    return quote(f"own choice: fitted to {clock(fit.budget)} on {fit.target}{signal}")


def _prove(text: str, path: Path, before: Spec, fits: Sequence[Fit]) -> None:
    """See that the text says what was fitted, and to every other target what it said before."""
    for fit in fits:
        if _loaded(text, path, fit.target).resolve(fit.target).protocol != fit.protocol:
            raise _impossible(
                before, fit.target, "it would also change what is written in one place for several steps"
            )
        for other in _others(before, fits):
            now = _loaded(text, path, fit.target).resolve(other).protocol
            if now != before.resolve(other).protocol:
                raise _impossible(before, fit.target, f"it would also change {other}")


def _loaded(text: str, path: Path, target: Target) -> Spec:
    try:
        return load_text(text, path)
    except ExamcardError as error:
        raise UsageError(f"the patch for {target} would not load:\n{error}") from error


def _impossible(spec: Spec, target: Target, why: str) -> UsageError:
    return UsageError(
        f"{spec.protocol_id} is written in a way that cannot be patched for {target}: {why}; "
        "use the values of the table"
    )


def _others(spec: Spec, fits: Sequence[Fit]) -> list[Target]:
    """List the vendors and fields of a spec that no fit was made for."""
    known = {(fit.target.vendor, fit.target.field_strength) for fit in fits}
    return [
        Target(vendor=vendor, field_strength=field)
        for vendor, field in product(FIRST_VENDORS, spec.field_strengths)
        if (vendor, field) not in known
    ]
