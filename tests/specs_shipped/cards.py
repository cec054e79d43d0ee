"""The shipped cards, loaded once: every protocol and every sequence on every vendor and field."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from generator import resources
from generator.model.tree import Acquisition, Contrast, Protocol, Target
from generator.spec.load import load, load_text
from generator.spec.spec import Resolved, Spec
from generator.timing import estimate

VENDORS = ("canon", "ge", "philips", "siemens")
FIELDS = (1.5, 3.0)
TARGETS = tuple(Target(vendor=vendor, field_strength=field) for vendor in VENDORS for field in FIELDS)
PROTOCOLS = tuple(sorted(resources.specs("protocols", "ofsep").glob("*.yaml")))
SEQUENCES = tuple(sorted(resources.specs("sequences").glob("*.yaml")))
SCANNERS = tuple(sorted(resources.specs("scanners").glob("*.yaml")))


@dataclass(frozen=True)
class Scan:
    """One sequence as one target runs it."""

    definition: str
    target: Target
    acquisition: Acquisition

    def __str__(self) -> str:
        return f"{self.definition} on {self.target}"


@cache
def spec_of(path: Path) -> Spec:
    return load(path)


@cache
def card(path: Path, target: Target) -> Resolved:
    return spec_of(path).resolve(target)


@cache
def scans() -> tuple[Scan, ...]:
    """Every sequence definition, used by a protocol or not, on every target."""
    steps = "".join(f"  - acquisition: {path.stem}\n" for path in SEQUENCES)
    spec = load_text(f"protocol: all\ntitle: all\nsteps:\n{steps}", PROTOCOLS[0].with_name("all.yaml"))
    found = []
    for target in TARGETS:
        for scan in spec.resolve(target).protocol.acquisitions:
            assert scan.definition is not None
            found.append(Scan(scan.definition, target, scan))
    return tuple(found)


def technique(name: str) -> list[Scan]:
    return [scan for scan in scans() if scan.acquisition.technique == name]


def order(protocol: Protocol, *, optional: bool = True) -> list[str]:
    """Roles in exam order, ``gd`` for the injection."""
    found: list[str] = []
    for step in protocol.steps:
        if isinstance(step, Contrast):
            found.append("gd")
        elif isinstance(step, Acquisition) and (optional or not step.optional):
            found.append(str(step.role))
    return found


def seconds(acquisition: Acquisition, target: Target) -> tuple[float, float]:
    """Estimate of a time and its half width."""
    found = estimate(acquisition, target.vendor, target.field_strength)
    assert found is not None, acquisition.name
    return found.seconds, found.uncertainty
