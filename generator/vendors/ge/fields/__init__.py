"""One series between its pairs and its fields: while it is being read, and while it is being written.

The themes beside this module have their two directions side by side. Each key that a neutral field carries
without loss is taken out on reading; whatever is left is handed on verbatim under ``vendor``. "The scanner
chooses" (Minimum, Min Full, automatic) is no value: the field stays empty, the word stays under ``vendor``
and a remark says so. On writing, a field that cannot be said leaves its reason.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from generator.model.tree import Acquisition
from generator.vendors.account import StepReasons
from generator.vendors.ge import facts
from generator.vendors.ge.facts import Family, Identity, number

Remark = tuple[str, str, str]
"""Code, field and message of a remark on one series."""


_NO_WORDS: tuple[str, tuple[str, ...]] = ("", ())


@dataclass(slots=True)
class Series:
    """The pairs of a series while they are being read.

    Attributes
    ----------
    left : dict of str to str
        Pairs that no field carries yet; a field that carries a pair without loss takes it out.
    """

    left: dict[str, str]
    tokens: tuple[str, ...]
    is_3d: bool
    identity: Identity
    fields: dict[str, Any] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def technique(self) -> str:
        """Technique that the codes stand for."""
        return self.identity.technique

    @property
    def proven(self) -> bool:
        """Whether an option or key that is missing says something, see Identity."""
        return self.identity.proven

    @property
    def inverts(self) -> bool:
        """Whether the sequence has an inversion pulse."""
        return facts.INVERSION_OPTION in self.tokens or self.left.get(facts.PSEQ) == "IR"

    def number(self, key: str) -> float | None:
        """Number under a key, ``None`` if there is none."""
        text = self.left.get(key)
        value = number(text)
        if text is None or value is not None or text in facts.WORDS_FOR_NUMBERS:
            return value
        if text.strip():
            self.say("implausible", "", f"{key} is {text!r}, which is no number")
        else:
            self.odd("", key)
        return None

    def count(self, key: str) -> int | None:
        """Whole number of at least 1 under a key."""
        value = self.number(key)
        return int(value) if value and value >= 1 and value == int(value) else None

    def say(self, code: str, name: str, message: str) -> None:
        """Add a remark, once."""
        if (remark := (code, name, message)) not in self.remarks:
            self.remarks.append(remark)

    def odd(self, name: str, key: str) -> None:
        """Say why a key gives no value for a field: chosen by the scanner, blank, or not understood."""
        text = self.left[key]
        if text in facts.CHOSEN_BY_SCANNER:
            self.say("chosen-by-scanner", name, f"{key} is {text!r}: the scanner chooses")
        elif text.strip():
            self.say("implausible", name, f"{key} is {text!r}, which no {name} can be")
        else:
            self.say("blank", name, f"{key} is blank in the file")

    # The document of the rows: keys, and options as if they were keys.

    def get(self, key: str) -> str | None:
        """Value of a key; of an option a word for it, ``None`` where its absence says nothing."""
        if key[:1] != facts.OPTION_MARK:
            return self.left.get(key)
        if key[1:] not in self.tokens:
            return "off" if self.proven else None
        further, words = facts.OPTION_WORDS.get(key[1:], _NO_WORDS)
        word = self.left.get(further)
        return word if word in words else "on"

    def put(self, key: str, raw: Any) -> None:
        """A series that is read is never written."""
        raise TypeError(key)

    def drop(self, key: str) -> None:
        """Take a pair out that a field carries."""
        self.left.pop(key, None)


@dataclass(slots=True)
class Draft:
    """The pairs of one series while they are being written.

    Attributes
    ----------
    values : dict of str to str
        Key to text.
    reasons : dict of str to str
        Neutral field to the reason why it cannot be carried, should it not come back as it was wanted.
    doubts : dict of str to str
        Neutral field to the reason why what was written for it is not certain.
    tokens : set of str
        Tokens of IOPT.
    derived : set of str
        Neutral fields that read back in other numbers, which mean the same within the digits of the console.
    removed : dict of str to (str or None)
        Keys that a donor series may hold and that would contradict what is written; the value names the key
        whose change makes them wrong, ``None`` if they always are.
    """

    scan: Acquisition
    family: Family
    old: bool
    values: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    derived: set[str] = field(default_factory=set)
    removed: dict[str, str | None] = field(default_factory=dict)

    @property
    def is_3d(self) -> bool:
        """Whether the series is a volume."""
        return self.family.imode == "3D"

    @property
    def is_epi(self) -> bool:
        """Whether the readout is echo-planar."""
        return facts.EPI_OPTION in self.tokens

    def leave(self, reasons: StepReasons) -> None:
        """Hand the reasons and doubts of the series to the loss account."""
        for name, text in self.reasons.items():
            reasons.why(name, text)
        for name, text in self.doubts.items():
            reasons.doubt(name, text)
        for name in (*self.derived, *facts.DERIVED):
            reasons.derived(name)
        for name, off in facts.OFF.items():
            if getattr(self.scan, name) == off and not self._never_off(name):
                reasons.implied(name)

    def _never_off(self, name: str) -> bool:
        partial = self.tokens.intersection({facts.EPI_OPTION, facts.SINGLE_SHOT_OPTION})
        return name == "partial_fourier_phase" and bool(partial)

    def get(self, key: str) -> str | None:
        """Value that was written for a key."""
        return self.values.get(key)

    def put(self, key: str, value: Any) -> None:
        """Write a number, with the decimals of its key, or a text; switch an option on or off."""
        if key[:1] == facts.OPTION_MARK:
            self._switch(key[1:], value)
        elif isinstance(value, str):
            self.values[key] = value
        elif value is not None:
            self.values[key] = facts.shown(key, value, old=self.old)

    def _switch(self, token: str, word: str) -> None:
        (self.tokens.discard if word == "off" else self.tokens.add)(token)
        further, words = facts.OPTION_WORDS.get(token, _NO_WORDS)
        if further:
            self.removed[further] = None
        if word in words:
            self.values[further] = word

    def drop(self, key: str) -> None:
        """Take a key out of a donor series."""
        self.removed[key] = None

    def why(self, name: str, text: str) -> None:
        """Say why a field may not come back as it is wanted."""
        self.reasons[name] = text

    def doubt(self, name: str, text: str) -> None:
        """Say why what was written for a field is not certain."""
        self.doubts[name] = text

    def put_new(self, key: str, value: float, name: str) -> None:
        """Write a number under a key that software before MR29 does not have."""
        if self.old:
            self.reasons[name] = f"software before MR29 has no {key}"
        else:
            self.put(key, value)
