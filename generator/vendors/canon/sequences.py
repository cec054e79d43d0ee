"""Canon's names of the pulse-sequence families.

From the vendor's literature and a published table of acronyms (balbasty/protocol2bids); only the diffusion
sequence was seen in data of a scanner. The spelling on a console is to be confirmed there.
"""

from __future__ import annotations

from dataclasses import dataclass

from generator.model.tree import Acquisition
from generator.vendors.canon.codec import Proof


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
