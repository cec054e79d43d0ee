"""Pairs of one series to the fields of an acquisition, and back.

Each theme has its two directions side by side. Each key that a neutral field carries without loss is taken
out on reading; whatever is left is handed on verbatim under ``vendor``. "The scanner chooses" (Minimum, Min
Full, automatic) is no value: the field stays empty, the word stays under ``vendor`` and a remark says so.
On writing, a field that cannot be said leaves its reason.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from generator.model import plausible
from generator.model.tree import Acquisition
from generator.vendors import rows
from generator.vendors.ge import facts
from generator.vendors.ge.fields import acceleration, contrast, geometry, sequences, times
from generator.vendors.ge.fields.sequences import Family
from generator.vendors.ge.fields.series import Draft, Remark, Series


def decode(values: dict[str, str]) -> tuple[dict[str, Any], list[Remark]]:
    """Read one series.

    Parameters
    ----------
    values : dict of str to str
        The pairs of an LxProtocol file.

    Returns
    -------
    fields : dict
        Field values of an Acquisition in canonical units, ``vendor`` included, ``name`` not.
    remarks : list of (code, field, message)
    """
    tokens, imode = facts.options(values.get(facts.IOPT, "")), values.get(facts.IMODE, "")
    identity = sequences.identify(values.get(facts.PSEQ, ""), imode, tokens, values.get(facts.PSDNAME, ""))
    said = contrast.said_by_options(tokens, identity.proven)
    series = Series(dict(values), tokens, imode == "3D", identity, {"technique": identity.technique, **said})
    for step in _READ:
        step(series)
    if series.identity.inferred:
        code = "inferred-sequence" if identity.foreign else "inferred"
        series.say(code, "technique", f"{identity.technique}: inferred from {identity.inferred}")
    _refuse(series, values)
    series.fields["vendor"] = series.left
    return series.fields, series.remarks


def _read_rows(series: Series) -> None:
    """Fields that are one key or option."""
    for row, key, value in rows.read(facts.ROWS, series, lambda row, key, _: series.odd(row.field, key)):
        if value is not None:
            series.fields[row.field] = value
            series.drop(key)


def _refuse(series: Series, values: dict[str, str]) -> None:
    """Take back what no scan can have; its pairs stay under ``vendor``, and a remark names them."""
    for name in plausible.refused(series.fields):
        del series.fields[name]
        raw: dict[str, str] = {key: values[key] for key in facts.SOURCES.get(name, ()) if key in values}
        series.left.update(raw)
        shown = ", ".join(f"{key} is {text!r}" for key, text in raw.items())
        series.say("implausible", name, f"{shown or name}: no scan has that")


_READ: tuple[Callable[[Series], None], ...] = (
    geometry.read_dimension, _read_rows, times.read_plain, geometry.read_role, contrast.read_readout,
    geometry.read_plane, times.read_repetition, times.read_echo, times.read_inversion, times.read_flip,
    geometry.read_field_of_view, geometry.read_matrix, geometry.read_bandwidth, geometry.read_gap,
    geometry.read_slices, geometry.read_interpolation, times.read_averages, acceleration.read_factors,
    acceleration.read_oversampling,
    contrast.read_fat, contrast.read_diffusion, contrast.read_bands_and_beats, contrast.read_flow,
    contrast.read_hardware,
)  # fmt: skip


def encode(scan: Acquisition, family: Family, software: str) -> Draft:
    """Write a scan as pairs; the same pairs fill a template and patch a donor series.

    Parameters
    ----------
    scan : Acquisition
        The scan; only fields that are not ``None`` are written.
    family : Family
        The pulse sequence that it is written as.
    software : str
        Software version of the target, such as ``MR30.0``.
    """
    draft = Draft(scan, family, software.startswith("DV"), tokens=set(family.options))
    draft.values.update(family.codes)
    rows.write(facts.ROWS, scan, draft, draft)
    for step in _WRITE:
        step(draft)
    draft.values[facts.IOPT] = facts.join_options(draft.tokens) or "None"
    return draft


_WRITE: tuple[Callable[[Draft], None], ...] = (
    geometry.write_plane, times.write_repetition, times.write_echoes, times.write_inversion,
    times.write_flip, times.write_counts, geometry.write_field_of_view, geometry.write_slices,
    times.write_averages, geometry.write_bandwidth, acceleration.write_factors,
    acceleration.write_oversampling, contrast.write_fat, contrast.write_diffusion, contrast.write_flow,
    contrast.write_options,
)  # fmt: skip
