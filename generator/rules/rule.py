"""A rule, a pack of rules, and the verdict of a rule over facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from generator.rules.facts.view import Facts, Unstated
from generator.rules.language import Check, Comparison, Condition, Outcome, applies
from generator.spec.diagnostic import Position

Result = Literal["error", "warning", "info", "none"]
Level = Literal["required", "recommended", "optional", "informative"]
Subject = Literal[
    "step", "role", "card", "vendors", "earlier", "session", "plan", "site", "reading", "program"
]
Status = Literal["kept", "broken", "undecided", "unknown", "open", "inapplicable"]

LEVELS: dict[str, str] = {
    "required": "error",
    "recommended": "warning",
    "optional": "none",
    "informative": "info",
}
"""How a guideline's wording becomes a severity, unless the rule says otherwise."""

SUBJECTS: dict[str, str] = {
    "step": "each scan, injection or reformat of a card whose role the rule names",
    "role": "the first scan of each role the rule names",
    "card": "the whole exam card",
    "vendors": "each scan of a card against the same scan made for another scanner",
    "earlier": "each scan of a card against the same scan of an earlier exam",
    "session": "the cards of one session together",
    "plan": "the plan of a patient's exams",
    "site": "the site; it goes to the checklist",
    "reading": "the radiologist's report; it goes to the checklist",
    "program": "this program; its tests run the rule",
}
"""What a rule is put to."""

ATTESTED: frozenset[str] = frozenset({"site", "reading"})
ABOUT_CARDS: frozenset[str] = frozenset({"step", "role", "card"})


@dataclass(frozen=True, slots=True)
class Source:
    """Where the document of the pack has a statement."""

    section: str
    lines: str | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A demand, and when it is made."""

    when: Condition | None
    require: Condition


@dataclass(frozen=True, slots=True)
class Soften:
    """A looser demand: who still keeps it gets a milder result."""

    to: Result
    unless: Condition


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule says of one subject."""

    status: Status
    result: Result
    outcome: Outcome


@dataclass(frozen=True)
class Rule:
    """One statement of a pack.

    Attributes
    ----------
    cases : tuple of Case
        The demands; the first one that applies counts. Empty for a statement without a predicate.
    check : callable or None
        The function that decides where data cannot say it; then there are no cases.
    result : {"error", "warning", "info", "none"}
        What breaking it leads to.
    unstated : {"warning", "info", "none"}
        What it leads to if a fact is missing that the rule needs.
    consequence : str or None
        What the images would look like if it is broken.
    yields_to : tuple of str
        Rules that say the same more exactly: where one of them is broken, this one is silent.
    results : mapping
        Result by the word of ``setting``, if a site may choose it.
    """

    id: str
    code: str
    pack: str
    title: str
    level: Level
    result: Result
    subjects: tuple[Subject, ...]
    source: Source
    document: str
    consequence: str | None = None
    remedy: str | None = None
    regions: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    when: Condition | None = None
    cases: tuple[Case, ...] = ()
    check: str | None = None
    soften: Soften | None = None
    unstated: Result = "none"
    yields_to: tuple[str, ...] = ()
    readings: tuple[str, ...] = ()
    basis: str = "explicit"
    note: str | None = None
    setting: str | None = None
    results: Mapping[str, Result] = field(default_factory=dict)
    passing: Mapping[str, Any] = field(default_factory=dict)
    failing: Mapping[str, Any] = field(default_factory=dict)
    position: Position | None = None

    @property
    def citation(self) -> str:
        """Document and section, for a finding."""
        return f"{self.document}, {self.source.section}"

    @property
    def has_predicate(self) -> bool:
        """Whether there is anything to decide."""
        return bool(self.cases) or self.check is not None

    @property
    def checked(self) -> bool:
        """Whether the program decides it; a statement, and what only a site can answer for, it does not."""
        return self.has_predicate and not set(self.subjects) <= ATTESTED

    @cached_property
    def _decide(self) -> Check | None:
        from generator.rules.checks import get

        return get(self.check) if self.check else None

    def judge(self, facts: Facts) -> Verdict:
        """Decide whether the facts keep the rule."""
        scope = applies(self.when, facts)
        if scope.truth is not True:
            status: Status = "inapplicable" if scope.truth is False else "open"
            return Verdict(status, "none", scope)
        outcome = self._outcome(facts)
        if outcome is None:
            return Verdict("inapplicable", "none", Outcome(None))
        if outcome.truth is True:
            return Verdict("kept", "none", outcome)
        if outcome.truth is False:
            return Verdict("broken", self._severity(facts), outcome)
        if outcome.undecided:
            return Verdict("undecided", "warning", outcome)
        return Verdict("unknown", self.unstated, outcome)

    def _outcome(self, facts: Facts) -> Outcome | None:
        """Evaluate the demand that applies; ``None`` if none does."""
        if self._decide is not None:
            return run_check(self._decide, facts)
        for case in self.cases:
            scope = applies(case.when, facts)
            if scope.truth is None:
                return Outcome(None, missing=scope.missing)
            if scope.truth:
                return case.require.evaluate(facts)
        return None

    def _severity(self, facts: Facts) -> Result:
        result = self.result
        if self.setting is not None:
            result = self.results.get(str(facts.get(self.setting)), result)
        if self.soften is not None and self.soften.unless.evaluate(facts).truth is True:
            result = self.soften.to
        return result


def run_check(check: Check, facts: Facts) -> Outcome | None:
    """Run a check in code: what it yields is joined, a missing fact leaves it open.

    Returns
    -------
    Outcome or None
        ``None`` if the check yields nothing, that is if it does not apply.
    """
    found: list[Comparison] = []
    missing: list[str] = []
    try:
        for comparison in check(facts):
            found.append(comparison)  # what came before a missing fact counts
    except Unstated as unstated:
        missing.append(unstated.name)
    if not found and not missing:
        return None
    truths = [one.holds for one in found]
    truth = False if False in truths else None if missing or None in truths else True
    return Outcome(truth, found, missing)


@dataclass(frozen=True)
class Reading:
    """A place where the sources are ambiguous or disagree, and how this program reads it."""

    id: str
    title: str
    taken: str
    other: str
    setting: str | None = None


@dataclass(frozen=True)
class Setting:
    """A choice that a site may make where the source leaves one."""

    name: str
    reading: str
    choices: tuple[str, ...]
    default: str
    meaning: str


@dataclass(frozen=True)
class Pack:
    """A guideline as rules."""

    id: str
    title: str
    document: str
    citation: str
    rules: tuple[Rule, ...]
    settings: Mapping[str, Setting] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    about: str = ""
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def about_cards(self) -> tuple[Rule, ...]:
        """The rules that decide something about an exam card."""
        return tuple(rule for rule in self.rules if rule.has_predicate and ABOUT_CARDS & set(rule.subjects))

    @cached_property
    def names(self) -> frozenset[str]:
        """Ids and codes of its rules."""
        return frozenset(name for rule in self.rules for name in (rule.id, rule.code))
