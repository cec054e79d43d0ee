"""One scan from the templates: protocol text, content row and losses; made once for all cards."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from generator.model.tree import Acquisition, Loss
from generator.vendors.dialect import Losses
from generator.vendors.siemens import ascconv, edf, exar, facts, preview
from generator.vendors.siemens.audit import audit
from generator.vendors.siemens.encode import encode
from generator.vendors.siemens.plan import protocol_name

if TYPE_CHECKING:
    from jinja2 import Template

RELEASE, VERSION = "XA61A", 66110001
NOMINAL_B0 = {0.55: 0.55, 1.5: 1.494, 3.0: 2.89362001419, 7.0: 6.98093605042}
_PREVIEW = {
    "tr.0": ("TR", "ms"),
    "te.0": ("TE", "ms"),
    "angle_array.0": ("Flip Angle", "deg"),
    "matrix": ("Base Resolution", " "),
    "readout_fov": ("FOV Read", "mm"),
    "phase_fov": ("FOV Phase", "%"),
    "sl_thick": ("Slice Thickness", "mm"),
    "total_size": ("Slices", " "),
    "time_sec": (" ", " "),
    "seq_subpath": (" ", " "),
}


@dataclass(frozen=True)
class Scan:
    """A compiled scan.

    Attributes
    ----------
    content, packed : bytes
        The content row of its protocol, and the same compressed.
    losses : tuple of Loss
        What the text does not say, without the step.
    """

    text: str
    content: bytes
    packed: bytes
    losses: tuple[Loss, ...]


def compile_scan(a: Acquisition, duration: float | None, field_strength: float) -> Scan:
    """Write the protocol of an acquisition.

    Parameters
    ----------
    duration : float or None
        Seconds to state as its time.
    field_strength : float
        Tesla.
    """
    return _compiled(a.model_dump_json(), duration, field_strength)


@lru_cache(maxsize=256)
def _compiled(stated: str, duration: float | None, field_strength: float) -> Scan:
    a = Acquisition.model_validate_json(stated)
    b0 = NOMINAL_B0.get(field_strength, field_strength)
    skeleton = template("protocol.pro.j2").render(
        name=protocol_name(a.name),
        version=VERSION,
        binary=binary_for(a),
        b0=ascconv.XA_STYLE.spell(facts.B0, b0),
    )
    text = ascconv.edit(skeleton, encode(a, duration, ascconv.parse(skeleton)))
    losses = Losses()
    audit(a, text, losses)
    document = {"Data": text, "Preview": _preview(text), "UpgradeInfo": ""}
    content = edf.dumps("EdfProtocol", edf.number(document))
    return Scan(text, content, exar.deflate(content), tuple(losses.found))


def binary_for(a: Acquisition) -> str:
    """Sequence binary that is written for a technique; a gradient echo where none is known."""
    pair = facts.BINARY_OF_TECHNIQUE.get(a.technique or "", ("gre", "gre"))
    return pair[1] if a.mr_acquisition_type == "3D" else pair[0]


def _preview(text: str) -> dict[str, Any]:
    values = preview.values(ascconv.parse(text))
    return {
        f"sub.0.msr.{key}": {"Label": label, "Unit": unit, "Value": values[f"sub.0.msr.{key}"]}
        for key, (label, unit) in _PREVIEW.items()
        if f"sub.0.msr.{key}" in values
    }


@cache
def template(name: str) -> Template:
    """A template of this dialect."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from generator.resources import templates

    environment = Environment(
        loader=FileSystemLoader(templates("vendors", "siemens")),
        undefined=StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
    )
    environment.filters["quoted"] = ascconv.quoted
    return environment.get_template(name)


@cache
def _static(kind: str, **switches: bool) -> str:
    return template(f"content/{kind}.json.j2").render(**switches)


def static_content(kind: str, **switches: bool) -> dict[str, Any]:
    """The static document of a content type, as plain objects."""
    found: dict[str, Any] = json.loads(_static(kind, **switches))
    return found
