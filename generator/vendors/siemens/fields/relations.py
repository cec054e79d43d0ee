"""Relations between members that hold in every real file, and how a written block is brought to them.

The counts are those of the collected archives (VB17A to XA61); a test counts them again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from generator.vendors.gate import Relation
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.container.ascconv import XA_STYLE, Ascconv, Value
from generator.vendors.siemens.fields.block import Changes, MrProt, open_protocol


class Draft:
    """A block with the changes to it that are not written yet."""

    def __init__(self, old: Ascconv, changes: Changes) -> None:
        self.old, self.changes = old, changes
        kept = {key: raw for key, raw in old.raw.items() if key not in changes}
        self.block = Ascconv(kept | {k: XA_STYLE.spell(k, v) for k, v in changes.items() if v is not None})
        self.sequence: MrProt = open_protocol(self.block)

    def number(self, key: str, default: float = 0.0) -> float:
        """Value of a member as a number, the default without it."""
        value = self.block.number(key)
        return default if value is None else value

    def integer(self, key: str, default: int = 0) -> int:
        """Value of a member as a whole number, the default without it."""
        return self.block.whole(key, default)

    def put(self, key: str, value: Value) -> None:
        """Change a member; ``None`` removes it."""
        self.changes[key] = value
        self.block.raw.pop(key, None)
        if value is not None:
            self.block.raw[key] = XA_STYLE.spell(key, value)

    @property
    def is_3d(self) -> bool:
        """Whether the scan is 3D."""
        return self.integer(f.DIMENSION) == f.THREE

    @property
    def mode(self) -> int:
        """Mode of acceleration."""
        return self.integer(f.PAT_MODE, f.PAT_NONE)

    @property
    def factors(self) -> int:
        """In-plane times through-plane acceleration."""
        return max(self.integer(f.ACCEL_PE, 1), 1) * max(self.integer(f.ACCEL_3D, 1), 1)


# --- acceleration -----------------------------------------------------------------------------------------


def _bands_agree(d: Draft) -> bool:
    return (d.mode == f.PAT_SMS) == (d.integer(f.MULTIBAND, 1) > 1)


def _mend_bands(d: Draft) -> None:
    plain = f.PAT_GRAPPA if d.factors > 1 else f.PAT_NONE
    d.put(f.PAT_MODE, f.PAT_SMS if d.integer(f.MULTIBAND, 1) > 1 else plain)


def _off_agrees(d: Draft) -> bool:
    return (d.mode == f.PAT_NONE) == (d.integer(f.REF_SCAN, 1) == 1)


def _mend_off(d: Draft) -> None:
    d.put(f.REF_SCAN, 1 if d.mode == f.PAT_NONE else f.REF_INTEGRATED)


def _factors_agree(d: Draft) -> bool | None:
    if d.mode in (f.PAT_NONE, *f.PAT_COMPRESSED):
        return d.factors == 1
    return d.factors > 1 if d.mode == f.PAT_GRAPPA else None


def _lines_there(d: Draft) -> bool | None:
    return d.integer(f.REF_LINES) > 0 if d.mode == f.PAT_GRAPPA else None


def _total_agrees(d: Draft) -> bool | None:
    if f.ACCEL_TOTAL not in d.block.raw or d.sequence.binary == "tgse_asl":
        return None
    total = d.number(f.ACCEL_TOTAL, 1.0)
    return total > 1 if d.mode in f.PAT_COMPRESSED else total == d.factors


def _mend_total(d: Draft) -> None:
    if d.mode not in f.PAT_COMPRESSED:
        d.put(f.ACCEL_TOTAL, float(d.factors))


def _bands_divide(d: Draft) -> bool | None:
    bands = d.integer(f.MULTIBAND, 1)
    return d.integer(f.SLICES, 1) % bands == 0 if bands > 1 else None


# --- partitions, lines and resolutions --------------------------------------------------------------------


def _partitions(d: Draft) -> int:
    images = d.integer(f.IMAGES_PER_SLAB)
    return round(images * (1 + d.number(f.SLICE_OVERSAMPLING)) * d.number(f.SLICE_RESOLUTION, 1.0))


def _partitions_agree(d: Draft) -> bool | None:
    stored = d.integer(f.PARTITIONS)
    return stored == _partitions(d) and stored % 2 == 0 if d.is_3d else None


def _mend_partitions(d: Draft) -> None:
    """Take the next oversampling that gives a whole and even number of partitions."""
    images = d.integer(f.IMAGES_PER_SLAB, 1)
    extra = round(images * d.number(f.SLICE_OVERSAMPLING))
    resolution = d.number(f.SLICE_RESOLUTION, 1.0)
    while round((images + extra) * resolution) % 2:
        extra += 1
    if extra or f.SLICE_OVERSAMPLING in d.block.raw:
        d.put(f.SLICE_OVERSAMPLING, extra / images)
    d.put(f.PARTITIONS, _partitions(d))


def _slice_resolution(d: Draft) -> bool | None:
    return d.number(f.SLICE_RESOLUTION, 1.0) <= 1 if d.is_3d else None


def _asked_lines(d: Draft) -> float:
    """Lines that field of view, resolution and oversampling ask for."""
    read, phase = (d.number(f"{f.SLICE}[0].{k}") for k in (f.READ_FOV, f.PHASE_FOV))
    share = phase / read if read else 0.0
    resolution = d.number(f.PHASE_RESOLUTION, 1.0)
    return d.integer(f.BASE) * share * resolution * (1 + d.number(f.PHASE_OVERSAMPLING))


def _resolution_agrees(d: Draft) -> bool | None:
    resolution, base = d.number(f.PHASE_RESOLUTION), d.integer(f.BASE)
    if not resolution or d.sequence.binary == "tgse_asl":
        return None
    return _near_step(resolution, base)


def _near_step(resolution: float, base: int) -> bool:
    """Whole percents, or whole points of the base resolution."""
    return any(abs(resolution * n - round(resolution * n)) < _STEP for n in (100, base))


_STEP = 1e-5
_NOISE = 0.02
"""Above 1, a resolution that comes of rounding a matrix and is meant to be 1."""


def _mend_resolution(d: Draft) -> None:
    resolution = d.number(f.PHASE_RESOLUTION)
    d.put(f.PHASE_RESOLUTION, 1.0 if 1 < resolution <= 1 + _NOISE else round(resolution, 2))
    d.put(f.LINES, round(_asked_lines(d)))


def _no_fewer_lines(d: Draft) -> bool | None:
    asked = _asked_lines(d)
    return d.integer(f.LINES) - asked > -1.01 if asked and d.integer(f.LINES) else None


def _train_is_full(d: Draft) -> bool | None:
    """In 2D turbo spin echoes with parallel imaging the lines that are measured fill the trains."""
    if (
        d.is_3d
        or d.mode == f.PAT_NONE
        or d.sequence.sequence.train != "turbo"
        or f.LINES_PAT not in d.block.raw
    ):
        return None
    return d.integer(f.LINES_PAT) % max(d.integer(f.TURBO, 1), 1) == 0 and _measured_agree(d)


def _measured_agree(d: Draft) -> bool:
    wanted = d.integer(f.LINES) / d.integer(f.ACCEL_PE, 1)
    if d.integer(f.REF_SCAN, 1) == f.REF_INTEGRATED:
        wanted += d.integer(f.REF_LINES) * (1 - 1 / d.integer(f.ACCEL_PE, 1))
    return abs(d.integer(f.LINES_PAT) - wanted) <= _LINES_APART


_LINES_APART = 1.5


def _mend_train(d: Draft) -> None:
    """Fill the last train as consoles do: by reference lines inside the scan, else by more lines."""
    factor, train = d.integer(f.ACCEL_PE, 1), max(d.integer(f.TURBO, 1), 1)
    lines = d.integer(f.LINES)
    if d.integer(f.REF_SCAN, 1) == f.REF_INTEGRATED:
        saved = 1 - 1 / factor
        least = lines / factor + d.integer(f.REF_LINES, f.FEWEST_REF_LINES) * saved
        measured = math.ceil((least - 0.5) / train) * train
        d.put(f.REF_LINES, math.ceil((measured - 0.5 - lines / factor) / saved))
    else:
        measured = math.ceil((round(_asked_lines(d)) / factor - 0.5) / train) * train
        d.put(f.LINES, max(measured * factor - (measured % 2 and factor % 2 == 0), round(_asked_lines(d))))
    d.put(f.LINES_PAT, measured)


# --- times, diffusion and the rest ------------------------------------------------------------------------


def _raster(key: str, speaks: Callable[[Draft], bool] = lambda _: True) -> tuple[Any, Any]:
    """Relation and mend of a time in microseconds: 10 us, from 100 ms on 1 ms, from 1 s on 10 ms."""

    def step(d: Draft) -> int:
        time = d.integer(key)
        return 10_000 if time >= 1_000_000 and key == f.TR else 1000 if time >= 100_000 else 10

    def holds(d: Draft) -> bool | None:
        return d.integer(key) % step(d) == 0 if speaks(d) and d.integer(key) else None

    def mend(d: Draft) -> None:
        d.put(key, round(d.integer(key) / step(d)) * step(d))

    return holds, mend


def _inverted(d: Draft) -> bool:
    return d.integer(f.INVERSION) in f.INVERSIONS


def _last_times(d: Draft) -> tuple[int, int]:
    """The last echo time and the inversion time, in microseconds."""
    last = d.integer(f"{f.TE}[{d.integer(f.CONTRASTS, 1) - 1}]")
    return last, d.integer(f"{f.TI}[0]") if _inverted(d) else 0


def _times_fit(d: Draft) -> bool:
    return max(_last_times(d)) < d.integer(f.TR, 1)


def _mend_times(d: Draft) -> None:
    """Give a scan whose TR is not known room for its times: a train read in its middle ends at twice both."""
    d.put(f.TR, math.ceil(2 * sum(_last_times(d)) / 10_000) * 10_000)


def _diffuses(d: Draft) -> bool:
    return d.sequence.sequence.technique == "echo_planar_diffusion"


def _directions_fit(d: Draft) -> bool | None:
    mode, number = d.integer(f.DIFFUSION_MODE, f.DIFFUSION_OFF), d.integer(f.DIRECTIONS)
    if not _diffuses(d) or mode not in (f.DIFFUSION_MDDW, *f.DIRECTIONS_OF_MODE):
        return None
    return number >= f.FEWEST_OF_MDDW if mode == f.DIFFUSION_MDDW else number == f.DIRECTIONS_OF_MODE[mode]


def _mend_directions(d: Draft) -> None:
    fixed = f.DIRECTIONS_OF_MODE.get(d.integer(f.DIFFUSION_MODE))
    d.put(f.DIRECTIONS, fixed or f.FEWEST_OF_MDDW)


def _weightings_fit(d: Draft) -> bool | None:
    count = d.integer(f.B_COUNT, 1)
    return not any(f"{f.B_VALUE}[{i}]" in d.block.raw for i in range(count, 64)) if _diffuses(d) else None


def _trigger_agrees(d: Draft) -> bool:
    return (d.integer(f.SIGNAL, 1) == 1) == (d.integer(f.METHOD, 1) == 1)


def _mend_trigger(d: Draft) -> None:
    d.put(f.METHOD, 1 if d.integer(f.SIGNAL, 1) == 1 else f.TRIGGERED)


def _zoom_agrees(d: Draft) -> bool:
    volume = any(key.startswith(f.ZOOM_VOLUME) for key in d.block.raw)
    return (d.integer(f.EXCITATION) == f.EXCITATION_ZOOMED) == volume


def _shim_agrees(d: Draft) -> bool:
    return bool(d.number(f.SHIM_VALID)) == (f"{f.SHIM_VOLUME}.{f.THICKNESS}" in d.block.raw)


def _slices_agree(d: Draft) -> bool:
    count = d.integer(f.SLICES, 1)
    sizes = sum(d.integer(f"{f.GROUP}[{g}].{f.GROUP_SIZE}") for g in range(d.integer(f.GROUPS, 1)))
    ends = d.number(f"{f.GROUP_MEMBER}[{count}]", -1.0) == -1
    last, beyond = (f"{f.SLICE}[{i}].{f.THICKNESS}" in d.block.raw for i in (count - 1, count))
    return sizes == count and ends and last and not beyond


_TR, _TE, _TI = _raster(f.TR), _raster(f"{f.TE}[0]"), _raster(f"{f.TI}[0]", _inverted)

RELATIONS: tuple[Relation[Draft], ...] = (
    Relation("multiband-mode", "the mode is SMS if and only if several slices are excited at once", 7, 220,
             _bands_agree, _mend_bands),
    Relation("factors", "GRAPPA has a factor above 1, no acceleration and compressed sensing have none",
             7, 200,
             _factors_agree),
    Relation("reference-scan", "there is a reference scan if and only if there is acceleration", 7, 220,
             _off_agrees, _mend_off, "reference_scan"),
    Relation("reference-lines", "GRAPPA has reference lines", 7, 173,
             _lines_there, lambda d: d.put(f.REF_LINES, f.FEWEST_REF_LINES), "reference_lines"),
    Relation("total-acceleration", "the total factor is the product of the factors", 4, 192,
             _total_agrees, _mend_total),
    Relation("slices-and-multiband", "the slices are a multiple of the multiband factor", 2, 16,
             _bands_divide),
    Relation("slice-resolution", "no 3D scan has a slice resolution above 100 %", 7, 55,
             _slice_resolution, lambda d: d.put(f.SLICE_RESOLUTION, 1.0), "voxel_size"),
    Relation("partitions", "partitions are slices times oversampling and resolution, and even", 7, 55,
             _partitions_agree, _mend_partitions, "slice_oversampling"),
    Relation("base-resolution", "the base resolution is even", 7, 220,
             lambda d: d.integer(f.BASE) % 2 == 0,
             lambda d: d.put(f.BASE, d.integer(f.BASE) + 1), "acquisition_matrix"),
    Relation("phase-resolution", "the phase resolution is a whole percent or a whole number of points",
             7, 217,
             _resolution_agrees, _mend_resolution, "voxel_size"),
    Relation("phase-lines", "no fewer lines are measured than field of view and resolution ask for", 7, 220,
             _no_fewer_lines, lambda d: d.put(f.LINES, round(_asked_lines(d))), "acquisition_matrix"),
    Relation("full-trains", "the lines of a 2D turbo spin echo with parallel imaging fill its trains", 2, 113,
             _train_is_full, _mend_train, "reference_lines"),
    Relation("repetition-time", "TR is a multiple of 10 us, above 100 ms of 1 ms, above 1 s of 10 ms", 7, 220,
             *_TR, "repetition_time"),
    Relation("echo-time", "TE is a multiple of 10 us", 7, 220, *_TE, "echo_times"),
    Relation("inversion-time", "TI is a multiple of 1 ms", 7, 44, *_TI, "inversion_time"),
    Relation("times", "echo and inversion times are shorter than TR", 7, 220, _times_fit, _mend_times,
             "repetition_time"),
    Relation("dwell-time", "the dwell time is a multiple of 100 ns", 7, 220,
             lambda d: d.integer(f"{f.DWELL}[0]") % 100 == 0),
    Relation("diffusion-directions", "trace modes have their one number of directions, MDDW at least six",
             7, 17,
             _directions_fit, _mend_directions, "diffusion_directions"),
    Relation("diffusion-weightings", "there are as many b-values as weightings", 7, 17, _weightings_fit),
    Relation("trigger", "a signal is set if and only if a method is", 7, 220, _trigger_agrees, _mend_trigger),
    Relation("zoomed-excitation", "a zoomed volume is there if and only if the excitation is zoomed", 7, 220,
             _zoom_agrees),
    Relation("shim-volume", "an adjustment volume is there if and only if it is valid", 7, 220, _shim_agrees),
    Relation("slices", "groups, members and slices are as many as their counts say", 7, 220, _slices_agree),
)  # fmt: skip
"""Of 8 exports, one of them a single protocol that other people edited and that is left out; tgse_asl counts
lines and factors its own way."""
