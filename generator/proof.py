"""What an export is found to be after it was written: its time, its relations, what it inherited."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, cast

from generator.errors import CannotBuild
from generator.model.kept import MOST, digest, kept
from generator.model.tree import Acquisition, Loss, Target
from generator.vendors.account import make
from generator.vendors.dialect import Clones, Dialect, Export, HoldsRelations, speaks
from generator.vendors.matching import Choice, Inherited, Plan, stated

BOUND = frozenset({"anatomy", "patient"})
"""What an inherited setting is bound to if it may spoil the image of another body."""

_UNPROVEN = 0.05  # share of a time of which no console says how far the formula is off
_NOTICEABLE = 0.5  # s, below which a time is not written again


@dataclass(frozen=True, slots=True)
class WrittenTime:
    """The time of one step as it was written.

    Attributes
    ----------
    spec, expected, written, stored : float or None
        Seconds by the spec (as a console showed them where it states that), by the formula from the spec and
        from the parameters in the file, and as the file states them.
    interval : tuple of float, optional
        Seconds between which nine of ten consoles' times lie.
    """

    spec: float | None
    expected: float | None
    written: float | None
    interval: tuple[float, float] | None
    stored: float | None

    @property
    def differs(self) -> bool:
        """Whether spec and file are apart by more than the uncertainty, 5 % where nobody has measured one."""
        if self.expected is None or self.written is None:
            return False
        low, high = self.interval or ((1 - _UNPROVEN) * self.written, (1 + _UNPROVEN) * self.written)
        room = (high - low) / 2 + 1  # the formula is as uncertain of the time by the spec as of this one
        return not low - room <= self.expected <= high + room


def written_step(export: Export, index: int) -> Acquisition | None:
    """Return the scan that was read back for a step of the protocol."""
    if export.back is None or export.origins is None or index not in export.origins:
        return None
    step = export.back.steps[export.origins.index(index)]
    return step if isinstance(step, Acquisition) else None


def times(
    export: Export, steps: Sequence[Any], durations: Sequence[float | None], target: Target
) -> dict[int, WrittenTime]:
    """Time every scan of an export from the parameters that were written.

    Parameters
    ----------
    steps : sequence of Step
        Steps of the protocol.
    durations : sequence of float or None
        Seconds of each by the spec.
    """
    found, lost, scanner = {}, defaultdict(set), str(target)
    for loss in export.losses:
        if loss.severity != "derived" and export.kind != "sheet":
            lost[loss.step].add(loss.field)
    for index, step in enumerate(steps):
        back = written_step(export, index)
        if isinstance(step, Acquisition) and back is not None:
            spec = durations[index] if index < len(durations) else None
            key = digest(step), digest(back), frozenset(lost[index]), scanner, spec
            found[index] = kept(_times, key, partial(_time, step, back, lost[index], spec, target))
    return found


_times: dict[Hashable, WrittenTime] = {}


def _time(
    step: Acquisition, back: Acquisition, lost: Set[str | None], spec: float | None, target: Target
) -> WrittenTime:
    """Time a scan as it was written, and as it was wanted."""
    from generator.timing.families import estimate

    read = _with_derived(step, back, lost)
    computed = estimate(read, target.vendor, target.field_strength, target.software)
    expected = spec
    if step.acquisition_duration is not None:  # a console's time, which no formula is compared with
        wanted = estimate(step, target.vendor, target.field_strength, target.software)
        expected = wanted.seconds if wanted else None
    return WrittenTime(
        spec=spec,
        expected=expected,
        written=computed.seconds if computed else None,
        interval=computed.interval if computed else None,
        stored=back.acquisition_duration,
    )


def _with_derived(wanted: Acquisition, back: Acquisition, lost: Set[str | None]) -> Acquisition:
    """Fill in what the console computes and the file need not hold; what is lost stays open."""
    filled = [name for name in stated(wanted) if getattr(back, name) is None and name not in lost]
    known = {name: getattr(wanted, name) for name in filled}
    return back.model_copy(update={**known, "vendor": {}})  # no formula looks at a vendor's own parameters


def corrected(
    durations: Sequence[float | None], found: Mapping[int, WrittenTime], steps: Sequence[Any]
) -> list[float | None]:
    """Return the durations that the file has to state.

    A time that a console showed for the very scan of the spec stays.
    """
    fresh = list(durations)
    for index, time in found.items():
        shown = steps[index].acquisition_duration is not None
        old = fresh[index]
        if time.written is not None and not shown and (old is None or abs(old - time.written) > _NOTICEABLE):
            fresh[index] = time.written
    return fresh


_foreseen: dict[tuple[bytes, str, float | None], float | None] = {}
"""What files had to state, by scan, target and duration by the spec."""


def foresee(durations: Sequence[float | None], steps: Sequence[Any], target: Target) -> list[float | None]:
    """Guess the durations that the file will have to state, from files that were written before.

    A right guess saves writing the card twice. It decides nothing: the times of every card are worked out
    from what was written, and a card whose guess was wrong is written again.
    """
    keys = _keys(durations, steps, target)
    return [_foreseen.get(key, old) if key else old for key, old in zip(keys, durations, strict=True)]


def remember(
    durations: Sequence[float | None], right: Sequence[float | None], steps: Sequence[Any], target: Target
) -> None:
    """Remember what a file had to state, for :func:`foresee`."""
    for key, old, new in zip(_keys(durations, steps, target), durations, right, strict=True):
        if key and new != old:
            _foreseen[key] = new
    while len(_foreseen) > MOST:
        _foreseen.pop(next(iter(_foreseen)))


def _keys(
    durations: Sequence[float | None], steps: Sequence[Any], target: Target
) -> list[tuple[bytes, str, float | None] | None]:
    scanner = str(target)
    return [
        (digest(step), scanner, duration) if isinstance(step, Acquisition) and not step.vendor else None
        for step, duration in zip(steps, durations, strict=True)
    ]


def gate(dialect: Dialect, export: Export) -> None:
    """Refuse an export of which a step breaks what holds in every real file. Raises CannotBuild."""
    if not speaks(type(dialect), HoldsRelations):
        return
    if wrong := cast(HoldsRelations, dialect).gate(export.files):
        lines = "\n  ".join(note.message for note in wrong)
        raise CannotBuild(f"what was written breaks relations that hold in every real file:\n  {lines}")


# --- inherited state ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """One inherited setting of a written step and what became of it."""

    setting: Inherited
    action: str
    severity: str

    @property
    def data(self) -> dict[str, str]:
        """As the manifest has it."""
        return {"what": self.setting.what, "value": self.setting.value, "action": self.action,
                "severity": self.severity}  # fmt: skip


def inherited(dialect: Dialect, export: Export, plan: Plan) -> dict[int, tuple[Kept, ...]]:
    """Describe the written steps and say of each setting the donor brought whether it is still there."""
    assert isinstance(dialect, Clones)
    written = _described(dialect, export)
    return {
        index: _kept(choice, written.get(index, ())) for index, choice in plan.choices.items() if choice.step
    }


def _described(dialect: Clones, export: Export) -> dict[int, tuple[Inherited, ...]]:
    """Inherited settings of each step of the protocol, as its clone has them now."""
    if export.back is None or export.origins is None:
        return {}
    with tempfile.TemporaryDirectory(prefix="examcard-") as folder:
        for name, content in export.files.items():
            path = Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        described = dialect.describe(_card(dialect, Path(folder), export))
    scans = [i for i, step in enumerate(export.back.steps) if isinstance(step, Acquisition)]
    pairs = zip(scans, described.steps, strict=False)
    origins = {place: export.origins[place] for place in scans}
    return {origin: step.inherited for place, step in pairs if (origin := origins[place]) is not None}


def _card(dialect: Any, folder: Path, export: Export) -> Path:
    from generator.vendors.account import card_of

    return card_of(dialect, folder, export)


def _kept(choice: Choice, now: Sequence[Inherited]) -> tuple[Kept, ...]:
    spoken = set(stated(choice.scan))
    there = [one for one in now if one.field not in spoken]
    gone = [one for one in choice.inherited if not any(_alike(one, other) for other in there)]
    return tuple(
        [Kept(one, "reset", "operator") for one in gone]
        + [Kept(one, "kept", _severity(one, choice)) for one in there]
    )


def _severity(one: Inherited, choice: Choice) -> str:
    """Grade what is still there: a coil of the very body region is only to be checked."""
    at_home = choice.step is not None and choice.step.region is not None and not choice.elsewhere
    if one.what == "coil_elements" and at_home:
        return "operator"
    return "image" if one.bound_to in BOUND else "operator"


def _alike(one: Inherited, other: Inherited) -> bool:
    return (one.what, one.value) == (other.what, other.value)


def losses(found: Mapping[int, Sequence[Kept]], plan: Plan) -> list[Loss]:
    """One loss for every setting bound to a body or a patient that is still there."""
    made = []
    for index, settings in found.items():
        choice = plan.choices[index]
        for one in settings:
            if one.action == "kept" and one.severity == "image":
                wanted = "failed to be reset" if one.setting.what in choice.reset else "kept from the donor"
                text = f"{wanted}: it is bound to the {one.setting.bound_to} of the donor's exam, check it"
                made.append(
                    make("approximated", one.setting.what, text, index, choice.scan.name,
                         got=one.setting.value, severity="image")
                )  # fmt: skip
    return made
