"""What no change may do: break a rule that held, or lengthen the wait after an injection."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import Any

from generator.model.scanner import Scanner
from generator.model.tree import Contrast, Pause, Protocol, Step, Target
from generator.rules import packs
from generator.rules.engine import Subject, check, kind_fits, role_fits
from generator.rules.facts.card import scanner_facts, view
from generator.rules.finding import Finding
from generator.timing.steps import is_post_contrast_t1
from generator.timing.timeline import build_timeline, with_waits
from generator.timing.waits import surely_passed

_WEIGHT = {"error": 2, "warning": 1, "info": 0}


@dataclass(frozen=True, slots=True)
class Window:
    """The steps between an injection and the images that wait for it.

    Attributes
    ----------
    spare : float
        Seconds that may be taken from them before a longer wait is needed.
    """

    steps: frozenset[int]
    spare: float


_Known = Mapping[tuple[str, int | None], Finding]


@dataclass(frozen=True)
class Guard:
    """Holds changed protocols against the one they come from.

    Attributes
    ----------
    protocol : Protocol
        Before any change, without waits.
    target : Target
        The scanner.
    scanner : Scanner or None
        Its profile, if there is one.
    """

    protocol: Protocol
    target: Target
    scanner: Scanner | None = None

    @cached_property
    def facts(self) -> Mapping[str, Any]:
        """What rules may know of the scanner."""
        return scanner_facts(self.scanner) if self.scanner else {}

    def objections(self, protocol: Protocol) -> tuple[Finding, ...]:
        """Errors and warnings that the protocol before the changes did not have; times are not judged."""
        return self._new(self._findings(protocol), self._known)

    def objections_to_card(self, protocol: Protocol) -> tuple[Finding, ...]:
        """The same for the whole card: with its waits, its time axis, and its signal against that before."""
        return self._new(self._card_findings(protocol), self._known_of_card)

    def is_whole_without(self, steps: Sequence[int]) -> bool:
        """Say whether the scans that surely run keep what they kept, although these ones are left out."""
        rest = _without(self.protocol, steps)
        return not self._new(self._findings(_surely(rest)), self._known_surely)

    def is_judged(self, protocol: Protocol, steps: Sequence[int], rules: Sequence[str]) -> bool:
        """Say whether every step keeps one of some physics rules, and does not only escape them."""
        card = view(Subject(protocol, self.target, scanner=self.facts))
        found = [packs.find(rule, [packs.get("physics")]) for rule in rules]
        fitting = [rule for rule in found if kind_fits(rule, card.facts)]
        seen = [step for step in card.steps if step.index in steps]
        return all(
            any(role_fits(rule, step) and rule.judge(step.facts).status == "kept" for rule in fitting)
            for step in seen
        )

    def lengthens_wait(self, protocol: Protocol) -> bool:
        """Say whether more time would pass waiting for contrast than before."""
        return self.waiting(protocol) > self._waiting + 0.5

    def waiting(self, protocol: Protocol) -> float:
        """Seconds of the waits that an injection needs beside the scans."""
        with_pauses, origins = with_waits(protocol, self.target)
        added = [
            step
            for step, origin in zip(with_pauses.steps, origins, strict=True)
            if origin is None and not step.optional
        ]
        return sum(step.duration or 0.0 for step in added if isinstance(step, Pause))

    @cached_property
    def window(self) -> Window:
        """Scans that fill the wait for contrast images, and how much shorter they may be together."""
        steps = self.protocol.steps
        injection = next((i for i, step in enumerate(steps) if isinstance(step, Contrast)), len(steps))
        image = next((i for i in range(injection, len(steps)) if _waits(steps[i])), None)
        delay = getattr(steps[injection], "minimum_delay", None) if image is not None else None
        if image is None or not delay:
            return Window(frozenset(), inf)
        spare = surely_passed(steps[injection:image], self.target) + self._waiting - delay
        between = range(injection + 1, image)
        return Window(frozenset(i for i in between if not steps[i].optional), spare)

    @cached_property
    def _waiting(self) -> float:
        return self.waiting(self.protocol)

    @cached_property
    def _known(self) -> _Known:
        return _by_place(self._findings(self.protocol))

    @cached_property
    def _known_surely(self) -> _Known:
        return _by_place(self._findings(_surely(self.protocol)))

    @cached_property
    def _known_of_card(self) -> _Known:
        return _by_place(self._card_findings(self.protocol, compared=False))

    def _findings(self, protocol: Protocol) -> Iterator[Finding]:
        subject = Subject(protocol, self.target, scanner=self.facts)
        yield from check(subject, protocol.guidelines).findings

    def _card_findings(self, protocol: Protocol, compared: bool = True) -> Iterator[Finding]:
        """Findings of a card, each at its step of the protocol without waits."""
        card, origins = with_waits(protocol, self.target)
        reference = Subject(self.protocol, self.target) if compared else None
        timeline = build_timeline(card, self.target)
        subject = Subject(card, self.target, timeline, self.facts, reference=reference)
        for one in check(subject, protocol.guidelines).findings:
            step = None if one.step is None else origins[one.step]
            yield one.model_copy(update={"step": step})

    @staticmethod
    def _new(findings: Iterator[Finding], known: _Known) -> tuple[Finding, ...]:
        return tuple(one for one in findings if _is_new(one, known.get((one.rule, one.step))))


def _waits(step: Step) -> bool:
    return is_post_contrast_t1(step) and not step.optional


def _without(protocol: Protocol, steps: Collection[int]) -> Protocol:
    """Leave steps out; a pause takes the place of each, so that the others keep their places."""
    gone = Pause(text="left out")
    found = [gone if index in steps else step for index, step in enumerate(protocol.steps)]
    return protocol.model_copy(update={"steps": tuple(found)})


def _surely(protocol: Protocol) -> Protocol:
    return _without(protocol, [index for index, step in enumerate(protocol.steps) if step.optional])


def _by_place(findings: Iterator[Finding]) -> _Known:
    found: dict[tuple[str, int | None], Finding] = {}
    for one in findings:
        found.setdefault((one.rule, one.step), one)
    return found


def _is_new(one: Finding, before: Finding | None) -> bool:
    """Say whether a finding was not there, was milder, or is about a step with another value."""
    if _WEIGHT[one.severity] == 0:
        return False
    if before is None or _WEIGHT[one.severity] > _WEIGHT[before.severity]:
        return True
    return one.step is not None and one.measured != before.measured
