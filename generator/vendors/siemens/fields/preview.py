"""The preview of a protocol: the few values that the console's list shows beside the steps.

Only entries whose value is known to follow from the MrProt block are touched. Source: formats/siemens.md
section 2.7, "Preview".
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from generator.text import clock
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.container.ascconv import Ascconv
from generator.vendors.siemens.fields.block import open_protocol, tidy

_STEM = "sub.0.msr."


def values(block: Ascconv) -> dict[str, Any]:
    """Preview keys and the values that a block gives them, typed as the console types them."""
    seconds, slices = block.integer(f.TOTAL_TIME), block.integer(f.SLICES)
    found = {
        "tr.0": _times(block.number(f.TR), 1e-3),
        "te.0": _times(block.number(f"{f.TE}[0]"), 1e-3),
        "angle_array.0": block.number(f"{f.FLIP}[0]"),
        "matrix": block.integer(f.BASE),
        "ips": block.integer(f.IMAGES_PER_SLAB),
        "ph_os": _times(block.number(f.PHASE_OVERSAMPLING, 0.0), 100),
        "sl_os": _times(block.number(f.SLICE_OVERSAMPLING, 0.0), 100),
        "total_size": slices,
        "time_sec": seconds,
        "time": clock(seconds) if seconds is not None else None,
        "mag_field_strength": block.number(f.B0),
        "seq_subpath": open_protocol(block).binary,
        **_geometry(block),
    }
    return {_STEM + key: value for key, value in found.items() if value is not None}


def field_strength(entries: Any) -> float | None:
    """Field strength in a preview document, in tesla; XA20 states it nowhere else."""
    entry = entries.get(f"{_STEM}mag_field_strength") if isinstance(entries, dict) else None
    value = entry.get("Value") if isinstance(entry, dict) else None
    return float(value) if isinstance(value, (int, float)) else None


def _geometry(block: Ascconv) -> dict[str, Any]:
    stem = f"{f.SLICE}[0]"
    read, phase = (block.number(f"{stem}.{k}") for k in (f.READ_FOV, f.PHASE_FOV))
    thickness, images = block.number(f"{stem}.{f.THICKNESS}"), block.integer(f.IMAGES_PER_SLAB)
    if block.integer(f.DIMENSION) == 4 and thickness and images:
        thickness = tidy(thickness / images)
    single = (block.integer(f.GROUPS, 1) or 1) == 1
    factor = block.number(f"{f.GROUP}[0].{f.DISTANCE_FACTOR}", 0.0) if single else None
    return {
        "readout_fov": read,
        "phase_fov": math.floor(1000 * phase / read + 0.5) / 10 if read and phase else None,
        "sl_thick": thickness,
        "sg.0.df": _times(factor, 100),
        "sg.0.size": block.integer(f"{f.GROUP}[0].{f.GROUP_SIZE}") if single else None,
    }


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else tidy(value * factor)


def pruned(document: dict[str, Any], after: Ascconv) -> dict[str, Any]:
    """A protocol document of plain objects without entries of stations and times that are no more."""
    times = () if f.TOTAL_TIME in after.raw else (f"{_STEM}time_sec", f"{_STEM}time")
    shown = document.get("Preview") or {}
    kept = {k: v for k, v in shown.items() if k not in times and not re.match(r"sub\.[1-9]", k)}
    if isinstance(count := kept.get("sub.0.HEADER.SubProtocolCount"), dict):
        count["Value"] = "1" if isinstance(count.get("Value"), str) else 1
    for key in ("ctrl.MultiStep.IsMultistep", "ctrl.MultiStep.IsInlineCompose"):
        if isinstance(entry := kept.get(key), dict):
            entry["Value"] = False
    return document | {"Preview": kept}


def update(preview: Mapping[str, Any], before: Ascconv, after: Ascconv) -> None:
    """Bring the entries of a preview document (numbered, in place) in step with the block.

    An entry changes only if its value follows from the block by the known rule before the edit.
    """
    old, new = values(before), values(after)
    for key, value in new.items():
        entry = preview.get(key)
        if isinstance(entry, dict) and "Value" in entry and old.get(key) != value:
            entry["Value"] = value
