"""From a card to its facts: one view of the whole, one of each step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any
from typing import Protocol as Interface

from generator.model.kept import per_scan
from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Reformat, Step, Target
from generator.rules.facts.gadolinium import session_facts
from generator.rules.facts.physics import signal_to_noise
from generator.rules.facts.table import COMPARED, GADOLINIUM, REFORMAT, UNRATED_ROLES, facts
from generator.rules.facts.view import Facts, Unstated

if TYPE_CHECKING:
    from generator.timing.timeline import Row, Timeline

_SUSCEPTIBILITY = ("swi", "t2star_2d")
_BEFORE_INJECTION = {"t1_3d_post": "t1_3d_pre"}
"""Scans that repeat an earlier one after the injection, and which one."""


class ScannerProfile(Interface):
    """What is needed of a scanner profile: gradient in mT/m, elements of its head coils, options."""

    @property
    def maximum_gradient(self) -> float | None:
        """Strongest gradient in mT/m."""

    @property
    def head_coil_channels(self) -> Sequence[int]:
        """Receive elements of each head coil."""

    @property
    def options(self) -> Collection[str]:
        """Words such as ``spin_echo_3d``."""


@dataclass(frozen=True)
class Subject:
    """What is checked: a protocol made for a scanner, and what is known around it.

    Attributes
    ----------
    protocol : Protocol
        Resolved for the target.
    target : Target or None
        The scanner; ``None`` where a vendor file does not name it.
    timeline : Timeline or None
        The exam on the time axis; without it no time is judged.
    scanner : mapping of str to value
        Facts of the scanner by their names: ``gradient_amplitude`` (mT/m), ``receive_channels``,
        ``spin_echo_3d_available``.
    facts : mapping of str to value
        What else is known, by the names of the facts.
    reference : Subject or None
        A card whose signal to noise is known to be enough, such as the earlier exam.
    """

    protocol: Protocol
    target: Target | None = None
    timeline: Timeline | None = None
    scanner: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    reference: Subject | None = None


@dataclass(frozen=True, slots=True)
class StepView:
    """One step as rules see it."""

    index: int
    name: str
    role: str
    facts: Facts


@dataclass(frozen=True, slots=True)
class CardView:
    """A card as rules see it: the whole, and its steps in exam order."""

    facts: Facts
    steps: tuple[StepView, ...]
    _by_roles: dict[frozenset[str], tuple[StepView, ...]] = field(default_factory=dict)

    def with_roles(self, roles: frozenset[str], fits: Callable[[StepView], bool]) -> tuple[StepView, ...]:
        """List the steps that fit some roles, sought once for all rules that name the same."""
        if roles not in self._by_roles:
            self._by_roles[roles] = tuple(filter(fits, self.steps))
        return self._by_roles[roles]


def role_of(step: Step) -> str | None:
    """Role of a step as rules name it; ``None`` for a pause and for a scan without role."""
    if isinstance(step, Acquisition):
        return step.role
    if isinstance(step, Contrast):
        return GADOLINIUM
    return REFORMAT if isinstance(step, Reformat) else None


def name_of(step: Step) -> str:
    """What a message calls a step."""
    if isinstance(step, Acquisition):
        return step.name
    if isinstance(step, Contrast):
        return "injection"
    return f"reformat of {step.source}" if isinstance(step, Reformat) else "pause"


def view(subject: Subject, settings: Mapping[str, str] | None = None) -> CardView:
    """Make the views of a card.

    Parameters
    ----------
    settings : mapping of str to str, optional
        The choices of the site; rules can name them like facts.
    """
    card = Facts(
        {**(settings or {}), **_card_facts(subject), **subject.scanner, **subject.facts},
        uncertainties=_card_uncertainties(subject.timeline),
    )
    steps: list[StepView] = []
    first: dict[str, Facts] = {}
    rows, others = _Rows(subject), _Others(subject.protocol.steps)
    reference = _signals(subject.reference)
    for index, step in enumerate(subject.protocol.steps):
        role = role_of(step)
        stated = _step_facts(step, role, others)
        stated |= rows.facts(index, role)
        stated["after_injection"] = index > others.injection
        if pre := first.get(_BEFORE_INJECTION.get(role or "", "")):
            stated |= counterpart("pre", pre)
        facts_of_step = Facts(stated, card, rows.uncertainties(index))
        if role in reference and (signal := _signal(facts_of_step)):
            stated["relative_snr"] = signal / reference[role]
            facts_of_step = Facts(stated, card, rows.uncertainties(index))
        first.setdefault(role or "", facts_of_step)
        if not isinstance(step, Pause):
            steps.append(StepView(index, name_of(step), role or "", facts_of_step))
    return CardView(card, tuple(steps))


def counterpart(prefix: str, other: Facts) -> dict[str, Any]:
    """Facts of another scan under names that a rule can hold against the own ones."""
    return {f"{prefix}_{name}": other.get(name) for name in COMPARED}


def _signals(reference: Subject | None) -> dict[str | None, float]:
    """Signal of each scan of a reference card, by role."""
    if reference is None:
        return {}
    found = {step.role: _signal(step.facts) for step in view(reference).steps if step.role}
    return {role: signal for role, signal in found.items() if signal}


def _signal(facts_of_scan: Facts) -> float | None:
    try:
        return signal_to_noise(facts_of_scan)
    except Unstated:
        return None


def scanner_facts(profile: ScannerProfile) -> dict[str, Any]:
    """Facts of a scanner, for :attr:`Subject.scanner`. Of several head coils the smallest counts."""
    return {
        "gradient_amplitude": profile.maximum_gradient,
        "receive_channels": min(profile.head_coil_channels, default=None),
        "spin_echo_3d_available": "spin_echo_3d" in profile.options,
        "scanner_options": list(profile.options),
    }


def _card_facts(subject: Subject) -> dict[str, Any]:
    protocol, target = subject.protocol, subject.target
    found: dict[str, Any] = {
        "kind": protocol.kind,
        "region": protocol.region,
        "rendered_field_strengths": protocol.field_strengths or None,
        "order": _roles(protocol.steps),
        "standard_order": _roles(step for step in protocol.steps if not step.optional),
        **session_facts(protocol.steps),
        "covered_spine_regions": _covered(protocol.acquisitions),
        **dict(protocol.situation),
    }
    if target is not None:
        found |= {"vendor": target.vendor, "field_strength": target.field_strength}
    return {**found, **_totals(subject)}


def _roles(steps: Iterable[Step]) -> list[str]:
    roles = [role_of(step) for step in steps]
    return [role for role in roles if role is not None and role not in UNRATED_ROLES]


def _covered(scans: Iterable[Acquisition]) -> list[str] | None:
    stations = [scan.coverage for scan in scans if scan.role == "spine_t2_sag" and scan.coverage]
    return sorted({region for station in stations for region in station}) or None


def _totals(subject: Subject) -> dict[str, Any]:
    """Total times of the exam, of its own region and of the spine; none where a counted scan has no time.

    Brain and spine in one card have each its own limit, so that a brain card does not count its spine scans.
    """
    if subject.timeline is None:
        return {}
    counted = _counted(subject)
    listed = [pair for pair in counted if _is_spine(pair[0]) <= (subject.protocol.region != "brain")]
    own = [row for _, row in listed]
    sums = {
        "counted_duration": own,
        "counted_duration_without_susceptibility": [r for role, r in listed if role not in _SUSCEPTIBILITY],
        "spine_duration": [row for role, row in counted if _is_spine(role)],
        "exam_duration": [row for _, row in counted],
    }
    times = {name: _sum(rows) for name, rows in sums.items() if rows}
    durations = [row.duration for row in own]
    return {
        "counted_roles": [role for role, _ in counted],
        "counted_durations": None if None in durations else durations,
        **times,
    }


def _counted(subject: Subject) -> list[tuple[str, Row]]:
    rows = subject.timeline.rows if subject.timeline else ()
    return [(_counted_role(subject.protocol.steps[row.step]), row) for row in rows if row.counted]


def _is_spine(role: str) -> bool:
    return role.startswith("spine_")


def _sum(rows: Sequence[Row]) -> float | None:
    """Seconds of some rows together; ``None`` where one has no time."""
    times = [row.duration for row in rows if row.duration is not None]
    return sum(times) if len(times) == len(rows) else None


def _counted_role(step: Step) -> str:
    """Role under which a row counts; a pause is set-up, an unknown scan is an addition."""
    return "setup" if isinstance(step, Pause) else role_of(step) or "other"


_TOTALS = ("counted_duration", "counted_duration_without_susceptibility", "spine_duration", "exam_duration")


def _card_uncertainties(timeline: Timeline | None) -> dict[str, float]:
    return dict.fromkeys(_TOTALS, timeline.counted_uncertainty if timeline is not None else 0.0)


class _Others:
    """What a step has to know of the others: how many have its role, what is reformatted, the injection."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.roles: Counter[str | None] = Counter(
            step.role for step in steps if isinstance(step, Acquisition)
        )
        self.injection = next((i for i, step in enumerate(steps) if isinstance(step, Contrast)), len(steps))
        self._transverse: dict[str, list[tuple[int, float]]] = {}
        for index, step in enumerate(steps):
            if isinstance(step, Reformat) and step.plane == "transverse" and step.slice_thickness:
                self._transverse.setdefault(step.source, []).append((index, step.slice_thickness))

    def reformats(self, scan: Acquisition) -> list[float]:
        """Slice thicknesses of the transverse reformats of a scan, by any of its names, in exam order."""
        names = {scan.definition, scan.role, scan.name}
        made = (found for name in names if name for found in self._transverse.get(name, ()))
        return [thickness for _, thickness in sorted(made)]


def _step_facts(step: Step, role: str | None, others: _Others) -> dict[str, Any]:
    found = dict(_of_scan(step)) if isinstance(step, Acquisition) else _stated(step)
    found["role"] = role
    if isinstance(step, Acquisition):
        found |= {name: step.vendor[name] for name in _FROM_VENDOR if name in step.vendor}
        found["stations"] = others.roles[role]
        found["transverse_reformats"] = others.reformats(step)
    return found


def _stated(step: Step) -> dict[str, Any]:
    values, own = vars(step), _own()
    return {name: values[name] for name in values if name in own and values[name] not in (None, ())}


_of_scan = per_scan(_stated)


@cache
def _own() -> frozenset[str]:
    """Facts that are fields of a step; its kind and its vendor mapping are not those of the card."""
    return frozenset(name for name, fact in facts().items() if fact.scope == "step")


_FROM_VENDOR = ("water_fat_shift", "receive_bandwidth")
"""Vendor parameters of a scan that physics can be held against."""


class _Rows:
    """The time axis, by step. Optional steps shorten no delay: they may be left out."""

    def __init__(self, subject: Subject) -> None:
        steps, rows = subject.protocol.steps, subject.timeline.rows if subject.timeline else ()
        self._rows = {row.step: row for row in rows}
        self._optional = {index for index, step in enumerate(steps) if step.optional}
        injection = next((row.step for row in rows if isinstance(steps[row.step], Contrast)), None)
        self._since: dict[int, _Delay] = {}
        delay = _Delay()
        for row in rows:
            if injection is not None and row.step > injection:
                self._since[row.step] = delay
                delay = delay if row.step in self._optional else delay.after(row)

    def facts(self, step: int, role: str | None) -> dict[str, Any]:
        """The estimate, and the least delay after the injection if every scan between has a time."""
        found: dict[str, Any] = {}
        row = self._rows.get(step)
        if row is not None and row.estimate is not None:
            found["estimated_duration"] = row.estimate.seconds
            found["estimate_uncertainty"] = row.estimate.uncertainty
        delay = self._delay(step)
        if delay is not None and delay.timed and role != GADOLINIUM:
            found["delay_after_injection"] = delay.seconds
        return found

    def uncertainties(self, step: int) -> dict[str, float]:
        """Uncertainty of that delay."""
        delay = self._delay(step)
        return {"delay_after_injection": delay.uncertainty if delay else 0}

    def _delay(self, step: int) -> _Delay | None:
        """Sum up the rows from the injection up to the step that run if the step does.

        Optional rows may be left out; but the wait right before an optional scan is its own.
        """
        delay, before = self._since.get(step), self._rows.get(step - 1)
        own = step in self._optional and step - 1 in self._optional and step - 1 in self._since
        return delay.after(before) if delay and before and own and before.kind == "pause" else delay


@dataclass(frozen=True, slots=True)
class _Delay:
    """Seconds of some rows, how uncertain they are, and whether every scan among them has a time."""

    seconds: float = 0
    uncertainty: float = 0
    timed: bool = True

    def after(self, row: Row) -> _Delay:
        """Add a row."""
        timed = self.timed and (row.duration is not None or row.kind == "pause")
        return _Delay(
            self.seconds + (row.duration or 0.0), self.uncertainty + (row.uncertainty or 0.0), timed
        )
