"""The labels and words of a printout, of VD and of XA consoles, in English, and one printed step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")

# Printed labels, lower case, VD first. The words of both releases differ in case and in a few names.
LABELS: Mapping[str, tuple[str, ...]] = {
    "tr": ("tr",),
    "te": ("te",),
    "ti": ("ti",),
    "preparation": ("magn. preparation",),
    "flip": ("flip angle",),
    "averages": ("averages",),
    "concatenations": ("concatenations",),
    "measurements": ("measurements",),
    "fov_read": ("fov read",),
    "fov_phase": ("fov phase",),
    "thickness": ("slice thickness",),
    "distance": ("dist. factor", "distance factor"),
    "slices": ("slices",),
    "slabs": ("slabs",),
    "per_slab": ("slices per slab",),
    "groups": ("nr. of slice groups", "nr. of slab groups"),
    "dimension": ("dimension",),
    "base": ("base resolution",),
    "phase_resolution": ("phase resolution",),
    "slice_resolution": ("slice resolution",),
    "phase_oversampling": ("phase oversampling",),
    "slice_oversampling": ("slice oversampling",),
    "pf_phase": ("phase partial fourier",),
    "pf_slice": ("slice partial fourier",),
    "bandwidth": ("bandwidth",),
    "pat": ("pat mode", "acceleration mode", "accel. mode"),
    "accel_pe": ("accel. factor pe", "acceleration factor pe"),
    "accel_3d": ("accel. factor 3d", "acceleration factor 3d"),
    "ref_lines": ("ref. lines pe", "reference lines pe"),
    "ref_lines_3d": ("reference lines 3d",),
    "ref_scan": ("reference scan mode", "reference scans"),
    "sms": ("sms factor",),
    "turbo": ("turbo factor",),
    "epi": ("epi factor",),
    "echo_spacing": ("echo spacing",),
    "train_duration": ("echo train duration",),
    "fat": ("fat suppr.", "fat-water contrast"),
    "orientation": ("orientation",),
    "phase_direction": ("phase enc. dir.", "phase encoding dir."),
    "elliptical": ("elliptical scanning",),
    "mtc": ("mtc",),
    "swi": ("swi",),
    "segments": ("segments",),
    "bands": ("nr. of sat. regions",),
    "signal": ("1st signal/mode",),
    "weightings": ("diff. weightings",),
    "directions": ("diff. directions",),
    "sequence": ("sequence name",),
    "trajectory": ("trajectory",),
}
FATS = {
    "none": "none",
    "standard": "none",
    "fat sat.": "fat_saturation",
    "fat saturation": "fat_saturation",
    "spair": "spair",
    "water excit.": "water_excitation",
    "water excitation": "water_excitation",
}
# Names of the sequences as printed, without what follows the first underscore (_r: flow compensated).
TECHNIQUES: Mapping[str, str] = {
    "fl": "gradient_echo",
    "swi": "susceptibility_weighted",
    "qswi": "susceptibility_weighted",
    "fm": "field_map",
    "tfl": "magnetization_prepared_gradient_echo",
    "tse": "turbo_spin_echo",
    "tir": "turbo_spin_echo",
    "spc": "turbo_spin_echo",
    "spcir": "turbo_spin_echo",
    "spcdir": "turbo_spin_echo",
    "h": "single_shot_turbo_spin_echo",
    "epse": "echo_planar_diffusion",
    "epfid": "echo_planar_bold",
    "tgse": "arterial_spin_labelling",
}


@dataclass
class Print:
    """The printed values of one step: label (lower case) to every value printed under it."""

    name: str
    path: tuple[str, ...]
    header: str
    values: dict[str, list[str]] = field(default_factory=dict)

    def all(self, name: str) -> list[str]:
        """Every value printed for an entry of ``LABELS``."""
        return [v for label in LABELS[name] for v in self.values.get(label, ())]

    def text(self, name: str) -> str | None:
        """The first value printed."""
        return next(iter(self.all(name)), None)

    def number(self, name: str) -> float | None:
        """The number in the first value printed."""
        return number(self.text(name))

    def numbered(self, name: str) -> list[float]:
        """Values of ``TE 1``, ``TE 2``, ... in order, or of the label alone."""
        found = [
            self.values[f"{label} {i}"][0]
            for label in LABELS[name]
            for i in range(1, 65)
            if f"{label} {i}" in self.values
        ]
        numbers = [number(text) for text in found or self.all(name)[:1]]
        return [n for n in numbers if n is not None]

    def share(self, name: str) -> float | None:
        """A printed percentage as a fraction."""
        number = self.number(name)
        return None if number is None else round(number / 100, 6)

    def is_on(self, name: str) -> bool | None:
        """On or Off."""
        text = self.text(name)
        return None if text is None else text.lower() == "on"


def number(text: str | None) -> float | None:
    """Return the first number of a printed value."""
    match = _NUMBER.search(text or "")
    return float(match[0]) if match else None


def whole(value: float | None) -> int | None:
    """Return a whole number above zero, or ``None``."""
    return int(value) if value is not None and value == int(value) and value > 0 else None
