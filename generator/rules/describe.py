"""Conditions in words, for the reference page and for `examcard rules`."""

from __future__ import annotations

from typing import Any

from generator.rules import phrases
from generator.rules.facts.table import Fact, facts
from generator.rules.language import AllOf, AnyOf, Condition, Not, Reference, Test
from generator.rules.operators import COUNTS, EACH, RELATIONS, Near
from generator.rules.rule import Rule

_VERBS = {"is": "is", "is_not": "is not", "stated": "is stated"}


def demand(rule: Rule) -> str:
    """What a rule demands, in words; a statement without predicate demands nothing."""
    if rule.check:
        return f"decided in code, see the check `{rule.check}`"
    if not rule.cases:
        return "a statement, nothing is decided"
    parts = []
    for case in rule.cases:
        said = condition(case.require)
        parts.append(f"if {condition(case.when)}: {said}" if case.when else said)
    return "; else ".join(parts)


def condition(tree: Condition) -> str:
    """Write a condition as a sentence without a full stop."""
    if isinstance(tree, Test):
        return _test(tree)
    if isinstance(tree, Not):
        return f"not ({condition(tree.part)})"
    word = " and " if isinstance(tree, AllOf) else " or "
    inner = [condition(part) for part in tree.parts]
    nested = [
        f"({text})" if isinstance(part, AnyOf | AllOf) else text
        for part, text in zip(tree.parts, inner, strict=True)
    ]
    return word.join(nested)


def _test(test: Test) -> str:
    fact = facts().get(test.fact)
    label = f"`{test.fact}`"
    if test.reducer == EACH:
        label = f"every entry of {label}"
    elif test.reducer:
        label = f"{'number of' if test.reducer in COUNTS else test.reducer} {label}"
    if test.relation == "stated":
        return f"{label} is {'' if test.operand else 'not '}stated"
    unit = phrases.unit_of(fact, test.reducer)
    return f"{label} {_verb(test.relation)} {_operand(test.operand, test.relation, unit, fact)}"


def _verb(relation: str) -> str:
    if relation in _VERBS:
        return _VERBS[relation]
    phrase = RELATIONS[relation].phrase
    if phrase.startswith("must be "):
        return f"is {phrase.removeprefix('must be ')}"
    third = {"must include": "includes", "must not include": "does not include", "must keep": "keeps"}
    for start, verb in sorted(third.items(), key=lambda pair: -len(pair[0])):
        if phrase.startswith(start):
            return verb + phrase[len(start) :]
    return phrase.replace("must end", "ends")


def _operand(operand: Any, relation: str, unit: str | None, fact: Fact | None) -> str:
    if isinstance(operand, Reference):
        return _reference(operand, unit)
    if isinstance(operand, Near):
        width = (
            f"{operand.percent:g} %" if operand.tolerance is None else phrases.show(operand.tolerance, unit)
        )
        return f"{_operand(operand.value, 'is', unit, fact)} (± {width})"
    if relation == "within":
        return " and ".join(_operand(part, "is", unit, fact) for part in operand)
    return phrases.limit(operand, relation, unit)


def _reference(reference: Reference, unit: str | None) -> str:
    text = f"`{reference.fact}`"
    if reference.times != 1.0:
        text = f"{reference.times:.4g} × {text}"
    for added in reference.plus:
        if isinstance(added, Reference):
            text += f" + {_reference(added, unit)}"
        else:
            text += f" {'-' if added < 0 else '+'} {phrases.show(abs(added), unit)}"
    return text
