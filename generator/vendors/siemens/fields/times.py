"""Times, angles, readout and repetitions: reading beside writing."""

from __future__ import annotations

from generator.model.tree import Acquisition
from generator.vendors.siemens import facts as f
from generator.vendors.siemens.container.ascconv import Ascconv
from generator.vendors.siemens.fields.block import Changes, Fields, MrProt, is_3d, open_protocol, scaled
from generator.vendors.siemens.fields.geometry import fov, old_fov, points


def read_times(p: MrProt) -> Fields:
    """Times of the sequence and of the scan."""
    b = p.block
    tr = scaled(b.number(f.TR), 1e-3)
    echoes = [scaled(b.number(f"{f.TE}[{i}]"), 1e-3) for i in range(min(b.whole(f.CONTRASTS, 1), 256))]
    inverted = b.integer(f.INVERSION) in f.INVERSIONS
    steady = p.sequence.technique in ("gradient_echo", "time_of_flight") and p.binary != "tfl"
    return {
        "repetition_time": tr,
        "repetition_time_preparation": tr if inverted else None,
        "repetition_time_excitation": tr if steady and not inverted else None,
        "echo_times": tuple(e for e in echoes if e is not None) or None,
        **_inversion_times(p, inverted),
        "acquisition_duration": b.number(f.TOTAL_TIME),
        "echo_spacing": scaled(b.number(f.ECHO_SPACING), 1e-3) if b.flag(f.FREE_ECHO_SPACING) else None,
    }


def _inversion_times(p: MrProt, inverted: bool) -> Fields:
    b = p.block
    code = b.whole(f.INVERSION, f.NO_INVERSION)
    if not inverted:
        if code != f.NO_INVERSION or b.whole(f.SATURATION, 1) != 1:
            message = f"a preparation of another kind ({f.INVERSION} = {code}); its times are under vendor"
            p.doubt("inversion_time", message, "unknown-code")
        if p.sequence.technique == "arterial_spin_labelling":
            p.doubt("inversion_time", "times of the labelling are not inversion times of an image")
        return {"inversion_time": None, "second_inversion_time": None}
    contrasts = b.whole(f.INV_CONTRASTS, 1)
    twice = code == f.DOUBLE_INVERSION or contrasts == 2
    if contrasts > 2:
        p.doubt("inversion_time", f"{contrasts} inversion times; the first one is given", "first-of-many")
    first, second = (scaled(b.number(f"{f.TI}[{i}]"), 1e-3) for i in (0, 1))
    return {"inversion_time": first, "second_inversion_time": second if twice else None}


def read_angles(p: MrProt) -> Fields:
    """Excitation and refocusing angle."""
    flip = p.block.number(f"{f.FLIP}[0]")
    spin_echo_train = p.sequence.train == "turbo"
    if spin_echo_train and p.block.integer(f.FLIP_MODE, 1) not in (0, 1):
        p.doubt(
            "flip_angle", "the refocusing angle varies along the train; the stored nominal one is not shown"
        )
        return {"flip_angle": None, "refocusing_flip_angle": None}
    return {"flip_angle": flip, "refocusing_flip_angle": flip if spin_echo_train else None}


def write_times(a: Acquisition, old: Ascconv) -> Changes:
    """Repetition, echo and inversion times."""
    changes: Changes = {}
    prepared = a.inversion_time is not None
    console = (a.repetition_time_preparation, a.repetition_time) if prepared else (a.repetition_time,)
    tr = next((t for t in (*console, a.repetition_time_excitation) if t is not None), None)
    if tr is None:
        tr = a.repetition_time_preparation
    if tr is not None:
        changes[f.TR] = round(tr * 1000)
    if a.echo_times and open_protocol(old).binary != "medic":
        changes[f.CONTRASTS] = len(a.echo_times)
        changes |= {f"{f.TE}[{i}]": round(t * 1000) for i, t in enumerate(a.echo_times)}
    elif a.echo_times and len(a.echo_times) == 1:
        changes[f"{f.TE}[0]"] = round(a.echo_times[0] * 1000)
    return changes | _write_inversion(a, old)


def _write_inversion(a: Acquisition, old: Ascconv) -> Changes:
    if a.technique == "arterial_spin_labelling":
        return {}
    was = old.integer(f.INVERSION)
    if a.inversion_time is None:
        return {f.INVERSION: f.NO_INVERSION, f.INV_CONTRASTS: 1} if was in f.INVERSIONS else {}
    twice = a.second_inversion_time is not None
    uni = a.technique == "mp2rage"
    changes: Changes = {f"{f.TI}[0]": round(a.inversion_time * 1000), f.INV_CONTRASTS: 2 if uni else 1}
    if a.second_inversion_time is not None:
        changes[f"{f.TI}[1]"] = round(a.second_inversion_time * 1000)
    single = f.GLOBAL_INVERSION if is_3d(a, old) else f.SLICE_INVERSION
    wanted = f.DOUBLE_INVERSION if twice and not uni else single
    keep = was in (f.SLICE_INVERSION, f.GLOBAL_INVERSION) and wanted != f.DOUBLE_INVERSION
    return changes | ({} if keep else {f.INVERSION: wanted})


def write_angles(a: Acquisition, old: Ascconv) -> Changes:
    """The angle that the console shows."""
    angle = a.flip_angle
    if a.technique in f.SPIN_ECHO_TRAINS:
        if old.integer(f.FLIP_MODE, 1) not in (0, 1):
            return {}
        angle = a.refocusing_flip_angle if a.refocusing_flip_angle is not None else a.flip_angle
    return {} if angle is None else {f"{f.FLIP}[0]": angle}


def scan_times(seconds: int, changes: Changes, old: Ascconv) -> Changes:
    """Total time, and the time of one measurement in the proportion that the block had."""
    repeats = changes.get(f.REPETITIONS, old.integer(f.REPETITIONS))
    total, scan = old.integer(f.TOTAL_TIME), old.integer(f.SCAN_TIME)
    if isinstance(repeats, int) and repeats > 0:
        return {f.TOTAL_TIME: seconds, f.SCAN_TIME: round(seconds / (repeats + 1))}
    before = total - scan if total and scan and total - scan < seconds else 0
    return {f.TOTAL_TIME: seconds, f.SCAN_TIME: seconds - before}


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
    fraction = f.PARTIAL_FOURIER.get(p.block.whole(f.PF_SLICE, 16))
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
    repeats = p.block.whole(f.REPETITIONS) + 1
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
_TURBO_TRAINS = (*f.SPIN_ECHO_TRAINS, "magnetization_prepared_gradient_echo", "mp2rage")


def write_readout(a: Acquisition, old: Ascconv) -> Changes:
    """Dwell time, train length and trajectory."""
    changes: Changes = {}
    base = points(a, fov(a) or old_fov(old))[0] or old.integer(f.BASE)
    if a.pixel_bandwidth and base:
        oversampled = open_protocol(old).sequence.readout * base
        dwell = max(round(1e9 / (oversampled * a.pixel_bandwidth) / _DWELL_RASTER), 1) * _DWELL_RASTER
        echoes = len(a.echo_times or ()) or old.whole(f.CONTRASTS, 1)
        changes |= {f"{f.DWELL}[{i}]": dwell for i in range(echoes)}
    if a.echo_train_length and a.technique in _TURBO_TRAINS:
        changes[f.TURBO] = a.echo_train_length
    for code, word in f.TRAJECTORIES.items():
        if word == a.readout:
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
