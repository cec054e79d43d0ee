"""What people of the field type for the keys, words and values of a spec, and what a message answers.

Nothing here is ever taken for a value: a hint is part of an error, and the author decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from generator.model import units
from generator.model.fields import FieldSpec
from generator.text import did_you_mean

_KEYS = {
    "repetition_time": "tr",
    "echo_times": "te echotime tes",
    "inversion_time": "ti",
    "flip_angle": "fa flip alpha",
    "number_of_averages": "nex nsa averages acquisitions nacq naverages signalaverages",
    "echo_train_length": "etl turbofactor tsefactor tfefactor epifactor vps viewspersegment",
    "echo_spacing": "esp",
    "number_of_slices": "slices slicenumber numberofslice locsperslab partitions slicesperslab",
    "slice_thickness": "thickness slthick thk",
    "field_of_view": "fov",
    "acquisition_matrix": "matrix",
    "voxel_size": "resolution voxel acqvoxel",
    "acquisition_duration": "ta scantime duration time acquisitiontime",
    "phase_encoding_direction": "phasedirection foldoverdirection phaseencdir freqdir phase pedirection",
    "phase_oversampling": "nophasewrap npw foldoversuppression oversampling",
    "plane": "orientation sliceorientation",
    "b_values": "bvalue bvals b",
    "diffusion_directions": "directions",
    "concatenations": "concats packages",
    "compressed_sensing_factor": "cs cssense compressedsense hypersense",
    "multiband_factor": "sms mb hyperband simultaneousmultislice",
    "fat_suppression": "fatsat fs fatsuppr",
    "receive_coils": "coil coils coilelements",
    "number_of_temporal_positions": "dynamics measurements repetitions phases timepoints",
    "partial_fourier_phase": "partialfourier halfscan halffourier pf",
    "technique": "sequence pulsesequence",
    "minimum_delay": "delay wait",
    "deep_learning_reconstruction": "deepresolve airrecondl aiclear dlr",
    "saturation_bands": "satbands rest restslabs presat",
}
_BY_KEY = {said: key for key, words in _KEYS.items() for said in words.split()}

_PARALLEL = (
    "parallel_reduction_factor_in_plane, the factor along phase; parallel_reduction_factor_out_of_plane, "
)
_REMARKS = {
    **dict.fromkeys(
        ("grappa", "sense", "ipat", "pat", "asset", "arc", "caipirinha", "speeder", "acceleration"),
        _PARALLEL + "that along the slices of a 3D scan",
    ),
    **dict.fromkeys(
        ("bandwidth", "bw", "rbw", "receiverbandwidth"),
        "pixel_bandwidth in Hz/px: GE's +-kHz times 2, divided by the points of the readout",
    ),
    **dict.fromkeys(
        ("wfs", "waterfatshift"),
        "pixel_bandwidth in Hz/px: about 217 Hz at 1.5 T or 434 Hz at 3 T, divided by the shift in pixels",
    ),
    **dict.fromkeys(
        ("gap", "distfactor", "distancefactor", "spacing"),
        "slice_gap in mm; a distance factor is a share of slice_thickness",
    ),
}

_WORDS = {
    "axial": "transverse", "ax": "transverse", "tra": "transverse", "sag": "sagittal", "cor": "coronal",
    "fse": "turbo_spin_echo", "tse": "turbo_spin_echo", "flair": "turbo_spin_echo",
    "space": "turbo_spin_echo",    "cube": "turbo_spin_echo", "vista": "turbo_spin_echo", "se": "spin_echo",
    "haste": "single_shot_turbo_spin_echo", "ssfse": "single_shot_turbo_spin_echo",
    "gre": "gradient_echo", "flash": "gradient_echo", "spgr": "gradient_echo", "ffe": "gradient_echo",
    "vibe": "gradient_echo", "lava": "gradient_echo", "thrive": "gradient_echo",
    "trufi": "balanced_ssfp", "truefisp": "balanced_ssfp", "fiesta": "balanced_ssfp",
    "mprage": "magnetization_prepared_gradient_echo", "bravo": "magnetization_prepared_gradient_echo",
    "tfe": "magnetization_prepared_gradient_echo",
    "swan": "susceptibility_weighted", "swi": "susceptibility_weighted", "swip": "susceptibility_weighted",
    "dwi": "echo_planar_diffusion", "dti": "echo_planar_diffusion", "resolve": "echo_planar_diffusion",
    "bold": "echo_planar_bold", "perfusion": "echo_planar_bold", "dsc": "echo_planar_bold",
    "asl": "arterial_spin_labelling", "tof": "time_of_flight", "mrs": "spectroscopy", "press": "spectroscopy",
    "fatsat": "fat_saturation", "fs": "fat_saturation", "we": "water_excitation", "off": "none",
    "blade": "propeller", "multivane": "propeller", "left": "L", "right": "R", "supine": "HFS",
    "gehealthcare": "ge", "gemedicalsystems": "ge", "generalelectric": "ge",
    "siemenshealthineers": "siemens", "siemenshealthcare": "siemens",
    "philipshealthcare": "philips", "philipsmedicalsystems": "philips",
    "toshiba": "canon", "canonmedicalsystems": "canon", "canonmedical": "canon",
    "followup": "follow-up",
}  # fmt: skip

_OTHER_SIGNS = re.compile(r"[\s_\-/.()>]+")
_CLOCK = re.compile(r"([0-9]+):([0-5][0-9])\Z")
_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]")
_RATIO = re.compile(r"([0-9]+)\s*/\s*([1-9][0-9]*)\Z")
_PERCENT = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*%\Z")
_NUMBER_OF = re.compile(r"(?:[a-z]+ ?= ?|x ?)?([0-9]+(?:\.[0-9]+)?)(?: ?x| *[a-z]+)?\Z", re.IGNORECASE)
_BY = re.compile(r"\s*[x*×]\s*")


def _folded(text: str) -> str:
    return _OTHER_SIGNS.sub("", text.casefold())


def key_meant(text: str, known: Iterable[str]) -> tuple[str | None, str | None]:
    """Say which key was meant: the key itself, or a remark if it takes more than another word."""
    words, folded = tuple(known), _folded(text)
    if (key := _BY_KEY.get(folded)) in words:
        return key, None
    remark = _REMARKS.get(folded)
    if remark and re.split(r"[ ,;]", remark)[0] in words:
        return None, remark
    return did_you_mean(text, words), None


def word_meant(text: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """Say which word of a list was meant, ``None`` if that is not clear."""
    words, folded = tuple(known), _folded(text)
    same = [word for word in words if _folded(word) == folded]
    if same:
        return same[0]
    said = _WORDS.get(folded)
    return said if said in words else did_you_mean(text, words, likeness)


def value_meant(spec: FieldSpec, text: str) -> str | None:
    """Say how a value is written that is clear to a person, ``None`` if nothing is known about it."""
    if any(sign.isdigit() and not sign.isascii() for sign in text):
        return "the digits 0 to 9"
    if clock := _CLOCK.match(text):
        return f"a time with its unit: {text} is {int(clock[1]) * 60 + int(clock[2])} s"
    if _COMMA.match(text):
        return f"a decimal point: {text.replace(',', '.')}"
    if spec.unit:
        return _bandwidth_meant(text) if spec.name == "pixel_bandwidth" else _unit_meant(spec, text)
    return _number_meant(spec, text)


def list_meant(spec: FieldSpec, text: str) -> str | None:
    """Write ``1 x 1 x 1 mm`` as the list that it is; ``None`` if it is none."""
    parts = _BY.split(text.strip())
    if len(parts) != (spec.length or 0):
        return None
    unit = re.sub(r"^[0-9.\s]+", "", parts[-1])
    numbers = [part.removesuffix(unit).strip() for part in parts]
    if not all(re.fullmatch(r"[0-9]+(\.[0-9]+)?", number) for number in numbers):
        return None
    behind = f" {unit or spec.unit}" if spec.unit else ""
    return "[" + ", ".join(f"{number}{behind}" for number in numbers) + "]"


def _unit_meant(spec: FieldSpec, text: str) -> str | None:
    if text.casefold() in ("min", "minimum", "min full", "shortest", "auto"):
        return f"the value that the console then shows, in {spec.unit}"
    return None


def _bandwidth_meant(text: str) -> str | None:
    """Explain the bandwidths of GE (half, over the whole readout) and Philips (shift in pixels)."""
    try:
        number, unit = units.split(text)
    except units.UnitError:
        return None
    if unit in ("kHz", "Hz"):
        full = 2 * units.tidy(number * (1000 if unit == "kHz" else 1))
        return (
            f"Hz/px, which needs the matrix: if {text} is GE's half bandwidth, {full:g} Hz divided by the "
            f"points of the readout ({full / 256:.4g} Hz/px at 256)"
        )
    if unit in ("px", "pixel", "pixels") and number > 0:
        return (
            f"Hz/px, which needs the field: a water-fat shift of {number:g} pixels is about "
            f"{217 / number:.3g} Hz/px at 1.5 T and {434 / number:.3g} Hz/px at 3 T"
        )
    return None


def _number_meant(spec: FieldSpec, text: str) -> str | None:
    if spec.type not in (int, float):
        return None
    share = _RATIO.match(text) or _PERCENT.match(text)
    if share and spec.type is float:
        over = float(share[2]) if share.re is _RATIO else 100.0
        return f"a number: {text} is {units.tidy(float(share[1]) / over):g}"
    number = _NUMBER_OF.match(text.strip())
    whole = number and (spec.type is float or "." not in number[1])
    return f"the number alone: {number[1]}" if number and whole else None
