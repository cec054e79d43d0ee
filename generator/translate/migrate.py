"""A protocol that was read, written for another scanner, and what became of each value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from generator import pipeline
from generator.compare.comparison import step_name
from generator.compare.fields import OPEN, Difference, Found, Severity, compare_steps, is_off
from generator.errors import CannotBuild
from generator.model.tolerance import same
from generator.model.tree import Acquisition, Loss, Pause, Protocol, ReadResult, Step, Target
from generator.timing.families import explain_missing, why_not
from generator.timing.timeline import build_timeline
from generator.translate import physics
from generator.translate.adapt import LEFT_OUT, Adapted, Change, Way, adapt
from generator.vendors.dialect import NO_REASON, BuildOptions, Export, make
from generator.vendors.matching import region_of

Outcome = Literal["rounded", "changed", "lost", "confirm"]
"""Within the raster of the console; another value, on purpose or for want of a better; not in the export;
written, but not certain to be what was meant."""

_BOUND = frozenset({"acquisition_duration", "vendor", "definition", "role", "optional", "kind"})
"""What is not taken over: the console's time, its own parameters, and what no vendor's file says."""


@dataclass(frozen=True, slots=True)
class Row:
    """One value that is not the same after the translation.

    Attributes
    ----------
    operator : bool
        Whether somebody has to set or confirm it at the console.
    """

    field: str | None
    before: Any
    after: Any
    outcome: Outcome
    severity: Severity
    why: str
    operator: bool


@dataclass(frozen=True, slots=True)
class Contrast:
    """Ratio of two signals by the most likely reading, before and after."""

    name: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Moved:
    """One step of the source and what it became.

    Attributes
    ----------
    after : Step or None
        What was read back from the export; ``None`` if the step is not in it.
    place : int or None
        Index of that step in the export.
    same : tuple of str
        Fields that came through unchanged.
    shown : float or None
        Seconds that the source's console showed.
    expected : float or None
        Seconds of what was written, by the formulas of the target; with its interval, or why there is none.
    """

    index: int
    before: Step
    after: Step | None
    place: int | None
    same: tuple[str, ...]
    rows: tuple[Row, ...]
    found: Found
    shown: float | None = None
    expected: float | None = None
    interval: tuple[float, float] | None = None
    why_no_time: str = ""
    contrast: tuple[Contrast, ...] = ()


@dataclass(frozen=True)
class Migration:
    """One protocol for another scanner.

    Attributes
    ----------
    source : ReadResult
        The file, with this protocol alone.
    export : Export or None
        What was made; ``None`` where the target has no honest result, which ``refused`` explains.
    by_hand : mapping of int to str
        Steps that could not be written, and why: the export stops there for the operator.
    """

    source: ReadResult
    way: Way
    adapted: Adapted
    export: Export | None
    steps: tuple[Moved, ...]
    losses: tuple[Loss, ...]
    refused: str = ""
    by_hand: Mapping[int, str] = field(default_factory=dict)

    @property
    def protocol(self) -> Protocol:
        """The protocol as it was read."""
        return self.source.protocols[0]

    @cached_property
    def rows(self) -> tuple[tuple[Moved, Row], ...]:
        """Every value that is not the same, with its step."""
        return tuple((step, row) for step in self.steps for row in step.rows)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left to be decided: every value is the same or within the raster."""
        return self.export is not None and all(row.outcome == "rounded" for _, row in self.rows)


def translate(source: ReadResult, target: Target, options: BuildOptions | None = None) -> Migration:
    """Translate one protocol.

    Parameters
    ----------
    source : ReadResult
        With exactly one protocol, and a field strength.
    options : BuildOptions, optional
        Donors and what goes with them.

    Raises
    ------
    UnusableInput, UsageError
        For donors that cannot be used, and a target that there is not.
    """
    assert source.field_strength is not None
    origin = Target(vendor=source.vendor, field_strength=source.field_strength, software=source.software)
    way, (protocol,) = Way(origin, target), source.protocols
    adapted = adapt(protocol, way)
    options = options or BuildOptions()
    if options.donors:
        adapted = replace(adapted, protocol=_with_region(adapted.protocol))
    export, by_hand, refused = _build(adapted.protocol, target, options)
    losses = _losses(protocol, adapted, export, by_hand, refused)
    numbers = range(len(protocol.steps))
    steps = tuple(_moved(index, protocol, way, adapted, export, losses, source) for index in numbers)
    hand = {adapted.origins[index]: why for index, why in by_hand.items()}
    return Migration(source, way, adapted, export, steps, losses, refused, hand)


def _with_region(protocol: Protocol) -> Protocol:
    """Name the body region by which donor steps are chosen: the one that most scans speak of."""
    path = (*protocol.path, protocol.name)
    spoken = [region_of(scan.body_part, path, scan.name) for scan in protocol.acquisitions]
    known = [region for region in spoken if region]
    return protocol.model_copy(update={"region": max(known, key=known.count)}) if known else protocol


# --- building -----------------------------------------------------------------------------------------


def _build(
    protocol: Protocol, target: Target, options: BuildOptions
) -> tuple[Export | None, dict[int, str], str]:
    """Write a protocol; a scan that the target's console could not have written becomes a pause."""
    try:
        return _written(protocol, target, options), {}, ""
    except CannotBuild as error:
        by_hand = _culprits(protocol, target, options)
        if not by_hand:
            return None, {}, str(error)
    stopped = protocol.model_copy(
        update={
            "steps": tuple(
                Pause(text=f"{step_name(step)}: to be set up by hand") if i in by_hand else step
                for i, step in enumerate(protocol.steps)
            )
        }
    )
    try:
        return _written(stopped, target, options), by_hand, ""
    except CannotBuild as error:
        return None, {}, str(error)


def _written(protocol: Protocol, target: Target, options: BuildOptions) -> Export:
    line = build_timeline(protocol, target)
    known = {row.step: row.duration for row in line.rows}
    durations = tuple(known.get(index) for index in range(len(protocol.steps)))
    return pipeline.write(protocol, target, replace(options, durations=durations), protocol.name)


def _culprits(protocol: Protocol, target: Target, options: BuildOptions) -> dict[int, str]:
    """Find the scans that cannot be written, each tried alone."""
    found: dict[int, str] = {}
    scans = [i for i, step in enumerate(protocol.steps) if isinstance(step, Acquisition)]
    for index in scans:
        alone = protocol.model_copy(update={"steps": (protocol.steps[index],)})
        try:
            _written(alone, target, options)
        except CannotBuild as error:
            found[index] = " ".join(str(error).split())
    return found


def _losses(
    protocol: Protocol, adapted: Adapted, export: Export | None, by_hand: Mapping[int, str], refused: str
) -> tuple[Loss, ...]:
    """Losses by the steps of the source: those of the export, of scans that are left out or not written."""
    there = dict(enumerate(adapted.origins))
    found = [
        _told_of(loss, None if loss.step is None else there.get(loss.step), protocol)
        for loss in (export.losses if export else ())
    ]
    for index, step in enumerate(protocol.steps):
        now = adapted.origins.index(index) if index in adapted.origins else None
        name = getattr(step, "name", None)
        if now is None:
            found.append(make("unsupported", None, LEFT_OUT, index, name, severity="operator"))
        elif why := by_hand.get(now, "" if export else refused):
            found.append(make("unsupported", None, why, index, name, wanted=step.kind, severity="image"))
    return tuple(sorted(found, key=lambda loss: -1 if loss.step is None else loss.step))


def _told_of(loss: Loss, step: int | None, protocol: Protocol) -> Loss:
    """Place a loss in the source; a scan with gaps loses what hangs together with them."""
    scan = None if step is None else protocol.steps[step]
    gaps = [name for name in sorted(_CHOSEN) if getattr(scan, name, "") is None]
    if loss.reason != NO_REASON or not gaps:
        return loss.model_copy(update={"step": step})
    why = f"not written without what the source does not state: {', '.join(gaps).replace('_', ' ')}"
    return loss.model_copy(update={"step": step, "reason": why})


# --- what became of each step -------------------------------------------------------------------------


def _moved(
    index: int, protocol: Protocol, way: Way, adapted: Adapted, export: Export | None,
    losses: Sequence[Loss], source: ReadResult,
) -> Moved:  # fmt: skip
    before = protocol.steps[index]
    now = adapted.origins.index(index) if index in adapted.origins else None
    place = _place(export, before, now)
    after = export.back.steps[place] if export and export.back and place is not None else None
    own = [loss for loss in losses if loss.step == index]
    changes = [one for one in adapted.changes if one.step == index]
    whole = [_whole(loss) for loss in own if loss.field is None]
    whole += [_told(one) for one in changes if one.field is None and now is not None]
    if not isinstance(before, Acquisition):
        found = _compared(before, after)
        rows = [_row(one.name, one, own, changes) for one in found.differences]
        return Moved(index, before, after, place, found.compared, (*whole, *rows), found)
    if not isinstance(after, Acquisition):
        return Moved(index, before, after, place, (), tuple(whole), Found(), before.acquisition_duration)
    found = compare_steps(before, after, OPEN, frozenset(_notes(source, index)))
    rows = list(_rows(before, after, found, own, changes))
    different = {row.field for row in rows}
    same = tuple(name for name in found.compared if name not in different)
    written = export.times.get(now) if export and now is not None else None
    there, target = _as_written(adapted.protocol.steps[now or 0], after), way.target
    missing = explain_missing(there, target.vendor, target.field_strength, target.software)
    return Moved(
        index, before, after, place, same, (*whole, *rows), found, before.acquisition_duration,
        written.written if written else None, written.interval if written else None,
        why_not(missing) if missing else "", tuple(_contrasts(before, there, way)),
    )  # fmt: skip


def _place(export: Export | None, before: Step, now: int | None) -> int | None:
    """Index of a step in the export; several instructions in a row may be one there."""
    if export is None or now is None or export.back is None or export.origins is None:
        return None
    if now in export.origins:
        return export.origins.index(now)
    stops = ((i, step.text) for i, step in enumerate(export.back.steps) if isinstance(step, Pause))
    return next((i for i, text in stops if isinstance(before, Pause) and before.text in text), None)


def _compared(before: Step, after: Step | None) -> Found:
    if after is None or after.kind != before.kind:
        return Found()
    if isinstance(before, Pause) and isinstance(after, Pause) and before.text in after.text:
        return Found(compared=("text",))
    return compare_steps(before, after, OPEN)


def _notes(source: ReadResult, index: int) -> Iterator[str]:
    return (note.field for note in source.notes if note.step == index and note.field)


def _rows(
    before: Acquisition, after: Acquisition, found: Found, losses: Sequence[Loss], changes: Sequence[Change]
) -> Iterator[Row]:
    for one in found.differences:
        if one.name not in _BOUND:
            yield _row(one.name, one, losses, changes)
    for name in found.only_a:
        if name not in _BOUND and not _silent(name, before, losses):
            yield _row(name, Difference(name, getattr(before, name), None, "image"), losses, changes)
    for name in found.only_b:
        if name in _CHOSEN and name not in _BOUND:
            reasons = [one.why for one in changes if one.field == name]
            reasons += [loss.reason for loss in losses if loss.field == name]
            why = next(iter(reasons), _NOT_STATED)
            yield Row(name, getattr(before, name), getattr(after, name), "confirm", "image", why, True)
    known = {one.name for one in found.differences} | {*found.only_a, *found.only_b}
    for loss in losses:  # values that came back and that are yet not certain
        unsure = loss.field in found.compared and same(loss.wanted, loss.got)
        if loss.field and loss.field not in known and unsure:
            yield Row(loss.field, loss.wanted, loss.got, "confirm", "image", loss.reason, True)


_CHOSEN = frozenset({
    "repetition_time", "repetition_time_preparation", "echo_times", "inversion_time", "flip_angle",
    "pixel_bandwidth", "field_of_view", "slice_thickness", "number_of_slices", "plane", "technique",
    "mr_acquisition_type", "b_values", "diffusion_directions",
})  # fmt: skip
"""Fields without which there is no scan: what the source leaves open, somebody has to confirm."""
_NOT_STATED = "not stated by the source: confirm it"


def _silent(name: str, before: Acquisition, losses: Sequence[Loss]) -> bool:
    """Whether a field is missing in the export and nothing is lost: it is off, or the console computes it."""
    return is_off(name, getattr(before, name)) or not any(loss.field == name for loss in losses)


def _row(name: str, one: Difference, losses: Sequence[Loss], changes: Sequence[Change]) -> Row:
    change = next((found for found in changes if found.field == name), None)
    loss = next((found for found in losses if found.field == name), None)
    reasons = [found for found in (change.why if change else None, loss.reason if loss else None) if found]
    rounded = one.severity == "raster"
    outcome: Outcome = "rounded" if rounded else "lost" if one.b is None else "changed"
    derived = loss is not None and loss.severity == "derived"
    hand = (change is not None and change.kind == "operator") or not (loss is None or rounded or derived)
    severity = "raster" if rounded else one.severity
    return Row(name, one.a, one.b, outcome, severity, "; ".join(reasons) or _FOLLOWS, hand)


_FOLLOWS = "follows from other values here"


def _whole(loss: Loss) -> Row:
    outcome: Outcome = "changed" if loss.kind == "approximated" else "lost"
    severity: Severity = "image" if loss.severity == "image" else "bookkeeping"
    return Row(None, loss.wanted, loss.got, outcome, severity, loss.reason, True)


def _told(change: Change) -> Row:
    return Row(None, change.before, change.after, "confirm", "image", change.why, change.kind == "operator")


_RATIOS = (
    ("grey over white matter", "grey_matter", "white_matter"),
    ("CSF over white matter", "csf", "white_matter"),
)


def _as_written(wanted: Step, back: Acquisition) -> Acquisition:
    """What was read back, with what the console derives and its file does not hold."""
    there = {name: value for name, value in back if value is not None and name != "vendor"}
    return back.model_copy(update={**{name: value for name, value in wanted if name != "vendor"}, **there})


def _contrasts(before: Acquisition, after: Acquisition, way: Way) -> Iterator[Contrast]:
    """What the scan would show of a brain, in the most likely reading of either console."""
    for name, one, other in _RATIOS:
        sides = [
            (physics.tissue_signal(scan, target, one), physics.tissue_signal(scan, target, other))
            for scan, target in ((before, way.source), (after, way.target))
        ]
        if all(pair[0] is not None and pair[1] for pair in sides):
            ratios = [abs(pair[0] / pair[1]) for pair in sides]  # type: ignore[operator]
            yield Contrast(name, *ratios)
