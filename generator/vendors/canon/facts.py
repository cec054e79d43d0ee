"""What is known of Canon's consoles: every label, unit, element and code, each once.

The writer, the reader of our own sheet and the reader of the PAS block in DICOM all use this table. Its
proof marks are those of the format notes: V verified on DICOM of real scanners (echo-planar diffusion at
3 T only), L a label known from the literature, A assumed. There is no public import format, so nothing
here is, or becomes, a file for a console to load.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from generator.model.tree import Acquisition
from generator.vendors.rows import Codec, Digits, Items, Text, Unsayable

MARK = (
    "Not a loadable Canon file. For entry at the console. "
    "Check against scanner limits (SAR, dB/dt, minimum TE/TR)."
)
NAMESPACE = "urn:x-examcard:canon-sheet:1"
XML_NAME, XSD_NAME = "canon_protocol.xml", "canon_protocol.xsd"
CSV_NAME, LONG_CSV_NAME = "canon_protocol.csv", "canon_protocol_long.csv"
HTML_NAME = "canon_protocol.html"

Proof = Literal["V", "L", "A"]
"""Verified on DICOM of real scanners, Label known from the literature only, Assumed."""

OFF = "off"
UNKNOWN = "?"

PROOFS: dict[Proof, str] = {
    "V": "seen in data of real scanners",
    "L": "label from the literature: confirm it at the console",
    "A": "label assumed: to be confirmed at the console",
}


# --- codecs of this vendor beside those of the rows ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class Across:
    """Values along the axes, such as ``PE x RO``; ``order`` says where each neutral one goes."""

    number: Digits
    order: Sequence[int]

    def write(self, value: Sequence[float | None]) -> str:
        """Write the values in Canon's order of axes, ``?`` for one that is not stated."""
        return " x ".join(self._one(value[place]) for place in self.order)

    def read(self, text: str) -> tuple[float | None, ...]:
        """Read the values back into the neutral order of axes."""
        found = [None if part == UNKNOWN else self.number.read(part) for part in text.split(" x ")]
        if len(found) != len(self.order):
            raise ValueError(f"expected {len(self.order)} values")
        return tuple(found[self.order.index(place)] for place in range(len(found)))

    def _one(self, value: float | None) -> str:
        return UNKNOWN if value is None else self.number.write(value)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the console, and how sure we are of it."""

    text: str
    proof: Proof


@dataclass(frozen=True, slots=True)
class Words:
    """A closed list: neutral word to word of the console."""

    words: Mapping[Any, Word]

    def write(self, value: Any) -> str:
        """Write Canon's word for a neutral one."""
        if value not in self.words:
            raise Unsayable(f"no Canon name is known for {value!r}")
        return self.words[value].text

    def read(self, text: str) -> Any:
        """Return the neutral word of a console word."""
        for value, word in self.words.items():
            if word.text == text:
                return value
        raise ValueError(f"expected one of {', '.join(word.text for word in self.words.values())}")

    def proof(self, value: Any) -> Proof:
        """Say how sure the word of a neutral value is."""
        return self.words[value].proof


def asks_nothing(codec: Codec, value: Any) -> bool:
    """Say whether a value leaves an option of the console unused."""
    if isinstance(codec, Digits):
        return codec.off is not None and value == codec.off
    return isinstance(codec, Words) and codec.write(value) == OFF


# --- sequences ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SequenceName:
    """A name and what a scan must be for it to apply; ``None`` = does not matter."""

    technique: str
    text: str
    proof: Proof = "L"
    dimension: str | None = None
    inversions: int | None = None
    stir: bool | None = None
    flair: bool | None = None


_TSE, _MPRAGE = "turbo_spin_echo", "magnetization_prepared_gradient_echo"

SEQUENCES: tuple[SequenceName, ...] = (
    SequenceName("spin_echo", "SE"),
    SequenceName(_TSE, "MPV (FASE3D_mpv) with two inversions", "A", "3D", 2),
    SequenceName(_TSE, "MPV (FASE3D_mpv) with IR", "L", "3D", 1),
    SequenceName(_TSE, "MPV (FASE3D_mpv)", "L", "3D", 0),
    SequenceName(_TSE, "FSE with two inversions", "A", None, 2),
    SequenceName(_TSE, "FastSTIR", stir=True),
    SequenceName(_TSE, "FastFLAIR", inversions=1, flair=True),
    SequenceName(_TSE, "FSE with IR", inversions=1),
    SequenceName(_TSE, "FSE"),
    SequenceName("single_shot_turbo_spin_echo", "FASE"),
    SequenceName("gradient_echo", "FFE (FastFE)", dimension="3D"),
    SequenceName("gradient_echo", "FE"),
    SequenceName("multi_echo_gradient_echo", "FE, multi-echo", "A"),
    SequenceName(_MPRAGE, "FFE3D with IR (FFE3D_IR)", dimension="3D"),
    SequenceName(_MPRAGE, "FFE with IR", "A"),
    SequenceName("mp2rage", "MP2RAGE"),
    SequenceName("balanced_ssfp", "TrueSSFP"),
    SequenceName("susceptibility_weighted", "FSBB"),
    SequenceName("echo_planar_diffusion", "SE_EPI (SEEPI2D)", "V"),
    SequenceName("echo_planar_bold", "FE_EPI"),
    SequenceName("arterial_spin_labelling", "ASTAR"),
    SequenceName("time_of_flight", "FE TOF"),
)
"""The first row that fits a scan names it; families without a row have no name that we know."""

DIFFUSION_PREFIX = "SEEPI2D"
"""How the displayed name of the one family begins that was seen in data; an echo spacing may follow."""


def sequence_name(scan: Acquisition) -> SequenceName | None:
    """Return Canon's name of a scan's family, or ``None`` if none is known."""
    traits = {
        "dimension": scan.mr_acquisition_type,
        "inversions": sum(time is not None for time in (scan.inversion_time, scan.second_inversion_time)),
        "stir": scan.fat_suppression == "stir",
        "flair": (scan.role or "").startswith("flair"),
    }
    for row in SEQUENCES:
        asked = {trait: getattr(row, trait) for trait in traits}
        if row.technique == scan.technique and all(
            wanted is None or wanted == traits[trait] for trait, wanted in asked.items()
        ):
            return row
    return None


def sequence_text(name: SequenceName, dimension: str | None) -> str:
    """Write the name of a sequence, with 2D or 3D where it does not hold it."""
    return f"{name.text}, {dimension}" if dimension and dimension not in name.text else name.text


def read_sequence(text: str) -> dict[str, str]:
    """Return technique and dimension that a text of :func:`sequence_text` means."""
    for row in SEQUENCES:
        if text in (row.text, f"{row.text}, 2D", f"{row.text}, 3D"):
            dimension = next((one for one in ("2D", "3D") if one in text), None)
            return {"technique": row.technique, **({"mr_acquisition_type": dimension} if dimension else {})}
    return {}


# --- entries ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Key:
    """One entry of the console and the neutral field that it takes.

    Attributes
    ----------
    id : str
        Stable name of the entry in our files.
    label, unit : str
        As the console shows them.
    section : str
        Heading under which the sheet prints it; the order of ``KEYS`` is the order of entry.
    field : str or None
        Neutral field; ``None`` for what only the site can choose.
    also : tuple of str
        Further neutral fields that the same entry expresses.
    element : str or None
        Element of the PAS block, ``element_scale`` neutral units per unit of the element.
    epi_only : bool
        The proof holds for echo-planar scans; elsewhere the label is from the literature.
    essential : bool
        Without a value in the spec the entry is printed empty, to be chosen at the console.
    """

    id: str
    label: str
    section: str
    field: str | None
    codec: Codec | None
    proof: Proof
    unit: str = ""
    element: str | None = None
    element_scale: float = 1.0
    also: tuple[str, ...] = ()
    epi_only: bool = False
    essential: bool = False
    hint: str = ""


FAT_SUPPRESSION = Words(
    {
        "none": Word("off", "V"),
        "fat_saturation": Word("FatSAT (MSOFT)", "A"),
        "spair": Word("SPAIR / Enhanced FatSAT", "A"),
        "water_excitation": Word("PASTA / water excitation", "A"),
        "stir": Word("STIR", "A"),
        "dixon": Word("WFS / Dixon", "A"),
    }
)
PLANES = Words(
    {
        "transverse": Word("AX", "V"),
        "sagittal": Word("SG", "V"),
        "coronal": Word("CO", "A"),
        "oblique": Word("Other", "V"),
    }
)
PLANE_CODES = {
    **{word.text: plane for plane, word in PLANES.words.items()},
    "AX_OBL": "transverse",
    "SG_OBL": "sagittal",
}
"""Codes of the element PLN, to the nearest main plane."""

PHASE_DIRECTIONS = Words(
    {
        "AP": Word("AP, A to P", "V"),
        "PA": Word("AP, P to A", "V"),
        "LR": Word("LR, L to R", "L"),
        "RL": Word("LR, R to L", "L"),
        "HF": Word("HF, H to F", "L"),
        "FH": Word("HF, F to H", "L"),
    }
)
GATING = Words(
    {"none": Word("off", "V"), "cardiac": Word("ECG or PPG", "A"), "respiratory": Word("respiratory", "A")}
)
SWITCH = Words({False: Word("off", "V"), True: Word("on", "A")})
ANATOMY = {"HEAD": "brain"}
"""Codes of the element SA that were seen, to the neutral region."""

_PLAIN = Digits()
_DEGREES = Digits(digits=0)
_FACTOR = Digits(digits=1, fixed=True, off=1)
_CM_PAIR = Across(Digits(scale=10, digits=1, fixed=True), order=(1, 0))
_COUNT_PAIR = Across(Digits(digits=0), order=(1, 0))
_AT_LEAST_ONE = Digits(off=1, off_word="1")
_WHOLE = Digits(whole="Canon takes whole numbers here")
_FRACTION = Digits(digits=4, off=1)

IDENT, TIMING, GEOMETRY = "Identification", "Timing and contrast", "Geometry"
SPEED, READOUT, DIFFUSION = "Acceleration", "Readout", "Diffusion"
OPTIONS, EXTRA = "Options", "Without a Canon entry"

KEYS: tuple[Key, ...] = (
    Key("comment", "Comment", IDENT, "name", Text(), "V", element="COMM"),
    Key("sequence", "Sequence", IDENT, "technique", None, "L", element="SEQID",
        also=("mr_acquisition_type",), essential=True),
    Key("region", "Region", IDENT, None, None, "V", element="SA"),
    Key("orientation", "Patient orientation", IDENT, None, None, "V", element="PORI"),
    Key("coil", "Coil", IDENT, None, None, "V", element="PRSRC"),
    Key("tr", "TR", TIMING, "repetition_time", _PLAIN, "V", "ms", "TR", essential=True),
    Key("te", "TE", TIMING, "echo_times", Items(_PLAIN, " / "), "V", "ms", "FLEXTE", 1000, essential=True),
    Key("ti", "TI", TIMING, "inversion_time", _PLAIN, "L", "ms"),
    Key("flip", "Flip angle", TIMING, "flip_angle", _DEGREES, "V", "deg", "FLIP", essential=True),
    Key("flop", "Flop angle", TIMING, "refocusing_flip_angle", _DEGREES, "V", "deg", "FLOP",
        hint="refocusing angle"),
    Key("fat", "Fat suppression", TIMING, "fat_suppression", FAT_SUPPRESSION, "A"),
    Key("presat", "PreSat", TIMING, "saturation_bands", Digits(off=0, digits=0), "A", essential=True,
        hint="number of slabs"),
    Key("mtc", "MTC", TIMING, "magnetization_transfer", SWITCH, "A"),
    Key("thickness", "Thickness", GEOMETRY, "slice_thickness", _PLAIN, "V", "mm", "THK", essential=True),
    Key("gap", "Gap", GEOMETRY, "slice_gap", _PLAIN, "V", "mm", "GAP"),
    Key("matrix", "Matrix (PE x RO)", GEOMETRY, "acquisition_matrix", _COUNT_PAIR, "V", element="MTX",
        essential=True),
    Key("fov", "FOV (PE x RO)", GEOMETRY, "field_of_view", _CM_PAIR, "V", "cm", "FOV", 10, essential=True),
    Key("slices", "Slices", GEOMETRY, "number_of_slices", _PLAIN, "V", element="TS", essential=True),
    Key("cov", "Coverage", GEOMETRY, "concatenations", _AT_LEAST_ONE, "A",
        hint="groups the slices are measured in"),
    Key("naq", "NAQ", GEOMETRY, "number_of_averages", _WHOLE, "V", element="NAQ", essential=True,
        hint="averages"),
    Key("plane", "Plane", GEOMETRY, "plane", PLANES, "V", element="PLN", essential=True),
    Key("pe", "PE direction", GEOMETRY, "phase_encoding_direction", PHASE_DIRECTIONS, "V", element="PD",
        essential=True, hint="axis, then polarity where it can be chosen"),
    Key("speeder", "SPEEDER factor (PE)", SPEED, "parallel_reduction_factor_in_plane", _FACTOR, "V",
        element="SPDRR"),
    Key("speeder-se", "SPEEDER factor (SE)", SPEED, "parallel_reduction_factor_out_of_plane", _FACTOR, "A",
        hint="slice encoding, 3D"),
    Key("multiband", "Multiband SPEEDER", SPEED, "multiband_factor", Digits(off=1), "A"),
    Key("compressed", "Compressed SPEEDER", SPEED, "compressed_sensing_factor", _FACTOR, "L"),
    Key("afi", "AFI (PE)", SPEED, "partial_fourier_phase", _FRACTION, "A",
        hint="partial Fourier, measured part of k-space"),
    Key("afi-se", "AFI (SE)", SPEED, "partial_fourier_slice", _FRACTION, "A",
        hint="partial Fourier, slice encoding"),
    Key("nowrap", "NoWrap (PE)", SPEED, "phase_oversampling", Digits(scale=0.01, off=0), "A", "%",
        hint="added to the FOV; 100 % doubles it"),
    Key("bw", "BW", READOUT, "pixel_bandwidth", _PLAIN, "V", "Hz/px", "BW", essential=True),
    Key("etl", "ETL / echo factor", READOUT, "echo_train_length", _PLAIN, "V", element="ECHOF",
        epi_only=True),
    Key("spacing", "Echo spacing", READOUT, "echo_spacing", _PLAIN, "V", "ms", "GRESP", 1000, epi_only=True),
    Key("b", "b value", DIFFUSION, "b_values", Items(_PLAIN, ", "), "V", "s/mm2", "BARRAY"),
    Key("b-naq", "NAQ per b", DIFFUSION, "b_value_averages", Items(_PLAIN, ", "), "A"),
    Key("axes", "MPG axes", DIFFUSION, "diffusion_directions", _PLAIN, "V", element="MPNAXIS"),
    Key("gating", "Gating", OPTIONS, "gating", GATING, "A"),
    Key("repeats", "Repeats", OPTIONS, "number_of_temporal_positions", _AT_LEAST_ONE, "A"),
    Key("filter", "Filter", OPTIONS, None, None, "A"),
    Key("intensity", "Intensity correction", OPTIONS, None, None, "A"),
    Key("dl", "AiCE / PIQE", OPTIONS, None, None, "A"),
    Key("gdc", "GDC / 3D GDC", OPTIONS, None, None, "A"),
    Key("time", "Scan time", OPTIONS, "acquisition_duration", None, "V", "min", "TACQT"),
)  # fmt: skip
"""Every entry in the order in which the console asks for it (the order is assumed)."""


def _extra(field: str, label: str, unit: str = "", codec: Codec | None = None) -> Key:
    return Key(field.replace("_", "-"), label, EXTRA, field, codec or Text(), "A", unit)


EXTRAS: tuple[Key, ...] = (
    _extra("definition", "Definition"),
    _extra("role", "Purpose"),
    _extra("optional", "Optional"),
    _extra("coverage", "Spine region"),
    _extra("plane_reference", "Line up with"),
    _extra("instruction", "Operator"),
    _extra("voxel_size", "Voxel (PE x RO x slice)", "mm", Across(Digits(digits=4), order=(1, 0, 2))),
    _extra("repetition_time_preparation", "Shot interval", "ms", _PLAIN),
    _extra("repetition_time_excitation", "Between excitations", "ms", _PLAIN),
    _extra("second_inversion_time", "Second TI", "ms", _PLAIN),
    _extra("echo_train_duration", "Echo train duration", "ms", _PLAIN),
    _extra("number_of_shots", "Shots", "", _PLAIN),
    _extra("slab_thickness", "Slab thickness", "mm", _PLAIN),
    _extra("slice_oversampling", "Slice oversampling", "%", Digits(scale=0.01, off=0)),
    _extra("number_of_volumes_discarded_by_scanner", "Repetitions without image", "", Digits(off=0)),
    _extra("rr_intervals", "Heart beats per TR", "", _PLAIN),
    _extra("reference_scan", "Calibration lines"),
    _extra("reference_lines", "Calibration lines, PE", "", Digits(off=0)),
    _extra("reference_lines_out_of_plane", "Calibration lines, SE", "", Digits(off=0)),
    _extra("elliptical_scanning", "k-space corners left out"),
    _extra("readout", "k-space trajectory"),
    _extra("output_maps", "Images to make"),
    _extra("oblique_angles", "Angles from the plane", "deg", Across(Digits(digits=1), order=(0, 1))),
    _extra("patient_position", "Patient position"),
    _extra("body_part", "Body part"),
    _extra("laterality", "Side"),
    _extra("table_position", "Table position", "mm", _PLAIN),
    _extra("station", "Station"),
    _extra("branch", "Branch"),
    _extra("receive_coils", "Coils"),
    _extra("number_of_slabs", "Slabs", "", _PLAIN),
    _extra("slab_overlap", "Slab overlap", "%", Digits(scale=0.01)),
    _extra("slice_order", "Slice order"),
    _extra("saturation_band_positions", "Sides of the saturation slabs"),
    _extra("magnetization_transfer_offset", "MTC offset", "Hz", _PLAIN),
    _extra("flow_compensation", "Flow compensation"),
    _extra("breath_hold", "Breath-hold"),
    _extra("diffusion_scheme", "Diffusion scheme"),
    _extra("post_labelling_delay", "Post-labelling delay", "ms", _PLAIN),
    _extra("distortion_correction", "Distortion correction"),
    _extra("intensity_normalization", "Intensity correction wanted"),
    _extra("interpolation", "Interpolation", "", _PLAIN),
    _extra("deep_learning_reconstruction", "Deep learning reconstruction"),
    _extra("gradient_mode", "Gradient mode"),
    _extra("specific_absorption_rate_mode", "SAR mode"),
)
"""Fields for which no entry of a Canon console is known: printed as text, and reported as losses."""

SAID = frozenset({"station", "branch", "oblique_angles"})
"""Extras by which the radiographer plans: angles are set on the patient."""

INFORMATION = SAID | {"definition", "role", "optional", "coverage", "plane_reference", "instruction"}
"""Extras that inform the radiographer and are not set anywhere."""

NOTHING_SPECIAL = {
    "slice_oversampling": 0, "number_of_volumes_discarded_by_scanner": 0, "reference_scan": "none",
    "reference_lines": 0, "reference_lines_out_of_plane": 0, "elliptical_scanning": False,
    "readout": "cartesian", "number_of_shots": 1, "output_maps": ("magnitude",),
    "flow_compensation": "none", "breath_hold": False, "interpolation": 1,
    "deep_learning_reconstruction": "none", "number_of_slabs": 1,
}  # fmt: skip
"""Values of extras that ask nothing of the console."""

BY_ID = {key.id: key for key in (*KEYS, *EXTRAS)}
BY_ELEMENT = {key.element: key for key in KEYS if key.element}
