"""Checking: every rule that applies is put to every subject it names, and nothing passes in silence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

from generator.model.words import KINDS, REGIONS
from generator.rules import packs as library
from generator.rules import phrases
from generator.rules.facts.card import CardView, StepView, Subject, view
from generator.rules.facts.table import GADOLINIUM, REFORMAT, UNRATED_ROLES, facts
from generator.rules.facts.view import Facts
from generator.rules.finding import Finding
from generator.rules.recall import Verdicts, of_cards
from generator.rules.rule import ATTESTED, Pack, Rule, Status, Verdict
from generator.rules.rulefile import ANY_ROLE
from generator.rules.suppress import UNUSED, Suppression, apply

__all__ = ["Report", "Subject", "Tally", "check", "check_facts"]

_SEVERITIES = ("error", "warning", "info")


@dataclass(slots=True)
class Tally:
    """How often a rule was put to something, and what came of it."""

    rule: Rule
    statuses: dict[Status, int] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)

    @property
    def compared(self) -> int:
        """How often there was something to compare."""
        return sum(self.statuses.get(status, 0) for status in ("kept", "broken", "undecided"))


def compared_by_pack(tallies: Iterable[Tally]) -> Counter[str]:
    """Number of comparisons that were made, by the pack of the rules."""
    found: Counter[str] = Counter()
    for tally in tallies:
        found[tally.rule.pack] += tally.compared
    return found


@dataclass(frozen=True)
class Report:
    """What checking gave.

    Attributes
    ----------
    findings : tuple of Finding
        In the order of the steps, errors first; those that a suppression accepted are not here.
    tallies : tuple of Tally
        One for every rule that was put to anything.
    packs : tuple of str
        The packs the card was held against.
    attestations : tuple of Rule
        Statements about the site that no card can prove.
    suppressed : tuple of Finding
        Findings that a suppression accepted.
    """

    findings: tuple[Finding, ...]
    tallies: tuple[Tally, ...]
    packs: tuple[str, ...]
    attestations: tuple[Rule, ...] = ()
    suppressed: tuple[Finding, ...] = ()

    @property
    def compared(self) -> int:
        """Number of comparisons that were made."""
        return sum(self._by_pack.values())

    @property
    def not_applicable(self) -> tuple[Tally, ...]:
        """Rules that met nothing they apply to."""
        return tuple(tally for tally in self.tallies if not set(tally.statuses) - {"inapplicable"})

    @cached_property
    def lacking(self) -> tuple[Tally, ...]:
        """Rules for which the card, or the situation, states too little."""
        return tuple(tally for tally in self.tallies if {"unknown", "open"} & set(tally.statuses))

    def compared_in(self, pack: str) -> int:
        """Number of comparisons with the rules of one pack."""
        return self._by_pack[pack]

    @cached_property
    def _by_pack(self) -> Counter[str]:
        return compared_by_pack(self.tallies)

    def of_severity(self, severity: str) -> tuple[Finding, ...]:
        """Findings of one severity."""
        return tuple(finding for finding in self.findings if finding.severity == severity)

    @property
    def green(self) -> bool:
        """Whether something was compared and neither an error nor a warning came of it."""
        return self.compared > 0 and not (self.of_severity("error") or self.of_severity("warning"))


def check(
    subject: Subject,
    packs: Iterable[str | Pack] = (),
    suppressions: Sequence[Suppression] = (),
    settings: Mapping[str, str] | None = None,
) -> Report:
    """Hold a card against the packs that are always on and those given.

    Parameters
    ----------
    packs : iterable of str or Pack
        Names of shipped packs, paths of pack files, or packs.
    suppressions : sequence of Suppression
        Findings the author accepts; one that accepts nothing is a finding itself.
    settings : mapping of str to str, optional
        Choices of the site where a source leaves one.

    Raises
    ------
    UsageError
        For an unknown pack, setting or choice.
    SourceErrors
        For a pack file that is wrong.
    """
    loaded = library.load(packs)
    chosen = library.settings_of(loaded, settings)
    decide = partial(_checked, loaded, chosen, subject, suppressions)
    return decide() if suppressions else of_cards("check", loaded, chosen, [subject], decide)


def _checked(
    loaded: Sequence[Pack],
    settings: Mapping[str, str],
    subject: Subject,
    suppressions: Sequence[Suppression],
) -> Report:
    card = view(subject, settings)
    session = Session(Verdicts(loaded, card))
    for pack in loaded:
        for rule in pack.about_cards:
            if rule.kinds and card.facts.get("kind") is None:
                session.leave_open(rule, "kind")
            else:
                session.put(rule, _subjects(rule, card))
    session.verdicts.keep()
    _note_empty_packs(session, loaded, card)
    _note_unknown_words(session, loaded, card)
    return session.report(loaded, subject, suppressions)


def check_facts(
    facts: Mapping[str, Any],
    packs: Iterable[str | Pack],
    subjects: Iterable[str] = ("plan",),
    settings: Mapping[str, str] | None = None,
) -> Report:
    """Hold a plain mapping of facts against the rules about plans (or sites, reports, the program).

    Parameters
    ----------
    facts : mapping of str to value
        By the names of the dictionary of facts, in canonical units.
    """
    loaded = library.load(packs, always=())
    wanted = set(subjects)
    whole = Facts({**library.settings_of(loaded, settings), **facts})
    session = Session()
    for pack in loaded:
        for rule in pack.rules:
            if wanted & set(rule.subjects) and kind_fits(rule, whole):
                session.put(rule, [StepView(-1, "", "", whole)])
    return session.report(loaded, None, ())


@dataclass
class Session:
    """Collects verdicts."""

    verdicts: Verdicts = field(default_factory=Verdicts)
    findings: list[Finding] = field(default_factory=list)
    tallies: dict[str, Tally] = field(default_factory=dict)
    places: dict[str, dict[int, str]] = field(default_factory=dict)

    def put(self, rule: Rule, subjects: Iterable[StepView]) -> None:
        """Put a rule to subjects and note what it says."""
        if not rule.has_predicate:
            return
        tally = self.tallies.setdefault(rule.id, Tally(rule))
        for subject in subjects:
            verdict = self.verdicts.judge(rule, subject)
            tally.statuses[verdict.status] = tally.statuses.get(verdict.status, 0) + 1
            tally.missing.update(verdict.outcome.missing)
            if verdict.result != "none":
                self.findings.append(finding(rule, verdict, subject))
                self.places.setdefault(rule.id, {})[subject.index] = verdict.result

    def leave_open(self, rule: Rule, lacking: str) -> None:
        """Note that a rule cannot be put to a card that does not say enough of itself."""
        tally = self.tallies.setdefault(rule.id, Tally(rule, {"open": 1}))
        tally.missing.add(lacking)

    def report(
        self, packs: Sequence[Pack], subject: Subject | None, suppressions: Sequence[Suppression]
    ) -> Report:
        """Drop what a more exact rule said already, apply the suppressions, sort."""
        rules = {tally.rule.id: tally.rule for tally in self.tallies.values()}
        said = [one for one in self.findings if not self._said_elsewhere(one, rules)]
        steps = subject.protocol.steps if subject else ()
        kept, accepted = apply(said, suppressions, steps)
        attested = [rule for pack in packs for rule in pack.rules if ATTESTED & set(rule.subjects)]
        return Report(
            tuple(sorted(kept, key=_rank)),
            tuple(self.tallies.values()),
            tuple(pack.id for pack in packs),
            tuple(attested),
            tuple(accepted),
        )

    def _said_elsewhere(self, one: Finding, rules: Mapping[str, Rule]) -> bool:
        """Whether a rule that this one yields to says it, at least as loud: a doubt silences no error."""
        place = -1 if one.step is None else one.step
        rule = rules.get(one.rule)
        said = [self.places.get(other, {}).get(place) for other in (rule.yields_to if rule else ())]
        own = _SEVERITIES.index(one.severity)
        return any(severity is not None and _SEVERITIES.index(severity) <= own for severity in said)


def finding(rule: Rule, verdict: Verdict, subject: StepView) -> Finding:
    """Make the finding of a verdict."""
    outcome = verdict.outcome
    first = next(iter([*outcome.broken, *outcome.undecided]), None)
    fact = facts().get(first.fact) if first else None
    other = first.against.fact if first and first.against else None
    whole = subject.index < 0
    return Finding(
        code=rule.code,
        rule=rule.id,
        severity=verdict.result,
        message=phrases.message(rule, verdict),
        step=None if whole else subject.index,
        step_name=subject.name or None,
        field=_stated(first.fact, subject.facts) if first else next(iter(outcome.missing), None),
        against=_stated(other, subject.facts) if other else None,
        measured=first.measured if first else None,
        limit=phrases.plain_limit(first) if first else None,
        unit=phrases.unit_of(fact, first.reducer) if first else None,
        remedy=rule.remedy,
        source=f"{rule.citation}: {first.source}" if first and first.source else rule.citation,
        readings=rule.readings,
    )


def _stated(name: str, known: Facts) -> str:
    """Name the field of the tree that a fact comes from."""
    fact = facts().get(name)
    sources = fact.of if fact else ()
    return next((field for field in sources if known.get(field) is not None), next(iter(sources), name))


def _rank(one: Finding) -> tuple[int, int, str]:
    return _SEVERITIES.index(one.severity), -1 if one.step is None else one.step, one.code


def kind_fits(rule: Rule, facts: Facts) -> bool:
    """Say whether a rule is about this kind of exam and this region; what is not stated excludes nothing."""
    kind, region = facts.get("kind"), facts.get("region")
    return (not rule.kinds or kind is None or kind in rule.kinds) and (
        not rule.regions or region is None or region in rule.regions
    )


def _subjects(rule: Rule, card: CardView) -> Iterator[StepView]:
    """List what a rule about cards is put to."""
    if not kind_fits(rule, card.facts):
        return
    if "card" in rule.subjects:
        yield StepView(-1, "", "", card.facts)
    elif "step" in rule.subjects:
        yield from card.with_roles(rule.roles, lambda step: role_fits(rule, step))
    elif "role" in rule.subjects:
        first: dict[str, StepView] = {}
        for step in card.steps:
            if role_fits(rule, step):
                first.setdefault(step.role, step)
        yield from first.values()


def role_fits(rule: Rule, step: StepView) -> bool:
    """Say whether a rule speaks of a step.

    A rule without roles speaks of every scan, ``*`` means every scan that a guideline lists.
    """
    if step.role in rule.roles:
        return True
    scan = step.role not in (GADOLINIUM, REFORMAT)
    if not rule.roles:
        return scan
    return scan and ANY_ROLE in rule.roles and bool(step.role) and step.role not in UNRATED_ROLES


def _note_empty_packs(session: Session, packs: Sequence[Pack], card: CardView) -> None:
    """Say of a pack that was asked for and compared nothing that it did; silence would look like success."""
    compared = compared_by_pack(session.tallies.values())
    for pack in packs:
        if pack.id not in library.ALWAYS and not compared[pack.id]:
            _break(session, packs, NOTHING_COMPARED, {"comparisons": 0}, card, pack.id)


def _note_unknown_words(session: Session, packs: Sequence[Pack], card: CardView) -> None:
    """Say of a kind or a region that none of the packs knows that no limit is about it."""
    for name, shipped in (("kind", KINDS), ("region", REGIONS)):
        word = card.facts.get(name)
        known = {*shipped, *(word for pack in packs for word in pack.words.get(f"{name}s", ()))}
        if word is not None and word not in known:
            _break(session, packs, WORD_KNOWN, {"knowing_guidelines": 0}, card, f"{name} {word}")


def _break(
    session: Session, packs: Sequence[Pack], name: str, facts: Mapping[str, Any], card: CardView, about: str
) -> None:
    """Add the finding of a rule about the check itself."""
    for rule in (rule for pack in packs for rule in pack.rules if rule.id == name):
        made = finding(rule, rule.judge(Facts(facts)), StepView(-1, "", "", card.facts))
        session.findings.append(made.model_copy(update={"message": f"{made.message} ({about})"}))


NOTHING_COMPARED = "general.guideline.compared"
"""The rule that a guideline which compared nothing breaks."""

WORD_KNOWN = "general.words.known"
"""The rule that a kind or a region breaks which no pack knows."""


def settle(reports: Sequence[Report]) -> list[Report]:
    """Drop the remark that a suppression is unused where another report of the same protocol used it.

    Parameters
    ----------
    reports : sequence of Report
        Of one protocol: for its targets, and for them beside each other.
    """
    unused = [{_key(one) for one in report.findings if one.rule == UNUSED} for report in reports]
    everywhere = set.intersection(*unused) if unused else set()
    return [_without(report, everywhere) for report in reports]


def _without(report: Report, everywhere: Collection[tuple[Any, str | None]]) -> Report:
    """Drop the remarks; a report without any stays the same object, with what was counted in it."""
    found = tuple(one for one in report.findings if _stays(one, everywhere))
    return replace(report, findings=found) if len(found) < len(report.findings) else report


def _stays(one: Finding, everywhere: Collection[tuple[Any, str | None]]) -> bool:
    return one.rule != UNUSED or _key(one) in everywhere


def _key(one: Finding) -> tuple[Any, str | None]:
    return one.measured, one.step_name
