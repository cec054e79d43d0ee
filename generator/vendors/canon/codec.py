"""How one value is written on the sheet and read back from it; each codec is its own inverse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Proof = Literal["V", "L", "A"]
"""Verified on DICOM of real scanners, Label known from the literature only, Assumed."""

OFF = "off"
UNKNOWN = "?"


class Unsayable(ValueError):
    """A value for which the Canon console has no entry that we know of."""


class Codec(Protocol):
    """Writes a neutral value as Canon shows it (`show`) and reads that text back (`parse`)."""

    def show(self, value: Any) -> str:
        """Write the value; raises Unsayable if Canon has no word for it."""

    def parse(self, text: str) -> Any:
        """Read what `show` wrote, perhaps changed by hand since; raises ValueError."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number in Canon's unit.

    Attributes
    ----------
    scale : float
        How many neutral units one Canon unit is (FOV: 10 mm in a cm).
    digits : int
        Decimals that are written; more are rounded, and the writer reports it.
    fixed : bool
        Write all decimals, ``24.0`` rather than ``24``.
    off : float or None
        The neutral value that asks nothing of the console, written as ``off_word``.
    whole : bool
        The console takes whole numbers only, and rounding would change the scan.
    """

    scale: float = 1.0
    digits: int = 3
    fixed: bool = False
    off: float | None = None
    off_word: str = OFF
    whole: bool = False

    def show(self, value: float) -> str:
        """Write ``value`` in Canon's unit."""
        if self.whole and value != int(value):
            raise Unsayable(f"Canon takes whole numbers here, the spec states {value:g}")
        text = f"{value / self.scale:.{self.digits}f}"
        if self.off is not None and float(text) * self.scale == self.off:
            return self.off_word
        return text if self.fixed or "." not in text else text.rstrip("0").rstrip(".")

    def parse(self, text: str) -> float:
        """Read a number, or the word for "not used"."""
        if text == self.off_word and self.off is not None:
            return self.off
        return float(f"{float(text) * self.scale:.12g}")


@dataclass(frozen=True, slots=True)
class Across:
    """Values along the axes, such as ``PE x RO``; ``order`` says where each neutral one goes."""

    number: Number
    order: Sequence[int]

    def show(self, value: Sequence[float | None]) -> str:
        """Write the values in Canon's order of axes, ``?`` for one that is not stated."""
        return " x ".join(self._show(value[place]) for place in self.order)

    def parse(self, text: str) -> tuple[float | None, ...]:
        """Read the values back into the neutral order of axes."""
        found = [None if part == UNKNOWN else self.number.parse(part) for part in text.split(" x ")]
        if len(found) != len(self.order):
            raise ValueError(f"expected {len(self.order)} values")
        return tuple(found[self.order.index(place)] for place in range(len(found)))

    def _show(self, value: float | None) -> str:
        return UNKNOWN if value is None else self.number.show(value)


@dataclass(frozen=True, slots=True)
class Series:
    """Several values of one kind, such as echo times."""

    number: Number
    separator: str

    def show(self, value: Sequence[float]) -> str:
        """Write the values in their order."""
        return self.separator.join(map(self.number.show, value))

    def parse(self, text: str) -> tuple[float, ...]:
        """Read the values in their order."""
        return tuple(self.number.parse(part) for part in text.split(self.separator))


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the console, and how sure we are of it."""

    text: str
    proof: Proof


@dataclass(frozen=True, slots=True)
class Words:
    """A closed list: neutral word to word of the console."""

    words: Mapping[Any, Word]

    def show(self, value: Any) -> str:
        """Write Canon's word for a neutral one."""
        if value not in self.words:
            raise Unsayable(f"no Canon name is known for {value!r}")
        return self.words[value].text

    def parse(self, text: str) -> Any:
        """Return the neutral word of a console word."""
        for value, word in self.words.items():
            if word.text == text:
                return value
        raise ValueError(f"expected one of {', '.join(word.text for word in self.words.values())}")

    def proof(self, value: Any) -> Proof:
        """Say how sure the word is that stands for a neutral value."""
        return self.words[value].proof


@dataclass(frozen=True, slots=True)
class Text:
    """Free text, a word or a list of words, in the words of the neutral vocabulary."""

    def show(self, value: Any) -> str:
        """Write the text; several words with commas."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        return ", ".join(value) if isinstance(value, tuple) else str(value)

    def parse(self, text: str) -> str:
        """Return the text as it is."""
        return text


def asks_nothing(codec: Codec, value: Any) -> bool:
    """Say whether a value leaves an option of the console unused."""
    if isinstance(codec, Number):
        return codec.off is not None and value == codec.off
    return isinstance(codec, Words) and codec.show(value) == OFF
