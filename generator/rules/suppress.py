"""Suppressions: findings an author accepts, each with a reason; one that accepts nothing is a finding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from generator.model.tree import Acquisition, Step
from generator.rules import packs as library
from generator.rules.finding import Finding

UNUSED = "general.suppression.unused"
UNREASONED = "general.suppression.reason"
_WRONG = {UNUSED: "there is no {} to accept", UNREASONED: "{} is accepted without a reason"}


class Suppression(Protocol):
    """What is needed of a suppression; the spec loader's own class has it.

    Attributes
    ----------
    code : str
        Code or id of a rule.
    step : str or None
        Definition, role or name of a scan, or the kind of another step; ``None`` for all.
    """

    @property
    def code(self) -> str:
        """Code or id of the rule."""

    @property
    def step(self) -> str | None:
        """Which step."""

    @property
    def reason(self) -> str:
        """Why it is accepted."""


def apply(
    findings: Sequence[Finding], suppressions: Sequence[Suppression], steps: Sequence[Step]
) -> tuple[list[Finding], list[Finding]]:
    """Split findings into those that remain and those that are accepted.

    Returns
    -------
    tuple of list of Finding
        What remains, with one more for every suppression that is unused or without reason; what is accepted.
    """
    kept, accepted, extra = list(findings), [], []
    for suppression in suppressions:
        if not suppression.reason.strip():
            extra.append(_about(UNREASONED, suppression))
            continue
        hit = [one for one in kept if _fits(one, suppression, steps)]
        if not hit:
            extra.append(_about(UNUSED, suppression))
        kept = [one for one in kept if one not in hit]
        accepted += hit
    return kept + extra, accepted


def _fits(one: Finding, suppression: Suppression, steps: Sequence[Step]) -> bool:
    if suppression.code not in (one.code, one.rule):
        return False
    if suppression.step is None:
        return True
    return one.step is not None and suppression.step in labels(steps[one.step])


def labels(step: Step) -> set[str | None]:
    """What a suppression may call a step."""
    if isinstance(step, Acquisition):
        return {step.definition, step.role, step.name} - {None}
    return {step.kind}


def _about(rule_id: str, suppression: Suppression) -> Finding:
    rule = library.find(rule_id, [library.get("general")])
    return Finding(
        code=rule.code,
        rule=rule.id,
        severity="error" if rule_id == UNREASONED else "warning",
        message=f"{rule.title}: {_WRONG[rule_id].format(suppression.code)}",
        step_name=suppression.step,
        measured=suppression.code,
        remedy=rule.remedy,
        source=rule.citation,
    )
