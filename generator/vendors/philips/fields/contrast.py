"""Preparation, diffusion, gating, dynamics and images of a scan."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
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
    """Read fat suppression, saturation bands, gating, dynamics, images and diffusion."""
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
        **_diffusion(scan),
    }


def write(a: Acquisition, s: Settings) -> None:
    """Set preparation, gating, images, dynamics and diffusion."""
    _set_preparation(a, s)
    _set_dynamics(a, s)
    _set_diffusion(a, s)


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
        if breath == "NO":
            s.forget("EX_RESP_")
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


# --- diffusion ------------------------------------------------------------------------------------------

# Directions of the schemes that are named, not numbered.
NAMED_DIRECTIONS = {"LOW": 6, "MEDIUM": 15, "HIGH": 32}
DIRECTION_TEXTS = {int(text[3:]): text for text in k.DIRECTIONS.texts if text.startswith("OPT")}
# A DWI without a scheme measures the three axes of the gradients.
AXES_OF_TRACE = 3

# The direction tables write the b=0 volumes as b-values of thousandths.
_ZERO_BELOW = 0.5
_MAX_VOLUMES = 4096


def _diffusion(scan: ScanValues) -> dict[str, Any]:
    """Read what a diffusion scan measures; empty for every other scan."""
    mode = scan.word(k.DIFFUSION)
    if mode in (None, "NO"):
        return {}
    from_table = scan.values.get(k.DIRECTIONS) == "FILE" or scan.values.get(k.B_ORDER) == "FILE"
    if mode == "DTI" and from_table and k.TABLE_VOLUMES in scan.values:
        return _from_table(scan)
    b_values = _b_values(scan)
    return {
        "b_values": b_values,
        "b_value_averages": _averages(scan, len(b_values)) if b_values else None,
        "diffusion_directions": _directions(scan) if mode == "DTI" else AXES_OF_TRACE,
        "diffusion_scheme": "vendor" if mode == "DTI" else "trace_3",
    }


def _set_diffusion(a: Acquisition, s: Settings) -> None:
    """Set b-values, their averages and the scheme of directions of a diffusion scan."""
    if not a.b_values or s.current.get(k.DIFFUSION) in (None, "NO"):
        return
    values = [round(b) for b in a.b_values]
    _set_mode(a, s)
    if s.is_template:
        s.turn(k.DIFFUSION, str(s.now(k.DIFFUSION)))
    if k.TABLE_VOLUMES in s.current and s.now(k.DIFFUSION) == "DTI":
        _set_file(a, values, s) if s.current.get(k.DIRECTIONS) == "FILE" else _set_table(values, s)
        return
    step = values[-1] / max(len(values) - 1, 1)
    if all(abs(b - step * index) < 0.5 for index, b in enumerate(values)):
        s.choose(k.B_ORDER, "LIN", k.B_MAX, values[-1])
    else:
        s.choose(k.B_ORDER, "USER_DEF", k.B_LIST, values)
    s.choose(k.B_ORDER, str(s.wanted[k.B_ORDER]), k.B_COUNT, len(values))
    averages = list(a.b_value_averages or ())
    if averages and len(averages) == len(values):
        _set_averages(averages, s)
    if s.now(k.DIFFUSION) == "DTI" and a.diffusion_directions is not None:
        # The scheme with as many directions, or the next one with more.
        enough = [count for count in DIRECTION_TEXTS if count >= a.diffusion_directions]
        s.set(k.DIRECTIONS, DIRECTION_TEXTS[min(enough, default=max(DIRECTION_TEXTS))])


def _b_values(scan: ScanValues) -> tuple[float, ...] | None:
    count, order, highest = scan.number(k.B_COUNT), scan.word(k.B_ORDER), scan.number(k.B_MAX)
    if not count or not 1 <= count <= _MAX_VOLUMES:
        return None
    if order == "USER_DEF":
        values = scan.values.get(k.B_LIST)
        return tuple(float(b) for b in values[: int(count)]) if isinstance(values, tuple) else None
    if order != "LIN" or highest is None:
        scan.missing("b_values", f"{int(count)} in the order {order}, the highest {highest} s/mm2")
        return None
    if count > 2:
        scan.note("b_values", "assumed", f"{int(count)} b-values in equal steps from 0 to {highest} s/mm2")
    return tuple(float(f"{highest * i / max(count - 1, 1):.7g}") for i in range(int(count)))


def _averages(scan: ScanValues, count: int) -> tuple[int, ...] | None:
    mode = scan.word(k.B_AVERAGING)
    if mode == "NO":
        return (1,) * count
    values = scan.values.get(k.B_AVERAGES)
    if mode == "USER_DEF" and isinstance(values, tuple) and all(n >= 1 for n in values[:count]):
        return tuple(values[:count])
    if mode is not None:
        scan.missing("b_value_averages", f"the scanner chooses ({mode})")
    return None


def _directions(scan: ScanValues) -> int | None:
    scheme = scan.word(k.DIRECTIONS)
    if scheme in NAMED_DIRECTIONS:
        text = f"the scheme {scheme} is taken for {NAMED_DIRECTIONS[scheme]} directions"
        scan.note("diffusion_directions", "assumed", text)
        return NAMED_DIRECTIONS[scheme]
    if scheme == "USER_DEF" and (stated := scan.number(k.USER_DIRECTIONS)):
        return int(stated)
    if scheme is not None and scheme.startswith("OPT") and scheme[3:].isdecimal():
        return int(scheme[3:])
    scan.missing("diffusion_directions", f"the scheme is {scheme}")
    return None


def _from_table(scan: ScanValues) -> dict[str, Any]:
    """Count what the table of volumes holds: volume, then index of b and of direction."""
    volumes = int(scan.number(k.TABLE_VOLUMES) or 0)
    tables = [scan.values.get(key) for key in (k.TABLE_B, k.TABLE_B_INDEX, k.TABLE_DIRECTION_INDEX)]
    weights, b_index, direction_index = (t if isinstance(t, tuple) else (t,) for t in tables)
    volumes = min(volumes, len(b_index), len(direction_index))
    found: Counter[float] = Counter()
    directions: dict[float, set[int]] = {}
    for b_at, direction in zip(b_index[:volumes], direction_index[:volumes], strict=True):
        if not 0 <= b_at < len(weights):
            scan.missing("b_values", "the table of volumes points outside itself")
            return {}
        b = 0.0 if weights[b_at] < _ZERO_BELOW else float(f"{weights[b_at]:.7g}")
        found[b] += 1
        directions.setdefault(b, set()).add(direction)
    weighted = set().union(*(seen for b, seen in directions.items() if b > 0))
    b_values = tuple(sorted(found))
    # Volumes of a shell that share a direction are repetitions of it.
    averages = tuple(found[b] if b == 0 else max(1, found[b] // len(directions[b])) for b in b_values)
    return {
        "b_values": b_values or None,
        "b_value_averages": averages or None,
        "diffusion_directions": len(weighted) or None,
        "diffusion_scheme": "free",
    }


def _set_table(values: list[int], s: Settings) -> None:
    """Change the b-value of a table of volumes; its directions and repetitions only the console makes."""
    old, table = s.current.get(k.B_MAX), s.current.get(k.TABLE_B)
    if (
        s.current.get(k.B_ORDER) != "LIN"
        or len(values) != 2
        or values[0] != 0
        or not isinstance(table, tuple)
    ):
        return
    if isinstance(old, int) and old > 0:
        s.set(k.B_MAX, values[1])
        s.set(k.TABLE_B, [values[1] if abs(b - old) < 0.5 else b for b in table])


def _set_mode(a: Acquisition, s: Settings) -> None:
    """Make a trace scan of a tensor scan where no more directions are wanted; the reverse needs a scheme."""
    directions = a.diffusion_directions
    if s.current.get(k.DIFFUSION) == "DTI" and directions is not None and directions <= AXES_OF_TRACE:
        s.turn(k.DIFFUSION, "DWI")
        for key, value in ((k.B_AVERAGING, "NO"), (k.B_ORDER, "LIN")):
            if key not in s.current:
                s.set(key, value)


def _set_file(a: Acquisition, values: list[int], s: Settings) -> None:
    """Write the table of volumes of a scheme that was loaded from a file: b=0 volumes, then one shell.

    The directions are those of the donor's shell with the nearest b-value; a shell that has more gives every
    n-th of them.
    """
    shell = _shell(values[-1], s)
    count = a.diffusion_directions
    if len(values) != 2 or values[0] != 0 or not shell or not count:
        return
    chosen = [shell[i * len(shell) // count] for i in range(count)] if count < len(shell) else shell
    zeros = (a.b_value_averages or (1,))[0]
    repeats = (a.b_value_averages or (1, 1))[-1]
    volumes = zeros + repeats * len(chosen)
    for key, entries in (
        (k.TABLE_B, [0.0, float(values[-1]), 0.0, 0.0]),
        (k.TABLE_B_INDEX, [0] * zeros + [1] * repeats * len(chosen)),
        (k.TABLE_DIRECTION_INDEX, [0] * zeros + chosen * repeats),
    ):
        s.set(key, entries)
    s.set(k.TABLE_VOLUMES, volumes)
    s.set(k.TABLE_WEIGHTINGS, len(values))
    s.set(k.TABLE_DIRECTIONS, len({0, *chosen} if zeros else {*chosen}))
    s.set(k.SCHEME_NAME, f"{len(chosen)} directions, {zeros} b=0 ({volumes}, {values[-1]})")
    if len(chosen) < count:
        s.reasons.why("diffusion_directions", f"the donor's scheme has {len(chosen)} at this b-value")


def _shell(b: float, s: Settings) -> list[int]:
    """Direction numbers of the volumes whose b-value is nearest to one, in order, each once."""
    volumes = int(s.current.get(k.TABLE_VOLUMES) or 0)
    weights, at, to = (s.current.get(key) for key in (k.TABLE_B, k.TABLE_B_INDEX, k.TABLE_DIRECTION_INDEX))
    if not (isinstance(weights, tuple) and isinstance(at, tuple) and isinstance(to, tuple)):
        return []
    pairs = [(weights[i], to[n]) for n, i in enumerate(at[:volumes]) if 0 <= i < len(weights)]
    weighted = [pair for pair in pairs if pair[0] > _ZERO_BELOW]
    if not weighted:
        return []
    nearest = min((weight for weight, _ in weighted), key=lambda weight: abs(weight - b))
    return list(dict.fromkeys(number for weight, number in weighted if weight == nearest))


def _set_averages(averages: list[int], s: Settings) -> None:
    """Set the averages of every b-value; their table is as long as that of the b-values, if there is none."""
    if s.is_template or k.B_AVERAGES in s.current:
        s.choose(k.B_AVERAGING, "USER_DEF", k.B_AVERAGES, averages)
    elif all(count == 1 for count in averages):
        s.turn(k.B_AVERAGING, "NO")
    elif k.B_AVERAGES in s.samples and s.turn(k.B_AVERAGING, "USER_DEF"):
        sample = s.samples[k.B_AVERAGES]
        s.wanted[k.B_AVERAGES] = replace(sample, raw=sample.patched(averages))
    else:
        s.reasons.why("b_value_averages", "no scan of the donor has averages of its own for each b-value")
