"""One MrProt block under interpretation, with what must be said about it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from generator.model.tree import Acquisition
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.container.ascconv import Ascconv, Value
from generator.vendors.siemens.container.edx import utf7

Fields = dict[str, Any]
Changes = dict[str, Value]


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
        return self.block.integer(f.DIMENSION) == 4

    @property
    def has_private_multiband(self) -> bool:
        """Whether the sequence keeps its multiband factor in a member of its own."""
        return self.binary.lower().startswith("cmrr_mb")

    @property
    def trusted(self) -> bool:
        """Whether the rules for bandwidth, train length and b-values hold, checked or assumed."""
        return self.sequence.trust != "none" and self.why_not is None

    @cached_property
    def why_not(self) -> str | None:
        """The feature for which the rules are known not to hold, or not known to hold."""
        pat = self.block.integer(f.PAT_MODE, f.PAT_NONE)
        if pat not in f.PAT_KNOWN or self.block.integer(f.UNDERSAMPLING, 1) not in (0, 1):
            return "acceleration of an unknown kind (compressed sensing or wave encoding)"
        if "wave" in self.binary.lower() or (self.block.waves and self._wave_encoded()):
            return "wave encoding"
        if self.block.integer(f.TRAJECTORY, 1) != 1:
            return "a trajectory that is not Cartesian"
        if self.sequence.train == "epi" and (self.block.integer(f.SEGMENTS, 1) or 1) > 1:
            return "a segmented EPI readout"
        return None

    def _wave_encoded(self) -> bool:
        """Whether a member named after wave encoding is switched on (1 is off in code tables, 0 in flags)."""
        keys = (k for k in self.block.raw if re.search(r"(^|[a-z.])Wave", k) and "Wavelet" not in k)
        return any((self.block.number(k, 0.0) or 0.0) > 1 or self.block.raw[k] == "0x1" for k in keys)


def open_protocol(block: Ascconv) -> MrProt:
    """Look up release and sequence of a block."""
    path = block.text(f.SEQUENCE) or ""
    binary = path.replace("/", "\\").rsplit("\\", 1)[-1]
    sequence = f.SEQUENCES.get(binary.lower(), f.UNKNOWN_SEQUENCE)
    return MrProt(block, block.integer(f.VERSION, 0) or 0, binary, sequence)


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
    return a.mr_acquisition_type == "3D" if a.mr_acquisition_type else old.integer(f.DIMENSION) == 4
