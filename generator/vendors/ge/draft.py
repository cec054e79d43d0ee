"""One series while its pairs are being written, with the reasons and doubts of what they cannot say."""

from __future__ import annotations

from dataclasses import dataclass, field

from generator.model.tree import Acquisition
from generator.vendors.ge import facts
from generator.vendors.ge.sequences import Family


@dataclass(slots=True)
class Draft:
    """The pairs of one series while they are being made.

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
        always = self.tokens.intersection({"EPI", "SS"})
        return frozenset({"partial_fourier_phase"} if always else ())

    @property
    def is_3d(self) -> bool:
        """Whether the series is a volume."""
        return self.family.imode == "3D"

    def put_new(self, key: str, value: float, name: str) -> None:
        """Write a number under a key that software before MR29 does not have."""
        if self.old:
            self.why[name] = f"software before MR29 has no {key}"
        else:
            self.put(key, value)

    def put(self, key: str, value: float | None) -> None:
        """Write a number, if there is one."""
        if value is not None:
            self.values[key] = facts.number(key, value, old=self.old)
