"""The time limit that the packs set for a card, asked of the rules themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from generator.rules import packs as library
from generator.rules.engine import kind_fits
from generator.rules.facts.card import Subject, view
from generator.rules.facts.view import Facts
from generator.rules.rule import Pack

_ENDLESS = 1e9  # s; longer than any limit, so that a rule that has one breaks and names it
_DURATIONS = ("counted_duration", "counted_duration_without_susceptibility")


def time_limit(
    subject: Subject, packs: Iterable[str | Pack], settings: Mapping[str, str] | None = None
) -> float | None:
    """Return the acquisition time in seconds that a card may take.

    Parameters
    ----------
    packs : iterable of str or Pack
        The packs the card is held against.

    Returns
    -------
    float or None
        The smallest limit of any rule; ``None`` if no rule sets one for this kind of exam.
    """
    loaded = library.load(packs)
    card = view(subject, library.settings_of(loaded, settings)).facts
    endless = Facts(dict.fromkeys(_DURATIONS, _ENDLESS), around=card)
    verdicts = [
        rule.judge(endless)
        for pack in loaded
        for rule in pack.rules
        if "card" in rule.subjects and rule.has_predicate and kind_fits(rule, card)
    ]
    broken = [one for verdict in verdicts for one in verdict.outcome.broken if one.fact in _DURATIONS]
    limits = [one.limit for one in broken if isinstance(one.limit, (int, float))]
    return min(limits, default=None)
