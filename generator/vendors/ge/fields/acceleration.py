"""Parallel imaging, compressed sensing, multiband and oversampling of a series: pairs to fields and back."""

from __future__ import annotations

from generator.vendors.ge import facts
from generator.vendors.ge.facts import number
from generator.vendors.ge.fields import Draft, Series

_CALIBRATIONS = frozenset(facts.PARALLEL_OPTIONS.values())


def read_factors(series: Series) -> None:
    """Factors of the options that are on."""
    fields, left = series.fields, series.left
    carried = fields["reference_scan"] in _CALIBRATIONS
    for name, keys in facts.PARALLEL_KEYS.items():
        for key in keys:
            if (factor := number(left.get(key))) is not None and factor >= 1:
                fields[name] = factor
                if carried:
                    del left[key]
    if carried and not series.is_3d and series.proven:
        fields["parallel_reduction_factor_out_of_plane"] = 1.0  # 2D has no phase steps across slices
    for name, (token, key) in facts.OPTION_FACTORS.items():
        if token in series.tokens and (factor := number(left.get(key))) is not None and factor >= 1:
            fields[name] = int(factor) if key in facts.WHOLE else factor
            del left[key]


def write_factors(draft: Draft) -> None:
    """Factors with their options; a factor of 1 switches the option off."""
    scan = draft.scan
    factors = [getattr(scan, name) for name in facts.PARALLEL_KEYS]
    stated = [factor for factor in factors if factor is not None]
    if stated and (max(stated) > 1 or scan.reference_scan in _CALIBRATIONS):
        _write_parallel(draft, factors)
    elif stated:
        draft.tokens.difference_update(facts.PARALLEL_OPTIONS)
        draft.removed.update(dict.fromkeys(key for keys in facts.PARALLEL_KEYS.values() for key in keys))
    _write_option_factors(draft)


def _write_parallel(draft: Draft, factors: list[float | None]) -> None:
    option = _parallel_option(draft)
    draft.tokens.difference_update(facts.PARALLEL_OPTIONS)
    draft.tokens.add(option)
    for factor, (key, old_key) in zip(factors, facts.PARALLEL_KEYS.values(), strict=True):
        if draft.is_3d or key != facts.SLICE_FACTOR:
            draft.put(key, factor)
        draft.removed[old_key] = None
    if not draft.is_3d:
        draft.why("parallel_reduction_factor_out_of_plane", "a 2D series has no phase steps in slice")


def _parallel_option(draft: Draft) -> str:
    """ARC or Asset: as the spec states it, else as the sequence has it, else as is usual."""
    reference = draft.scan.reference_scan
    for option, kind in facts.PARALLEL_OPTIONS.items():
        if kind == reference:
            return option
    there = draft.tokens.intersection(facts.PARALLEL_OPTIONS)
    return there.pop() if len(there) == 1 else "Asset" if facts.DIFFUSION_OPTION in draft.tokens else "ARC"


def _write_option_factors(draft: Draft) -> None:
    for name, (token, key) in facts.OPTION_FACTORS.items():
        factor = getattr(draft.scan, name)
        if factor is not None and factor > 1:
            draft.tokens.add(token)
            draft.put(key, factor)
            if name == "multiband_factor":
                draft.doubt(name, f"{key} was seen in DICOM protocol blocks only")
        elif factor is not None:
            draft.tokens.discard(token)
            draft.removed[key] = None


def read_oversampling(series: Series) -> None:
    """Oversampling in phase and slice; old software holds that it is on, without a factor."""
    for name, key in facts.OVERSAMPLING.items():
        factor = series.number(key)
        if factor is not None and factor >= 1 and (series.is_3d or key != facts.SLICE_WRAP):
            series.fields[name] = round(factor - 1, 6)
            del series.left[key]
    if facts.WRAP_OPTION in series.tokens and "phase_oversampling" not in series.fields:
        said = "no phase wrap is on; its factor is not in the file"
        series.say("not-stated", "phase_oversampling", said)


def write_oversampling(draft: Draft) -> None:
    """Oversampling as a factor of the field of view."""
    for name, key in facts.OVERSAMPLING.items():
        share = getattr(draft.scan, name)
        if share is not None and (draft.is_3d or key != facts.SLICE_WRAP):
            draft.put_new(key, 1 + share, name)
            if draft.old and key == facts.PHASE_WRAP:
                change = draft.tokens.add if share > 0 else draft.tokens.discard
                change(facts.WRAP_OPTION)
                draft.why(name, "this software switches it on or off, without a factor")
