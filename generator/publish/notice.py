"""What a publication says of its cards by name: notices, who approved them, who validated them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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

    def widened(self) -> Notice:
        """Return it for cards that another publication made: of one target, it is of its maker and field."""
        return self.model_copy(update={"cards": "-".join(self.cards.split("-")[:2]) if self.cards else None})

    def why(self, language: str) -> str:
        """Return the reason in a language, or in the first one it is given in."""
        return self.reason.get(language) or next(iter(self.reason.values()), "")


class Validation(Node):
    """A record that somebody brought a card onto a console."""

    protocol: str
    version: str
    cards: str
    date: str
    who: str
    where: str
    release: str
    result: Literal["loaded", "scanned", "refused"]
    phantom: str | None = None
    remark: str | None = None

    def covers(self, slug: str) -> bool:
        """Say whether a card is meant; a record is of one card only."""
        return self.cards == slug


class Approval(Node):
    """Who wrote a version of a protocol, and who approved it on which day."""

    protocol: str
    version: str
    reviewer: str
    date: str
    author: str | None = None


def loads(records: Iterable[Validation], slug: str) -> list[dict[str, str]]:
    """List the records of consoles that took a card."""
    return [one.model_dump() for one in records if one.covers(slug) and one.result != "refused"]
