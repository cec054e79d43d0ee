"""The closed lists as people of the field say them, for messages, tables and sheets."""

from __future__ import annotations

from generator.model.fields import field_table
from generator.model.tree import Contrast

SPELLINGS: dict[str, str] = {
    # roles
    "t1_3d_pre": "3D T1",
    "t1_3d_post": "3D T1 after gadolinium",
    "dwi": "DWI",
    "dti": "DTI",
    "flair_3d": "3D FLAIR",
    "flair_2d": "2D FLAIR",
    "dir_3d": "3D DIR",
    "swi": "SWI",
    "t2star_2d": "2D T2*",
    "pdt2_2d": "2D PD/T2",
    "t2_3d": "3D T2",
    "spine_t2_sag": "sagittal spine T2",
    "spine_stir_sag": "sagittal spine STIR",
    "spine_psir": "spine PSIR",
    "spine_t1_sag_post": "sagittal spine T1 after gadolinium",
    "spine_t2star_ax": "axial spine T2*",
    "spine_t1_ax_post": "axial spine T1 after gadolinium",
    "gd": "injection",
    "setup": "set-up",
    # techniques
    "mp2rage": "MP2RAGE",
    "magnetization_prepared_gradient_echo": "prepared gradient echo",
    "balanced_ssfp": "balanced SSFP",
    "susceptibility_weighted": "susceptibility weighting",
    "echo_planar_diffusion": "diffusion EPI",
    "echo_planar_bold": "BOLD EPI",
    # other words
    "ac-pc": "AC-PC",
    "perpendicular-to-cord": "perpendicular to the cord",
    "spair": "SPAIR",
    "spir": "SPIR",
    "stir": "STIR",
    "dixon": "Dixon",
    "adc": "ADC",
    "fa": "FA",
    "minip": "minIP",
    "psir": "PSIR",
}
"""Words that are not simply written with blanks for underscores."""


def word(text: str) -> str:
    """Write a word of a closed list for people; any other text stays what it is."""
    return SPELLINGS.get(text, text.replace("_", " "))


LINES = {
    "subcallosal": "along the subcallosal line",
    "ac-pc": "along the AC-PC line",
    "perpendicular-to-cord": "perpendicular to the cord",
}
"""How slices lie that follow an anatomical line."""


def along(reference: str) -> str:
    """Say how slices follow a line: ``along the subcallosal line``."""
    return LINES.get(reference, f"along {word(reference)}")


def injected(step: Contrast) -> list[str]:
    """Say what an operator needs beside agent, dose and delay: amounts, rate, flush, during which scan."""
    table = field_table(type(step))
    stated = [
        (name, getattr(step, name)) for name in ("volume", "concentration", "flow_rate", "flush_volume")
    ]
    said = [f"{word(name)} {value:g} {table[name].unit}" for name, value in stated if value is not None]
    at = f", with volume {step.start_volume}" if step.start_volume else ""
    return [*said, *([f"start while {step.during} runs{at}"] if step.during else [])]


UNIT_SIGNS = {"s/mm2": "s/mm²", "deg": "°"}
"""Units that people write in another way than a keyboard does."""


def with_unit(number: str, unit: str | None) -> str:
    """Put the unit behind a number: ``5 ms``, ``8°``."""
    sign = UNIT_SIGNS.get(unit or "", unit or "")
    return f"{number}{sign}" if sign == "°" else f"{number} {sign}".rstrip()


def joined(parts: list[str], last: str = "and") -> str:
    """List some things: ``a``, ``a and b``, ``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {last} {parts[-1]}"
