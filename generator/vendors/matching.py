"""Which step of which donor serves which scan: one engine for all vendors, in neutral terms.

A dialect describes the steps of a site's exports (:class:`DonorStep`); :func:`plan` chooses among them. It
never takes a localizer for a scan that is none, never another field strength, and another body region only by
hand. What a clone would bring along without the spec speaking of it is listed (:class:`Inherited`), and reset
where the dialect knows how.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log
from typing import Literal

from pydantic import Field

from generator.model.tolerance import same
from generator.model.tree import Acquisition, Node, Protocol, Target

_BY_HAND = "by hand: "

Binding = Literal["anatomy", "patient", "plan", "scanner"]
Gaps = Literal["refuse", "sheet", "template"]


class Inherited(Node):
    """One setting that a clone brings along and that the spec does not speak of."""

    what: str = Field(description="gating, saturation_bands, shim_volume, coil_elements ...")
    value: str = Field(description="the setting for people")
    bound_to: Binding = "anatomy"
    field: str | None = Field(None, description="neutral field; where the spec states it, it is patched")
    resets_to: str | None = Field(None, description="the neutral value it can be reset to; null = cannot be")


class DonorStep(Node):
    """One step of a site's export that may be cloned."""

    key: str = Field(description="the dialect's own handle of the step in its file")
    path: tuple[str, ...] = Field((), description="region, exam, program")
    index: int = Field(description="place in its program, from 0")
    scan: Acquisition
    region: str | None = Field(None, description="brain, spine, or another word; null = not stated")
    inversions: int | None = Field(None, description="inversion pulses, where scan does not show them")
    is_localizer: bool = False
    is_calibration: bool = False
    research: str = Field("", description="why its sequence is no product; empty for a product")
    fixed: tuple[str, ...] = Field((), description="fields that no patch of this step can change")
    needs: tuple[str, ...] = Field((), description="keys of steps that must come along")
    inherited: tuple[Inherited, ...] = ()

    @property
    def label(self) -> str:
        """Path and name as a user writes them: ``Head/Routine/mprage``."""
        return "/".join((*self.path, self.scan.name))


class Donor(Node):
    """One export of a site's scanner."""

    file: str
    sha256: str
    vendor: str
    release: str | None = None
    field_strength: float | None = None
    steps: tuple[DonorStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """A donor step held against a wanted scan.

    Attributes
    ----------
    score : float
        0 to 100, 100 = nothing to change; negative if it must not serve.
    reasons : tuple of str
        What the score is made of; of a step that must not serve, why.
    """

    donor: Donor
    step: DonorStep
    score: float
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes of one scan of the protocol.

    Attributes
    ----------
    index : int
        Its place in the protocol.
    action : {"clone", "leave_out", "pause", "template"}
        ``clone`` if there is a step; else what the gap becomes.
    reset, keep : frozenset of str
        ``what`` of inherited settings that are reset, and that stay as the donor has them.
    """

    index: int
    scan: Acquisition
    found: Candidate | None
    alternatives: tuple[Candidate, ...] = ()
    action: Literal["clone", "leave_out", "pause", "template"] = "clone"
    reset: frozenset[str] = frozenset()
    keep: frozenset[str] = frozenset()
    missing: str = ""
    nearest: tuple[str, ...] = ()
    by_hand: bool = False

    @property
    def donor(self) -> Donor:
        """The file that serves. Only of a choice that is a clone."""
        assert self.found is not None
        return self.found.donor

    @property
    def step(self) -> DonorStep | None:
        """The step that serves, ``None`` for a gap."""
        return self.found.step if self.found else None

    @property
    def elsewhere(self) -> bool:
        """Whether the user took a step of another body region."""
        return self.found is not None and self.found.reasons[0].startswith(_BY_HAND)

    @property
    def text(self) -> str:
        """What the operator reads in place of a scan that is missing."""
        return f"{self.scan.name}: to be set up by hand, no donor step serves; see the sheet beside this card"

    @property
    def patched(self) -> tuple[str, ...]:
        """Fields of the spec that the donor has otherwise, or not at all."""
        if self.step is None:
            return ()
        have = self.step.scan
        return tuple(
            name for name in stated(self.scan) if not same(getattr(self.scan, name), getattr(have, name))
        )

    @property
    def inherited(self) -> tuple[Inherited, ...]:
        """Settings that the clone brings along: those of the step without what the spec states."""
        if self.step is None:
            return ()
        spoken = set(stated(self.scan))
        return tuple(one for one in self.step.inherited if one.field not in spoken)


@dataclass(frozen=True, slots=True)
class Along:
    """A step of a donor that comes along unchanged: localizer, coil survey, reference scan.

    Attributes
    ----------
    before : int
        Index of the protocol's step that it is placed before.
    """

    before: int
    donor: Donor
    step: DonorStep


@dataclass(frozen=True, slots=True)
class Plan:
    """Which donor steps make a card."""

    choices: Mapping[int, Choice]
    along: tuple[Along, ...] = ()
    donors: tuple[Donor, ...] = ()
    release: str | None = None
    warnings: tuple[str, ...] = ()

    @property
    def gaps(self) -> tuple[Choice, ...]:
        """Scans that must be there and that no donor serves."""
        return tuple(one for one in self.choices.values() if one.step is None and not one.scan.optional)

    @property
    def by_hand(self) -> tuple[Choice, ...]:
        """Gaps that the operator has to fill."""
        return tuple(one for one in self.gaps if one.action == "pause")

    @property
    def left_out(self) -> tuple[Choice, ...]:
        """Optional scans that no donor serves."""
        return tuple(one for one in self.choices.values() if one.step is None and one.scan.optional)


@dataclass(frozen=True, slots=True)
class Pin:
    """What a user decided by hand for one scan.

    Attributes
    ----------
    path : str
        ``Head/Routine/mprage`` or the end of it; with ``#7`` the place in its program, from 0.
    file : str
        Name of the file, empty if only one has the path.
    keep : frozenset of str
        Inherited settings that shall stay.
    leave_out : bool
        The scan is not to be in the card.
    """

    path: str = ""
    file: str = ""
    keep: frozenset[str] = frozenset()
    leave_out: bool = False


_NOT_SCANNED = frozenset({"kind", "name", "definition", "role", "optional", "instruction", "vendor"})


def stated(scan: Acquisition) -> list[str]:
    """Name the fields that a scan states of how it is scanned."""
    return [n for n, value in vars(scan).items() if value is not None and n not in _NOT_SCANNED]


# --- regions ------------------------------------------------------------------------------------------

# Words of programs and body parts in the languages of the collected exports, narrow meanings first: a
# pituitary is not a brain. Matched at the beginning of a word; those with a star anywhere ("AnatBrain"),
# those with a point as a whole ("hip" is no hippocampus, "cou" no coude).
_REGIONS: tuple[tuple[str, str], ...] = (
    ("pituitary", "pituitar hypophys sella sellaire"),
    ("orbit", "orbit augen oeil"),
    ("inner ear", "iac kleinhirnbrücken cochlea innenohr caes"),
    ("neck", "neck halsweich cou. carotid carotis larynx pharynx tsa."),
    ("limb", "*knee genou knie hand handgelenk main. mains. *wrist poignet finger scaphoid *elbow coude "
             "ellenbogen *shoulder epaule schulter hip. hips. hanche huefte *ankle foot feet cheville "
             "pied fuss sprunggelenk achill menisc thigh calf femur tibia humerus forearm msk *extremit "
             "limb. limbs."),
    ("trunk", "*abdomen liver foie leber kidney rein. reins. niere pancrea mrcp bile *pelvis *prostat uter "
              "bassin becken heart *cardiac coeur herz thorax chest breast sein. seins. mamma"),
    ("spine", "*spine spinal cspine tspine lspine ctspine cervic thoracic lumb cord rachis moelle medull "
              "myel hws bws lws wirbel"),
    ("brain", "*brain head cran cerebr neuro encephal tete tête kopf schaedel schädel crâne stroke epilep "
              "hippocamp limbic"),
)  # fmt: skip


_NAMES = frozenset(name for name, _ in _REGIONS)


@lru_cache(4096)
def _region(text: str) -> str | None:
    """The narrowest region that a text speaks of; ``None`` for "head and neck", which is either."""
    words = re.split(r"[^a-zäöüéèêâ]+", text.lower())
    found = [region for region, stems in _REGIONS if any(_begins(stem, words) for stem in stems.split())]
    return None if found == ["neck", "brain"] else next(iter(found), None)


def _begins(stem: str, words: Sequence[str]) -> bool:
    if stem.endswith("."):
        return stem[:-1] in words
    inside = stem.removeprefix("*")
    return any(inside in word if stem != inside else word.startswith(inside) for word in words)


def region_of(body_part: str | None, path: Iterable[str], name: str = "") -> str | None:
    """Name the body region that texts of a step speak of: its name, else its body part, else its path.

    A body part "brain" is often only the default of the console: a path that speaks of a region counts more.

    Returns
    -------
    str or None
        ``brain``, ``spine`` or another word; ``None`` if no text speaks of a region.
    """
    part = _region(body_part or "")
    around = next((region for text in reversed(tuple(path)) if (region := _region(text))), None)
    elsewhere = around if around not in ("brain", "spine") else None
    narrow = part if part != "brain" else None
    return _region(name) or elsewhere or narrow or around or part


# --- scoring ------------------------------------------------------------------------------------------

_RELATED = ({"gradient_echo", "multi_echo_gradient_echo"},)
_PREPARED_ANYWAY = frozenset({"magnetization_prepared_gradient_echo", "mp2rage"})
_FIELD_TOLERANCE = 0.1
_TENSOR = 6
"""Directions from which a diffusion scan is a tensor scan."""


def inversions(scan: Acquisition) -> int:
    """Count the inversion pulses of a scan."""
    return sum(time is not None for time in (scan.inversion_time, scan.second_inversion_time))


def _family(technique: str | None) -> str:
    return (technique or "other").replace("_", " ")


def describe(scan: Acquisition, region: str | None, field_strength: float) -> str:
    """Say in words what is wanted: ``a 3D turbo spin echo with inversion of the brain at 3 T``."""
    single = "single-shot" if _is_planar(scan) and scan.number_of_shots == 1 else ""
    parts = [scan.mr_acquisition_type or "", single, _family(scan.technique)]
    if scan.technique not in _PREPARED_ANYWAY:
        parts.append(("", "with inversion", "with two inversions")[inversions(scan)])
    where = f" of the {region}" if region else ""
    return f"a {' '.join(filter(None, parts))}{where} at {field_strength:g} T"


def refusal(wanted: Acquisition, region: str | None, target: Target, donor: Donor, step: DonorStep) -> str:
    """Say why a donor step must not serve a scan; empty if it may."""
    have = step.scan
    localizer, calibration = wanted.role == "localizer", wanted.role == "calibration"
    strength = donor.field_strength
    far = strength is None or abs(strength / target.field_strength - 1) > _FIELD_TOLERANCE
    shown = "its field strength is not stated" if strength is None else f"{strength:g} T"
    pulses = inversions(have) if step.inversions is None else step.inversions
    family = wanted.technique == have.technique or any(
        {wanted.technique, have.technique} <= s for s in _RELATED
    )
    dimensions = (wanted.mr_acquisition_type, have.mr_acquisition_type)
    checks = (
        (step.is_localizer and not localizer, "a localizer"),
        (step.is_calibration and not calibration, "a calibration"),
        (far, f"{shown}, not {target.field_strength:g} T"),
        (not family, f"{_family(have.technique)}, not {_family(wanted.technique)}"),
        (None not in dimensions and dimensions[0] != dimensions[1], f"{dimensions[1]}, not {dimensions[0]}"),
        (
            wanted.technique not in _PREPARED_ANYWAY and pulses != inversions(wanted),
            f"{pulses or 'no'} inversion{'s' * (pulses > 1)}, not {inversions(wanted)}",
        ),
        (
            "diffusion_directions" in step.fixed and _is_tensor(wanted) != _is_tensor(have),
            "another diffusion scheme",
        ),
        (region and step.region and step.region != region, f"{step.region}, not {region}"),
        (region and have.laterality and not wanted.laterality, f"laterality {have.laterality}"),
        (region == "brain" and (have.patient_position or "").startswith("FF"), "feet first, not brain"),
    )
    return next((text for failed, text in checks if failed), "")


def last_resort(wanted: Acquisition, step: DonorStep) -> str:
    """Say why a step serves only where no other does; empty for one like any other."""
    segments = step.scan.number_of_shots or 1
    fixed = "number_of_shots" in step.fixed and wanted.number_of_shots == 1 < segments
    text = f"reads out in {segments} segments instead of one shot and takes about {segments} times as long"
    return text if fixed and _is_planar(wanted) else ""


def _is_planar(scan: Acquisition) -> bool:
    return (scan.technique or "").startswith("echo_planar")


def _is_tensor(scan: Acquisition) -> bool:
    return scan.diffusion_directions is not None and scan.diffusion_directions >= _TENSOR


def _by_region(text: str) -> bool:
    """Whether a refusal is about the body region, which a user may decide by hand."""
    return text.startswith("laterality") or text.split(",")[0] in {"feet first", *_NAMES}


def _penalties(wanted: Acquisition, region: str | None, step: DonorStep) -> Iterator[tuple[float, str]]:
    """What makes a step that may serve less fit, and by how much."""
    have = step.scan
    if region and step.region is None:
        yield 25, "its body region is not stated"
    if step.research:
        yield 40, f"no product sequence: {step.research}"
    if wanted.technique != have.technique:
        yield 12, f"{_family(have.technique)} for {_family(wanted.technique)}"
    if have.patient_position not in (None, wanted.patient_position or "HFS"):
        yield 10, f"patient position {have.patient_position}"
    for name, weight in (("plane", 6), ("fat_suppression", 5), ("readout", 10), ("gating", 4)):
        a, b = getattr(wanted, name), getattr(have, name)
        if a is not None and b is not None and a != b:
            yield weight, f"{name.replace('_', ' ')} {b} for {a}"
    yield from _physics(wanted, have)
    if not _shared_words(wanted, have):
        yield 4, "another name"


_CLOSE = (
    ("repetition_time", 3), ("inversion_time", 6), ("slice_thickness", 3), ("number_of_slices", 2),
    ("echo_train_length", 2),
)  # fmt: skip


def _physics(wanted: Acquisition, have: Acquisition) -> Iterator[tuple[float, str]]:
    pairs = [(name, getattr(wanted, name), getattr(have, name), weight) for name, weight in _CLOSE]
    echoes = [(scan.echo_times or (None,)) for scan in (wanted, have)]
    pairs.append(("echo_times", echoes[0][-1], echoes[1][-1], 5))
    for name, a, b, weight in pairs:
        if a and b and (gap := abs(log(b / a))) > 0.05:
            yield min(weight * gap, 4 * weight), f"{name.replace('_', ' ')} {b:g} for {a:g}"
    if len(echoes[0]) != len(echoes[1]) and have.echo_times:
        yield 8, f"{len(echoes[1])} echoes for {len(echoes[0])}"
    if None not in (both := (wanted.phase_encoding_direction, have.phase_encoding_direction)):
        yield 3 * (both[0] != both[1]), f"phase direction {both[1]}"
    if _is_planar(have) and wanted.number_of_shots == 1 < (have.number_of_shots or 1):
        yield 20, f"{have.number_of_shots} readout segments for one shot"
    if wanted.technique == "echo_planar_diffusion":
        yield from _diffusion(wanted, have)


def _diffusion(wanted: Acquisition, have: Acquisition) -> Iterator[tuple[float, str]]:
    if wanted.b_values and have.b_values:
        asked, given = max(wanted.b_values), max(have.b_values)
        if abs(asked - given) > 0.1 * asked:
            yield 12, f"b {given:g} for {asked:g}"
    if _is_tensor(wanted) != _is_tensor(have):
        yield 15, "a tensor scan for a trace scan" if _is_tensor(have) else "a trace scan for a tensor scan"


_WORDS = re.compile(r"[a-z]{2,}\d?|[a-z]\d|\d[a-z]")


def _shared_words(wanted: Acquisition, have: Acquisition) -> set[str]:
    texts = f"{wanted.name} {wanted.role or ''} {wanted.definition or ''}".lower()
    return set(_WORDS.findall(texts)) & set(_WORDS.findall(have.name.lower()))


def candidate(
    wanted: Acquisition, region: str | None, target: Target, donor: Donor, step: DonorStep
) -> Candidate:
    """Hold one donor step against one wanted scan."""
    if no := refusal(wanted, region, target, donor, step):
        return Candidate(donor, step, -1.0, (no,))
    penalties = _penalties(wanted, region, step)
    found = sorted((pair for pair in penalties if pair[0]), key=lambda pair: -pair[0])
    score = max(0.0, 100.0 - sum(weight for weight, _ in found))
    return Candidate(donor, step, round(score, 1), tuple(text for _, text in found) or ("nothing differs",))


# --- planning -----------------------------------------------------------------------------------------


def same_release(one: str | None, other: str | None) -> bool:
    """Say whether two texts name one release: ``XA61``, ``syngo MR XA61A`` and ``XA61A`` do, XA6 does not."""
    first, second = sorted((_release(text) for text in (one, other)), key=len)
    return bool(first) and second.startswith(first) and not second[len(first) :][:1].isdigit()


def _release(text: str | None) -> str:
    plain = re.sub(r"#.*|[^A-Z0-9.]", "", (text or "").upper().replace("SYNGO MR", ""))
    return re.sub(r"^R(?=\d)", "", plain)


@dataclass
class Planner:
    """Plans one protocol for one target from the steps of all donors."""

    protocol: Protocol
    target: Target
    donors: Sequence[Donor]
    pins: Mapping[str, Pin]
    template: bool

    def plan(self) -> Plan:
        """Choose for every scan, from the donors of the one release that serves most of them."""
        self._refuse_unknown_pins()
        usable = self._usable()
        releases = list(dict.fromkeys(donor.release for donor in usable)) or [None]
        plans, wrong = [], list[BadPin]()
        for release in releases:
            try:
                plans.append(self._plan([one for one in usable if one.release == release], release))
            except BadPin as error:  # a step named by hand is of one release, which then is the card's
                wrong.append(error)
        if not plans:
            raise max(wrong, key=lambda error: "0 donor steps" not in str(error))
        best = min(plans, key=lambda plan: (len(plan.gaps), len(plan.left_out), -_total(plan)))
        others = [str(release) for release in releases if release != best.release]
        said = (
            [f"donors of {', '.join(others)} are not used: this card is made for {best.release}"]
            if others
            else []
        )
        return replace(best, donors=tuple(self.donors), warnings=(*said, *best.warnings))

    def _refuse_unknown_pins(self) -> None:
        """Refuse a decision about a scan that the protocol does not have. Raises BadPin."""
        scans = {i: step.name for i, step in enumerate(self.protocol.steps) if isinstance(step, Acquisition)}
        known = {*scans.values(), *map(str, scans)}
        if unknown := [name for name in self.pins if name not in known]:
            raise BadPin(f"the protocol has no scan {unknown[0]!r}: it has {', '.join(scans.values())}")

    def _usable(self) -> list[Donor]:
        """Donors of the release that is asked for; all of them if none is."""
        asked = self.target.software
        return [one for one in self.donors if asked is None or same_release(asked, one.release)]

    def _plan(self, donors: Sequence[Donor], release: str | None) -> Plan:
        steps = enumerate(self.protocol.steps)
        scans = {index: step for index, step in steps if isinstance(step, Acquisition)}
        choices = {index: self._choice(index, scan, donors) for index, scan in scans.items()}
        choices = self._together(choices)
        along, warnings = _along(self.protocol, choices)
        warnings += self._last_resorts(choices)
        return Plan(choices, tuple(along), tuple(donors), release, tuple(warnings))

    def _last_resorts(self, choices: Mapping[int, Choice]) -> Iterator[str]:
        """Name every step that serves only because no other does, and what would serve better."""
        for one in choices.values():
            if one.step and (why := last_resort(one.scan, one.step)):
                better = describe(one.scan, self.protocol.region, self.target.field_strength)
                yield f"{one.scan.name}: {one.step.label}, the last resort, {why}; add {better} to the export"

    def _choice(self, index: int, scan: Acquisition, donors: Sequence[Donor]) -> Choice:
        region = self.protocol.region
        held = [candidate(scan, region, self.target, donor, step) for donor in donors for step in donor.steps]
        pin = self._pin(index, scan)
        ranked = sorted(
            (one for one in held if one.score >= 0),
            key=lambda one: (bool(last_resort(scan, one.step)), bool(one.step.research), -one.score),
        )
        if pin and pin.path:
            chosen = _pinned(pin, held, scan)
            return _settled(index, scan, chosen, tuple(one for one in ranked if one is not chosen)[:2], pin)
        needless = scan.optional and ranked and last_resort(scan, ranked[0].step)
        if ranked and not needless and not (pin and pin.leave_out):
            return _settled(index, scan, ranked[0], tuple(ranked[1:3]), pin)
        near = [one for one in held if not (one.step.is_localizer or one.step.is_calibration)]
        close = sorted(near, key=lambda one: _distance(scan, one.step.scan) + 3 * _by_region(one.reasons[0]))
        return Choice(
            index, scan, None, action=self._gap(scan),
            missing=describe(scan, region, self.target.field_strength),
            nearest=tuple(f"{one.step.label} ({one.reasons[0]})" for one in close[:2]),
        )  # fmt: skip

    def _pin(self, index: int, scan: Acquisition) -> Pin | None:
        return self.pins.get(scan.name) or self.pins.get(str(index))

    def _together(self, choices: Mapping[int, Choice]) -> dict[int, Choice]:
        """Prefer, among nearly equal steps, the program that most scans come from."""
        home = _home(choices)
        return {index: _at_home(one, home, self._pin(index, one.scan)) for index, one in choices.items()}

    def _gap(self, scan: Acquisition) -> Literal["leave_out", "pause", "template"]:
        if scan.optional:
            return "leave_out"
        return "template" if self.template else "pause"


def _total(plan: Plan) -> float:
    return sum(one.found.score for one in plan.choices.values() if one.found)


def _distance(wanted: Acquisition, have: Acquisition) -> int:
    """How far a step is that must not serve: the family counts most."""
    return (
        4 * (wanted.technique != have.technique)
        + 2 * (wanted.mr_acquisition_type != have.mr_acquisition_type)
        + (inversions(wanted) != inversions(have))
    )


def _settled(
    index: int, scan: Acquisition, chosen: Candidate, others: tuple[Candidate, ...], pin: Pin | None
) -> Choice:
    """A clone; what it inherits is reset where it is bound to a body, a patient or a plan."""
    keep = pin.keep if pin else frozenset()
    choice = Choice(index, scan, chosen, others, by_hand=bool(pin and pin.path))
    bound = {one.what for one in choice.inherited if one.resets_to is not None and one.bound_to != "scanner"}
    kept = {one.what for one in choice.inherited} - (bound - keep)
    return replace(choice, reset=frozenset(bound - keep), keep=frozenset(kept))


TEMPLATE = "Rendered from templates, as no donor step serves it: untested on a console. Check every value."
"""What the operator reads of a scan that ``--gaps template`` filled."""


class BadPin(ValueError):
    """A step that a user named by hand and that is not there, is not the only one, or must not serve."""


def _is_named(pin: Pin, one: Candidate) -> bool:
    path, _, place = pin.path.partition("#")
    ends = f"/{one.step.label}".endswith(f"/{path}".rstrip("/"))
    return ends and place in ("", str(one.step.index)) and one.donor.file.endswith(pin.file)


def _pinned(pin: Pin, held: Sequence[Candidate], scan: Acquisition) -> Candidate:
    """Find the step that a user named. Another body region is the user's decision; nothing else is."""
    found = [one for one in held if _is_named(pin, one)]
    if len(found) != 1:
        seen = ", ".join(f"{one.step.label}#{one.step.index} of {one.donor.file}" for one in found[:5])
        raise BadPin(
            f"{scan.name}: {len(found)} donor steps are called {pin.path!r}{': ' if seen else ''}{seen}"
        )
    (one,) = found
    if one.score < 0 and not _by_region(one.reasons[0]):
        raise BadPin(f"{scan.name}: {one.step.label} cannot serve: {one.reasons[0]}")
    return one if one.score >= 0 else replace(one, score=0.0, reasons=(f"{_BY_HAND}{one.reasons[0]}",))


_Program = tuple[str, tuple[str, ...]]
"""File and path."""


def _home(choices: Mapping[int, Choice]) -> _Program | None:
    """Name the program that most scans come from, the first of several; ``None`` if no scan is cloned."""
    programs = [(one.donor.file, one.step.path) for one in choices.values() if one.step]
    return max(programs, key=programs.count, default=None)


_NEARLY = 5.0


def _at_home(choice: Choice, home: _Program | None, pin: Pin | None) -> Choice:
    best = choice.found
    if best is None or choice.by_hand or (best.donor.file, best.step.path) == home:
        return choice
    for other in choice.alternatives:
        nearly = best.score - other.score <= _NEARLY and bool(other.step.research) <= bool(best.step.research)
        if nearly and (other.donor.file, other.step.path) == home:
            rest = tuple(one for one in (best, *choice.alternatives) if one is not other)
            return _settled(choice.index, choice.scan, other, rest, pin)
    return choice


def _along(protocol: Protocol, choices: Mapping[int, Choice]) -> tuple[list[Along], list[str]]:
    """Steps that come along: what the chosen ones need, and a localizer first."""
    taken: dict[tuple[str, str], Along] = {}
    warnings: list[str] = []
    cloned = {(one.donor.file, one.step.key) for one in choices.values() if one.step}
    for index, choice in choices.items():
        if choice.step is None:
            continue
        there = {step.key: step for step in choice.donor.steps}
        for key in _needed(choice.step, there):
            if key not in there:
                warnings.append(
                    f"{choice.scan.name}: a step that {choice.step.label} needs is not in {choice.donor.file}"
                )
            elif (choice.donor.file, key) not in cloned:
                taken.setdefault((choice.donor.file, key), Along(index, choice.donor, there[key]))
    found = list(taken.values())
    wants = any(scan.role == "localizer" for scan in protocol.acquisitions)
    if not wants and not any(one.step.is_localizer for one in found):
        found = [*_localizer(protocol, choices), *found]
    return found, warnings


def _needed(step: DonorStep, there: Mapping[str, DonorStep]) -> Iterator[str]:
    """Keys that a step needs, those of the needed ones first; a circle ends where it began."""
    seen, queue = {step.key}, list(step.needs)
    order: list[str] = []
    while queue:
        key = queue.pop(0)
        if key not in seen:
            seen.add(key)
            order.append(key)
            queue += there[key].needs if key in there else ()
    yield from reversed(order)


def _localizer(protocol: Protocol, choices: Mapping[int, Choice]) -> list[Along]:
    """The first localizer of the program that most scans come from, else of its file, of the same region."""
    home = _home(choices)
    if home is None:
        return []
    file, path = home
    donor = next(one.donor for one in choices.values() if one.step and one.donor.file == file)
    fitting = [s for s in donor.steps if s.is_localizer and s.region in (None, protocol.region)]
    inside = [s for s in fitting if s.path == path] or fitting
    first = min(choices)
    return [Along(first, donor, inside[0])] if inside else []


def plan(
    protocol: Protocol,
    target: Target,
    donors: Sequence[Donor],
    pins: Mapping[str, Pin] | None = None,
    template: bool = False,
) -> Plan:
    """Choose for every scan of a protocol the donor step that serves best.

    Parameters
    ----------
    pins : mapping of str to Pin
        By name (or index) of a scan, what the user decided by hand.
    template : bool
        Whether templates fill the gaps; else they are left to the operator.

    Raises
    ------
    BadPin
        If a step named by hand is not there, not the only one, or must not serve.
    """
    return Planner(protocol, target, donors, pins or {}, template).plan()
