"""A notice of a publication: a version, or some of its cards, that is not to be used any more, and why."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from generator.model.tree import Node

REFUSED = ("superseded", "withdrawn", "recalled")
"""What a notice may say that makes a card one not to be used."""


class Notice(Node):
    """One notice of the publication; the last one about a card holds."""

    protocol: str
    version: str
    status: Literal["superseded", "withdrawn", "recalled", "reinstated"]
    date: str
    cards: str | None = None
    remove: bool = False
    by: str | None = None
    reason: Mapping[str, str] = {}

    def covers(self, slug: str) -> bool:
        """Say whether a card is meant: all of the version, those of a vendor, or one target."""
        return self.cards is None or self.cards == slug or slug.startswith(f"{self.cards}-")

    def why(self, language: str) -> str:
        """Return the reason in a language, or in the first one it is given in."""
        return self.reason.get(language) or next(iter(self.reason.values()), "")
