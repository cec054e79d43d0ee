"""Acquisitions out of values that a file states, whatever they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from generator.model.tree import Acquisition


def acquisition(
    name: str, vendor: Mapping[str, Any], fields: dict[str, Any]
) -> tuple[Acquisition, list[tuple[str, str]]]:
    """Make an acquisition; values that cannot be are left out.

    Parameters
    ----------
    fields : dict
        Neutral field to value; changed in place where a value is left out.

    Returns
    -------
    Acquisition, list of (str, str)
        And field and sentence for each value that was left out.
    """
    try:
        return Acquisition(name=name, vendor=vendor, **fields), []
    except ValidationError as error:
        wrong = {str(e["loc"][0]): str(e["msg"]) for e in error.errors() if e["loc"]}
    remarks = [
        (what, f"the file says {fields.get(what)!r}, which cannot be: {why}") for what, why in wrong.items()
    ]
    for what in wrong:
        fields[what] = None
    return Acquisition(name=name, vendor=vendor, **fields), remarks
