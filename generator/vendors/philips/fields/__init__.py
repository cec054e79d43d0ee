"""All neutral fields of one scan, by theme: reading beside writing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from generator.model import plausible
from generator.model.tree import Acquisition, Contrast
from generator.vendors import rows
from generator.vendors.philips import facts as k
from generator.vendors.philips.fields import contrast, geometry, sampling
from generator.vendors.philips.fields.scan import ScanValues, Settings

_SPECTRAL = (
    "repetition_time",
    "echo_times",
    "flip_angle",
    "gating",
    "number_of_temporal_positions",
    "saturation_bands",
    "patient_position",
    "receive_coils",
)


def fields(scan: ScanValues) -> dict[str, Any]:
    """Read every neutral field that the parameters of a scan hold.

    Returns
    -------
    dict of str to Any
        Fields of an Acquisition; absent and ``None`` both mean that the block does not say.
    """
    kind = technique(scan)
    found = _spectrum(scan) if kind == "spectroscopy" else _image(scan, kind)
    for name, value in plausible.refused(found).items():
        scan.note(name, "implausible", f"{value!r} is no value that a scanner can have")
        found[name] = None
    return found


def _image(scan: ScanValues, kind: str | None) -> dict[str, Any]:
    found = {
        "technique": kind,
        **_plain(scan),
        **sampling.read(scan),
        **geometry.read(scan),
        **contrast.read(scan),
    }
    if scan.sequence == "IR":
        found["repetition_time_preparation"] = found["repetition_time"]
    if kind == "magnetization_prepared_gradient_echo":
        found["repetition_time_excitation"] = found["repetition_time"]
    return found


def _spectrum(scan: ScanValues) -> dict[str, Any]:
    """What a spectroscopic scan has in common with imaging; its volume and readout are another matter."""
    scan.note("technique", "spectroscopy", "the volume and the readout of a spectrum are not read")
    averages = scan.number(k.AVERAGES)
    found = {**_plain(scan), **sampling.times(scan), **contrast.read(scan), **geometry.patient(scan)}
    return {
        "technique": "spectroscopy",
        "number_of_averages": averages if averages and averages > 0 else None,
        **{name: found.get(name) for name in _SPECTRAL},
    }


def _plain(scan: ScanValues) -> dict[str, Any]:
    """Read the fields that one record says; what the console chooses is noted, not guessed."""

    def odd(row: rows.Row, key: str, error: ValueError) -> None:
        if (text := scan.get(key)) in k.CHOSEN:
            scan.missing(row.field, f"the scanner chooses ({text})")
        else:
            scan.note(row.field, "not-understood", f"{key}: {error}")

    return {row.field: value for row, _, value in rows.read(k.ROWS, scan, odd)}


Kind = TypeVar("Kind", Acquisition, Contrast)


def _made(kind: type[Kind], stated: Mapping[str, Any]) -> Kind:
    return kind.model_validate(stated)


def fitting(
    kind: type[Kind],
    stated: Mapping[str, Any],
    note: Callable[[str, str, str], None],
    make: Callable[[type[Kind], Mapping[str, Any]], Kind] = _made,
) -> Kind:
    """Make a step without the values that it cannot have; ``note`` takes field, code and message."""
    from pydantic import ValidationError

    try:
        return make(kind, stated)
    except ValidationError as error:
        wrong = {str(one["loc"][0]): one for one in error.errors()}
    for field, one in wrong.items():
        note(field, "implausible", f"{one['input']!r} is no value of {field}: {one['msg']}")
    return _made(kind, {field: value for field, value in stated.items() if field not in wrong})


def express(acquisition: Acquisition, settings: Settings, duration: float | None) -> None:
    """Fill the settings of a scan with everything the acquisition states.

    Parameters
    ----------
    acquisition : Acquisition
    settings : Settings
        Holds what the scan is now; receives what it is to be.
    duration : float or None
        Seconds to show as the time of the scan.
    """
    rows.write(k.ROWS, acquisition, settings, settings.reasons)
    for theme in (geometry, sampling, contrast):
        theme.write(acquisition, settings)
    if duration is not None:
        settings.result(k.SCAN_TIME, sampling.clock(duration))


# --- families -----------------------------------------------------------------------------------------


def technique(scan: ScanValues) -> str | None:
    """Name the pulse-sequence family."""
    if scan.word(k.SCAN_TYPE) == "SPECTRO":
        return "spectroscopy"
    fast, sequence = scan.word(k.FAST_MODE), scan.word(k.SEQUENCE)
    return _by_purpose(scan, fast) or _by_sequence(scan, sequence, fast)


def _by_purpose(scan: ScanValues, fast: str | None) -> str | None:
    """Scans that are named by what they are for."""
    b0_map = scan.values.get(k.B0_MAP, scan.values.get(k.B0_MAP_OLD, "NO"))
    b1_map = scan.values.get(k.B1_MAP, scan.values.get(k.B1_MAP_OLD, "NO"))
    pre_scan = scan.values.get(k.PRE_SCAN, "NO")
    if scan.is_prescan or b0_map in ("PRE_SCAN", "CAL") or (isinstance(pre_scan, str) and pre_scan != "NO"):
        return "calibration"
    if b1_map in ("YES", "CAL"):
        return "calibration"
    if b0_map == "YES":
        return "field_map"
    if scan.values.get(k.LABELLING, "NO") not in ("NO", 0):
        return "arterial_spin_labelling"
    if scan.values.get(k.DIFFUSION) in ("DWI", "DTI"):
        return "echo_planar_diffusion" if fast == "EPI" else "other"
    return "susceptibility_weighted" if scan.values.get(k.SUSCEPTIBILITY) == "YES" else None


def _by_sequence(scan: ScanValues, sequence: str | None, fast: str | None) -> str | None:
    if sequence is None or fast is None:
        return None
    if sequence == "FFE":
        return _gradient_echo(scan, fast)
    if sequence in ("SE", "IR"):
        if fast == "TSE":
            single = scan.word(k.SHOT_MODE) == "SSH"
            return "single_shot_turbo_spin_echo" if single else "turbo_spin_echo"
        return "spin_echo" if fast == "NO" else "other"
    return "other"


def _gradient_echo(scan: ScanValues, fast: str) -> str | None:
    if fast == "EPI":
        return "echo_planar_bold"
    if fast not in ("NO", "TFE"):
        return "other"
    if (angio := scan.values.get(k.ANGIO)) == "INFLOW":
        return "time_of_flight"
    if angio == "PC":  # every line with several flow encodings, of which no neutral field speaks
        return "other"
    if (spoiling := scan.values.get(k.SPOILING)) not in ("NO", "T1", "T2"):
        scan.missing("technique", f"{k.SPOILING} is {spoiling}: balanced or not is not proved")
        return None
    if fast == "TFE":
        return "mp2rage" if scan.values.get(k.MP2RAGE) == "YES" else "magnetization_prepared_gradient_echo"
    return "multi_echo_gradient_echo" if (scan.number(k.ECHOES) or 1) > 1 else "gradient_echo"


class Recipe(NamedTuple):
    """Which parameter list makes a technique, and with which imaging sequence."""

    template: str
    sequence: str = "FFE"


PLAIN = Recipe("gradient_echo")
"""Of every technique that has none of its own."""
RECIPES = {
    "spin_echo": Recipe("spin_echo", "SE"),
    "turbo_spin_echo": Recipe("turbo_spin_echo", "SE"),
    "single_shot_turbo_spin_echo": Recipe("turbo_spin_echo", "SE"),
    "magnetization_prepared_gradient_echo": Recipe("turbo_field_echo"),
    "mp2rage": Recipe("turbo_field_echo"),
    "echo_planar_diffusion": Recipe("echo_planar", "SE"),
    "arterial_spin_labelling": Recipe("echo_planar", "SE"),
    "echo_planar_bold": Recipe("echo_planar"),
    "spectroscopy": Recipe("spectroscopy", "SE"),
}
