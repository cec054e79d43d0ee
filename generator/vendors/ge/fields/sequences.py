"""Pulse sequences: neutral technique to PSEQ, IMODE, PLUG and IOPT, and back.

PLUG is obligatory and cannot be invented, so only pairs that public files hold are ``proven``. A family
whose codes were inferred by analogy is ``assumed`` with the reason; a technique without any known code is
written as a ``placeholder``: a series that holds geometry and timing, named so that nobody scans it as is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from generator.model.tree import Acquisition
from generator.vendors.ge import facts

PREPARED, SPIN_ECHO = "magnetization_prepared_gradient_echo", "Spin Echo"


@dataclass(frozen=True, slots=True)
class Family:
    """One pulse-sequence family as GE codes it.

    Attributes
    ----------
    pseq, imode, plug : str
        The codes that name the sequence.
    options : tuple of str
        Tokens of IOPT that belong to the family.
    application : str
        ``DATA_APP`` of session.xml.
    marketing : str
        ``RXPSEQ`` of session.xml.
    assumed : str
        Why the codes are not certain; empty if real files hold them.
    placeholder : bool
        Whether the series only stands in for a sequence whose codes are unknown.
    """

    pseq: str
    imode: str
    plug: str
    options: tuple[str, ...]
    application: str
    marketing: str = ""
    assumed: str = ""
    placeholder: bool = False

    @property
    def codes(self) -> dict[str, str]:
        """PSEQ, IMODE and PLUG."""
        return {facts.PSEQ: self.pseq, facts.IMODE: self.imode, facts.PLUG: self.plug}


_FSE = ("EDR", "TRF", "Fast")
_FAST = ("EDR", "Fast")
_UNKNOWN = "no public file holds the codes of this sequence; the series only carries geometry and timing"

FAMILIES: Mapping[str, Family] = {
    "fse_2d": Family("FSE-XL", "2D", "22", _FSE, "FSE-XL"),
    "stir_2d": Family("FSE-XL", "2D", "22", (*_FSE, "IrP"), "IR"),
    "flair_2d": Family(
        "FSE-XL", "2D", "22", (*_FSE, "IrP"), "IR", "T2FLAIR", "codes of 2D FLAIR inferred from STIR"
    ),
    "cube": Family("Cube", "3D", "53", (*_FAST, "FR"), "Cube"),
    "cube_ir": Family(
        "Cube", "3D", "53", (*_FAST, "FR", "IrP"), "Cube", "Cube T2FLAIR", "Cube with inversion is inferred"
    ),
    "spin_echo": Family(
        SPIN_ECHO, "2D", "0", ("EDR",), "Spin Echo", assumed="PLUG inferred from the conventional SPGR"
    ),
    "ssfse": Family(SPIN_ECHO, "2D", "12", (*_FAST, "SS"), "Spin Echo"),
    "gre_2d": Family("Gradient Echo", "2D", "5", _FAST, "Gradient Echo"),
    "localizer": Family("Gradient Echo", "2D", "45", ("Seq", "Fast"), "Gradient Echo"),
    "spgr_3d": Family("SPGR", "3D", "6", _FAST, "SPGR"),
    "bravo": Family("SPGR", "3D", "6", (*_FAST, "IrP"), "SPGR", "BRAVO"),
    "mprage": Family(
        "MP-RAGE", "3D", "84", (*_FAST, "IrP"), "MP-RAGE", assumed="codes seen in a DICOM protocol block only"
    ),
    "merge": Family("MERGE", "2D", "36", ("FC", *_FAST), "MERGE"),
    "fiesta_2d": Family("Fiesta", "2D", "21", ("Seq", "Fast"), "Fiesta"),
    "dwi": Family(SPIN_ECHO, "2D", "8", ("EDR", "EPI", "DIFF"), "DWI"),
    "dti": Family(SPIN_ECHO, "2D", "8", ("EDR", "EPI", "DIFF"), "DTI"),
    "bold": Family(
        "Gradient Echo", "2D", "9", ("EDR", "EPI", "FMRI"), "Gradient Echo",
        assumed="codes seen in DICOM protocol blocks only",
    ),
    "calibration": Family("SPGR", "3D", "6", (*_FAST, "Calib"), "SPGR"),
    "unknown_2d": Family("Gradient Echo", "2D", "5", _FAST, "Gradient Echo", "", _UNKNOWN, True),
    "unknown_3d": Family("SPGR", "3D", "6", _FAST, "SPGR", "", _UNKNOWN, True),
}  # fmt: skip

# (technique, 2D or 3D) -> family; turbo spin echo, diffusion and localizers are distinguished below.
_BY_TECHNIQUE: Mapping[tuple[str, str], str] = {
    ("turbo_spin_echo", "2D"): "fse_2d", ("turbo_spin_echo", "3D"): "cube", ("spin_echo", "2D"): "spin_echo",
    ("single_shot_turbo_spin_echo", "2D"): "ssfse", ("gradient_echo", "2D"): "gre_2d",
    ("gradient_echo", "3D"): "spgr_3d", (PREPARED, "3D"): "bravo",
    ("multi_echo_gradient_echo", "2D"): "merge", ("balanced_ssfp", "2D"): "fiesta_2d",
    ("echo_planar_diffusion", "2D"): "dwi", ("echo_planar_bold", "2D"): "bold",
    ("calibration", "3D"): "calibration", ("calibration", "2D"): "calibration",
}  # fmt: skip
_ALWAYS_3D = {PREPARED, "mp2rage", "calibration", "susceptibility_weighted"}


def dimension(scan: Acquisition) -> str:
    """2D or 3D: what the spec states, else what the technique is on GE."""
    return scan.mr_acquisition_type or ("3D" if scan.technique in _ALWAYS_3D else "2D")


def family_of(scan: Acquisition, software: str = facts.DEFAULT_SOFTWARE) -> Family:
    """Choose the family that a scan is written as: the codes its spec hands on from a GE file, else ours.

    Software from MR29 has an MP-RAGE, whose recovery time sets the inversion cycle; before it is a BRAVO.
    """
    if codes := _stated(scan):
        return codes
    name = _BY_TECHNIQUE.get(
        (scan.technique or "other", dimension(scan)), f"unknown_{dimension(scan).lower()}"
    )
    if scan.second_inversion_time or (name == "dwi" and not any(scan.b_values or ())):
        # With one inversion, or a b-value that nobody asked for, it would be another contrast.
        name = f"unknown_{dimension(scan).lower()}"
    elif name == "fse_2d" and scan.inversion_time:
        name = "stir_2d" if scan.inversion_time <= facts.STIR_LONGEST_TI else "flair_2d"
    elif name == "cube" and scan.inversion_time:
        name = "cube_ir"
    elif name == "dwi" and (scan.diffusion_directions or 0) > 5:
        name = "dti"
    elif name == "bravo" and not software.startswith("DV"):
        name = "mprage"
    elif name == "gre_2d" and scan.role == "localizer" and scan.plane is None:
        name = "localizer"
    return FAMILIES[name]


def _stated(scan: Acquisition) -> Family | None:
    pseq, plug, tokens = (scan.vendor.get(key) for key in (facts.PSEQ, facts.PLUG, facts.IOPT))
    if not (isinstance(pseq, str) and isinstance(plug, str) and isinstance(tokens, str)):
        return None
    return Family(pseq, dimension(scan), plug, facts.options(tokens), pseq)


@dataclass(frozen=True, slots=True)
class Identity:
    """What the codes of a series say it is.

    Attributes
    ----------
    technique : str
        ``other`` if the codes are not known.
    proven : bool
        Whether real series with printouts have these codes. Of the others, an option or a key that is missing
        says nothing: a type-in sequence may do the same by a user variable.
    readout : str or None
        Trajectory, where the name of the sequence says it.
    inferred : str
        From what the technique was inferred, if it was.
    foreign : bool
        Whether the binary is not the vendor's product: its timing is its author's.
    """

    technique: str
    proven: bool = True
    readout: str | None = None
    inferred: str = ""
    foreign: bool = False


def identify(pseq: str, imode: str, tokens: tuple[str, ...], psd_name: str) -> Identity:
    """Name the technique of a series from its codes; a binary of another name keeps those of its family."""
    binary = psd_name.lower().rpartition("/")[2]
    if binary in _RESEARCH:
        technique, readout = _RESEARCH[binary]
        return Identity(technique, False, readout, f"its PSDNAME {psd_name!r}", foreign=True)
    technique = _technique(pseq, imode, tokens)
    if technique != "other" and psd_name and not is_product(psd_name):
        reason = f"PSEQ and options; PSDNAME {psd_name!r} is another binary"
        return Identity(technique, False, None, reason, foreign=True)
    if technique == "other" and (near := _by_name(pseq)):
        return Identity(near, False, None, f"the name of PSEQ {pseq!r}")
    return Identity(technique, technique != "other", _READOUTS.get(pseq))


def is_product(psd_name: str) -> bool:
    """Whether a named PSD is the one that its PSEQ means anyway, or a build of it."""
    return psd_name.lower().startswith(_PRODUCT_PSDS)


def application(values: Mapping[str, str], old: str) -> str:
    """DATA_APP of session.xml for the pairs of a series; ``old`` where the options do not decide it.

    The 85 series of these sequences in the collected files follow it, but for 3 that say FSE-XL despite FR.
    """
    tokens = facts.options(values.get(facts.IOPT, ""))
    if facts.DIFFUSION_OPTION in tokens:
        return "DTI" if values.get(facts.DIRECTION_MODE) == facts.TENSOR else "DWI"
    if old not in ("FSE-XL", "FRFSE-XL", "IR"):
        return old
    return "FRFSE-XL" if "FR" in tokens else "IR" if facts.INVERSION_OPTION in tokens else "FSE-XL"


def _technique(pseq: str, imode: str, tokens: tuple[str, ...]) -> str:
    if facts.CALIBRATION_OPTION in tokens:
        return "calibration"
    if pseq == SPIN_ECHO:
        return _spin_echo(tokens)
    if pseq == "Gradient Echo":
        return "echo_planar_bold" if facts.EPI_OPTION in tokens else "gradient_echo"
    if pseq == "SPGR" and imode == "3D" and facts.INVERSION_OPTION in tokens:
        return PREPARED
    if pseq == "IR" and "Fast" in tokens:
        return "turbo_spin_echo"
    return _BY_PSEQ.get(pseq, "other")


def _spin_echo(tokens: tuple[str, ...]) -> str:
    if facts.DIFFUSION_OPTION in tokens:
        return "echo_planar_diffusion"
    if facts.SINGLE_SHOT_OPTION in tokens:
        return "single_shot_turbo_spin_echo"
    return "other" if facts.EPI_OPTION in tokens else "spin_echo"


def _by_name(pseq: str) -> str | None:
    """Technique of a name that no collected file has, such as ``Cube T2`` of older software."""
    plain = pseq.lower().replace(" ", "").replace("-", "")
    return next((technique for stem, technique in _BY_STEM.items() if plain.startswith(stem)), None)


_PRODUCT_PSDS = ("fse-xl", "frfse-xl", "efgre3d")
_RESEARCH: Mapping[str, tuple[str, str | None]] = {
    "b0rf": ("field_map", None),
    "3db0map": ("field_map", None),
    "ozteo": ("gradient_echo", "radial"),  # zero echo time; its options say SqP, its user variables spokes
}
"""Binaries of research agreements by the last part of their path: technique and trajectory."""
_READOUTS = {"PROPELLER": "propeller"}

_BY_PSEQ: Mapping[str, str] = {
    "FSE-XL": "turbo_spin_echo", "FRFSE-XL": "turbo_spin_echo", "Cube": "turbo_spin_echo",
    "Cube T2": "turbo_spin_echo", "PROPELLER": "turbo_spin_echo", "SPGR": "gradient_echo",
    "LAVA": "gradient_echo", "Localizer": "gradient_echo", "MERGE": "multi_echo_gradient_echo",
    "IDEAL IQ": "multi_echo_gradient_echo", "Fiesta": "balanced_ssfp", "MP-RAGE": PREPARED, "IR": "spin_echo",
}  # fmt: skip
_BY_STEM: Mapping[str, str] = {
    "cube": "turbo_spin_echo", "t1flair": "turbo_spin_echo", "t2flair": "turbo_spin_echo",
    "frfse": "turbo_spin_echo", "fse": "turbo_spin_echo", "propeller": "turbo_spin_echo",
    "ssfse": "single_shot_turbo_spin_echo", "bravo": PREPARED, "mprage": PREPARED,
    "swan": "susceptibility_weighted", "3dasl": "arterial_spin_labelling", "tof": "time_of_flight",
    "fiesta": "balanced_ssfp", "lava": "gradient_echo", "vibrant": "gradient_echo", "fgre": "gradient_echo",
    "merge": "multi_echo_gradient_echo",
}  # fmt: skip
"""Beginnings of product names as consoles and manuals spell them; what they stand for is inferred."""

REFOCUSED = {"turbo_spin_echo", "single_shot_turbo_spin_echo"}
"""Techniques whose flip angle on the console is the refocusing angle."""

INVERTED_EACH_REPETITION = {"spin_echo", *REFOCUSED}
"""Techniques whose TR, with inversion, goes from one inversion to the next."""

HALVED_BY_NEX = {
    "spin_echo", "turbo_spin_echo", "gradient_echo", "multi_echo_gradient_echo", "balanced_ssfp", PREPARED,
}  # fmt: skip
"""Techniques that leave lines out at a NEX below 1 and measure all at 1; a single shot is always partial."""


def placeholder_name(name: str) -> str:
    """Name of a stand-in series, in the style in which sites mark series that are not to be scanned."""
    return f"--{name} SET BY HAND--"
