"""Codes of an exam for orders and archives: LOINC for the procedure, SNOMED CT for the part of the body."""

from __future__ import annotations

from functools import cache
from typing import Any

from generator import resources
from generator.model.tree import Contrast, Protocol

NAME = "codes.yaml"
"""The file with the codes and where they are from."""


@cache
def _regions() -> dict[str, Any]:
    import yaml

    return dict(yaml.safe_load(resources.specs(NAME).read_text("utf-8"))["regions"])


def contrast_of(protocol: Protocol) -> str:
    """Say how a protocol uses contrast, as LOINC does: ``without``, ``with``, ``both`` (scans before it).

    An injection that is optional leaves it ``unspecified``.
    """
    at = [index for index, step in enumerate(protocol.steps) if isinstance(step, Contrast)]
    if not at:
        return "without"
    if all(getattr(protocol.steps[index], "optional", False) for index in at):
        return "unspecified"
    before = any(step.kind == "acquisition" for step in protocol.steps[: at[0]])
    return "both" if before else "with"


def codes(protocol: Protocol) -> tuple[str, ...]:
    """Name the codes of a protocol by scheme; none for a region that the file has not."""
    known = _regions().get(protocol.region or "")
    if known is None:
        return ()
    return (f"LOINC {known['loinc'][contrast_of(protocol)]}", f"SNOMED CT {known['snomed']}")
