"""An exam held against the protocol it should have followed: what was asked, what the images show.

Deviations are found once: a field that follows from another that deviates is none of its own, images that are
missing are missing and not a lower number, and what the images cannot say is not stated. How far a value may
be off is data (``specs/audit.yaml``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from math import acos, degrees
from typing import Any, Literal

from generator import resources, yaml
from generator.compare.fields import BOOKKEEPING, NOT_COMPARED, Severity, severity
from generator.compare.pairing import ALIKE, SURE, Match, alikeness, match, words
from generator.model.acquired import AcquiredScan, Exam
from generator.model.fields import field_table
from generator.model.tolerance import near, same
from generator.model.tree import Acquisition, Contrast, Protocol, Reformat, Step
from generator.text import counted

Status = Literal["conform", "within tolerance", "deviates", "not stated"]
_SKIPPED = NOT_COMPARED | (BOOKKEEPING - {"output_maps"}) | {
    "output_maps", "receive_coils", "gradient_mode", "specific_absorption_rate_mode",
    "deep_learning_reconstruction", "oblique_angles", "definition",
}  # fmt: skip
"""Names and labels, words of one console, and where the patient lay."""
_TRAINS = frozenset({"turbo_spin_echo", "single_shot_turbo_spin_echo", "spin_echo"})
_PLANAR = frozenset({"echo_planar_diffusion", "echo_planar_bold"})
_AXES = {"PA": "AP", "RL": "LR", "HF": "FH"}
_POST = "_post"
_NOISE = 1e-9
_ROUNDED = {"relative": 0.005}
"""Within which a number conforms: consoles and images round differently."""
_LIKELY = 0.5
"""Alikeness from which a scan left over is taken for a step left over: it may deviate in much."""
_AGENT = 0.15
"""What it counts that a scan with contrast is asked for after the injection, one without before."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One field of one step.

    Attributes
    ----------
    wanted, found : value
        In canonical units; ``found`` is ``None`` if the images do not say, or say that there is none.
    cause : str or None
        Field that deviates and from which this one follows.
    """

    name: str
    wanted: Any
    found: Any
    status: Status
    severity: Severity
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about the exam that is no field: code, what it matters, a sentence."""

    code: str
    severity: Severity
    message: str
    step: int | None = None
    scan: int | None = None
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Pair:
    """A step and the scan that was taken for it, by their indices."""

    step: int
    scan: int
    moved: bool
    fields: tuple[Checked, ...]

    def of(self, status: Status) -> tuple[Checked, ...]:
        """Fields of one status that follow from no other."""
        return tuple(one for one in self.fields if one.status == status and one.cause is None)


@dataclass(frozen=True)
class Audit:
    """Everything that was found out about one exam.

    Attributes
    ----------
    missing, additional : tuple of int
        Steps without a scan, scans without a step; attempts and helpers are among neither.
    attempts : mapping of int to int
        Scans that were repeated, to the scan that counts.
    """

    exam: Exam
    protocol: Protocol
    pairs: tuple[Pair, ...]
    missing: tuple[int, ...]
    additional: tuple[int, ...]
    attempts: Mapping[int, int] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def compared(self) -> int:
        """Number of fields that both sides state."""
        return sum(one.status != "not stated" for pair in self.pairs for one in pair.fields)

    @property
    def conforms(self) -> bool:
        """Whether anything was compared and nothing deviates."""
        apart = any(pair.of("deviates") for pair in self.pairs) or self.missing or self.additional
        return bool(self.compared) and not apart and not any(one.counts for one in self.findings)


def audit(exam: Exam, protocol: Protocol, earlier: Sequence[Exam] = ()) -> Audit:
    """Hold an exam against a protocol.

    Parameters
    ----------
    earlier : sequence of Exam
        Exams of the same patient before it, for the geometry.
    """
    asked = [index for index, step in enumerate(protocol.steps) if isinstance(step, Acquisition)]
    matches = list(_match(exam, protocol, asked))
    attempts = _attempts(exam, {m.b for m in matches})
    matches, attempts = _best_attempts(exam, matches, attempts)
    pairs = tuple(
        Pair(asked[m.a], m.b, m.moved, tuple(check(_asked(protocol, asked[m.a]), exam.scans[m.b])))
        for m in matches
    )
    taken = {pair.step for pair in pairs}
    left = [i for i in range(len(exam.scans)) if i not in {p.scan for p in pairs} and i not in attempts]
    helpers = [i for i in left if _is_helper(exam.scans[i])]
    found = Audit(
        exam=exam,
        protocol=protocol,
        pairs=pairs,
        missing=tuple(i for i in asked if i not in taken and not _asked(protocol, i).optional),
        additional=tuple(i for i in left if i not in helpers),
        attempts=attempts,
    )
    findings = [rule for rules in (_completeness, _order, _contrast, _reformats) for rule in rules(found)]
    findings += [*_repeats(found), *_geometry(found, earlier), *_helpers(found, helpers)]
    if not found.compared:
        findings.append(Finding("nothing-compared", "image", "nothing could be compared: no verdict"))
    return replace(found, findings=tuple(findings))


def _asked(protocol: Protocol, index: int) -> Acquisition:
    step = protocol.steps[index]
    assert isinstance(step, Acquisition)
    return step


@cache
def rules() -> Mapping[str, Any]:
    """Tolerances and what follows from what, as shipped."""
    found: Mapping[str, Any] = yaml.load(resources.specs("audit.yaml"))
    return found


# --- which scan is which step -------------------------------------------------------------------------


def _match(exam: Exam, protocol: Protocol, asked: Sequence[int]) -> Iterator[Match]:
    injection = next((i for i, s in enumerate(protocol.steps) if isinstance(s, Contrast)), None)
    agents = any(scan.agent for scan in exam.scans)

    def alike(i: int, j: int) -> float:
        step, scan = _asked(protocol, asked[i]), exam.scans[j]
        score = alikeness(step, scan.acquisition)
        if injection is None or not agents:
            return score
        return score + (_AGENT if (asked[i] > injection) == bool(scan.agent) else -_AGENT)

    found = match(len(asked), len(exam.scans), alike)
    rest_a = [i for i, step in enumerate(asked) if i not in {m.a for m in found} and _is_due(protocol, step)]
    rest_b = [
        j for j in range(len(exam.scans)) if j not in {m.b for m in found} and not _is_helper(exam.scans[j])
    ]
    scale = min(SURE, ALIKE) - _LIKELY
    more = match(len(rest_a), len(rest_b), lambda i, j: alike(rest_a[i], rest_b[j]) + scale)
    found += [Match(rest_a[m.a], rest_b[m.b]) for m in more]
    kept = _rising(sorted(found, key=lambda m: m.a))
    return (Match(m.a, m.b, moved=m.b not in kept) for m in sorted(found, key=lambda m: m.a))


def _is_due(protocol: Protocol, step: int) -> bool:
    """Whether a step has to be there: what is optional is not forced on a scan that is little like it."""
    return not _asked(protocol, step).optional


def _rising(matches: Sequence[Match]) -> set[int]:
    """Scans that are in the order of the steps: a longest rising part."""
    best: list[list[int]] = []
    for one in matches:
        best.append([*_longest(run for run in best if run[-1] < one.b), one.b])
    return set(_longest(best))


def _longest(runs: Iterable[list[int]]) -> list[int]:
    return max(runs, key=len, default=[])


def _attempts(exam: Exam, matched: set[int]) -> dict[int, int]:
    """Scans left over that are another attempt at one that was matched."""
    found = {}
    for index, scan in enumerate(exam.scans):
        twin = next(
            (j for j in sorted(matched) if index not in matched and _same_scan(scan, exam.scans[j])), None
        )
        if twin is not None:
            found[index] = twin
    return found


def _same_scan(one: AcquiredScan, other: AcquiredScan) -> bool:
    a, b = one.acquisition, other.acquisition
    if a.name.casefold() != b.name.casefold() or bool(one.agent) != bool(other.agent):
        return False
    names = ("technique", "mr_acquisition_type", "plane", "repetition_time", "echo_times", "inversion_time")
    return all(same(getattr(a, n), getattr(b, n)) for n in names)


def _best_attempts(
    exam: Exam, matches: list[Match], attempts: dict[int, int]
) -> tuple[list[Match], dict[int, int]]:
    """Let the most complete attempt count, of equals the last."""
    for taken in sorted(set(attempts.values())):
        several = [taken, *(i for i, twin in attempts.items() if twin == taken)]
        best = max(several, key=lambda i: (_completeness_of(exam.scans[i]), i))
        matches = [Match(m.a, best, m.moved) if m.b == taken else m for m in matches]
        attempts = {i: twin for i, twin in attempts.items() if twin != taken}
        attempts |= {i: best for i in several if i != best}
    return matches, attempts


def _completeness_of(scan: AcquiredScan) -> tuple[bool, int]:
    return not scan.missing, scan.images


def _is_helper(scan: AcquiredScan) -> bool:
    """Whether it is a scout, a survey, a calibration."""
    known, name = rules()["helpers"], scan.acquisition.name
    named = any(part in name.casefold() for part in known["parts"]) or words(name) & {*known["words"]}
    return scan.acquisition.technique == "calibration" or bool(named)


# --- one step -----------------------------------------------------------------------------------------


def check(step: Acquisition, scan: AcquiredScan) -> Iterator[Checked]:
    """Hold every field that a step states against a scan."""
    checked = [_judge(name, step, scan) for name in field_table(Acquisition) if _is_asked(name, step, scan)]
    off = {one.name for one in checked if one.status == "deviates"}
    for one in checked:
        cause = next((c for c in rules()["follows"].get(one.name, ()) if c in off), None)
        yield replace(one, cause=cause) if one.status == "deviates" and cause else one


def _is_asked(name: str, step: Acquisition, scan: AcquiredScan) -> bool:
    if name in _SKIPPED:
        return False
    if getattr(step, name) is not None:
        return name != "repetition_time" or not _shown_otherwise(step, scan.acquisition)
    # A step that names its family and no inversion has none.
    return (
        name == "inversion_time"
        and step.technique is not None
        and scan.acquisition.inversion_time is not None
    )


def _shown_otherwise(step: Acquisition, scan: Acquisition) -> bool:
    """Whether one console shows the cycle of a prepared scan and the other the time between excitations."""
    return len({kind for one in (step, scan) if (kind := _kind_of_repetition(one))}) > 1


def _kind_of_repetition(scan: Acquisition) -> str | None:
    kinds = ("repetition_time_preparation", "repetition_time_excitation")
    return next((kind for kind in kinds if same(scan.repetition_time, getattr(scan, kind))), None)


def _judge(name: str, step: Acquisition, scan: AcquiredScan) -> Checked:
    wanted, found = _wanted(name, step, scan), getattr(scan.acquisition, name)
    asked = _stated_in(wanted, found)
    weight = severity(name, wanted, found)
    weight = "image" if weight == "raster" else weight
    return Checked(name, wanted, found, _status(name, asked, found, step, scan), weight)


def _stated_in(wanted: Any, found: Any) -> Any:
    """What is asked, without the entries of a list that the images leave open."""
    if not (isinstance(wanted, tuple) and isinstance(found, tuple) and len(wanted) == len(found)):
        return wanted
    return tuple(None if b is None else a for a, b in zip(wanted, found, strict=True))


def _wanted(name: str, step: Acquisition, scan: AcquiredScan) -> Any:
    """What is asked; of a train consoles show the refocusing angle or that of the excitation."""
    wanted = getattr(step, name)
    shown = scan.acquisition.flip_angle
    if (
        name == "flip_angle"
        and step.technique in _TRAINS
        and step.refocusing_flip_angle
        and shown is not None
    ):
        return min((wanted, step.refocusing_flip_angle), key=lambda angle: abs(angle - shown))
    return wanted


def _status(name: str, wanted: Any, found: Any, step: Acquisition, scan: AcquiredScan) -> Status:
    if found is None:
        return "deviates" if name in scan.off and wanted is not None else "not stated"
    if wanted is None:
        return "deviates"
    if special := _SPECIAL.get(name):
        return special(wanted, found, step, scan)
    if _open(name, wanted, found):
        return "not stated"
    if same(wanted, found) or _is_coarser(name, wanted, found, scan) or _allowed(wanted, found, _ROUNDED):
        return "conform"
    near_enough = near(name, wanted, found) or _tolerated(name, wanted, found, step)
    return "within tolerance" if near_enough else "deviates"


def _open(name: str, wanted: Any, found: Any) -> bool:
    """Whether a word says no more than that nothing is known."""
    return name == "plane" and "oblique" in (wanted, found)


def _is_coarser(name: str, wanted: Any, found: Any, scan: AcquiredScan) -> bool:
    """Whether the images, without the vendor's own elements, cannot tell the two apart."""
    coarse: Mapping[Any, Sequence[Any]] = rules()["coarser"].get(name, {})
    return name not in scan.surely and wanted in coarse.get(found, ())


def _tolerated(name: str, wanted: Any, found: Any, step: Acquisition) -> bool:
    allowed: Mapping[str, Any] | None = rules()["roles"].get(step.role, {}).get(name)
    allowed = allowed or rules()["tolerances"].get(name)
    if allowed is None:
        return False
    return _allowed(wanted, found, allowed)


def _allowed(wanted: Any, found: Any, allowed: Mapping[str, Any]) -> bool:
    """Whether numbers, or lists of as many numbers, are as near as is allowed; an open entry asks nothing."""
    sides = [side if isinstance(side, tuple) else (side,) for side in (wanted, found)]
    if len(sides[0]) != len(sides[1]):
        return False
    pairs = [(a, b) for a, b in zip(*sides, strict=True) if a is not None and b is not None]
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for pair in pairs for v in pair)
    return numbers and all(_within(a, b, allowed) for a, b in pairs)


def _within(wanted: float, found: float, allowed: Mapping[str, Any]) -> bool:
    most: float = max(allowed.get("absolute", 0.0), allowed.get("relative", 0.0) * abs(wanted))
    return abs(wanted - found) <= most + _NOISE


def _weightings(wanted: Any, found: Any, step: Acquisition, scan: AcquiredScan) -> Status:
    """b-values as sets: nominal ones of a protocol, jittering ones of images; 0 may go without saying."""
    allowed = rules()["tolerances"]["b_values"]
    a, b = ([v for v in values if v > 0] for values in (wanted, found))
    covered = all(any(_within(x, y, allowed) for y in b) for x in a)
    return "conform" if covered and all(any(_within(x, y, allowed) for x in a) for y in b) else "deviates"


def _direction(wanted: Any, found: Any, step: Acquisition, scan: AcquiredScan) -> Status:
    """Axis and, for EPI, whose distortions turn with it, the sense, where the images tell it."""
    if _AXES.get(wanted, wanted) != _AXES.get(found, found):
        return "deviates"
    certain = "phase_encoding_direction" in scan.surely and step.technique in _PLANAR
    return "deviates" if certain and wanted != found else "conform"


def _train(wanted: Any, found: Any, step: Acquisition, scan: AcquiredScan) -> Status:
    """Echoes of a train; of an EPI either side may state those really acquired."""
    if near("echo_train_length", wanted, found):
        return "conform"
    if step.technique not in _PLANAR:
        return "deviates"
    sides = (step, scan.acquisition)
    factors = {side.parallel_reduction_factor_in_plane or 1.0 for side in sides}
    shares = {1.0, *(side.partial_fourier_phase or 1.0 for side in sides)}
    both = ((wanted, found), (found, wanted))
    acquired = any(abs(a * s / f - b) <= 1 for s in shares for f in factors for a, b in both)
    return "conform" if acquired else "deviates" if "echo_train_length" in scan.surely else "not stated"


_SPECIAL = {"b_values": _weightings, "phase_encoding_direction": _direction, "echo_train_length": _train}


# --- the exam as a whole ------------------------------------------------------------------------------


def _completeness(found: Audit) -> Iterator[Finding]:
    for pair in found.pairs:
        for one in found.exam.scans[pair.scan].missing:
            name = _name(found, pair.step)
            yield Finding(
                f"missing-{one.what}",
                "image",
                f"{name}: {counted(one.count, one.what[:-1])} missing",
                pair.step,
                pair.scan,
            )


def _name(found: Audit, step: int) -> str:
    return str(getattr(found.protocol.steps[step], "name", ""))


def _repeats(found: Audit) -> Iterator[Finding]:
    for index, taken in sorted(found.attempts.items()):
        scan, best = found.exam.scans[index], found.exam.scans[taken]
        aborted = bool(scan.missing) or scan.images < best.images
        code, word = ("aborted", "aborted and repeated") if aborted else ("repeated", "repeated")
        text = f"{scan.acquisition.name} (series {scan.series[0]}) was {word} as series {best.series[0]}"
        yield Finding(code, "time", text, scan=index)


def _order(found: Audit) -> Iterator[Finding]:
    for pair in found.pairs:
        if pair.moved:
            yield Finding(
                "order",
                "bookkeeping",
                f"{_name(found, pair.step)} was not measured in its place",
                pair.step,
                pair.scan,
            )


def _helpers(found: Audit, helpers: Iterable[int]) -> Iterator[Finding]:
    for index in helpers:
        scan = found.exam.scans[index]
        yield Finding(
            "helper", "bookkeeping", f"series {scan.series[0]} prepares others", scan=index, counts=False
        )


def _reformats(found: Audit) -> Iterator[Finding]:
    """Reformats that are asked for and not among the images; they may have been made elsewhere."""
    derived = [made for scan in found.exam.scans for made in scan.derived]
    for index, step in enumerate(found.protocol.steps):
        if isinstance(step, Reformat) and not any(_is_reformat(step, made) for made in derived):
            text = f"no {step.plane or ''} reformat of {step.source} among the images"
            yield Finding("no-reformat", "bookkeeping", " ".join(text.split()), index, counts=False)


def _is_reformat(step: Reformat, made: Acquisition) -> bool:
    thick = step.slice_thickness is None or made.slice_thickness is None
    return made.plane == step.plane and (
        thick or near("slice_thickness", step.slice_thickness, made.slice_thickness)
    )


# --- contrast -----------------------------------------------------------------------------------------


def _contrast(found: Audit) -> Iterator[Finding]:
    """Whether contrast was given where it is asked for, which, and how long before its image."""
    injection = next((i for i, s in enumerate(found.protocol.steps) if isinstance(s, Contrast)), None)
    with_agent = [pair for pair in found.pairs if found.exam.scans[pair.scan].agent]
    if injection is None:
        if any(scan.agent for scan in found.exam.scans):
            yield Finding("contrast-given", "image", "contrast was given, the protocol asks for none")
        return
    step = found.protocol.steps[injection]
    assert isinstance(step, Contrast)
    after = [pair for pair in found.pairs if pair.step > injection]
    if not any(pair.step > injection for pair in with_agent):
        if after and not step.optional:
            text = "no image after the injection names a contrast agent: not given, or not recorded"
            yield Finding("contrast-not-given", "image", text, injection)
        return
    yield from _agents(found, step, injection, with_agent)
    yield from _delay(found, step, injection, after)


def _agents(found: Audit, step: Contrast, injection: int, with_agent: Sequence[Pair]) -> Iterator[Finding]:
    for pair in with_agent:
        if pair.step < injection and not pair.moved:
            text = f"{_name(found, pair.step)} names a contrast agent and is asked for before the injection"
            yield Finding("contrast-early", "image", text, pair.step, pair.scan)
    named = {str(found.exam.scans[p.scan].agent).casefold() for p in with_agent}
    known = {agent for agent in named if any(agent_word in agent for agent_word in _agent_words())}
    if step.agent and known and not any(step.agent.casefold() in agent for agent in known):
        text = f"{', '.join(sorted(known))} instead of {step.agent}"
        yield Finding("contrast-agent", "bookkeeping", text, injection, counts=False)


@cache
def _agent_words() -> tuple[str, ...]:
    from typing import get_args

    from generator.model.words import Agent

    return get_args(Agent)


def _delay(found: Audit, step: Contrast, injection: int, after: Sequence[Pair]) -> Iterator[Finding]:
    """Compare the time from injection to image; if none is recorded, the longest it can have been."""
    image = _image(found, after)
    if step.minimum_delay is None or image is None or (start := found.exam.scans[image.scan].start) is None:
        return
    recorded = next((s.injected for p in after if (s := found.exam.scans[p.scan]).injected is not None), None)
    earliest = recorded if recorded is not None else _last_before(found, injection)
    if earliest is None:
        return
    delay = start - earliest
    if delay < step.minimum_delay:
        at_most = "" if recorded is not None else "at most "
        took = f"{_name(found, image.step)} began {at_most}{delay:.0f} s after the injection"
        text = f"{took}, asked for {step.minimum_delay:.0f} s"
        yield Finding("contrast-delay", "image", text, image.step, image.scan)


def _image(found: Audit, after: Sequence[Pair]) -> Pair | None:
    """The first image that needs the contrast: of a role that says so, else the first after the injection."""
    roles = (p for p in after if str(_asked(found.protocol, p.step).role or "").endswith(_POST))
    return next(roles, None) or next(iter(after), None)


def _last_before(found: Audit, injection: int) -> float | None:
    """End of the last scan without contrast before the first with: the injection was not before it."""
    scans = sorted((s for s in found.exam.scans if s.start is not None), key=lambda s: s.start or 0.0)
    first = next((i for i, scan in enumerate(scans) if scan.agent), None)
    before = scans[:first] if first else []
    return (before[-1].end or before[-1].start) if before else None


# --- earlier exams ------------------------------------------------------------------------------------


def _geometry(found: Audit, earlier: Sequence[Exam]) -> Iterator[Finding]:
    """Angulation of each scan against the last earlier exam that has it."""
    limit = rules()["geometry"]["angle"]
    for pair in found.pairs:
        scan = found.exam.scans[pair.scan]
        before = next(
            (old for exam in reversed(earlier) for old in exam.scans if _same_kind(scan, old)), None
        )
        if before is None or scan.normal is None or before.normal is None:
            continue
        turned = angle(scan.normal, before.normal)
        if turned > limit and scan.acquisition.plane == before.acquisition.plane:
            text = f"{_name(found, pair.step)} is tilted by {turned:.0f} degrees against the earlier exam"
            yield Finding("geometry", "image", text, pair.step, pair.scan)


def _same_kind(one: AcquiredScan, other: AcquiredScan) -> bool:
    a, b = one.acquisition, other.acquisition
    return alikeness(a, b) >= SURE and a.technique == b.technique


def angle(one: Sequence[float], other: Sequence[float]) -> float:
    """Degrees between two normals, of whichever side."""
    dot = abs(sum(a * b for a, b in zip(one, other, strict=True)))
    return degrees(acos(min(1.0, dot)))


# --- as data ------------------------------------------------------------------------------------------


def place(steps: Sequence[Step], protocol: str, index: int) -> dict[str, Any]:
    """One step of the protocol for other programs."""
    step = steps[index]
    return {
        "protocol": protocol,
        "step": index,
        "name": str(getattr(step, "name", step.kind)),
        "kind": step.kind,
    }


def as_data(audits: Sequence[Audit], against: str) -> dict[str, Any]:
    """Describe audits for other programs; ``a`` is what was asked, ``b`` what was done."""
    return {
        "format_version": 1,
        "against": against,
        "conforms": bool(audits) and all(one.conforms for one in audits),
        "exams": [_exam(one, number) for number, one in enumerate(audits, 1)],
        **{key: [entry for one in audits for entry in _lists(one)[key]] for key in _LISTS},
    }


_LISTS = ("pairs", "only_in_a", "only_in_b", "findings")


def _exam(one: Audit, number: int) -> dict[str, Any]:
    scanner = one.exam.scanner
    return {
        "exam": one.exam.label,
        "number": number,
        "scanner": scanner.model_dump(mode="json") if scanner else None,
        "protocol": one.protocol.name,
        "conforms": one.conforms,
        "compared": one.compared,
        "derived_without_source": list(one.exam.orphans),
    }


def _lists(one: Audit) -> dict[str, list[dict[str, Any]]]:
    return {
        "pairs": [_pair(one, pair) for pair in one.pairs],
        "only_in_a": [place(one.protocol.steps, one.protocol.name, i) for i in one.missing],
        "only_in_b": [_done(one, i) for i in one.additional],
        "findings": [
            {"code": f.code, "severity": f.severity, "message": f.message, "counts": f.counts,
             "step": f.step, "scan": None if f.scan is None else one.exam.scans[f.scan].series[0]}
            for f in one.findings
        ],
    }  # fmt: skip


def _done(one: Audit, index: int) -> dict[str, Any]:
    scan = one.exam.scans[index]
    return {
        "protocol": one.exam.label,
        "step": index,
        "name": scan.acquisition.name,
        "kind": "acquisition",
        "series": list(scan.series),
    }


def _pair(one: Audit, pair: Pair) -> dict[str, Any]:
    return {
        "a": place(one.protocol.steps, one.protocol.name, pair.step),
        "b": _done(one, pair.scan),
        "moved": pair.moved,
        "fields": [_field(f) for f in pair.of("deviates")],
        "within_tolerance": [_field(f) for f in pair.of("within tolerance")],
        "follows": [{**_field(f), "cause": f.cause} for f in pair.fields if f.cause],
        "conform": [f.name for f in pair.of("conform")],
        "not_stated_in_b": [f.name for f in pair.of("not stated")],
    }


def _field(one: Checked) -> dict[str, Any]:
    return {"name": one.name, "a": one.wanted, "b": one.found, "severity": one.severity}
