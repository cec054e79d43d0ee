"""What each scan is there to show, and what vendors mean by their numbers: ``specs/contrast.yaml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from generator import resources, yaml
from generator.vendors.profile import profile


@dataclass(frozen=True, slots=True)
class Role:
    """The tissues a scan is read for.

    Attributes
    ----------
    tissues : mapping of str to str
        Part (``white``, ``grey``, ``lesion``, ``fluid``, ``fat``, ``vein``) to the id of a tissue.
    pair : tuple of str
        The two parts whose ratio is the contrast that has to agree between vendors.
    spread : float
        By how much of itself that contrast may differ.
    """

    tissues: dict[str, str]
    pair: tuple[str, str]
    spread: float


@cache
def _file() -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(resources.specs("contrast.yaml"))
    return found


@cache
def meanings(kind: str, vendor: str | None) -> tuple[str, ...]:
    """List what a vendor may mean by a number, the most likely first."""
    own = profile(vendor).meanings.get(kind)
    return own or tuple(_file()["readings"][kind]["meanings"])


@cache
def role(name: str | None) -> Role | None:
    """Return what a role is there to show; ``None`` for one of which nothing is asked."""
    entry = _file()["roles"].get(name)
    if entry is None:
        return None
    tissues = {part: one for part, one in entry.items() if part not in ("pair", "spread")}
    return Role(tissues, (entry["pair"][0], entry["pair"][1]), entry["spread"])
