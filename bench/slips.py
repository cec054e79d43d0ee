"""`make slips`: every number of every shipped protocol with its decimal point moved, and halved and doubled.

A slip is *refused* where the tree does not admit it, *found* where the check of the card gives an error or a
warning that the right card does not give, and *silent* else. The page `docs/slips.md` has the figures; each
tenfold slip that stays silent has its reason in :data:`PLAUSIBLE`.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from generator import pipeline, resources
from generator.model.fields import FieldSpec, field_table
from generator.model.tree import Protocol, Target
from generator.rules.engine import Report, check
from generator.rules.facts.card import Subject
from generator.spec.load import load
from generator.timing.timeline import build_timeline

PAGE = Path(__file__).resolve().parent.parent / "docs" / "slips.md"
FACTORS = (10.0, 0.1, 2.0, 0.5)
TENFOLD = FACTORS[:2]
GOAL = 0.03
"""Share of tenfold slips that may be silent."""

_NUMBERS = (int, float)
_NOT_SWEPT = {"vendor"}

PLAUSIBLE: dict[tuple[str, float], str] = {
    ("pixel_bandwidth", 10.0): "published multi-echo SWI is read at 921 Hz/px (phl-swip-6echo)",
    ("slice_oversampling", 0.1): "one per cent more, a slab that a console rounds up",
}
"""Why a tenfold slip of a field that stays silent is a value that a site may want, by field and factor."""


@dataclass(frozen=True, slots=True)
class Slip:
    """One number of one step, changed.

    Attributes
    ----------
    entry : int or None
        Which entry of a list; ``None`` for a single value.
    """

    protocol: str
    target: str
    step: str
    field: str
    entry: int | None
    factor: float
    right: float
    wrong: float
    outcome: str


def sweep(names: tuple[str, ...] = (), sample: bool = False) -> Iterator[Slip]:
    """Move every number of the shipped protocols, one at a time.

    Parameters
    ----------
    names : tuple of str
        Names of protocol files without suffix; all of them if empty.
    sample : bool
        Whether each protocol is made for one target only, vendors and field strengths in turn.
    """
    paths = sorted(resources.specs("protocols").rglob("*.yaml"))
    chosen = [path for path in paths if not names or path.stem in names]
    turns = range(len(chosen)) if sample else [None] * len(chosen)
    with ProcessPoolExecutor() as pool:
        for found in pool.map(_of_protocol, chosen, turns):
            yield from found


def _of_protocol(path: Path, turn: int | None) -> list[Slip]:
    spec = load(path)
    targets = pipeline.targets(spec)
    one = targets if turn is None else [targets[turn % len(targets)]]
    cards = (pipeline.prepare(spec, target) for target in one)
    return [slip for card in cards for slip in of_card(card)]


def of_card(card: pipeline.Card) -> Iterator[Slip]:
    """Move every number of one card, one at a time."""
    before = _said(pipeline.check(card))
    for index, step in enumerate(card.protocol.steps):
        where = (card.spec.protocol_id, str(card.target), getattr(step, "name", step.kind))
        own = card.origins[index] is not None  # a wait that the program put in is no number of the author
        for field, entry, value, spec in _numbers(step) if own else ():
            for factor in FACTORS:
                wrong = _moved(value, factor, spec)
                outcome = _outcome(card, index, field, entry, wrong, before)
                yield Slip(*where, field, entry, factor, value, wrong, outcome)


def _numbers(step: Any) -> Iterator[tuple[str, int | None, float, FieldSpec]]:
    """List the numbers that a step states and that a factor changes."""
    model: type[BaseModel] = type(step)
    for field, spec in field_table(model).items():
        value = getattr(step, field)
        if field in _NOT_SWEPT or spec.type not in _NUMBERS:
            continue
        entries = enumerate(value) if isinstance(value, tuple) else [(None, value)]
        for entry, one in entries:
            if one:
                yield field, entry, one, spec


def _moved(value: float, factor: float, spec: FieldSpec) -> float:
    """Move the decimal point; a count stays whole if it can."""
    moved = value * factor
    return round(moved) if spec.type is int and (factor > 1 or moved >= 1) else moved


def _outcome(
    card: pipeline.Card, index: int, field: str, entry: int | None, wrong: float, before: frozenset[str]
) -> str:
    slipped = _slipped(card.protocol, index, field, entry, wrong)
    if slipped is None:
        return "refused"
    report = check(_subject(card, slipped), card.protocol.guidelines, card.spec.suppressions)
    new = _said(report) - before
    if any(one.startswith("error") for one in new):
        return "error"
    return "warning" if new else "silent"


def _slipped(protocol: Protocol, index: int, field: str, entry: int | None, wrong: float) -> Protocol | None:
    """Make the protocol with the wrong number; ``None`` if the tree does not admit it."""
    step = protocol.steps[index]
    value = getattr(step, field)
    new = wrong if entry is None else tuple(wrong if i == entry else one for i, one in enumerate(value))
    try:
        changed = type(step).model_validate({**dict(step), field: new})
    except ValidationError:
        return None
    steps = tuple(changed if i == index else one for i, one in enumerate(protocol.steps))
    return protocol.model_copy(update={"steps": steps})


def _subject(card: pipeline.Card, protocol: Protocol) -> Subject:
    timeline = build_timeline(protocol, card.target)
    return Subject(protocol=protocol, target=card.target, timeline=timeline, scanner=_scanner(card.target))


@cache
def _scanner(target: Target) -> dict[str, Any]:
    from generator.rules.facts.card import scanner_facts
    from generator.spec.scanners import find_scanner

    scanner = find_scanner(target)
    return scanner_facts(scanner) if scanner else {}


def _said(report: Report) -> frozenset[str]:
    """What a check says that an author has to look at: severity, rule and step."""
    loud = (one for one in report.findings if one.severity != "info")
    return frozenset(f"{one.severity} {one.code} {one.step} {one.field}" for one in loud)


def page(slips: list[Slip]) -> str:
    """Write the page of the sweep."""
    cards = len({(one.protocol, one.target) for one in slips})
    protocols = len({one.protocol for one in slips})
    lines = [
        "# Slips that a check finds",
        "",
        "Made by `make slips`, or with `--sample` for one target of each protocol, vendors and fields in",
        "turn: every number of a card is changed alone, and the card is checked again. *Refused*: the tree",
        "does not admit the value (a fraction above 1, half a slice). *Error*, *warning*: a finding that the",
        "right card does not have. *Silent*: none.",
        "",
        f"{len(slips) // len(FACTORS)} numbers of {cards} cards of {protocols} protocols.",
        "",
        "| the number is | refused | error | warning | silent | silent, share |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_row(f"times {factor:g}", [one for one in slips if one.factor == factor]) for factor in FACTORS]
    tenfold = [one for one in slips if one.factor in TENFOLD]
    lines += [_row("**tenfold, both ways**", tenfold), "", *_silent(tenfold)]
    return "\n".join(lines) + "\n"


def _row(label: str, slips: list[Slip]) -> str:
    outcomes = Counter(one.outcome for one in slips)
    counts = [outcomes[name] for name in ("refused", "error", "warning", "silent")]
    return f"| {label} | {' | '.join(map(str, counts))} | {share(slips):.1%} |".replace("%", " %")


def share(slips: list[Slip]) -> float:
    """Share of silent slips."""
    return sum(one.outcome == "silent" for one in slips) / len(slips) if slips else 0.0


def _silent(tenfold: list[Slip]) -> Iterator[str]:
    """List the tenfold slips that stay silent, with the reason why each is plausible."""
    silent = [one for one in tenfold if one.outcome == "silent"]
    yield "## Tenfold slips that stay silent"
    yield ""
    yield "| field | change | scans | on how many cards | why it is plausible |"
    yield "|---|---|---|---|---|"
    keys = dict.fromkeys(sorted((one.field, one.factor, one.right, one.wrong) for one in silent))
    for field, factor, right, wrong in keys:
        same = [one for one in silent if (one.field, one.factor, one.right) == (field, factor, right)]
        steps = ", ".join(sorted({one.step for one in same}))
        why = PLAUSIBLE.get((field, factor), "**no reason is known**")
        yield f"| `{field}` | {right:g} → {wrong:g} | {steps} | {len(same)} | {why} |"


def main() -> None:
    """Run the sweep; print the page, or write it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("protocols", nargs="*", help="names of protocol files; all of them if left out")
    parser.add_argument("--sample", action="store_true", help="one target of each protocol")
    parser.add_argument("--write", action="store_true", help="write docs/slips.md")
    chosen = parser.parse_args()
    text = page(list(sweep(tuple(chosen.protocols), chosen.sample)))
    if chosen.write:
        PAGE.write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
