"""The chain of objects from a card to its scans, by position."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from generator.vendors.philips.envelope import Envelope, Field, reference

Members = dict[str, Field]


class Step(NamedTuple):
    """The four objects that make one scan, as written in the card."""

    execution: Members
    single: Members
    procedure: Members
    properties: Members
    row: int
    number: int


def steps(card: Envelope) -> Iterator[Step]:
    """Walk rows and execution steps in the order of the lists.

    Parameters
    ----------
    card : Envelope

    Raises
    ------
    UnusableInput
        If a reference of the chain is missing or a list holds itself.
    """
    for row, number in enumerate(_list(card, _follow(card, card.root, "instrumentList"))):
        scan_set = number
        # R3.2 has one object more between the row and its scans.
        for name in ("scanSet",) if card.follow(number, "scanSet") else ("scanStep", "currentScanSet"):
            scan_set = _follow(card, scan_set, name)
        for execution in _list(card, _follow(card, scan_set, "executionSteps")):
            single = _follow(card, execution, "singleScan")
            members = card.fields(single)
            procedure = card.fields(_follow(card, single, "scanProcedure"))
            known = reference(members.get("scanProperties"))
            properties = card.fields(known) if known is not None else {}
            yield Step(card.fields(execution), members, procedure, properties, row, execution)


def _follow(card: Envelope, owner: int, name: str) -> int:
    number = card.follow(owner, name)
    if number is None:
        raise card.fail(f"<{card.get(owner).tag}> has no {name}", owner)
    return number


def _list(card: Envelope, owner: int) -> list[int]:
    """Read the ArrayList that an object holds under ``list``: its first ``_size`` items."""
    holder = _follow(card, owner, "list")
    items = card.items(_follow(card, holder, "_items"))
    size = card.plain(holder, "_size") or ""
    if not size.isdecimal() or len(size) > 9 or int(size) > len(items):
        raise card.fail(f"the list says {size!r} entries and holds {len(items)}", holder)
    return [number for number in items[: int(size)] if number is not None]
