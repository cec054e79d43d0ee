"""Verdicts on a step, kept for the next card that holds the same step where as much of the card is the same.

A network's cards share most of their scans. What a rule says of a step depends on the facts of the step and
on what it looks up in the card around it; :class:`Facts` notes the names of those. A verdict is said again
where the packs are the very same and all facts of the step and those looked up in the card read the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from typing import TypeVar, cast

from generator.model.kept import digest_of_steps
from generator.rules.facts.card import CardView, StepView, Subject
from generator.rules.facts.view import Facts
from generator.rules.language import Outcome
from generator.rules.rule import Pack, Rule, Status, Verdict

T = TypeVar("T")

MOST, MOST_CARDS = 4096, 256
"""Steps of which verdicts are kept, and cards; the oldest go first, so that memory stays flat."""

_looked_up: dict[bytes, tuple[str, ...]] = {}
"""What rules ever looked up in the card around a step, in alphabetical order, by the step's own facts."""

_kept: dict[bytes, tuple[tuple[Pack, ...], dict[str, Verdict]]] = {}
"""Verdicts by the rule; the packs are held, so that no other pack can have their places in memory."""


_whole_cards: dict[bytes, tuple[tuple[object, ...], object]] = {}
"""What was found of whole cards; packs and time axes are held for the same reason."""


def of_cards(
    what: str,
    packs: Sequence[Pack],
    settings: Mapping[str, str],
    cards: Sequence[Subject],
    decide: Callable[[], T],
) -> T:
    """Return what was found before of cards that differ in nothing but what they are called.

    Parameters
    ----------
    what : str
        What is asked of the cards.
    packs, settings : sequence of Pack, mapping of str to str
        The rules that are put to them, and the choices of the site.
    cards : sequence of Subject
        All that is looked at beside the rules: what is found depends on nothing else.
    decide : callable
        Finds it; the result is shared and must not be changed.
    """
    texts = [_text(card) for card in cards]
    if None in texts:
        return decide()
    key = _digest(what, repr([id(pack) for pack in packs]), repr(settings), *filter(None, texts))
    known = _whole_cards.get(key)
    if known is None:
        while len(_whole_cards) >= MOST_CARDS:
            _whole_cards.pop(next(iter(_whole_cards)))
        known = _whole_cards[key] = (*packs, *(card.timeline for card in cards)), decide()
    return cast(T, known[1])


_CALLED = ("id", "name", "version", "steps")


def _text(card: Subject) -> str | None:
    """All of a card but what it is called, its time axis by its place; ``None`` if a step has no digest."""
    steps = digest_of_steps(card.protocol.steps)
    if steps is None or card.reference is not None:
        return None
    head = [(name, value) for name, value in vars(card.protocol).items() if name not in _CALLED]
    return repr((steps, head, card.target, id(card.timeline), card.scanner, card.facts))


class Verdicts:
    """What rules say of a card and its steps: recalled where they said it before, else decided.

    Parameters
    ----------
    packs : sequence of Pack
        The rules that will be put to the card.
    card : CardView, optional
        The card, of which no rule has seen anything yet; without it every verdict is decided.
    """

    def __init__(self, packs: Sequence[Pack] = (), card: CardView | None = None) -> None:
        self._packs = tuple(packs)
        self._said = _Said(card.facts) if card else {}
        places = repr([id(pack) for pack in packs])
        steps = card.steps if card else ()
        self._own = {step.index: _digest(places, step.facts.text) for step in steps}
        self._known = {own: found for own in self._own.values() if (found := self._recalled(own))}
        self._made: dict[bytes, dict[str, Verdict]] = {}
        self._looked_up: dict[bytes, set[str]] = {}

    def judge(self, rule: Rule, step: StepView) -> Verdict:
        """Say what a rule says of a step, or of the whole card; steps of the same facts are judged alike."""
        own = self._own.get(step.index)
        if own is None:
            return rule.judge(step.facts)
        known = self._known.get(own)
        if known is not None:
            return known.get(rule.id) or rule.judge(step.facts)
        made = self._made.setdefault(own, {})
        if rule.id not in made:
            made[rule.id] = rule.judge(step.facts)
            self._looked_up.setdefault(own, set()).update(step.facts.looked_up)
        return made[rule.id]

    def keep(self) -> None:
        """Keep what was decided of the steps, when every rule has been put to them."""
        for own, made in self._made.items():
            _looked_up[own] = tuple(sorted(self._looked_up[own].union(_looked_up.get(own, ()))))
            _kept[self._whole(own)] = self._packs, {rule: _plain(verdict) for rule, verdict in made.items()}
        for table in (_looked_up, _kept):
            while len(table) > MOST:
                table.pop(next(iter(table)))

    def _recalled(self, own: bytes) -> dict[str, Verdict] | None:
        found = _kept.get(self._whole(own)) if own in _looked_up else None
        return found[1] if found else None

    def _whole(self, own: bytes) -> bytes:
        """Digest the step's own facts, and names and text of all that rules look up around it."""
        names = _looked_up[own]
        return _digest(own.hex(), *names, *map(self._said.__getitem__, names))


class _Said(dict[str, str]):
    """What a card says of a fact, by its name; worked out when it is asked."""

    def __init__(self, facts: Facts) -> None:
        super().__init__()
        self._facts = facts

    def __missing__(self, name: str) -> str:
        self[name] = said = repr(self._facts.known_value(name))
        return said


def _digest(*parts: str) -> bytes:
    return sha256("\0".join(parts).encode("utf-8", "surrogatepass")).digest()


def _plain(verdict: Verdict) -> Verdict:
    """Drop the comparisons of a verdict that leads to nothing: only what is missing is ever said of it."""
    return verdict if verdict.result != "none" else _silent(verdict.status, tuple(verdict.outcome.missing))


@lru_cache(maxsize=MOST)
def _silent(status: Status, missing: tuple[str, ...]) -> Verdict:
    return Verdict(status, "none", Outcome(None, missing=list(missing)))
