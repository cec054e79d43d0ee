"""What one step of a protocol takes: the console's time, the estimate, a stated wait, or unknown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from generator.model.tree import Acquisition, Pause, Step, Target
from generator.timing.estimate import Estimate
from generator.timing.families import attempt, why_not

Basis = Literal["console", "estimate", "stated", "unknown"]

POST_CONTRAST_T1 = frozenset({"t1_3d_post", "spine_t1_sag_post", "spine_t1_ax_post"})
"""Roles that have to wait for the contrast agent."""

SET_UP = frozenset({"localizer", "calibration"})
"""Roles that prepare the exam and do not count towards its acquisition time."""


@dataclass(frozen=True, slots=True)
class StepTime:
    """How long a step takes and how that is known.

    Attributes
    ----------
    duration : float or None
        Seconds; ``None`` if unknown.
    uncertainty : float
        Half width in seconds; 0 for what a console showed or an author stated.
    estimate : Estimate or None
        The computed time, also where a console's time is used.
    why_not : str or None
        Why a scan has no estimate.
    """

    duration: float | None
    basis: Basis
    uncertainty: float = 0.0
    estimate: Estimate | None = None
    why_not: str | None = None

    @property
    def surely(self) -> float:
        """Seconds that pass in any case."""
        return max(0.0, (self.duration or 0.0) - self.uncertainty)


def step_time(step: Step, target: Target | None) -> StepTime:
    """Time a step: the console's time where one is stated, else the estimate.

    An injection and a reformat take no time of their own; a pause takes what it states.
    """
    if isinstance(step, Acquisition):
        return _acquisition(step, target)
    if isinstance(step, Pause):
        return StepTime(step.duration, "unknown" if step.duration is None else "stated")
    return StepTime(0.0, "stated")


def _acquisition(step: Acquisition, target: Target | None) -> StepTime:
    scanner = (target.vendor, target.field_strength, target.software) if target else (None, None, None)
    computed, missing = attempt(step, *scanner)
    reason = why_not(missing) if missing else None
    if step.acquisition_duration is not None:
        return StepTime(step.acquisition_duration, "console", 0.0, computed, reason)
    if computed is None:
        return StepTime(None, "unknown", why_not=reason)
    return StepTime(computed.seconds, "estimate", computed.uncertainty, computed)


def is_set_up(step: Step) -> bool:
    """Say whether a step only prepares the exam."""
    return isinstance(step, Acquisition) and (step.role in SET_UP or step.technique == "calibration")


def is_counted(step: Step) -> bool:
    """Say whether a step counts towards the acquisition time of the protocol."""
    return isinstance(step, Acquisition) and not step.optional and not is_set_up(step)


def is_post_contrast_t1(step: Step) -> bool:
    """Say whether a step is a T1 that has to wait for the contrast agent."""
    return isinstance(step, Acquisition) and step.role in POST_CONTRAST_T1
