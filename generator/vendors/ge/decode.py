"""Pairs of one series to the fields of an acquisition.

Each key that a neutral field carries without loss is taken out; whatever is left is handed on verbatim
under ``vendor``. "The scanner chooses" (Minimum, Min Full, automatic) is no value: the field stays
empty, the word stays under ``vendor`` and a remark says so.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from generator.vendors.ge import facts, geometry, sequences
from generator.vendors.ge.series import Remark, Series, number


def decode(values: dict[str, str]) -> tuple[dict[str, Any], list[Remark]]:
    """Read one series.

    Parameters
    ----------
    values : dict of str to str
        The pairs of an LxProtocol file.

    Returns
    -------
    fields : dict
        Field values of an Acquisition in canonical units, ``vendor`` included, ``name`` not.
    remarks : list of (code, field, message)
    """
    tokens = facts.options(values.get("IOPT", ""))
    imode = values.get("IMODE", "")
    technique = sequences.technique_of(values.get("PSEQ", ""), imode, tokens, values.get("PSDNAME", ""))
    fields = {"technique": technique, **_said_by_options(tokens, technique in sequences.UNPROVEN)}
    series = Series(dict(values), tokens, imode == "3D", technique, fields)
    for step in _STEPS:
        step(series)
    series.fields["vendor"] = series.left
    return series.fields, series.remarks


@lru_cache(512)
def _said_by_options(tokens: tuple[str, ...], unproven: bool) -> dict[str, Any]:
    """Fields that the options alone decide; the same few combinations stand in most series.

    That an option is missing says "none" of sequences whose options are known; a type-in sequence may do the
    same by a user variable.
    """
    parallel = [facts.PARALLEL_OPTIONS[token] for token in tokens if token in facts.PARALLEL_OPTIONS]
    gating = [facts.GATING_OPTIONS[token] for token in tokens if token in facts.GATING_OPTIONS]
    none = {} if unproven else _WITHOUT_OPTIONS
    fields: dict[str, Any] = {
        **none,
        **({"magnetization_transfer": True} if facts.TRANSFER_OPTION in tokens else {}),
        "reference_scan": parallel[0] if parallel else none.get("reference_scan"),
        "gating": gating[0] if gating else none.get("gating"),
    }
    if parallel:
        fields |= dict.fromkeys(facts.PARALLEL_KEYS)
    fields |= {name: None for name, (token, _) in facts.OPTION_FACTORS.items() if token in tokens}
    if set(facts.MULTIPHASE_OPTIONS).intersection(tokens):
        fields["number_of_temporal_positions"] = None
    if set(facts.RADIAL_OPTIONS).intersection(tokens):
        fields["readout"] = "radial"
    return fields


_WITHOUT_OPTIONS: dict[str, Any] = {
    "magnetization_transfer": False,
    "reference_scan": "none",
    "gating": "none",
    **dict.fromkeys(facts.PARALLEL_KEYS, 1.0),
    **dict.fromkeys(facts.OPTION_FACTORS, 1),
    "number_of_temporal_positions": 1,
}


def _plain_numbers(series: Series) -> None:
    left = series.left
    for name, key in facts.PLAIN.items():
        value = left.get(key)
        if value is None:
            continue
        found = number(value)
        if found is not None:
            series.fields[name] = int(found) if key in facts.WHOLE and found == int(found) else found
            del left[key]
        elif value in facts.CHOSEN_BY_SCANNER:
            series.say("chosen-by-scanner", name, f"{key} is {value!r}: the scanner chooses")


def _imode(series: Series) -> None:
    if series.left.get("IMODE") in ("2D", "3D"):
        series.fields["mr_acquisition_type"] = series.left.pop("IMODE")


def _role(series: Series) -> None:
    if series.technique == "calibration":
        series.fields["role"] = "calibration"
    elif series.left.get("PLANE") == facts.THREE_PLANE:
        series.fields["role"] = "localizer"


def _repetition(series: Series) -> None:
    fields, left = series.fields, series.left
    repetition = fields.get("repetition_time")
    if repetition is None:
        if "TR" not in left:
            series.say("chosen-by-scanner", "repetition_time", "no TR in the file: the scanner chooses")
        return
    if series.technique == "magnetization_prepared_gradient_echo":
        fields["repetition_time_excitation"] = repetition
    elif series.inverts and series.technique in sequences.INVERTED_EACH_REPETITION:
        fields["repetition_time_preparation"] = repetition
    if left.get("INRANGETR") == "1":
        low, high = left.get("TRMIN", ""), left.get("TRMAX", "")
        series.say("automatic", "repetition_time", f"TR may move within {low} to {high} ms")


def _echo(series: Series) -> None:
    left = series.left
    shown, echoes = left.get("TE"), number(left.get("NECHO")) or 1
    first = number(shown)
    if first is not None and first >= 0:
        series.fields["echo_times"] = (first,)
        del left["TE"]
    elif shown:
        series.say("chosen-by-scanner", "echo_times", f"TE is {shown!r}: the scanner chooses")
    if echoes > 1:
        told = f"{echoes:g} echoes, of which the file states the first at most"
        series.say("first-echo-only", "echo_times", told)


def _inversion(series: Series) -> None:
    left, inverts = series.left, series.inverts
    time, automatic = number(left.get("TI")), left.get("AUTOTI") == "1"
    if time is not None and inverts:
        series.fields["inversion_time"] = time
        del left["TI"]
        if automatic:
            series.say("automatic", "inversion_time", "the scanner adapts TI; this is the value it last had")
    elif automatic and inverts:
        series.say("chosen-by-scanner", "inversion_time", "automatic inversion time")
    elif time is not None:
        told = "TI without the inversion option (IrP) is no inversion time of the sequence"
        series.say("kept-verbatim", "inversion_time", told)


def _flip(series: Series) -> None:
    flip = series.fields.get("flip_angle")
    if flip is not None and series.technique in sequences.REFOCUSED:
        series.fields["refocusing_flip_angle"] = flip


def _averages(series: Series) -> None:
    fields, averages = series.fields, number(series.left.get("NEX"))
    if averages is None or averages <= 0:
        return
    del series.left["NEX"]
    fields["number_of_averages"] = max(averages, 1.0)
    if series.technique not in sequences.HALVED_BY_NEX or fields.get("readout") != "cartesian":
        return
    if averages < 1:
        fields["partial_fourier_phase"] = averages
        told = "a NEX below 1 is partial Fourier; the extra lines it needs are not in the file"
        series.say("fractional-nex", "partial_fourier_phase", told)
    elif averages == int(averages):
        fields["partial_fourier_phase"] = 1.0


def _acceleration(series: Series) -> None:
    fields, left = series.fields, series.left
    carried = fields["reference_scan"] in _CALIBRATIONS
    for name, keys in facts.PARALLEL_KEYS.items():
        for key in keys:
            if (factor := number(left.get(key))) is not None and factor >= 1:
                fields[name] = factor
                if carried:
                    del left[key]
    if carried and not series.is_3d and series.technique not in sequences.UNPROVEN:
        fields["parallel_reduction_factor_out_of_plane"] = 1.0  # 2D has no phase steps across slices
    for name, (token, key) in facts.OPTION_FACTORS.items():
        if token in series.tokens and (factor := number(left.get(key))) is not None and factor >= 1:
            fields[name] = int(factor) if key in facts.WHOLE else factor
            del left[key]


_CALIBRATIONS = frozenset(facts.PARALLEL_OPTIONS.values())


def _oversampling(series: Series) -> None:
    for name, key in facts.OVERSAMPLING.items():
        factor = number(series.left.get(key))
        if factor is not None and factor >= 1 and (series.is_3d or key != "NSW_FACTOR"):
            series.fields[name] = round(factor - 1, 6)
            del series.left[key]
    if "NPW" in series.tokens and "phase_oversampling" not in series.fields:
        told = "no phase wrap is on; its factor is not in the file"
        series.say("not-stated", "phase_oversampling", told)


def _fat(series: Series) -> None:
    fields, code = series.fields, series.left.get("SUPPTQ", "")
    inversion = fields.get("inversion_time")
    if not _DIXON.isdisjoint(series.tokens):
        fields["fat_suppression"] = "dixon"
    elif code in facts.FAT_SUPPRESSION:
        fields["fat_suppression"] = facts.FAT_SUPPRESSION[code]
    elif series.technique == "turbo_spin_echo" and inversion and inversion <= facts.STIR_LONGEST_TI:
        fields["fat_suppression"] = "stir"
    elif code:
        series.say("kept-verbatim", "fat_suppression", f"code {code!r} of fat suppression is not known")
    elif "EPI" in series.tokens:
        series.say("not-stated", "fat_suppression", "EPI may excite water alone; the file does not say")
    elif series.technique not in sequences.UNPROVEN:
        fields["fat_suppression"] = "none"
    if code == "8":
        series.say("assumed", "fat_suppression", "Fat Special is taken for spectral inversion of fat")


_DIXON = frozenset(facts.DIXON_OPTIONS)


def _diffusion(series: Series) -> None:
    fields, left = series.fields, series.left
    if facts.DIFFUSION_OPTION not in series.tokens:
        return
    weights = _list(left.get("MULTIBVALUE", ""))
    if not weights:
        return
    unweighted = int(number(left.get("DIFNUMT2")) or 0)
    fields["b_values"] = (0.0, *weights) if unweighted else weights
    averages = _list(left.get("MULTINEXVALUE", ""))
    if len(averages) == len(weights) and all(a >= 1 and a == int(a) for a in averages):
        counts = tuple(int(a) for a in averages)
        fields["b_value_averages"] = (unweighted, *counts) if unweighted else counts
        del left["MULTINEXVALUE"]
    del left["MULTIBVALUE"]
    if unweighted:
        del left["DIFNUMT2"]
    directions = number(left.get("DIFNUMDIRS"))
    if directions and directions >= 1:
        fields["diffusion_directions"] = int(directions)
        del left["DIFNUMDIRS"]


def _bands_and_beats(series: Series) -> None:
    """Count the saturation bands; where they lie stays under ``vendor``. Beats of a triggered series."""
    fields, left = series.fields, series.left
    fields["saturation_bands"] = len(left.keys() & facts.SATURATION_KEYS)
    if "RESPRATE" in left and fields["gating"] in (None, "none"):
        fields["gating"] = "respiratory"
    if left.get("CPHASE", "1") not in ("", "1"):
        del fields["number_of_temporal_positions"]  # phases of the heart beat, of which more is not known
    if fields["gating"] == "cardiac":
        beats = number(left.get(facts.BEATS))
        if beats and beats >= 1:
            fields["rr_intervals"] = int(beats)
            del left[facts.BEATS]


def _list(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(";") if part.strip())
    except ValueError:
        return ()


def _readout(series: Series) -> None:
    if series.technique not in sequences.UNPROVEN:
        series.fields.setdefault("readout", facts.READOUTS.get(series.left.get("PSEQ", ""), "cartesian"))


_STEPS: tuple[Callable[[Series], None], ...] = (
    _imode, _plain_numbers, _role, _readout, geometry.plane, _repetition, _echo, _inversion, _flip,
    geometry.field_of_view, geometry.matrix, geometry.bandwidth, geometry.gap, geometry.slices,
    _averages, _acceleration, _oversampling, _fat, _diffusion, _bands_and_beats,
)  # fmt: skip
