"""For which releases of a console a card is built: those that a file can really be made for."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from generator import vendors
from generator.errors import UsageError
from generator.model.scanner import Scanner
from generator.model.tree import Target
from generator.spec.scanners import find_scanner, load_scanners
from generator.vendors.dialect import Clones
from generator.vendors.matching import Donor, same_release
from generator.vendors.profile import profile


def expanded(target: Target, donor: Path | None) -> Iterator[Target]:
    """Name the release of a target that names none: that of its donor, or each that templates are of.

    A sheet for entry by hand is of no release, and so is a file of a vendor whose profile names none.

    Raises
    ------
    UsageError
        If no file can be made for the model that the target names.
    """
    if target.software or not (donor or profile(target.vendor).templates):
        yield target
        return
    found = (release_of(target.vendor, donor),) if donor else templates(target)
    for release in found:
        yield target.model_copy(update={"software": release})


def templates(target: Target) -> tuple[str, ...]:
    """List the releases that templates are made of and that the model, if it is known, runs.

    Raises
    ------
    UsageError
        If there is none.
    """
    made, scanner = profile(target.vendor).templates, find_scanner(target)
    if scanner is None or not scanner.software:
        return made
    fitting = tuple(one for one in made if runs(scanner, one))
    if not fitting:
        raise UsageError(
            f"nothing can be made for {scanner.model} without an export of it: it runs "
            f"{', '.join(scanner.software)}, templates are of {', '.join(made)}; add a donor"
        )
    return fitting


def runs(scanner: Scanner, release: str) -> bool:
    """Say whether a scanner is known to run a release."""
    return any(same_release(release, one) for one in scanner.software)


def scanners(target: Target) -> list[Scanner]:
    """Scanners that a card is for: the model it names, or every known one of its maker, field and release."""
    if target.model:
        named = find_scanner(target)
        return [named] if named else []
    same = (target.vendor, target.field_strength)
    alike = (one for one in load_scanners().values() if (one.vendor, one.field_strength) == same)
    return [one for one in alike if not target.software or runs(one, target.software)]


def fitting(target: Target) -> dict[str, list[str]]:
    """Models and releases that a card is for; a sheet is for every release of its models."""
    found = scanners(target)
    software = {target.software} if target.software else {one for each in found for one in each.software}
    return {
        "models": [target.model] if target.model else [one.model for one in found],
        "software": sorted(software),
    }


@cache
def described(vendor: str, donor: Path) -> Donor | None:
    """Describe an export once; ``None`` of a vendor that clones nothing."""
    dialect = vendors.get(vendor)
    return dialect.describe(donor) if isinstance(dialect, Clones) else None


def release_of(vendor: str, donor: Path) -> str | None:
    """Read the release off an export."""
    found = described(vendor, donor)
    return found.release if found else None


def differs(wanted: Target, written: str | None) -> bool:
    """Say whether a file is of another release than the one it is offered for."""
    return bool(wanted.software and written) and not same_release(wanted.software, written)
