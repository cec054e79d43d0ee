"""Fat suppression, magnetization transfer, gating, dynamics and images of a scan."""

from __future__ import annotations

from typing import Any

from generator.model.tree import Acquisition
from generator.vendors.philips import facts as k
from generator.vendors.philips.fields.scan import Scan, Settings

READOUTS = {"CARTESIAN": "cartesian", "RADIAL": "radial", "SPIRAL": "spiral", "PROPELLER": "propeller"}
FAT = {"NO": "none", "SPIR": "spir", "SPAIR": "spair", "PROSET": "water_excitation"}
FAT_TEXTS = {neutral: text for text, neutral in FAT.items()} | {"fat_saturation": "SPIR", "stir": "NO"}
# ln 2 times the T1 of fat is 140 to 260 ms from 1.5 to 3 T; no FLAIR, PSIR or T1 IR inverts so late.
STIR_LONGEST_TI = 300.0
BAND_SIDES = {
    "CAUDAL": "inferior",
    "CRANIAL": "superior",
    "LEFT": "left",
    "RIGHT": "right",
    "ANTERIOR": "anterior",
    "POSTERIOR": "posterior",
}
MAX_BANDS = 12
MAPS = {"MODULUS": "magnitude", "PHASE": "phase"}
IMAGE_TEXTS = {neutral: text for text, neutral in MAPS.items()}
GATING_TEXTS = {"none": ("NO", "NO"), "cardiac": ("TRIG", "NO"), "respiratory": ("NO", "TRIG")}


def read(scan: Scan) -> dict[str, Any]:
    """Fat suppression, magnetization transfer, gating, dynamics, images."""
    return {
        "fat_suppression": _fat(scan),
        "saturation_bands": _at_least(scan.number(k.SATURATION_BANDS), 0),
        "saturation_band_positions": _bands(scan),
        "gating": _gating(scan),
        "breath_hold": None if (breath := scan.word(k.BREATH)) is None else breath == "HOLD",
        "rr_intervals": _beats(scan),
        "number_of_temporal_positions": _dynamics(scan),
        "number_of_volumes_discarded_by_scanner": _dummies(scan),
        "output_maps": _images(scan),
        "readout": READOUTS.get(scan.word(k.TRAJECTORY) or ""),
    }


def write(a: Acquisition, s: Settings) -> None:
    """Set preparation, gating, images and dynamics."""
    _set_preparation(a, s)
    _set_dynamics(a, s)


def _set_preparation(a: Acquisition, s: Settings) -> None:
    _set_fat(a, s)
    if a.gating is not None and s.is_template:
        heart, breath = GATING_TEXTS[a.gating]
        s.set(k.HEART, heart)
        s.set(k.BREATH, breath)
    if a.breath_hold is not None and s.is_template and a.gating != "respiratory":
        s.set(k.BREATH, "HOLD" if a.breath_hold else "NO")
    if a.output_maps is not None and s.is_template:
        images = [IMAGE_TEXTS[name] for name in a.output_maps if name in IMAGE_TEXTS]
        s.set(k.IMAGES, (images + ["NO"] * 4)[:4])


def _fat(scan: Scan) -> str | None:
    if scan.values.get(k.DIXON) not in (None, "NO"):
        return "dixon" if scan.word(k.DIXON) is not None else None
    found = FAT.get(scan.word(k.FAT) or "")
    return "stir" if found == "none" and _nulls_fat(scan) else found


def _nulls_fat(scan: Scan) -> bool:
    """Whether a spin echo inverts so shortly before that fat is nulled: that is all a STIR is here."""
    time = scan.number(k.TI) if scan.values.get(k.SEQUENCE) == "IR" else None
    return time is not None and time <= STIR_LONGEST_TI and scan.values.get(k.FAST_MODE) in ("TSE", "NO")


def _set_fat(a: Acquisition, s: Settings) -> None:
    """Only a new block changes its fat suppression: in a donor it brings records of its own."""
    if a.fat_suppression is None or not s.is_template:
        return
    s.set(k.DIXON, "YES" if a.fat_suppression == "dixon" else "NO")
    text = FAT_TEXTS.get(a.fat_suppression, "NO")
    s.set(k.FAT, text)
    if text == "SPIR":
        s.set(k.FAT_STRENGTH, "STRONG")
    elif text == "SPAIR":
        s.set(k.FAT_STRENGTH_SPAIR, "1")


def _bands(scan: Scan) -> tuple[str, ...] | None:
    """Side of every band; one that is planned freely has none."""
    count = int(scan.number(k.SATURATION_BANDS) or 0)
    in_slots = k.BAND_TYPES in scan.values
    found = []
    for index in range(min(count, MAX_BANDS)):
        if in_slots:
            kind, side = (scan.entry(key, index) for key in (k.BAND_TYPES, k.BAND_POSITIONS))
        else:
            kind, side = (scan.values.get(p.format(index)) for p in (k.SET_BAND_TYPE, k.SET_BAND_POSITION))
        found.append(
            "free" if kind == "FREE" else BAND_SIDES.get(side, "parallel" if kind == "PARALLEL" else "")
        )
    return tuple(found) if found and all(found) else None


def _gating(scan: Scan) -> str | None:
    heart, breath, navigator = scan.word(k.HEART), scan.word(k.BREATH), scan.values.get(k.NAVIGATOR, "OFF")
    if heart not in (None, "NO"):
        return "cardiac"
    if breath in ("TRIG", "GATE") or (isinstance(navigator, str) and navigator != "OFF"):
        return "respiratory"
    if breath in ("HOLD", "PEAR"):
        scan.note("gating", "breath", f"{k.BREATH} is {breath}: not gated")
    return None if heart is None or breath is None else "none"


def _dynamics(scan: Scan) -> int | None:
    mode = scan.word(k.DYNAMIC)
    if mode == "NO":
        return 1
    count = scan.number(k.DYNAMICS)
    return int(count) if mode is not None and count and count >= 1 else None


def _set_dynamics(a: Acquisition, s: Settings) -> None:
    count = a.number_of_temporal_positions
    if count is None:
        return
    if s.current.get(k.DYNAMIC) not in (None, "NO"):
        s.set(k.DYNAMICS, count)
    elif s.is_template:
        s.choose(k.DYNAMIC, "INDIVIDUAL", k.DYNAMICS, count) if count > 1 else s.set(k.DYNAMIC, "NO")
    if a.number_of_volumes_discarded_by_scanner is not None and s.now(k.DYNAMIC) not in (None, "NO"):
        s.set(k.DUMMIES, a.number_of_volumes_discarded_by_scanner)


def _dummies(scan: Scan) -> int | None:
    """Dynamics without an image; the number counts only where there are dynamics."""
    if scan.values.get(k.DYNAMIC) in (None, "NO"):
        return None
    return _at_least(scan.number(k.DUMMIES), 0)


def _beats(scan: Scan) -> int | None:
    if scan.values.get(k.HEART) in (None, "NO"):
        return None
    return _at_least(scan.number(k.HEART_BEATS), 1)


def _at_least(count: float | None, least: int) -> int | None:
    return int(count) if count is not None and count >= least else None


def _images(scan: Scan) -> tuple[str, ...] | None:
    value = scan.values.get(k.IMAGES)
    kinds = value if isinstance(value, tuple) else (value,)
    maps = [MAPS[kind] for kind in kinds if kind in MAPS]
    if scan.values.get(k.SUSCEPTIBILITY) == "YES":
        maps.append("swi")
    return tuple(dict.fromkeys(maps)) or None
