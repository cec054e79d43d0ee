"""One series while its pairs are being read: what is left of them, and what has been understood."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from generator.vendors.ge.facts import INVERSION_OPTION

Remark = tuple[str, str, str]
"""Code, field and message of a remark on one series."""


@lru_cache(4096)
def number(text: str | None) -> float | None:
    """A finite number, ``None`` for anything else; the same few texts stand in most series."""
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        return None
    return value if -1e9 < value < 1e9 else None


@dataclass(slots=True)
class Series:
    """The pairs of a series while they are being read."""

    left: dict[str, str]
    tokens: tuple[str, ...]
    is_3d: bool
    technique: str
    fields: dict[str, Any] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)

    @property
    def inverts(self) -> bool:
        """Whether the sequence has an inversion pulse."""
        return INVERSION_OPTION in self.tokens or self.left.get("PSEQ") == "IR"

    def say(self, code: str, name: str, message: str) -> None:
        """Add a remark."""
        self.remarks.append((code, name, message))
