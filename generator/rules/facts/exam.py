"""Facts of a whole exam card: which scans, in which order, for how long, with which injection."""

from __future__ import annotations

from generator.model import words
from generator.rules.facts.table import ROLES, declare, derived
from generator.rules.facts.view import Facts

_SUSCEPTIBILITY = ("swi", "t2star_2d")
SETUP = "setup"

declare("kind", "card", str, "kind of the exam", choices=words.KINDS)
declare("region", "card", str, "what is examined", choices=words.REGIONS)
declare("vendor", "card", str, "maker of the scanner")
declare("field_strength", "card", float, "static field of the scanner", unit="T")
declare("rendered_field_strengths", "card", float, "fields the card is made for", many=True, unit="T")
declare("order", "card", str, "roles in exam order, the injection as gd", many=True, choices=ROLES)
declare("counted_durations", "card", float, "times of the scans that count", many=True, unit="s")
declare("counted_roles", "card", str, "what the total time counts", many=True, choices=(*ROLES, SETUP))
declare("spine_duration", "card", float, "total time of the spine scans that count", unit="s")
declare("scanner_options", "card", str, "abilities of the scanner, licences included", many=True)
declare("model_field_strength", "card", float, "field of the scanner's model", unit="T")
declare("delay_after_injection", "step", float, "end of the injection to the start of this scan", unit="s")
declare(
    "covered_spine_regions",
    "card",
    str,
    "regions that the sagittal T2 stations cover together",
    many=True,
    choices=("cervical", "thoracic", "conus"),
)


@derived("card", str, many=True, choices=ROLES)
def standard_order(facts: Facts) -> list[str]:
    """Roles in exam order without optional steps."""
    return list(facts["order"])


@derived("card", float, unit="s")
def counted_duration(facts: Facts) -> float:
    """Total time of the scans that count, of a brain card without those of the spine."""
    return float(sum(facts["counted_durations"]))


@derived("card", float, unit="s")
def exam_duration(facts: Facts) -> float:
    """Total time of all scans that count, brain and spine together."""
    return float(facts["counted_duration"])


@derived("card", float, unit="s")
def counted_duration_without_susceptibility(facts: Facts) -> float:
    """Total time without SWI and T2*."""
    return float(facts["counted_duration"])


@derived("card", bool)
def parallel_imaging_available(facts: Facts) -> bool:
    """Whether parallel imaging can be used: a coil of at least eight elements."""
    return bool(facts["receive_channels"] >= 8)


@derived("card", str, choices=("give", "none", "optional"))
def gd_decision(facts: Facts) -> str:
    """Whether gadolinium is given."""
    if "gd" in facts["standard_order"]:
        return "give"
    return "optional" if "gd" in facts["order"] else "none"


@derived("card", bool)
def susceptibility_included(facts: Facts) -> bool:
    """Whether SWI or T2* is part of the card."""
    return any(role in _SUSCEPTIBILITY for role in facts["order"])


@derived("card", str, many=True, choices=ROLES)
def offered(facts: Facts) -> list[str]:
    """Scans that are offered: those of the card, optional ones included."""
    return list(facts["order"])
