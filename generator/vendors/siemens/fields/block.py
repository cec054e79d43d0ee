"""One MrProt block under interpretation, and the preview that the console lists of it.

Of a preview only entries whose value is known to follow from the block are touched.
Source: formats/siemens.md section 2.7, "Preview".
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

from generator.model.tree import Acquisition
from generator.text import clock
from generator.vendors.rows import Why
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.container.ascconv import Ascconv, Value
from generator.vendors.siemens.container.edx import utf7

Fields = dict[str, Any]
Changes = dict[str, Value]


_LARGEST_SPOILED_ANGLE = 30.0
"""Degrees: no spin-echo train refocuses with less, no MPRAGE excites with more."""


class Says(Why, Protocol):
    """Where a writer leaves its reasons."""

    def derived(self, name: str) -> None:
        """Say that a field is filled by what the console's grid asks for."""


@dataclass
class Said:
    """What a writer says of one scan, before it is known which step that will be."""

    all: list[tuple[bool, str, str]] = field(default_factory=list)
    computed: list[str] = field(default_factory=list)

    def why(self, name: str, text: str) -> None:
        """Say why a field may not come back as wanted."""
        self.all.append((False, name, text))

    def doubt(self, name: str, text: str) -> None:
        """Say why what was written for a field is not certain."""
        self.all.append((True, name, text))

    def derived(self, name: str) -> None:
        """Say that a field is filled by what the console's grid asks for."""
        self.computed.append(name)

    def to(self, step: Says) -> None:
        """Say it again of a step."""
        for doubted, name, text in self.all:
            (step.doubt if doubted else step.why)(name, text)
        for name in self.computed:
            step.derived(name)


@dataclass
class MrProt:
    """One MrProt block under interpretation, with what must be said about it.

    Attributes
    ----------
    doubts : list of (str, str, str)
        Code, neutral field and message of each value that the file does not say.
    """

    block: Ascconv
    version: int
    binary: str
    sequence: f.Sequence
    doubts: list[tuple[str, str, str]] = field(default_factory=list)

    def doubt(self, what: str, message: str, code: str = "unknown-rule") -> None:
        """Record why a field has no value, or how sure its value is."""
        self.doubts.append((code, what, message))

    @property
    def name(self) -> str:
        """The name in the text; VB writes it in UTF-7."""
        name = self.block.text(f.NAME) or ""
        return utf7(name) if 0 < self.version < f.FIRST_VE else name

    @cached_property
    def is_3d(self) -> bool:
        """Whether the scan is 3D."""
        return self.block.integer(f.DIMENSION) == f.THREE

    @property
    def family(self) -> str:
        """Binary of the product whose switches say what the scan is."""
        return self.sequence.family or self.binary.lower()

    @cached_property
    def is_private(self) -> bool:
        """Whether a sequence of unknown make has members of its own set, which may accelerate it."""
        return self.sequence.trust == "none" and any(f.PRIVATE.match(key) for key in self.block.raw)

    @property
    def has_private_multiband(self) -> bool:
        """Whether the sequence keeps its multiband factor in a member of its own."""
        return self.binary.lower().startswith("cmrr_mb")

    @property
    def inverts_phase(self) -> bool:
        """Whether a private switch turns the phase direction round."""
        switches = (self.block.whole(key) for key in f.CMRR_SWITCHES)
        return self.has_private_multiband and any(value & f.CMRR_INVERTED for value in switches)

    @property
    def trusted(self) -> bool:
        """Whether the rules for bandwidth, train length and b-values hold, checked or assumed."""
        return self.sequence.trust != "none" and self.why_not is None

    @cached_property
    def why_not(self) -> str | None:
        """The feature for which the rules are known not to hold, or not known to hold."""
        pat = self.block.integer(f.PAT_MODE, f.PAT_NONE)
        if pat not in f.PAT_KNOWN or self.block.integer(f.UNDERSAMPLING, 1) not in (0, 1):
            return f"acceleration of an unknown kind ({f.PAT_MODE} = {pat})"
        waves = pat == f.PAT_WAVE or "wave" in self.binary.lower()
        if (waves or (self.block.waves and self._wave_encoded())) and self.sequence.readout == 2:
            return "wave encoding"
        if self.block.integer(f.TRAJECTORY, 1) != 1:
            return "a trajectory that is not Cartesian"
        if self.sequence.train == "epi" and self.block.whole(f.SEGMENTS, 1) > 1:
            return "a segmented EPI readout"
        return None

    def _wave_encoded(self) -> bool:
        """Whether a member named after wave encoding is switched on (1 is off in code tables, 0 in flags)."""
        keys = (k for k in self.block.raw if re.search(r"(^|[a-z.])Wave", k) and "Wavelet" not in k)
        return any(self.block.real(k) > 1 or self.block.raw[k] == "0x1" for k in keys)


def open_protocol(block: Ascconv) -> MrProt:
    """Look up release and sequence of a block."""
    path = block.text(f.SEQUENCE) or ""
    binary = path.replace("/", "\\").rsplit("\\", 1)[-1]
    found = MrProt(block, block.whole(f.VERSION), binary, f.UNKNOWN_SEQUENCE)
    found.sequence = f.SEQUENCES.get(binary.lower()) or _build(binary.lower()) or _inferred(found)
    return found


def _build(name: str) -> f.Sequence | None:
    """The research sequence that a name is a build of."""
    base = next((base for base in f.BUILDS if name.startswith(base)), None)
    return replace(f.SEQUENCES[base], trust="assumed") if base else None


def _inferred(p: MrProt) -> f.Sequence:
    """What a sequence of unknown make is: the family that its parameters or its name say; no number of it."""
    name = p.binary.lower()
    family = _by_parameters(p) or next((like for part, like in f.FAMILIES if re.search(part, name)), "")
    if not family:
        p.doubt("technique", f"sequence binary {p.binary!r} is not known", "unknown-sequence")
        return f.UNKNOWN_SEQUENCE
    message = f"sequence binary {p.binary!r} is not known; it looks like a relative of {family!r}"
    p.doubt("technique", message, "inferred-sequence")
    return f.Sequence(f.SEQUENCES[family].technique, "unknown", "none", family)


def _by_parameters(p: MrProt) -> str:
    """The product that makes scans with these parameters, where they leave no choice."""
    b = p.block
    if b.number(f"{f.VOXEL}.{f.THICKNESS}"):
        return "svs_se"
    if b.integer(f.DIFFUSION_MODE, f.DIFFUSION_OFF) != f.DIFFUSION_OFF and not p.is_3d:
        return "ep2d_diff"
    if b.integer(f.ASL_MODE, 1) not in (0, 1):
        return "tgse_asl"
    low = b.real(f"{f.FLIP}[0]", 180.0) <= _LARGEST_SPOILED_ANGLE
    if p.is_3d and low and b.integer(f.INVERSION) in f.INVERSIONS:
        return "tfl"
    return "gre" if b.flag(f.SWI) else ""


# --- numbers ------------------------------------------------------------------------------------


def same(one: Any, other: Any) -> bool:
    """Whether two values of a field are equal to the digits that consoles store."""
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if is_number(one) and is_number(other):
        return bool(abs(one - other) <= 1e-6 * max(1.0, abs(one)))
    return bool(one == other)


def is_number(value: Any) -> bool:
    """A number that is no truth value."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def tidy(value: float) -> float:
    """Drop the binary noise of a division; the files hold at most 12 digits."""
    return float(f"{value:.9g}")


def scaled(value: float | None, factor: float) -> float | None:
    """A value in another unit; ``None`` stays ``None``."""
    return None if value is None else tidy(value * factor)


def is_3d(a: Acquisition, old: Ascconv) -> bool:
    """Whether a scan is 3D: as stated, else as it is in the block."""
    return a.mr_acquisition_type == "3D" if a.mr_acquisition_type else old.integer(f.DIMENSION) == f.THREE


_STEM = "sub.0.msr."


def preview_of(block: Ascconv) -> dict[str, Any]:
    """Preview keys and the values that a block gives them, typed as the console types them."""
    seconds, slices = block.integer(f.TOTAL_TIME), block.integer(f.SLICES)
    found = {
        "tr.0": scaled(block.number(f.TR), 1e-3),
        "te.0": scaled(block.number(f"{f.TE}[0]"), 1e-3),
        "angle_array.0": block.number(f"{f.FLIP}[0]"),
        "matrix": block.integer(f.BASE),
        "ips": block.integer(f.IMAGES_PER_SLAB),
        "ph_os": scaled(block.number(f.PHASE_OVERSAMPLING, 0.0), 100),
        "sl_os": scaled(block.number(f.SLICE_OVERSAMPLING, 0.0), 100),
        "total_size": slices,
        "time_sec": seconds,
        "time": clock(seconds) if seconds is not None else None,
        "mag_field_strength": block.number(f.B0),
        "seq_subpath": open_protocol(block).binary,
        **_geometry(block),
    }
    return {_STEM + key: value for key, value in found.items() if value is not None}


def previewed_strength(entries: Any) -> float | None:
    """Field strength in a preview document, in tesla; XA20 states it nowhere else."""
    entry = entries.get(f"{_STEM}mag_field_strength") if isinstance(entries, dict) else None
    value = entry.get("Value") if isinstance(entry, dict) else None
    return float(value) if isinstance(value, (int, float)) else None


def _geometry(block: Ascconv) -> dict[str, Any]:
    stem = f"{f.SLICE}[0]"
    read, phase = (block.number(f"{stem}.{k}") for k in (f.READ_FOV, f.PHASE_FOV))
    thickness, images = block.number(f"{stem}.{f.THICKNESS}"), block.integer(f.IMAGES_PER_SLAB)
    if block.integer(f.DIMENSION) == f.THREE and thickness and images:
        thickness = tidy(thickness / images)
    single = block.whole(f.GROUPS, 1) == 1
    factor = block.number(f"{f.GROUP}[0].{f.DISTANCE_FACTOR}", 0.0) if single else None
    return {
        "readout_fov": read,
        "phase_fov": math.floor(1000 * phase / read + 0.5) / 10 if read and phase else None,
        "sl_thick": thickness,
        "sg.0.df": scaled(factor, 100),
        "sg.0.size": block.integer(f"{f.GROUP}[0].{f.GROUP_SIZE}") if single else None,
    }


def pruned_preview(document: dict[str, Any], after: Ascconv) -> dict[str, Any]:
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


def update_preview(preview: Mapping[str, Any], before: Ascconv, after: Ascconv) -> None:
    """Bring the entries of a preview document (numbered, in place) in step with the block.

    An entry changes only if its value follows from the block by the known rule before the edit.
    """
    old, new = preview_of(before), preview_of(after)
    for key, value in new.items():
        entry = preview.get(key)
        if isinstance(entry, dict) and "Value" in entry and old.get(key) != value:
            entry["Value"] = value
