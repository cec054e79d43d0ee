"""The tissue table: relaxation, water and diffusion of each tissue at 1.5 T and 3 T, as data with sources.

``specs/tissues.yaml`` holds every value with the range in which published ones lie and what it rests on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from generator import resources, yaml

FIELDS = (1.5, 3.0)
_SAME_FIELD = 0.2  # T; 1.494 T and 2.89 T are the real strengths of the nominal ones


@dataclass(frozen=True, slots=True)
class Tissue:
    """One tissue at one field.

    Attributes
    ----------
    t1, t2, t2_star : float
        Relaxation times in ms.
    density : float
        Protons, relative to cerebrospinal fluid.
    diffusion : float
        Apparent diffusion coefficient in mm2/s.
    """

    name: str
    t1: float
    t2: float
    t2_star: float
    density: float
    diffusion: float

    def with_agent(self, r1: float, r2: float, concentration: float) -> Tissue:
        """Return the tissue with a contrast agent in it.

        Parameters
        ----------
        r1, r2 : float
            Relaxivities in L/(mmol s).
        concentration : float
            In mmol/L of tissue; fast exchange is assumed.
        """
        faster = concentration / 1000  # per ms
        return replace(
            self,
            t1=1 / (1 / self.t1 + r1 * faster),
            t2=1 / (1 / self.t2 + r2 * faster),
            t2_star=1 / (1 / self.t2_star + r2 * faster),
        )


def nominal_field(field_strength: float | None) -> float | None:
    """Return the field of the table that a scanner has; ``None`` for one of which nothing is listed."""
    return next((one for one in FIELDS if abs((field_strength or 0) - one) <= _SAME_FIELD), None)


@cache
def table() -> Mapping[str, Any]:
    """Return the file as it is: tissues, agents, sources."""
    found: dict[str, Any] = yaml.load(resources.specs("tissues.yaml"))
    return found


@cache
def tissue(name: str, field: float) -> Tissue:
    """Return a tissue of the table.

    Parameters
    ----------
    name : str
        Its id, or that of an enhanced tissue.
    field : float
        One of :data:`FIELDS`, in tesla.
    """
    enhanced = table()["enhanced"].get(name)
    if enhanced:
        agent = table()["agents"][enhanced["agent"]]["relaxivity"][_key(field)]
        plain = tissue(enhanced["tissue"], field)
        made = plain.with_agent(agent["r1"], agent["r2"], enhanced["concentration"]["value"])
        return replace(made, name=enhanced["name"])
    entry = table()["tissues"][name]
    values = {key: measured["value"] for key, measured in entry[_key(field)].items()}
    values["diffusion"] *= 1e-3
    return Tissue(name=entry["name"], **values)


def _key(field: float) -> str:
    return f"{field:g} T"
