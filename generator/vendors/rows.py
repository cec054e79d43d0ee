"""A field as a row: neutral field, vendor key, codec, default; reading and writing go through the same row.

What a row cannot say (several keys for one field, one key for several fields) is a pair of inverse functions
in the dialect's ``fields``. A dialect shows its document to the rows through three verbs, :class:`Document`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from generator.model.tolerance import same
from generator.text import bounded, quantity


class Unsayable(ValueError):
    """A neutral value that the vendor's format has no word or number for; the text says why."""


class Readable(Protocol):
    """One scan of a vendor file, as the rows read it: LxProtocol pairs, ASCCONV members, Philips records."""

    def get(self, key: str) -> Any:
        """Return the raw value of a key, ``None`` if the document does not have it."""


class Document(Readable, Protocol):
    """One scan that can be written too."""

    def put(self, key: str, raw: Any) -> None:
        """Set a key, adding it where it is missing."""

    def drop(self, key: str) -> None:
        """Remove a key; nothing happens if it is missing."""


class Codec(Protocol):
    """Converts between a neutral value and what the vendor stores; each codec is its own inverse."""

    def write(self, value: Any) -> Any:
        """Convert a neutral value. Raises Unsayable if the format cannot hold it."""

    def read(self, raw: Any) -> Any:
        """Convert a stored value. Raises ValueError if it is none."""


@dataclass(frozen=True, slots=True)
class Row:
    """One neutral field and where a vendor keeps it.

    Attributes
    ----------
    field : str
        Name of the field in the tree.
    keys : tuple of str
        Vendor keys. The first is written; the others are names that other releases use, and are only read.
    codec : Codec
        Conversion both ways.
    default : Any
        What a document without the key means; the reader returns it, and it is not written where the key
        is missing.
    coupled : tuple of str
        Fields that must be written together with this one, see :func:`to_write`.
    reason : str
        Why the field may not come back as it was wanted.
    doubt : str
        Why what is written for it is not certain; makes a loss even of a value that comes back.
    """

    field: str
    keys: tuple[str, ...]
    codec: Codec
    default: Any = None
    coupled: tuple[str, ...] = ()
    reason: str = ""
    doubt: str = ""


class Why(Protocol):
    """Where a row leaves its reasons; :class:`generator.vendors.account.StepReasons` is one."""

    def why(self, name: str, text: str) -> None:
        """Say why a field may not come back as wanted."""

    def doubt(self, name: str, text: str) -> None:
        """Say why what was written for a field is not certain."""


def read(
    rows: Iterable[Row], document: Readable, odd: Callable[[Row, str, ValueError], None] | None = None
) -> Iterator[tuple[Row, str, Any]]:
    """Read every row that a document holds.

    Parameters
    ----------
    odd : callable, optional
        Is given row, key and error of a value that the codec does not know; without it the error is raised.

    Yields
    ------
    row, key, value
        The neutral value and the key it was read from, ``""`` for a default.
    """
    get = document.get
    for row in rows:
        for key in row.keys:
            if (raw := get(key)) is not None:
                break
        else:
            if row.default is not None:
                yield row, "", row.default
            continue
        try:
            value = row.codec.read(raw)
        except ValueError as error:
            if odd is None:
                raise
            odd(row, key, error)
        else:
            yield row, key, value


def write(rows: Iterable[Row], wanted: Any, document: Document, reasons: Why) -> None:
    """Write every row whose field a scan states, and say why where that cannot be done.

    Parameters
    ----------
    wanted : Acquisition
        Fields that are ``None`` leave the document as it is.
    """
    for row in rows:
        value = getattr(wanted, row.field)
        if value is None:
            continue
        if row.reason:
            reasons.why(row.field, row.reason)
        try:
            raw = row.codec.write(value)
        except Unsayable as unsayable:
            reasons.why(row.field, str(unsayable))
            continue
        first, *others = row.keys
        for key in others:
            document.drop(key)
        if document.get(first) is None and row.default is not None and same(value, row.default):
            continue
        document.put(first, raw)
        if row.doubt:
            reasons.doubt(row.field, row.doubt)


def to_write(rows: Sequence[Row], wanted: Any, have: Mapping[str, Any]) -> tuple[Row, ...]:
    """Choose the rows of fields that a donor does not have yet, and of those coupled to them.

    Parameters
    ----------
    wanted : Acquisition
        The scan that is asked for.
    have : mapping of str to Any
        What the reader makes of the donor's scan.
    """
    stated = {row.field for row in rows if getattr(wanted, row.field) is not None}
    changed = {name for name in stated if not same(getattr(wanted, name), have.get(name))}
    for row in rows:
        if changed.intersection((row.field, *row.coupled)):
            changed |= {row.field, *row.coupled}
    return tuple(row for row in rows if row.field in changed)


# --- codecs -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number:
    """A number kept as a number.

    Attributes
    ----------
    scale : float
        Neutral units per vendor unit: 0.001 for a time in microseconds, 10 for a length in centimetres.
    digits : int or None
        Decimals that the vendor keeps; 0 makes a whole number, ``None`` keeps all.
    """

    scale: float = 1.0
    digits: int | None = None

    def write(self, value: float) -> float:
        """Convert to the vendor's unit and raster."""
        raw = value / self.scale
        return raw if self.digits is None else round(raw, self.digits or None)

    def read(self, raw: Any) -> float:
        """Convert to the neutral unit; a whole number stays one where the unit is the same."""
        number = bounded(raw)
        number = raw if isinstance(raw, (int, float)) and number == raw else number
        return number if self.scale == 1 else float(f"{number * self.scale:.12g}")


@dataclass(frozen=True, slots=True)
class Digits:
    """A number kept as text.

    Attributes
    ----------
    scale : float
        Neutral units per vendor unit.
    digits : int
        Decimals that are written.
    fixed : bool
        Write all decimals, ``24.0`` rather than ``24``.
    off : float or None
        Neutral value that is written as the word ``off_word``.
    whole : str
        Why a fraction cannot be written, where the console takes whole numbers only.
    """

    scale: float = 1.0
    digits: int = 3
    fixed: bool = False
    off: float | None = None
    off_word: str = "off"
    whole: str = ""

    def write(self, value: float) -> str:
        """Write a number in the vendor's unit. Raises Unsayable for a fraction where none can be."""
        if self.whole and value != int(value):
            raise Unsayable(f"{self.whole}, the spec states {value:g}")
        text = f"{value / self.scale:.{self.digits}f}"
        if self.off is not None and float(text) * self.scale == self.off:
            return self.off_word
        return text if self.fixed or "." not in text else text.rstrip("0").rstrip(".")

    def read(self, raw: str) -> float:
        """Read a number, or the word for "not used"."""
        if raw == self.off_word and self.off is not None:
            return self.off
        return float(f"{quantity(raw) * self.scale:.12g}")


@dataclass(frozen=True, slots=True)
class Codes:
    """A closed list: neutral value to the vendor's code or word.

    Attributes
    ----------
    codes : mapping
        Neutral value to code, both ways.
    read_as : mapping
        Further codes that are read and never written.
    nearest : mapping
        Neutral values without a code of their own, written as the code of another value.
    """

    codes: Mapping[Any, Any]
    read_as: Mapping[Any, Any] = field(default_factory=dict)
    nearest: Mapping[Any, Any] = field(default_factory=dict)
    _values: Mapping[Any, Any] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Turn the list round; of two values with one code the first is read."""
        values = {(type(code), code): value for value, code in reversed([*self.codes.items()])}
        object.__setattr__(self, "_values", values)

    def write(self, value: Any) -> Any:
        """Return the code of a neutral value. Raises Unsayable."""
        if (known := self.nearest.get(value, value)) in self.codes:
            return self.codes[known]
        raise Unsayable(f"no code is known for {value!r}")

    def read(self, raw: Any) -> Any:
        """Return the neutral value of a code. Raises ValueError with those there are."""
        if raw in self.read_as:
            return self.read_as[raw]
        if (code := (type(raw), raw)) in self._values:
            return self._values[code]
        raise ValueError(f"{raw!r} is none of {', '.join(map(str, self.codes.values()))}")


def flag(on: Any = True, off: Any = False) -> Codes:
    """Return the codec of a switch, with the vendor's codes for on and off."""
    return Codes({True: on, False: off})


@dataclass(frozen=True, slots=True)
class Items:
    """Several values of one kind: a list, or a text with a separator between them."""

    item: Codec
    separator: str | None = None

    def write(self, value: Sequence[Any]) -> Any:
        """Convert every value."""
        raw = [self.item.write(one) for one in value]
        return raw if self.separator is None else self.separator.join(raw)

    def read(self, raw: Any) -> tuple[Any, ...]:
        """Read every value."""
        parts = raw if self.separator is None else raw.split(self.separator)
        if self.separator is not None and len(parts) > 1 and not parts[-1].strip():
            parts = parts[:-1]  # some vendors write the separator behind the last value too
        return tuple(self.item.read(part) for part in parts)


@dataclass(frozen=True, slots=True)
class Text:
    """Free text, a word, or words with commas, as they are in the neutral vocabulary."""

    def write(self, value: Any) -> str:
        """Return the text."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        return ", ".join(value) if isinstance(value, tuple) else str(value)

    def read(self, raw: Any) -> str:
        """Return the text as it is."""
        return str(raw)
