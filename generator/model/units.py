"""Units, parsed once at the edge of the program, by pint; plain floats in canonical units inside."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pint import UnitRegistry

# The units a protocol may speak of. A closed list, so that a misspelt unit can be named and mended;
# full names, symbols and the spellings found in the field. No prefix for 1e6: `2.3 Ms` is a slip.
_DEFINITIONS = """
second = [time] = s = sec
minute = 60 * second = min
hour = 60 * minute = h
metre = [length] = m = meter
hertz = 1 / second = Hz
degree = [angle] = deg = °
radian = 57.29577951308232 * degree = rad
pixel = [pixel] = px
tesla = [field] = T
gram = [mass] = g
mole = [substance] = mol
litre = 1e-3 * metre ** 3 = l = L = liter
watt = [power] = W
ppm = [shift]
percent = [fraction] = %
milli- = 1e-3 = m-
micro- = 1e-6 = u- = µ-
centi- = 1e-2 = c-
kilo- = 1e3 = k-
"""

KNOWN_UNITS = (
    "ms", "s", "min", "us", "mm", "cm", "m", "deg", "rad", "Hz/px", "kHz/px", "Hz", "kHz", "T", "mT", "mT/m",
    "T/m/s", "mT/m/ms", "s/mm2", "ms/um2", "mmol/kg", "umol/kg", "mmol/ml", "mol/l",
    "ml/kg", "ml", "ml/s", "W/kg", "ppm", "%", "kg", "uT",
)  # fmt: skip

# Conversions of every day. Starting pint takes as long as the rest of a check, so these are written down;
# a test holds each of them against pint, which stays the authority for all units.
_EVERYDAY = {
    ("s", "ms"): 1000.0,
    ("min", "ms"): 60_000.0,
    ("us", "ms"): 0.001,
    ("min", "s"): 60.0,
    ("h", "s"): 3600.0,
    ("ms", "s"): 0.001,
    ("cm", "mm"): 10.0,
    ("kHz/px", "Hz/px"): 1000.0,
}

_NUMBER = re.compile(
    r"\s*([+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)\s*(.*?)\s*\Z", re.DOTALL
)
# What a unit may look like; pint would evaluate anything, such as `s**9**9**9`.
_UNIT = re.compile(r"(?:[A-Za-zµ°%]+(?:\^?[23])?)(?: ?[/*] ?[A-Za-zµ°%]+(?:\^?[23])?){0,3}\Z")
_POWER = re.compile(r"(?<=[A-Za-zµ])\^?([23])(?![\w])")

_LOOK_ALIKES = str.maketrans({"²": "2", "³": "3", "·": "*", "\u03bc": "µ"})


class UnitError(ValueError):
    """A quantity that cannot be read; ``code`` says how it fails."""

    def __init__(self, code: str, message: str, unit: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.unit = unit


@cache
def _registry() -> UnitRegistry[float]:
    from pint import UnitRegistry

    registry: UnitRegistry[float] = UnitRegistry(None, preprocessors=[_pint_spelling])
    for line in filter(None, _DEFINITIONS.splitlines()):
        registry.define(line)
    return registry


def _pint_spelling(text: str) -> str:
    """Translate the field's spellings (``s/mm2``, ``s/mm^2``) into pint's."""
    return _POWER.sub(r"**\1", text)


def _plain(unit: str) -> str:
    """Replace the characters that have look-alikes: ``s/mm²``, ``mT·m``, the Greek mu for the micro sign."""
    return unit.translate(_LOOK_ALIKES)


@cache
def factor(unit: str, canonical: str) -> float:
    """How many canonical units one ``unit`` is; exactly 1 for the canonical unit itself.

    Raises
    ------
    UnitError
        ``unknown-unit`` if pint does not know the unit, ``wrong-dimension`` if it measures something else.
    """
    if unit == canonical:
        return 1.0
    return _EVERYDAY.get((unit, canonical)) or converted(unit, canonical)


def converted(unit: str, canonical: str) -> float:
    """Ask pint how many canonical units one ``unit`` is. Raises as :func:`factor`."""
    import pint

    registry, plain = _registry(), _plain(unit)
    if not _UNIT.match(plain):
        raise UnitError("unknown-unit", f"unknown unit {unit!r}", unit)
    try:
        parsed = registry.parse_units(plain)
    except (
        pint.UndefinedUnitError,
        pint.DefinitionSyntaxError,
        ValueError,
        TypeError,
        AttributeError,
    ) as error:
        raise UnitError("unknown-unit", f"unknown unit {unit!r}", unit) from error
    try:
        return float(registry.Quantity(1.0, parsed).to(canonical).magnitude)
    except pint.DimensionalityError as error:
        raise UnitError("wrong-dimension", f"{unit!r} cannot be converted to {canonical}", unit) from error


def split(text: str) -> tuple[float, str]:
    """Split ``"2.3 s"`` into its number and its unit text (empty if there is none).

    Raises
    ------
    UnitError
        ``not-a-quantity`` if the text does not begin with a number.
    """
    match = _NUMBER.match(text)
    if match is None:
        raise UnitError("not-a-quantity", f"{text!r} does not begin with a number")
    return float(match[1]), match[2]


def parse(text: str, canonical: str) -> float:
    """Read a quantity into the canonical unit.

    Parameters
    ----------
    text : str
        Number and unit, such as ``"2.3 s"``.
    canonical : str
        The unit the result is expressed in, such as ``"ms"``.

    Returns
    -------
    float
        The value in ``canonical``: as written if it is in that unit already, else free of the rounding noise
        of the conversion (12 significant digits).

    Raises
    ------
    UnitError
        With ``code`` ``not-a-quantity``, ``missing-unit``, ``unknown-unit`` or ``wrong-dimension``.
    """
    number, unit = split(text)
    if not unit:
        raise UnitError("missing-unit", f"{text!r} has no unit")
    return number if unit == canonical else tidy(number * factor(unit, canonical))


def tidy(value: float) -> float:
    """Drop the binary noise of a unit conversion (``0.57 * 100`` is meant to be ``57``)."""
    return float(f"{value:.12g}")


def show(value: float, unit: str) -> str:
    """Write a canonical value for people and for YAML: ``2300 ms`` stays in its unit."""
    return f"{tidy(value):.12g} {unit}".rstrip()
