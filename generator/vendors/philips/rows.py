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


def steps(card: Envelope, root: Members) -> Iterator[Step]:
    """Walk rows and execution steps in the order of the lists.

    Parameters
    ----------
    card : Envelope
    root : dict of str to Field
        Members of the ExamCard.

    Raises
    ------
    UnusableInput
        If a reference of the chain is missing or a list holds itself.
    """
    for row, number in enumerate(_list(card, _follow(card, root, "instrumentList"))):
        instrument = card.fields(number)
        if "scanStep" in instrument:  # R3.2
            scan_set = _follow(card, card.fields(_follow(card, instrument, "scanStep")), "currentScanSet")
        else:
            scan_set = _follow(card, instrument, "scanSet")
        for execution in _list(card, _follow(card, card.fields(scan_set), "executionSteps")):
            step = card.fields(execution)
            single = card.fields(_follow(card, step, "singleScan"))
            procedure = card.fields(_follow(card, single, "scanProcedure"))
            properties = single.get("scanProperties")
            known = reference(properties)
            yield Step(step, single, procedure, card.fields(known) if known else {}, row, execution)


def _follow(card: Envelope, members: Members, name: str) -> int:
    member = members.get(name)
    number = reference(member)
    if number is None:
        raise card.fail(f"a row of the card has no {name}")
    return number


def _list(card: Envelope, owner: int) -> list[int]:
    """Read the ArrayList that an object holds under ``list``: its first ``_size`` items."""
    holder = card.fields(_follow(card, card.fields(owner), "list"))
    array = _follow(card, holder, "_items")
    items = card.items(array)
    size = holder["_size"][1] if "_size" in holder else str(len(items))
    if not size.isdigit() or int(size) > len(items):
        message = f"the list says {size!r} entries and holds {len(items)}"
        raise card.fail(message, array)
    return [number for number in items[: int(size)] if number is not None]
