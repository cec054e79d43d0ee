"""Why values may not come back from an export: what a dialect leaves for the loss account, and severities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.model import words
from generator.model.tree import Loss

NO_REASON = "no reason is recorded"

_BY_FIELD: Mapping[str, words.LossSeverity] = {
    "acquisition_duration": "time", "concatenations": "time", "number_of_shots": "derived",
    "echo_spacing": "derived", "echo_train_duration": "derived", "name": "operator", "coverage": "operator",
    "plane_reference": "operator", "output_maps": "operator", "vendor": "operator", "text": "operator",
    "gradient_mode": "operator", "specific_absorption_rate_mode": "operator", "table_position": "operator",
    "receive_coils": "operator", "patient_position": "operator", "software": "operator",
    "body_part": "operator", "laterality": "operator", "station": "operator", "oblique_angles": "operator",
    "branch": "operator",
}  # fmt: skip
"""Severity of a field where it is not ``image``."""
_READ_OTHERWISE: Mapping[str, words.LossSeverity] = {"number_of_shots": "image"}
"""Fields that a console computes, unless its file states them: what is stated otherwise is another scan."""


def severity_of(name: str | None, kind: words.LossKind) -> words.LossSeverity:
    """Say how much a loss matters.

    Returns
    -------
    str
        ``derived`` for what the console's raster or arithmetic decides, ``time`` for the scan time,
        ``operator`` for what is set by hand anyway, ``image`` for everything else.
    """
    known = _BY_FIELD.get(name or "", "image")
    if kind == "approximated":
        known = _READ_OTHERWISE.get(name or "", known)
    return "derived" if kind == "rounded" and known == "image" else known


@dataclass(slots=True)
class Reasons:
    """What a dialect knows about its export beside the files: why values may not come back.

    Attributes
    ----------
    known : mapping of str to str
        By field, the reason that holds for every scan of this vendor.
    """

    known: Mapping[str, str] = field(default_factory=dict)
    by_step: dict[tuple[int | None, str], str] = field(default_factory=dict)
    doubts: dict[tuple[int | None, str], str] = field(default_factory=dict)
    computed: set[tuple[int | None, str]] = field(default_factory=set)
    needless: set[tuple[int | None, str]] = field(default_factory=set)
    further: list[Loss] = field(default_factory=list)

    def at(self, step: int | None, name: str | None = None) -> StepReasons:
        """Return the collector of one step."""
        return StepReasons(self, step, name)

    def take(self, step: int, step_name: str, said: Reasons) -> None:
        """Say of a step what was said of its scan before it was known which step that is (``None``)."""
        self.by_step.update({(step, name): text for (_, name), text in said.by_step.items()})
        self.doubts.update({(step, name): text for (_, name), text in said.doubts.items()})
        self.computed.update((step, name) for _, name in said.computed)
        self.needless.update((step, name) for _, name in said.needless)
        of_step = {"step": step, "step_name": step_name}
        self.further += [loss.model_copy(update=of_step) for loss in said.further]

    def why(self, step: int | None, name: str, text: str) -> None:
        """Say why a field may not come back as wanted."""
        self.by_step[step, name] = text

    def doubt(self, step: int | None, name: str, text: str) -> None:
        """Say why what was written is not certain: a loss (approximated) even if it comes back."""
        self.doubts[step, name] = text

    def derived(self, step: int | None, name: str) -> None:
        """Say that the console computes a field and its file need not hold it: no loss if it is missing."""
        self.computed.add((step, name))

    def implied(self, step: int | None, name: str) -> None:
        """Say that the scan does what is wanted without a key for it: no loss if it is missing."""
        self.needless.add((step, name))

    def reason(self, step: int | None, name: str) -> str:
        """Return the reason of a field: that of the step, a doubt, that of the vendor, or NO_REASON."""
        own = self.by_step.get((step, name)) or self.doubts.get((step, name))
        return own or self.known.get(name) or NO_REASON


@dataclass(frozen=True, slots=True)
class StepReasons:
    """The reasons of one step."""

    all: Reasons
    step: int | None
    step_name: str | None = None

    def why(self, name: str, text: str) -> None:
        """See :meth:`Reasons.why`."""
        self.all.why(self.step, name, text)

    def doubt(self, name: str, text: str) -> None:
        """See :meth:`Reasons.doubt`."""
        self.all.doubt(self.step, name, text)

    def derived(self, name: str) -> None:
        """See :meth:`Reasons.derived`."""
        self.all.derived(self.step, name)

    def implied(self, name: str) -> None:
        """See :meth:`Reasons.implied`."""
        self.all.implied(self.step, name)

    def add(
        self,
        kind: words.LossKind,
        name: str | None,
        text: str,
        *,
        wanted: Any = None,
        got: Any = None,
        severity: words.LossSeverity | None = None,
    ) -> None:
        """File a loss that no comparison of fields can find, such as a value a template had to invent."""
        self.all.further.append(
            make(kind, name, text, self.step, self.step_name, wanted=wanted, got=got, severity=severity)
        )


def make(
    kind: words.LossKind,
    name: str | None,
    text: str,
    step: int | None,
    step_name: str | None,
    *,
    wanted: Any = None,
    got: Any = None,
    severity: words.LossSeverity | None = None,
) -> Loss:
    """Make a loss, its severity by field and kind where none is given."""
    return Loss(
        kind=kind,
        severity=severity or severity_of(name, kind),
        reason=text,
        step=step,
        step_name=step_name,
        field=name,
        wanted=wanted,
        got=got,
    )
