"""Cards beside each other: renderings of one protocol, an exam and the one before, the cards of a session."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from generator.model.tree import Protocol, Target
from generator.rules import packs as library
from generator.rules.engine import Report, Session, kind_fits, role_fits
from generator.rules.facts.card import CardView, StepView, Subject, counterpart, view
from generator.rules.facts.gadolinium import session_facts
from generator.rules.facts.view import Facts
from generator.rules.recall import of_cards
from generator.rules.rule import Pack
from generator.rules.rule import Subject as What
from generator.rules.suppress import Suppression

COMPARING = ("general", "contrast")
"""Packs whose rules about pairs of cards are always on."""


def compare_vendors(
    renderings: Sequence[tuple[Target, Protocol]],
    packs: Iterable[str | Pack] = (),
    settings: Mapping[str, str] | None = None,
    suppressions: Sequence[Suppression] = (),
) -> list[tuple[Target, Report]]:
    """Hold the renderings of one protocol against the first of the same field strength.

    Parameters
    ----------
    renderings : sequence of (Target, Protocol)
        The protocol, resolved for each target.
    packs : iterable of str or Pack
        Packs the protocol claims; their rules about vendors are added to the general ones.

    Returns
    -------
    list of (Target, Report)
        One for every rendering but the first of its field; empty if there is nothing to compare with.
    """
    pairs = _Pairs("other", "vendors", library.load(packs, always=COMPARING), settings, suppressions)
    first: dict[float, Subject] = {}
    found = []
    for target, protocol in renderings:
        subject = Subject(protocol, target)
        against = first.setdefault(target.field_strength, subject)
        if against is not subject:
            found.append((target, pairs.compare(subject, against)))
    return found


def compare_times(
    now: Subject,
    earlier: Subject,
    packs: Iterable[str | Pack] = (),
    settings: Mapping[str, str] | None = None,
    suppressions: Sequence[Suppression] = (),
) -> Report:
    """Hold an exam against the one that the patient had before.

    A follow-up without gadolinium is only valid between like acquisitions.

    Parameters
    ----------
    now, earlier : Subject
        Resolved protocols; the earlier one may come from a reader.
    """
    loaded = library.load(packs, always=COMPARING)
    return _Pairs("earlier", "earlier", loaded, settings, suppressions).compare(now, earlier)


def check_session(
    cards: Sequence[Subject],
    packs: Iterable[str | Pack] = (),
    settings: Mapping[str, str] | None = None,
    suppressions: Sequence[Suppression] = (),
) -> Report:
    """Hold the cards of one session, in their order, against the rules about a session.

    Two cards that are right alone may inject twice together.

    Parameters
    ----------
    cards : sequence of Subject
        Resolved for the same scanner.
    """
    loaded = library.load(packs)
    steps = [step for card in cards for step in card.protocol.steps]
    whole = Facts({**library.settings_of(loaded, settings), **session_facts(steps)})
    session = Session()
    for pack in loaded:
        for rule in pack.rules:
            if "session" in rule.subjects:
                session.put(rule, [StepView(-1, "", "", whole)])
    return session.report(loaded, None, suppressions)


class _Pairs:
    """Compares cards in pairs; each is looked at once, however many it is held against.

    Parameters
    ----------
    prefix : str
        How the facts of the other card begin.
    what : str
        The rules about such pairs.
    """

    def __init__(
        self,
        prefix: str,
        what: What,
        packs: Sequence[Pack],
        settings: Mapping[str, str] | None,
        suppressions: Sequence[Suppression],
    ) -> None:
        self._prefix, self._what, self._packs, self._suppressions = prefix, what, packs, suppressions
        self._settings = library.settings_of(packs, settings)
        self._seen: dict[int, tuple[Subject, CardView]] = {}

    def compare(self, now: Subject, other: Subject) -> Report:
        decide = partial(self._compared, now, other)
        if self._suppressions:
            return decide()
        return of_cards(self._what, self._packs, self._settings, [now, other], decide)

    def _view(self, subject: Subject) -> CardView:
        if id(subject) not in self._seen:
            self._seen[id(subject)] = subject, view(subject, self._settings)
        return self._seen[id(subject)][1]

    def _compared(self, now: Subject, other: Subject) -> Report:
        card, against = self._view(now), self._view(other)
        session, packs = Session(), self._packs
        pairs = _pairs(card.steps, against.steps)
        steps = list(_paired(card, against, pairs, self._prefix))
        for pack in packs:
            for rule in pack.rules:
                if self._what in rule.subjects and kind_fits(rule, card.facts):
                    session.put(rule, [step for step in steps if role_fits(rule, step)])
        if not any(_is_scan(card.steps[index]) for index in pairs):
            nothing = StepView(-1, "", "", Facts({"counterparts": 0}))
            session.put(library.find(NO_COUNTERPART, packs), [nothing])
        return session.report(packs, now, self._suppressions)


NO_COUNTERPART = "general.earlier.compared"
"""The rule that two exams break of which no scan could be paired."""

_Same = Callable[[StepView, StepView], bool]


def _pairs(steps: Sequence[StepView], others: Sequence[StepView]) -> dict[int, StepView]:
    """Find the counterpart of each step, by its place: the first that is left, by the surest sign."""
    left = list(others)
    found: dict[int, StepView] = {}
    for same in _SIGNS:
        for index, step in enumerate(steps):
            match = next((one for one in left if index not in found and same(step, one)), None)
            if match is not None:
                found[index] = match
                left.remove(match)
    return found


def _same_role(step: StepView, other: StepView) -> bool:
    return bool(step.role) and step.role == other.role


def _same_name(step: StepView, other: StepView) -> bool:
    """Vendor files know no roles; where one side has none, the names are compared."""
    return not (step.role and other.role) and step.name.casefold() == other.name.casefold()


def _same_character(step: StepView, other: StepView) -> bool:
    """Say whether two scans, one of them without a role, are of one kind."""
    if step.role and other.role:
        return False
    return _character(step.facts) == _character(other.facts) and _is_scan(step) and _is_scan(other)


_SIGNS: tuple[_Same, ...] = (_same_role, _same_name, _same_character)
_MANY_DIRECTIONS = 6
"""Diffusion in as many directions is a tensor, not a trace image."""


def _character(facts: Facts) -> tuple[Any, ...]:
    """What distinguishes a scan from the others of an exam, whatever its name."""
    same = tuple(facts.get(name) for name in ("technique", "mr_acquisition_type", "plane", "inverted"))
    tensor = (facts.get("diffusion_directions") or 0) >= _MANY_DIRECTIONS
    double = facts.get("second_inversion_time") is not None
    return (*same, tensor, double)


def _is_scan(step: StepView) -> bool:
    return step.facts.get("technique") is not None


def _paired(
    card: CardView, other: CardView, pairs: Mapping[int, StepView], prefix: str
) -> Iterable[StepView]:
    """Give each step the facts of its counterpart.

    A scan of the other card that has none comes last, without a place in this card.
    """
    for index, step in enumerate(card.steps):
        facts = counterpart(prefix, pairs[index].facts) if index in pairs else {}
        yield StepView(step.index, step.name, step.role, Facts(facts, step.facts))
    taken = {id(step) for step in pairs.values()}
    for step in (step for step in other.steps if id(step) not in taken):
        yield StepView(-1, step.name, step.role, Facts({"role": step.role}))
