"""A fit as a patch of the protocol's file: variants of the changed steps, for the fitted target alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import unified_diff
from itertools import product
from math import isclose
from pathlib import Path
from typing import Any

import yaml

from generator.errors import ExamcardError, UsageError
from generator.fit import edit
from generator.fit.edit import CannotEdit, Splice, Value
from generator.fit.fitting import Fit
from generator.model.tree import Acquisition, Target
from generator.spec.dump import quote, written
from generator.spec.load import load_text
from generator.spec.spec import NOMINAL, Spec, StepSpec
from generator.text import clock
from generator.vendors.profile import names


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
        Place of the new text; definitions are looked up from there. The spec's own if left out.

    Returns
    -------
    str
        Resolves to the fitted protocol for every fitted target, and to what it was for every other one.

    Raises
    ------
    UsageError
        If the text cannot be changed so that this holds.
    """
    if not any(fit.overrides for fit in fits):
        return text
    try:
        new = edit.spliced(text, _all_edits(text, spec, fits))
    except CannotEdit as error:
        raise _impossible(spec, str(error)) from error
    _prove(new, path or spec.path, spec, fits)
    return new


def difference(old: str, new: str, name: str) -> str:
    """Write the change from one text to another as a unified diff, empty if there is none."""
    lines = unified_diff(_split(old), _split(new), f"a/{name}", f"b/{name}")
    return "".join(line if line.endswith("\n") else line + _NO_NEWLINE for line in lines)


_NO_NEWLINE = "\n\\ No newline at end of file\n"


def _split(text: str) -> list[str]:
    """Cut a text into lines as `patch` does, at line feeds only."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def _all_edits(text: str, spec: Spec, fits: Sequence[Fit]) -> Iterator[Splice]:
    """Edits of every changed step; steps that are aliases of one text are written once."""
    steps = edit.child(edit.compose(text), "steps")
    assert steps is not None, "a protocol has steps"
    written_once = {id(steps.value[index]): index for fit in fits for index in fit.overrides}
    for index in sorted(written_once.values()):
        yield from _edits(text, steps.value[index], spec, index, fits)


def _edits(text: str, step: yaml.Node, spec: Spec, index: int, fits: Sequence[Fit]) -> Iterator[Splice]:
    """Edits of one step: values of variants it has for the very same target, new variants for the others."""
    variants = edit.child(step, "variants")
    new: list[dict[str, Value]] = []
    for fit in fits:
        if index not in fit.overrides:
            continue
        values = {name: written(Acquisition, name, value) for name, value in fit.overrides[index].items()}
        place = _same_variant(spec.steps[index], _conditions(fit.target))
        if variants is None or place is None:
            new.append(_variant(fit, values, _source(fit, index)))
        else:
            yield from _changed(text, variants.value[place], values, _source(fit, index))
    if new:
        yield edit.append(text, variants, new) if variants else edit.put_list(text, step, "variants", new)


def _variant(fit: Fit, values: Mapping[str, str], source: str) -> dict[str, Value]:
    when = {name: written(Target, name, value) for name, value in _conditions(fit.target).items()}
    return {"when": when, "set": values, "source": source}


def _changed(text: str, variant: yaml.Node, values: Mapping[str, str], source: str) -> Iterator[Splice]:
    """Set values of a variant and say where they come from."""
    given, sources = edit.child(variant, "set"), edit.child(variant, "sources")
    assert given is not None, "a variant sets something"
    for name, value in values.items():
        yield edit.put(text, given, name, value)
    if sources is None:
        yield edit.put(text, variant, "sources", dict.fromkeys(values, source))
        return
    for name in values:
        yield edit.put(text, sources, name, source)


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
    try:
        after = load_text(text, path)
    except ExamcardError as error:
        raise UsageError(f"the patch of {before.protocol_id} would not load:\n{error}") from error
    for fit in fits:
        if after.resolve(fit.target).protocol != fit.protocol:
            raise _impossible(before, "it would also change what several steps share")
    for other in _others(before, fits):
        if after.resolve(other).protocol != before.resolve(other).protocol:
            raise _impossible(before, f"it would also change {other}")


def _impossible(spec: Spec, why: str) -> UsageError:
    return UsageError(
        f"{spec.protocol_id} is written in a way that cannot be patched: {why}; use the values of the table"
    )


def _others(spec: Spec, fits: Sequence[Fit]) -> list[Target]:
    """List the vendors and fields of a spec that no fit was made for."""
    known = {(fit.target.vendor, fit.target.field_strength) for fit in fits}
    return [
        Target(vendor=vendor, field_strength=field)
        for vendor, field in product(names(), spec.field_strengths)
        if (vendor, field) not in known
    ]
