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
from generator.vendors.ge.series import Remark, Series


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
    fields, left = series.fields, series.left
    for name, key in facts.PLAIN.items():
        value = left.get(key)
        if value is None:
            continue
        number = series.number(key)
        if number is not None:
            fields[name] = int(number) if key in facts.WHOLE and number == int(number) else number
            del left[key]
        elif value in facts.CHOSEN_BY_SCANNER:
            series.say("chosen-by-scanner", name, f"{key} is {value!r}: the scanner chooses")


def _imode(series: Series) -> None:
    if series.text("IMODE") in ("2D", "3D"):
        series.fields["mr_acquisition_type"] = series.left.pop("IMODE")


def _role(series: Series) -> None:
    if series.technique == "calibration":
        series.fields["role"] = "calibration"
    elif series.text("PLANE") == facts.THREE_PLANE:
        series.fields["role"] = "localizer"


def _repetition(series: Series) -> None:
    repetition = series.fields.get("repetition_time")
    if repetition is None:
        if "TR" not in series.left:
            series.say("chosen-by-scanner", "repetition_time", "no TR in the file: the scanner chooses")
        return
    if series.technique == "magnetization_prepared_gradient_echo":
        series.fields["repetition_time_excitation"] = repetition
    elif series.inverts and series.technique in sequences.INVERTED_EACH_REPETITION:
        series.fields["repetition_time_preparation"] = repetition
    if series.text("INRANGETR") == "1":
        low, high = series.text("TRMIN"), series.text("TRMAX")
        series.say("automatic", "repetition_time", f"TR may move within {low} to {high} ms")


def _echo(series: Series) -> None:
    first, echoes = series.number("TE"), series.number("NECHO") or 1
    if first is not None and first >= 0:
        series.fields["echo_times"] = (first,)
        series.take("TE")
    elif series.text("TE"):
        series.say("chosen-by-scanner", "echo_times", f"TE is {series.text('TE')!r}: the scanner chooses")
    if echoes > 1:
        told = f"{echoes:g} echoes, of which the file states the first at most"
        series.say("first-echo-only", "echo_times", told)


def _inversion(series: Series) -> None:
    time = series.number("TI")
    automatic = series.text("AUTOTI") == "1"
    if time is not None and series.inverts:
        series.fields["inversion_time"] = time
        series.take("TI")
        if automatic:
            series.say("automatic", "inversion_time", "the scanner adapts TI; this is the value it last had")
    elif automatic and series.inverts:
        series.say("chosen-by-scanner", "inversion_time", "automatic inversion time")
    elif time is not None:
        told = "TI without the inversion option (IrP) is no inversion time of the sequence"
        series.say("kept-verbatim", "inversion_time", told)


def _flip(series: Series) -> None:
    flip = series.fields.get("flip_angle")
    if flip is not None and series.technique in sequences.REFOCUSED:
        series.fields["refocusing_flip_angle"] = flip


def _averages(series: Series) -> None:
    averages = series.number("NEX")
    if averages is None or averages <= 0:
        return
    series.take("NEX")
    series.fields["number_of_averages"] = max(averages, 1.0)
    if series.technique not in sequences.HALVED_BY_NEX or series.fields.get("readout") != "cartesian":
        return
    if averages < 1:
        series.fields["partial_fourier_phase"] = averages
        told = "a NEX below 1 is partial Fourier; the extra lines it needs are not in the file"
        series.say("fractional-nex", "partial_fourier_phase", told)
    elif averages == int(averages):
        series.fields["partial_fourier_phase"] = 1.0


def _acceleration(series: Series) -> None:
    fields, left = series.fields, series.left
    carried = fields["reference_scan"] in facts.PARALLEL_OPTIONS.values()
    for name, keys in facts.PARALLEL_KEYS.items():
        for key in keys:
            if key in left and (factor := series.number(key)) is not None and factor >= 1:
                fields[name] = factor
                series.take(*((key,) if carried else ()))
    for name, (token, key) in facts.OPTION_FACTORS.items():
        if token in series.tokens and (factor := series.number(key)) is not None and factor >= 1:
            fields[name] = int(factor) if key in facts.WHOLE else factor
            series.take(key)


def _oversampling(series: Series) -> None:
    for name, key in facts.OVERSAMPLING.items():
        factor = series.number(key)
        if factor is not None and factor >= 1 and (series.is_3d or key != "NSW_FACTOR"):
            series.fields[name] = round(factor - 1, 6)
            series.take(key)
    if "NPW" in series.tokens and "phase_oversampling" not in series.fields:
        told = "no phase wrap is on; its factor is not in the file"
        series.say("not-stated", "phase_oversampling", told)


def _fat(series: Series) -> None:
    code = series.text("SUPPTQ")
    inversion = series.fields.get("inversion_time")
    if any(token in series.tokens for token in facts.DIXON_OPTIONS):
        series.fields["fat_suppression"] = "dixon"
    elif code in facts.FAT_SUPPRESSION:
        series.fields["fat_suppression"] = facts.FAT_SUPPRESSION[code]
    elif series.technique == "turbo_spin_echo" and inversion and inversion <= facts.STIR_LONGEST_TI:
        series.fields["fat_suppression"] = "stir"
    elif code:
        series.say("kept-verbatim", "fat_suppression", f"code {code!r} of fat suppression is not known")
    elif "EPI" in series.tokens:
        series.say("not-stated", "fat_suppression", "EPI may excite water alone; the file does not say")
    elif series.technique not in sequences.UNPROVEN:
        series.fields["fat_suppression"] = "none"
    if code == "8":
        series.say("assumed", "fat_suppression", "Fat Special is taken for spectral inversion of fat")


def _diffusion(series: Series) -> None:
    if facts.DIFFUSION_OPTION not in series.tokens:
        return
    weights = _list(series.text("MULTIBVALUE"))
    if not weights:
        return
    unweighted = int(series.number("DIFNUMT2") or 0)
    series.fields["b_values"] = (0.0, *weights) if unweighted else weights
    averages = _list(series.text("MULTINEXVALUE"))
    if len(averages) == len(weights) and all(a >= 1 and a == int(a) for a in averages):
        counts = tuple(int(a) for a in averages)
        series.fields["b_value_averages"] = (unweighted, *counts) if unweighted else counts
        series.take("MULTINEXVALUE")
    series.take("MULTIBVALUE", *(("DIFNUMT2",) if unweighted else ()))
    directions = series.number("DIFNUMDIRS")
    if directions and directions >= 1:
        series.fields["diffusion_directions"] = int(directions)
        series.take("DIFNUMDIRS")


def _bands_and_beats(series: Series) -> None:
    """Count the saturation bands; where they lie stays under ``vendor``. Beats of a triggered series."""
    series.fields["saturation_bands"] = sum(key in series.left for key in facts.SATURATION_KEYS)
    if "RESPRATE" in series.left and series.fields["gating"] in (None, "none"):
        series.fields["gating"] = "respiratory"
    if series.text("CPHASE") not in ("", "1"):
        del series.fields[
            "number_of_temporal_positions"
        ]  # phases of the heart beat, of which more is not known
    beats = series.number(facts.BEATS)
    if series.fields["gating"] == "cardiac" and beats and beats >= 1:
        series.fields["rr_intervals"] = int(beats)
        series.take(facts.BEATS)


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
