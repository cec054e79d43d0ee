"""Fat suppression, magnetization transfer, gating, dynamics and images of a scan."""

from __future__ import annotations

from typing import Any

from generator.model.tree import Acquisition
from generator.vendors.philips import facts as k
from generator.vendors.philips.fields.scan import ScanValues, Settings

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


def read(scan: ScanValues) -> dict[str, Any]:
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
    if a.gating is not None:
        set_gating(a.gating, s)
    if a.breath_hold is not None and s.is_template and a.gating != "respiratory":
        s.set(k.BREATH, "HOLD" if a.breath_hold else "NO")
    if a.output_maps is not None and s.is_template:
        images = [IMAGE_TEXTS[name] for name in a.output_maps if name in IMAGE_TEXTS]
        s.set(k.IMAGES, (images + ["NO"] * 4)[:4])


def set_gating(gating: str, s: Settings) -> None:
    """Turn triggers on or off; a scan that is no longer triggered has a repetition time of its own."""
    heart, breath = GATING_TEXTS[gating]
    if s.is_template:
        s.turn(k.HEART, heart)
        s.set(k.BREATH, breath)
        return
    if heart != "NO" and s.current.get(k.HEART) == "NO" and k.HEART_DEVICE not in s.samples:
        s.reasons.why("gating", "no scan of the donor is triggered: its records are not known")
        return
    was_triggered = s.current.get(k.HEART) not in (None, "NO")
    if s.turn(k.HEART, heart) and was_triggered and heart == "NO" and s.sequence == "SE":
        s.wanted.setdefault(k.SE_TR_MODE, "SHORTEST")
    if s.current.get(k.BREATH) not in (None, breath):
        s.set(k.BREATH, breath)
        s.forget("EX_RESP_") if breath == "NO" else None
        s.set(k.BREATH, breath)


def _fat(scan: ScanValues) -> str | None:
    if scan.values.get(k.DIXON) not in (None, "NO"):
        return "dixon" if scan.word(k.DIXON) is not None else None
    found = FAT.get(scan.word(k.FAT) or "")
    return "stir" if found == "none" and _nulls_fat(scan) else found


def _nulls_fat(scan: ScanValues) -> bool:
    """Whether a spin echo inverts so shortly before that fat is nulled: that is all a STIR is here."""
    time = scan.number(k.TI) if scan.sequence == "IR" else None
    return time is not None and time <= STIR_LONGEST_TI and scan.fast_mode in ("TSE", "NO")


def _set_fat(a: Acquisition, s: Settings) -> None:
    """Set the suppression with the records that come with it; Dixon is a method of its own."""
    if a.fat_suppression is None:
        return
    dixon = "YES" if a.fat_suppression == "dixon" else "NO"
    if s.is_template:
        s.set(k.DIXON, dixon)
    elif str(s.current.get(k.DIXON, "NO")) != dixon:
        s.reasons.why("fat_suppression", "a scan is made for Dixon or is not: its echoes are others")
        return
    if not s.turn(k.FAT, FAT_TEXTS.get(a.fat_suppression, "NO")):
        s.reasons.why("fat_suppression", "the records that come with it are in no scan of the donor")


def _bands(scan: ScanValues) -> tuple[str, ...] | None:
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


def _gating(scan: ScanValues) -> str | None:
    heart, breath, navigator = (scan.word(key) for key in (k.HEART, k.BREATH, k.NAVIGATOR))
    if heart not in (None, "NO"):
        return "cardiac"
    if breath in ("TRIG", "GATE") or navigator not in (None, "OFF"):
        return "respiratory"
    if breath in ("HOLD", "PEAR"):
        scan.note("gating", "breath", f"{k.BREATH} is {breath}: not gated")
    unknown = heart is None or breath is None or (navigator is None and k.NAVIGATOR in scan.values)
    return None if unknown else "none"


def _dynamics(scan: ScanValues) -> int | None:
    mode = scan.word(k.DYNAMIC)
    if mode == "NO":
        return 1
    count = scan.number(k.DYNAMICS)
    return int(count) if mode is not None and count and count >= 1 else None


def _set_dynamics(a: Acquisition, s: Settings) -> None:
    count = a.number_of_temporal_positions
    if count is None:
        return
    if count == 1:
        s.turn(k.DYNAMIC, "NO")
    elif s.current.get(k.DYNAMIC) not in (None, "NO") or s.turn(k.DYNAMIC, "INDIVIDUAL"):
        s.set(k.DYNAMICS, count)
    if a.number_of_volumes_discarded_by_scanner is not None and s.now(k.DYNAMIC) not in (None, "NO"):
        s.set(k.DUMMIES, a.number_of_volumes_discarded_by_scanner)


def _dummies(scan: ScanValues) -> int | None:
    """Dynamics without an image; the number counts only where there are dynamics."""
    if scan.values.get(k.DYNAMIC) in (None, "NO"):
        return None
    return _at_least(scan.number(k.DUMMIES), 0)


def _beats(scan: ScanValues) -> int | None:
    if scan.values.get(k.HEART) in (None, "NO"):
        return None
    return _at_least(scan.number(k.HEART_BEATS), 1)


def _at_least(count: float | None, least: int) -> int | None:
    return int(count) if count is not None and count >= least else None


def _images(scan: ScanValues) -> tuple[str, ...] | None:
    value = scan.values.get(k.IMAGES)
    kinds = value if isinstance(value, tuple) else (value,)
    maps = [MAPS[kind] for kind in kinds if kind in MAPS]
    if scan.values.get(k.SUSCEPTIBILITY) == "YES":
        maps.append("swi")
    return tuple(dict.fromkeys(maps)) or None
