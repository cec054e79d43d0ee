"""From a spec to a card: resolve for a target, put the exam on a time axis, check it, build it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from math import isclose
from pathlib import Path
from typing import TYPE_CHECKING

from generator import __version__, disk, limits, vendors
from generator.errors import CannotBuild, ExamcardError, UnusableInput, UsageError
from generator.model.kept import per_steps
from generator.model.tree import Acquisition, Contrast, Note, Protocol, Reformat, Step, Target

if TYPE_CHECKING:
    from generator.rules.engine import Report
    from generator.rules.facts.card import Subject
    from generator.rules.finding import Finding
    from generator.spec.diagnostic import Diagnostic, Position
    from generator.spec.spec import Resolved, Spec
    from generator.timing.timeline import Timeline
    from generator.vendors.dialect import BuildOptions, Dialect, Export


SUPPRESSION = "general.suppression."
"""How the rules about suppressions begin; their findings point to the suppression."""


@dataclass(frozen=True)
class Card:
    """A protocol made ready for one scanner.

    Attributes
    ----------
    protocol : Protocol
        The resolved protocol, with the waits that its injection needs.
    origins : tuple of int or None
        For every step its index in the spec; ``None`` for a wait that was put in.
    timeline : Timeline
        The exam on a time axis.
    """

    spec: Spec
    target: Target
    resolved: Resolved
    protocol: Protocol
    origins: tuple[int | None, ...]
    timeline: Timeline

    def position(self, finding: Finding) -> Position | None:
        """Return the place in the source files of the value that a finding is about.

        Of two values that do not go together it is the one of the protocol itself, if a definition has the
        other.
        """
        if finding.rule.startswith(SUPPRESSION):
            about = (finding.measured, finding.step_name)
            return next(
                (one.position for one in self.spec.suppressions if (one.code, one.step) == about), None
            )
        origin = None if finding.step is None else self.origins[finding.step]
        if finding.step is not None and origin is None:
            return self.spec.position
        places = self.resolved.places(origin, finding.field, finding.against)
        here = [place for place in places if place.file == self.spec.position.file]
        return next(iter([*here, *places]), self.resolved.position(origin))

    @cached_property
    def time_limit(self) -> float | None:
        """Seconds the exam may take by the packs it claims."""
        from generator.rules.limits import time_limit

        return time_limit(subject(self), self.protocol.guidelines)

    @property
    def durations(self) -> tuple[float | None, ...]:
        """Seconds of every step, by its index."""
        found: dict[int, float | None] = {row.step: row.duration for row in self.timeline.rows}
        return tuple(found.get(index) for index in range(len(self.protocol.steps)))


def targets(
    spec: Spec,
    vendor_names: Sequence[str] | None = None,
    fields: Sequence[float] | None = None,
    model: str | None = None,
    software: str | None = None,
) -> list[Target]:
    """List the targets to work for: those asked for, or every vendor at every field of the spec.

    Raises
    ------
    UsageError
        For a vendor without dialect, a field strength the spec does not declare, or a model or software
        without one vendor that it could belong to.
    """
    from generator.spec.spec import NOMINAL

    for name in vendor_names or ():
        vendors.refuse_unknown(name)
    chosen = tuple(vendor_names or vendors.names())
    if (model or software) and len(chosen) != 1:
        raise UsageError("--model and --software need one --vendor")
    declared = spec.field_strengths
    for value in fields or ():
        if declared and not any(isclose(value, known, rel_tol=NOMINAL) for known in declared):
            raise UsageError(
                f"{spec.protocol_id} is not made for {value:g} T", [f"{known:g} T" for known in declared]
            )
    strengths = tuple(fields or declared)
    if not strengths:
        raise UsageError(f"{spec.protocol_id} names no field strengths; give one with --field-strength")
    return [
        Target(vendor=vendor, field_strength=strength, model=model, software=software)
        for vendor, strength in product(chosen, strengths)
    ]


@dataclass(frozen=True)
class Choice:
    """Which targets a user asked for: see :func:`targets`; or scanners of the site, by their ids."""

    vendors: Sequence[str] = ()
    fields: Sequence[float] = ()
    model: str | None = None
    software: str | None = None
    scanners: Sequence[str] = ()


def ready(path: Path, choice: Choice) -> list[Card]:
    """Make one protocol ready for the targets, or the scanners of its site, that were asked for.

    Raises
    ------
    SourceErrors, UnusableInput
        For a file that cannot be used.
    UsageError
        For a target that there is not; see :func:`targets`.
    """
    from generator.spec.load import load
    from generator.spec.project import read_site, root_of

    if not choice.scanners:
        spec = load(path)
        _find_packs(spec)
        wanted = targets(spec, choice.vendors, choice.fields, choice.model, choice.software)
        return [prepare(spec, target) for target in wanted]
    root = root_of(path)
    if root is None:
        raise UsageError(f"{path} belongs to no site: no folder above it has a site.yaml")
    site, made = read_site(root), []
    for machine in (site.machine(name) for name in choice.scanners):
        spec = load(path, machine.scope)
        _find_packs(spec)
        if not spec.field_strengths or fits_field(spec, machine.target):
            made.append(prepare(spec, machine.target))
    return made


def fits_field(spec: Spec, target: Target) -> bool:
    """Say whether a protocol is made for the field strength of a target."""
    from generator.spec.spec import NOMINAL

    return any(isclose(target.field_strength, one, rel_tol=NOMINAL) for one in spec.field_strengths)


def gather(paths: Iterable[Path], choice: Choice) -> tuple[list[Card], list[ExamcardError]]:
    """Make every protocol ready for its targets; what one file has wrong does not stop the others.

    Returns
    -------
    cards, errors
        In the order of the files; an error for each file that cannot be used.
    """
    made: list[Card] = []
    errors: list[ExamcardError] = []
    said: set[Diagnostic] = set()
    for path in paths:
        try:
            made += ready(path, choice)
        except ExamcardError as error:
            errors.append(_not_again(error, path, said))
    return made, errors


def _find_packs(spec: Spec) -> None:
    """Read the packs that a protocol claims; the error of a misspelt one has its place."""
    from generator.rules import packs
    from generator.spec.diagnostic import Diagnostic, SourceErrors
    from generator.spec.source import line_at

    for name in spec.guidelines:
        try:
            packs.get(name)
        except UsageError as error:
            at = spec.head["guidelines"].position
            raise SourceErrors([Diagnostic("unknown-guideline", str(error), at, line_at(at))]) from error


def _not_again(error: ExamcardError, path: Path, said: set[Diagnostic]) -> ExamcardError:
    """Leave out what was said of another file: protocols share definitions, and the errors of them."""
    from generator.spec.diagnostic import SourceErrors

    if not isinstance(error, SourceErrors):
        return error
    fresh = [one for one in error.diagnostics if one not in said]
    said.update(fresh)
    if fresh:
        return SourceErrors(fresh)
    return UnusableInput(path, "uses definitions that have the errors above")


def doubles(cards: Iterable[Card]) -> list[str]:
    """Say which files hold protocols of one id, whose builds would share one folder."""
    first: dict[str, Path] = {}
    found = []
    for card in cards:
        path = first.setdefault(card.spec.protocol_id, card.spec.path)
        other = card.spec.path
        if path != other and disk.ask(Path.resolve, path) != disk.ask(Path.resolve, other):
            found.append(f"{path} and {card.spec.path} are both called {card.spec.protocol_id}")
    return list(dict.fromkeys(found))


def prepare(spec: Spec, target: Target) -> Card:
    """Resolve a spec for a target and put it on the time axis."""
    resolved = spec.resolve(target)
    _refuse_impossible(resolved)
    steps, origins, timeline = _timed(resolved.protocol.steps, target)
    protocol = resolved.protocol.model_copy(update={"steps": steps})
    return Card(spec, target, resolved, protocol, origins, timeline)


@per_steps
def _timed(
    steps: tuple[Step, ...], target: Target
) -> tuple[tuple[Step, ...], tuple[int | None, ...], Timeline]:
    """Complete the steps of an exam and put them on the time axis; see :class:`Card`."""
    from generator.timing.timeline import build_timeline, with_waits

    bare = Protocol(name="", steps=steps)
    protocol, origins = with_waits(with_injections(with_names(bare)), target)
    return protocol.steps, origins, build_timeline(protocol, target)


def _refuse_impossible(resolved: Resolved) -> None:
    """Refuse scans whose values cannot be beside each other. Raises SourceErrors with the place of each."""
    from generator.model.plausible import contradictions
    from generator.spec.diagnostic import Diagnostic, SourceErrors
    from generator.spec.source import line_at

    wrong = []
    for index, step in enumerate(resolved.protocol.steps):
        for one in contradictions(step) if isinstance(step, Acquisition) else ():
            at = next(iter(resolved.places(index, one.field)), None) or resolved.position(index)
            wrong.append(Diagnostic("impossible", one.message, at, line_at(at)))
    if wrong:
        raise SourceErrors(wrong)


def with_names(protocol: Protocol) -> Protocol:
    """Let every reformat call its scan by name, as consoles and operators do, not by role or definition."""
    names: dict[str | None, str] = {}
    for scan in protocol.acquisitions:
        for label in (scan.role, scan.definition):
            names.setdefault(label, scan.name)
    steps = tuple(
        step.model_copy(update={"source": names[step.source]})
        if isinstance(step, Reformat) and step.source in names
        else step
        for step in protocol.steps
    )
    return protocol.model_copy(update={"steps": steps})


def with_injections(protocol: Protocol) -> Protocol:
    """Let every injection say in its text what no vendor format has a field for: volume, rate and flush."""
    steps = (_spoken(step) if isinstance(step, Contrast) else step for step in protocol.steps)
    return protocol.model_copy(update={"steps": tuple(steps)})


def _spoken(step: Contrast) -> Contrast:
    said = [
        ("{:g} ml/kg", step.volume),
        ("of {:g} mmol/ml", step.concentration),
        ("at {:g} ml/s", step.flow_rate),
        ("then {:g} ml of saline", step.flush_volume),
    ]
    text = " ".join(form.format(value) for form, value in said if value is not None)
    dose = step.dose or _dose(step)
    return step.model_copy(
        update={"dose": dose, "text": " ".join(filter(None, (text and f"{text}.", step.text))) or None}
    )


def _dose(step: Contrast) -> float | None:
    """Volume times concentration, that of the agent where none is stated; mmol/kg."""
    from generator.spec.agents import find_agent

    agent = find_agent(step.agent or "")
    concentration = step.concentration or (agent.concentration if agent else None)
    return step.volume * concentration if step.volume and concentration else None


def check(
    card: Card,
    extra_packs: Iterable[str] = (),
    settings: Mapping[str, str] | None = None,
    reference: Subject | None = None,
) -> Report:
    """Run the rules that apply to a card: those always on, the packs it claims, and those asked for.

    Parameters
    ----------
    reference : Subject, optional
        A card whose signal to noise is known to be enough, such as the patient's earlier exam.
    """
    from generator.rules.engine import check as run

    scope = card.spec.scope
    packs = (*card.protocol.guidelines, *scope.guidelines, *extra_packs)
    settings = {**scope.settings, **(settings or {})}
    known = replace(subject(card), reference=reference)
    return run(known, packs, card.spec.suppressions, settings)


def subject(card: Card) -> Subject:
    """Return what the rules know of a card: the protocol, the scanner and the time axis."""
    from generator.rules.facts.card import Subject, scanner_facts
    from generator.spec.scanners import field_of_model, find_scanner

    scanner = card.spec.scope.scanner or find_scanner(card.target)
    return Subject(
        protocol=card.protocol,
        target=card.target,
        timeline=card.timeline,
        scanner={
            "model_field_strength": field_of_model(card.target),
            **(scanner_facts(scanner) if scanner else {}),
        },
    )


def unknown_models(cards: Iterable[Card]) -> list[str]:
    """Say of which models nothing is known, and which there are; a misspelt one must not pass in silence."""
    targets = {
        str(card.target): card.target for card in cards if card.target.model and not card.target.scanner
    }
    if not targets:
        return []
    from generator.spec.scanners import find_scanner, models_of

    return [
        f"nothing is known of the scanner {name}, so no check looks at its gradients and options "
        f"(described are {', '.join(models_of(target.vendor))})"
        for name, target in targets.items()
        if find_scanner(target) is None
    ]


def label(card: Card) -> str:
    """One line that says what a card was made from and by what."""
    version = f" {card.spec.version}" if card.spec.version else ""
    return f"{card.spec.protocol_id}{version} for {card.target}, examcard {__version__}"


def build(card: Card, options: BuildOptions) -> Export:
    """Write a card in its vendor's format, read it back and file what it lost.

    Raises
    ------
    UnusableInput
        For a donor that cannot be read.
    CannotBuild
        Where the target has no honest result.
    """
    own = (options.donor,) if options.donor else card.spec.scope.donors
    donors = tuple(options.donors) or own
    options = replace(options, durations=card.durations, label=options.label or label(card), donors=donors)
    return write(card.protocol, card.target, options, card.spec.protocol_id)


def write(protocol: Protocol, target: Target, options: BuildOptions, name: str) -> Export:
    """Write a protocol that is ready for its scanner; see :func:`build`, which has the errors.

    Parameters
    ----------
    options : BuildOptions
        With the duration of every step, and the donors if there are any.
    name : str
        What messages call the protocol.
    """
    from generator import proof

    dialect, steps = vendors.get(target.vendor), protocol.steps
    options, notes = with_plan(protocol, target, dialect, options, name)
    durations = options.durations
    guess = list(durations) if options.plan else proof.foresee(durations, steps, target)
    export = _written(dialect, protocol, target, replace(options, durations=guess))
    found = proof.times(export, steps, durations, target)
    right = proof.corrected(durations, found, steps)
    if right != guess:
        export = _written(dialect, protocol, target, replace(options, durations=right))
        found = proof.times(export, steps, durations, target)
        proof.remember(durations, right, steps, target)
    proof.gate(dialect, export)
    export = replace(export, times=found, plan=options.plan, notes=(*export.notes, *notes))
    if options.plan and options.plan.by_hand:
        from generator import donors

        sheet = {donors.GAPS: donors.gap_sheet(options.plan).encode()}
        export = replace(export, files={**export.files, **sheet})
    return _with_inherited(dialect, export) if options.plan else export


def _written(dialect: Dialect, protocol: Protocol, target: Target, options: BuildOptions) -> Export:
    """Write a card; what damage in a donor breaks is a message that names the donor."""
    from generator.vendors import account, opening

    plan = options.plan
    with opening.border(Path(plan.donors[0].file)) if plan and plan.donors else nullcontext():
        export = account.build(dialect, protocol, target, options)
    if (size := sum(map(len, export.files.values()))) > limits.OUTPUT_BYTES:
        raise CannotBuild(f"an export of {size} bytes; at most {limits.OUTPUT_BYTES >> 20} MiB are written")
    return export


def _with_inherited(dialect: Dialect, export: Export) -> Export:
    from generator import proof

    assert export.plan is not None
    kept = proof.inherited(dialect, export, export.plan)
    losses = (*export.losses, *proof.losses(kept, export.plan))
    return replace(export, inherited=kept, losses=losses)


def _refuse_release(target: Target) -> None:
    """Refuse a release that nothing can be made for. Raises CannotBuild, with those there are."""
    from generator.vendors.matching import same_release
    from generator.vendors.profile import profile

    known = profile(target.vendor)
    asked = target.software
    if asked and known.exports == "files" and not any(same_release(asked, one) for one in known.software):
        raise CannotBuild(
            f"nothing can be made for {target.vendor} {asked} without an export of such a console; "
            f"templates are made for {', '.join(known.software)}"
        )


def with_plan(
    protocol: Protocol, target: Target, dialect: Dialect, options: BuildOptions, name: str
) -> tuple[BuildOptions, list[Note]]:
    """Choose the donor steps of a build; a dialect without a plan of its own gets the one donor.

    Raises
    ------
    CannotBuild
        If a scan that must be there has no donor step and gaps are refused; it says what to add.
    """
    from generator.vendors.dialect import Clones

    paths = tuple(options.donors)
    if not paths or not isinstance(dialect, Clones):
        _refuse_release(target)
        if len(paths) > 1:
            raise UsageError(f"{dialect.vendor} builds from one --donor, not from {len(paths)}")
        return replace(options, donor=paths[0] if paths else None), []
    from generator import donors

    plan, skipped = donors.make_plan(dialect, protocol, target, paths, options.pins, options.gaps)
    if plan.gaps and options.gaps == "refuse":
        lines = "\n  ".join(donors.shopping_list(plan))
        ways = donors.ways(dialect.gaps, target.vendor, plan)
        raise CannotBuild(
            f"{name} for {target}: the donors lack required scans\n  {lines}\n"
            f"add them to the export, or build with --gaps {' or '.join(ways)}"
        )
    notes = [Note(code="donor-skipped", message=text) for text in skipped]
    notes += [Note(code="donor-plan", message=text) for text in plan.warnings]
    notes += [
        Note(
            code="left-out",
            step=one.index,
            message=f"{one.scan.name} is optional and left out: the donors lack {one.missing}",
        )
        for one in plan.left_out
    ]
    return replace(options, plan=plan), notes


def folder_of(card: Card, kind: str) -> str:
    """Folder of an export below the output root: vendor, field and software, kind, protocol."""
    return f"{scanner_folder(card.target)}/{kind}/{card.spec.protocol_id}"


def scanner_folder(target: Target) -> str:
    """Folder of what is made for one scanner: vendor, field and software."""
    words = [
        f"{target.field_strength:g}T",
        target.scanner or target.model,
        None if target.scanner else target.software,
    ]
    scanner = "-".join(filter(None, words))
    return f"{target.vendor}/{safe(scanner)}"


def safe(text: str) -> str:
    """Write a text as the name of a folder."""
    return "".join(c if c.isalnum() or c in "-._" else "_" for c in text)
