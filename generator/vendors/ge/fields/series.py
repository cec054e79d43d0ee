"""One series between its pairs and its fields: while it is being read, and while it is being written."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from generator.model.tree import Acquisition
from generator.vendors.ge import facts
from generator.vendors.ge.facts import Key
from generator.vendors.ge.fields.sequences import Family

Remark = tuple[str, str, str]
"""Code, field and message of a remark on one series."""


@lru_cache(4096)
def number(text: str | None) -> float | None:
    """A finite number, ``None`` for anything else; most series hold the same few texts."""
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if -1e9 < value < 1e9 else None


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
    technique: str
    fields: dict[str, Any] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def inverts(self) -> bool:
        """Whether the sequence has an inversion pulse."""
        return facts.INVERSION_OPTION in self.tokens or self.left.get(facts.PSEQ) == "IR"

    def number(self, key: Key) -> float | None:
        """Number under a key, ``None`` if there is none."""
        return number(self.left.get(key))

    def count(self, key: Key) -> int | None:
        """Whole number of at least 1 under a key."""
        value = self.number(key)
        return int(value) if value and value >= 1 and value == int(value) else None

    def say(self, code: str, name: str, message: str) -> None:
        """Add a remark."""
        self.remarks.append((code, name, message))


@dataclass(slots=True)
class Draft:
    """The pairs of one series while they are being written.

    Attributes
    ----------
    values : dict of str to str
        Key to text.
    why : dict of str to str
        Neutral field to the reason why it cannot be carried, should it not come back as it was wanted.
    doubts : dict of str to str
        Neutral field to the reason why what was written for it is not certain.
    tokens : set of str
        Tokens of IOPT.
    same : set of str
        Neutral fields that read back in other numbers, which mean the same within the digits of the console.
    removed : dict of str to (str or None)
        Keys that a donor series may hold and that would contradict what is written; the value names the key
        whose change makes them wrong, ``None`` if they always are.
    """

    scan: Acquisition
    family: Family
    old: bool
    values: dict[str, str] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    doubts: dict[str, str] = field(default_factory=dict)
    tokens: set[str] = field(default_factory=set)
    same: set[str] = field(default_factory=set)
    removed: dict[str, str | None] = field(default_factory=dict)

    @property
    def partial(self) -> frozenset[str]:
        """Fields that the sequence never switches off."""
        always = self.tokens.intersection({facts.EPI_OPTION, facts.SINGLE_SHOT_OPTION})
        return frozenset({"partial_fourier_phase"} if always else ())

    @property
    def is_3d(self) -> bool:
        """Whether the series is a volume."""
        return self.family.imode == "3D"

    @property
    def is_epi(self) -> bool:
        """Whether the readout is echo-planar."""
        return facts.EPI_OPTION in self.tokens

    def put(self, key: Key, value: float | None) -> None:
        """Write a number, if there is one."""
        if value is not None:
            self.values[key] = facts.number(key, value, old=self.old)

    def put_new(self, key: Key, value: float, name: str) -> None:
        """Write a number under a key that software before MR29 does not have."""
        if self.old:
            self.why[name] = f"software before MR29 has no {key}"
        else:
            self.put(key, value)
