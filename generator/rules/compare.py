"""Cards against each other: the renderings of one protocol, and an exam against the one before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from generator.model.tree import Protocol, Target
from generator.rules import packs as library
from generator.rules.engine import Report, Session, kind_fits, role_fits
from generator.rules.facts.card import CardView, StepView, Subject, counterpart, view
from generator.rules.facts.view import Facts
from generator.rules.rule import Pack
from generator.rules.rule import Subject as What
from generator.rules.suppress import Suppression

COMPARING = ("general",)
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
    loaded = library.load(packs, always=COMPARING)
    first: dict[float, CardView] = {}
    found = []
    for target, protocol in renderings:
        subject = Subject(protocol, target)
        card = view(subject, library.settings_of(loaded, settings))
        against = first.setdefault(target.field_strength, card)
        if against is not card:
            found.append((target, _compare(card, against, "other", "vendors", loaded, subject, suppressions)))
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
    chosen = library.settings_of(loaded, settings)
    then = view(earlier, chosen)
    return _compare(view(now, chosen), then, "earlier", "earlier", loaded, now, suppressions)


def _compare(
    card: CardView,
    other: CardView,
    prefix: str,
    what: What,
    packs: Sequence[Pack],
    subject: Subject,
    suppressions: Sequence[Suppression],
) -> Report:
    session = Session()
    steps = list(_paired(card, other, prefix))
    for pack in packs:
        for rule in pack.rules:
            if what in rule.subjects and kind_fits(rule, card.facts):
                session.put(rule, [step for step in steps if role_fits(rule, step)])
    return session.report(packs, subject, suppressions)


def _paired(card: CardView, other: CardView, prefix: str) -> Iterable[StepView]:
    """Give each scan the facts of its counterpart: same role, same occurrence of it.

    A scan of the other card that has none comes last, without a place in this card.
    """
    left: dict[str, list[StepView]] = {}
    for step in other.steps:
        left.setdefault(_key(step), []).append(step)
    for step in card.steps:
        same = left.get(_key(step), [])
        pair = counterpart(prefix, same.pop(0).facts) if same else {}
        yield StepView(step.index, step.name, step.role, Facts(pair, step.facts))
    for step in (step for steps in left.values() for step in steps):
        yield StepView(-1, step.name, step.role, Facts({"role": step.role}))


def _key(step: StepView) -> str:
    """By what two scans are paired: the role, or the name where there is none."""
    return step.role or f"name: {step.name}"
