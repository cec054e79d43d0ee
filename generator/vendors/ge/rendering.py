"""What template and donor exports share: names, ids, times and the Jinja environment."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from generator.model.tree import Protocol
from generator.resources import templates
from generator.vendors.ge import facts

if TYPE_CHECKING:
    from jinja2 import Environment

_UNSAFE = re.compile(r"[^A-Za-z0-9_+-]")
_FIRST_STAMP, _STAMP_SPAN = 946_684_800, 631_152_000  # the years 2000 to 2019
TAR = ".rawProtocol/Protocol0.tar"
REPORTS = "GE_ProtocolExchange"


@cache
def environment() -> Environment:
    """Jinja for XML and HTML: every value escaped, an unknown name an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(templates("vendors", "ge")),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=False,
        keep_trailing_newline=True,
    )


def render(template: str, **values: Any) -> bytes:
    """Fill a template."""
    return environment().get_template(template).render(**values).encode("utf-8")


def note(paragraphs: Sequence[str]) -> bytes:
    """Write the note of a series; text is wrapped as the consoles do."""
    return render("notes.html.j2", paragraphs=[wrap(text, 80, break_long_words=False) for text in paragraphs])


def epoch() -> int | None:
    """Seconds of SOURCE_DATE_EPOCH, if it is set."""
    text = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(text) if text.isdecimal() else None


class Names:
    """Directory names and data ids of one export, made from its content alone."""

    def __init__(self, protocol: Protocol) -> None:
        canonical = protocol.model_dump_json(exclude_defaults=True)
        self._seed = int.from_bytes(hashlib.sha256(canonical.encode()).digest()[:8], "big")
        moment = epoch()
        self.mtime = moment or 0
        part = self._seed % 1000 if moment is None else 0
        seconds = _FIRST_STAMP + self._seed % _STAMP_SPAN if moment is None else moment
        self._stamp = f"{datetime.fromtimestamp(seconds, UTC):%Y%m%d%H%M%S}{part}"
        self._milliseconds = seconds * 1000 + part
        self._count = 0

    def protocol_folder(self, protocol: Protocol, humanoid: str = "adult", anatomy: str | None = None) -> str:
        """Directory of the protocol: humanoid, anatomy, name, stamp, number."""
        anatomy = anatomy or facts.ANATOMY_WORD.get(protocol.region or "", facts.OTHER)
        return f"{humanoid}_{anatomy}_{folder_name(protocol.name)}_{self._stamp}_1"

    def series_folder(self, name: str) -> str:
        """Directory of the next series."""
        self._count += 1
        return f"{folder_name(name)}_{self._stamp}_{self._count}"

    def data_id(self) -> str:
        """Next id of a data block."""
        self._seed = (self._seed * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return f"data.{self._seed >> 39}.{self._milliseconds}"


def folder_name(name: str) -> str:
    """Sanitise a name as the consoles do: letters, digits and ``_ - +`` stay."""
    return _UNSAFE.sub("", name)[: facts.NAME_LIMIT] or "unnamed"


def session_name(name: str) -> str:
    """Name of the protocol without the characters that the import of a console forbids."""
    return "".join("-" if char in facts.FORBIDDEN_IN_NAMES else char for char in name)


def image_attributes(values: Mapping[str, str], application: str, region: str | None) -> dict[str, str]:
    """Summary of a series as session.xml repeats it: the field of view in mm, the rest as it stands."""
    return dict(_image_attributes(values, application)) | {"DATA_ANATOMY": (region or "other").capitalize()}


def _image_attributes(values: Mapping[str, str], application: str) -> Iterator[tuple[str, str]]:
    for name, key in IMAGE_ATTRIBUTES.items():
        if key in values:
            yield name, values[key]
    if "FOV" in values:
        yield "DATA_FOV", f"{float(values['FOV']) * 10:g}"
    yield "DATA_APP", application
    yield "DATA_MECHO", "true" if values.get("NECHO", "1") not in ("1", "") else "false"
    yield "DATA_CALIB", "true" if facts.CALIBRATION_OPTION in facts.options(values["IOPT"]) else "false"
    for name in ("DATA_PHASES", "DATA_MPHIMAGES", "DATA_MGROUP", "DATA_PURE", "DATA_SCIC", "DATA_OTREG"):
        yield name, "false"


IMAGE_ATTRIBUTES = {
    "DATA_NUMPIXELX": "MATRIXX",
    "DATA_NUMPIXELY": "MATRIXY",
    "DATA_PHFOV": "PHASEFOV",
    "DATA_SLTHICK": "SLTHICK",
    "DATA_SPACING": "SPC",
    "DATA_MODE": "IMODE",
    "DATA_PLANE": "PLANE",
    "DATA_CONTRAST": "CONTRAST",
    "DATA_BVALUE": "MULTIBVALUE",
}
"""Entries of IMAGE_ATTRIBUTES that repeat a key of LxProtocol unchanged."""


def rx_parameters(marketing: str, pairs: Mapping[str, str] | None = None) -> str:
    """The ``NAME=value;`` list that carries the marketing name of a sequence."""
    merged = {**(pairs or {"RXRFDRIVEMODE": "0"}), "RXPSEQ": marketing}
    return "".join(f"{name}={value};" for name, value in merged.items())
