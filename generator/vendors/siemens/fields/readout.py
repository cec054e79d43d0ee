"""Bandwidth, echo train, averages and measurements (siemens.md section 6, traps of section 12)."""

from __future__ import annotations

from generator.model.tree import Acquisition
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.container.ascconv import Ascconv
from generator.vendors.siemens.fields.block import Changes, Fields, MrProt, open_protocol
from generator.vendors.siemens.fields.geometry import fov, old_fov, points


def read_readout(p: MrProt) -> Fields:
    """Bandwidth and echo train, where the rules for them are known to hold."""
    if not p.trusted:
        reason = p.why_not or f"sequence {p.binary!r}"
        p.doubt("pixel_bandwidth", f"bandwidth and train length follow no known rule with {reason}")
        return {"pixel_bandwidth": None, "echo_train_length": None}
    if p.sequence.trust == "assumed":
        message = (
            f"bandwidth and train length by the rule of its relatives; no printout of {p.binary!r} was seen"
        )
        p.doubt("pixel_bandwidth", message, "unverified-rule")
    return {"pixel_bandwidth": _bandwidth(p), "echo_train_length": _train(p), "number_of_shots": _shots(p)}


def bandwidth(base: int, dwell: float, oversampling: int = 2) -> float:
    """Bandwidth in Hz/px of a dwell time in ns."""
    return round(1e9 / (oversampling * base * dwell), 3)


def _bandwidth(p: MrProt) -> float | None:
    base, dwell = p.block.integer(f.BASE), p.block.number(f"{f.DWELL}[0]")
    return bandwidth(base, dwell, p.sequence.readout) if base and dwell else None


def _train(p: MrProt) -> int | None:
    b, train = p.block, p.sequence.train
    if train == "turbo":
        return b.integer(f.TURBO) or None
    if train in ("epi", "segmented"):
        return b.integer(f.LINES if train == "epi" else f.EPI_FACTOR)
    if train == "unknown":
        p.doubt("echo_train_length", f"{p.binary!r} has a turbo and an EPI factor, kept under vendor")
    return _partitions_per_train(p) if train == "partitions" else None


def _partitions_per_train(p: MrProt) -> int | None:
    """Turbo factor of an MPRAGE: the measured partitions; a free parameter from XA60 on."""
    stored, partitions = p.block.integer(f.TURBO), p.block.integer(f.PARTITIONS)
    if p.version >= f.FIRST_XA60:
        return stored or None
    fraction = f.PARTIAL_FOURIER.get(p.block.integer(f.PF_SLICE, 16) or 16)
    measured = round(partitions * fraction) if partitions and fraction else None
    if p.version >= f.FIRST_XA30 and stored not in (None, 1, 16, measured):
        message = f"the stored turbo factor {stored} is not the measured partitions, {measured}"
        p.doubt("echo_train_length", message)
        return None
    return measured


def _shots(p: MrProt) -> int | None:
    if p.sequence.train == "segmented":
        return p.block.integer(f.READOUT_SEGMENTS)
    segmented = p.sequence.train == "epi" or p.binary == "tgse_asl"
    return p.block.integer(f.SEGMENTS) if segmented else None


def read_repetition(p: MrProt) -> Fields:
    """Averages and measurements."""
    repeats = (p.block.integer(f.REPETITIONS, 0) or 0) + 1
    positions: int | None = repeats
    averages = _averages(p)
    if p.binary == "ep2d_diff" and p.version < f.FIRST_VE:
        averages, positions = float(repeats), 1
    elif p.binary == "tgse_asl":
        positions = repeats // 2 if repeats % 2 == 0 else None
    elif p.sequence.technique == "arterial_spin_labelling" and repeats > 1:
        p.doubt("number_of_temporal_positions", f"how {p.binary!r} counts label and control is not known")
        positions = None
    return {"number_of_averages": averages or None, "number_of_temporal_positions": positions}


def _averages(p: MrProt) -> float | None:
    whole, parts = p.block.number(f.AVERAGES), p.block.number(f.AVERAGES_DOUBLE)
    if p.binary in f.DOUBLE_AVERAGES:
        return whole if parts is None else parts
    if parts not in (None, 1.0, whole):
        p.doubt(
            "number_of_averages", f"whether {p.binary!r} makes {whole:g} or {parts:g} averages is not known"
        )
        return None
    return whole


# --- writing -----------------------------------------------------------------------------------------


_DWELL_RASTER = 100


def write_readout(a: Acquisition, old: Ascconv) -> Changes:
    """Dwell time, train length and trajectory."""
    changes: Changes = {}
    base = points(a, fov(a) or old_fov(old))[0] or old.integer(f.BASE)
    if a.pixel_bandwidth and base:
        oversampled = open_protocol(old).sequence.readout * base
        dwell = max(round(1e9 / (oversampled * a.pixel_bandwidth) / _DWELL_RASTER), 1) * _DWELL_RASTER
        echoes = len(a.echo_times or ()) or 1
        changes |= {f"{f.DWELL}[{i}]": dwell for i in range(echoes)}
    if a.echo_train_length and a.technique in (
        *f.SPIN_ECHO_TRAINS,
        "magnetization_prepared_gradient_echo",
        "mp2rage",
    ):
        changes[f.TURBO] = a.echo_train_length
    if a.readout in ("cartesian", "radial"):
        code = {word: code for code, word in f.TRAJECTORIES.items()}[a.readout]
        changes[f.TRAJECTORY] = code
    return changes


def write_repetition(a: Acquisition, old: Ascconv) -> Changes:
    """Averages and measurements."""
    changes: Changes = {}
    p = open_protocol(old)
    if a.number_of_averages is not None:
        if p.binary in f.DOUBLE_AVERAGES:
            changes[f.AVERAGES_DOUBLE] = a.number_of_averages
        elif p.binary == "ep2d_diff" and 0 < p.version < f.FIRST_VE:
            changes[f.REPETITIONS] = max(round(a.number_of_averages), 1) - 1
        else:
            changes[f.AVERAGES] = max(round(a.number_of_averages), 1)
    if a.number_of_temporal_positions is not None:
        pairs = 2 if p.binary == "tgse_asl" else 1
        changes[f.REPETITIONS] = pairs * a.number_of_temporal_positions - 1
    return changes
