"""The rules of a pack: one mapping a rule, by a table of keys."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from generator.rules import checks
from generator.rules.facts.table import ROLES
from generator.rules.facts.view import Facts
from generator.rules.grammar import Grammar
from generator.rules.rule import LEVELS, SUBJECTS, Case, Reading, Result, Rule, Setting, Soften, Source
from generator.spec import values
from generator.spec.nodes import MappingNode, Node, ScalarNode, SequenceNode
from generator.spec.source import Report

RULE_KEYS = (
    "rule", "code", "title", "level", "result", "subject", "region", "kinds", "roles", "when", "require",
    "cases", "check", "soften", "unstated", "setting", "results", "yields_to", "readings", "basis",
    "consequence", "remedy", "note", "source", "examples",
)  # fmt: skip
REQUIRED_KEYS = ("rule", "code", "title", "level", "source")
SOURCE_KEYS = ("section", "lines")
EXAMPLE_KEYS = ("pass", "fail")
DEMAND_KEYS = ("require", "cases", "check")
RESULTS: tuple[Result, ...] = get_args(Result)
BASES = ("explicit", "interpretation", "derived", "ambiguous", "own choice")
ANY_ROLE = "*"
CODE = re.compile(r"(TIM|GAD|GEO|PHY|CON|GUI|VEN)\d{3}\Z")
_WORDS = "[a-z0-9]+(?:-[a-z0-9]+)*"
ID = re.compile(rf"{_WORDS}(?:\.{_WORDS})+\Z")

_SINGULAR = {"kinds": "kind", "roles": "role", "readings": "reading"}

UNSTATED: dict[str, Result] = {"required": "warning"}
"""What a missing fact leads to by level: what must be met and cannot be seen is not passed in silence."""


def text_of(node: Node | None, report: Report) -> str:
    """Read a text, its lines joined; the empty text if there is none."""
    if isinstance(node, ScalarNode) and node.text.strip():
        return " ".join(node.text.split())
    if node is not None:
        report.error("wrong-shape", "a text belongs here", node.position)
    return ""


def texts_of(node: Node | None, report: Report) -> tuple[str, ...]:
    """Read one text or a list of texts."""
    if node is None:
        return ()
    items = node.items if isinstance(node, SequenceNode) else (node,)
    return tuple(filter(None, (text_of(item, report) for item in items)))


def mappings_of(node: Node | None, report: Report) -> list[MappingNode]:
    """Read a list of mappings."""
    if node is None:
        return []
    if not isinstance(node, SequenceNode):
        report.error("wrong-shape", "a list belongs here", node.position)
        return []
    for item in node.items:
        if not isinstance(item, MappingNode):
            report.error("wrong-shape", "a mapping belongs here", item.position)
    return [item for item in node.items if isinstance(item, MappingNode)]


def entries_of(node: Node | None) -> list[tuple[str, Node]]:
    """List the entries of a mapping; nothing if it is none."""
    return list(node.entries.items()) if isinstance(node, MappingNode) else []


@dataclass
class RuleReader:
    """Reads the rules of one pack; errors go to the report of the grammar.

    Attributes
    ----------
    groups : mapping
        Names for several ``kinds`` or ``roles`` that the pack declares.
    known : mapping of str to tuple of str
        ``kinds``, ``regions`` and ``roles``, with the pack's own words.
    seen : dict
        Line of every id and code so far.
    """

    grammar: Grammar
    pack: str
    document: str
    readings: Mapping[str, Reading]
    settings: Mapping[str, Setting]
    groups: Mapping[str, Mapping[str, tuple[str, ...]]]
    known: Mapping[str, tuple[str, ...]]
    seen: dict[str, int] = field(default_factory=dict)

    @property
    def report(self) -> Report:
        """Where errors go."""
        return self.grammar.report

    def rule(self, node: MappingNode) -> Rule:
        """Read one rule. What cannot be read is reported and left at its default."""
        self.grammar.keys(node, RULE_KEYS, required=REQUIRED_KEYS)
        get = node.entries.get
        level = self.word("level", LEVELS, get("level")) or "informative"
        rule = Rule(
            id=self._identity(node, "rule", ID, "ofsep2020.time.full-20min"),
            code=self._identity(node, "code", CODE, "TIM001"),
            pack=self.pack,
            title=text_of(get("title"), self.report),
            level=level,  # type: ignore[arg-type]
            result=self._result(get("result"), LEVELS[level]),
            subjects=self.words("subject", SUBJECTS, get("subject")) or ("step",),  # type: ignore[arg-type]
            source=self._source(get("source")),
            document=self.document,
            unstated=self._result(get("unstated"), UNSTATED.get(level, "none")),
            position=node.position,
            **self._scope(node),
            **self._demand(node),
            **self._remarks(node),
        )
        return self._with_examples(rule, node)

    def _scope(self, node: MappingNode) -> dict[str, Any]:
        """What the rule applies to."""
        get = node.entries.get
        return {
            "regions": frozenset(self.words("region", self.known["regions"], get("region"))),
            "kinds": frozenset(self.words("kinds", self.known["kinds"], get("kinds"))),
            "roles": frozenset(self.words("roles", (*ROLES, ANY_ROLE), get("roles"))),
            "when": self._condition(get("when")),
        }

    def _demand(self, node: MappingNode) -> dict[str, Any]:
        """What the rule demands, and what breaking it leads to."""
        get = node.entries.get
        return {
            "cases": self._cases(node),
            "check": self.word("check", checks.names(), get("check")),
            "soften": self._soften(get("soften")),
            "setting": self.word("setting", self.settings, get("setting")),
            "results": {name: self._result(inner, "none") for name, inner in entries_of(get("results"))},
            "yields_to": texts_of(get("yields_to"), self.report),
        }

    def _remarks(self, node: MappingNode) -> dict[str, Any]:
        """What the rule says to its reader."""
        get = node.entries.get
        return {
            "readings": self.words("readings", self.readings, get("readings")),
            "basis": self.word("basis", BASES, get("basis")) or "explicit",
            "consequence": text_of(get("consequence"), self.report) or None,
            "remedy": text_of(get("remedy"), self.report) or None,
            "note": text_of(get("note"), self.report) or None,
        }

    def word(self, what: str, known: Any, node: Node | None) -> str | None:
        """Read one word of a closed list."""
        if node is None:
            return None
        if not isinstance(node, ScalarNode):
            self.grammar.wrong_shape(f"{what} is one word", node, next(iter(known), "a word"))
            return None
        if not known:
            self.report.error("unknown-word", f"{node.text!r}: the pack declares no {what}", node.position)
            return None
        found = values.read_word(_SINGULAR.get(what, what), known, node, self.report)
        return None if found is values.INVALID else str(found)

    def words(self, what: str, known: Any, node: Node | None) -> tuple[str, ...]:
        """Read one word or a list of words; the name of a group means its members."""
        if node is None:
            return ()
        groups = self.groups.get(what, {})
        found: list[str] = []
        for item in node.items if isinstance(node, SequenceNode) else (node,):
            word = self.word(what, (*known, *groups), item)
            found += groups.get(word, (word,)) if word else ()
        return tuple(dict.fromkeys(found))

    def _identity(self, node: MappingNode, key: str, form: re.Pattern[str], example: str) -> str:
        """Read an id or a code: of the right form, and only once in the pack."""
        at = node.entries.get(key)
        text = text_of(at, self.report)
        if at is None or not text:
            return text
        if not form.match(text):
            self.report.error(
                "wrong-form", f"{text!r} cannot name a {key}", at.position, expected=f"like {example}"
            )
        elif text in self.seen:
            line = self.seen[text]
            self.report.error("duplicate-id", f"{text!r} is in line {line}", at.position)
        self.seen.setdefault(text, at.position.line)
        return text

    def _result(self, node: Node | None, default: str) -> Result:
        return self.word("result", RESULTS, node) or default  # type: ignore[return-value]

    def _source(self, node: Node | None) -> Source:
        if not isinstance(node, MappingNode):
            return Source(text_of(node, self.report))
        self.grammar.keys(node, SOURCE_KEYS, required=("section",))
        texts = {
            key: text_of(inner, self.report) for key, inner in node.entries.items() if key in SOURCE_KEYS
        }
        return Source(texts.get("section", ""), texts.get("lines"))

    def _condition(self, node: Node | None) -> Any:
        return None if node is None else self.grammar.condition(node)

    def _cases(self, node: MappingNode) -> tuple[Case, ...]:
        """Read ``require`` or ``cases``; a rule has one of them, or a check, or no predicate at all."""
        given = [key for key in DEMAND_KEYS if key in node.entries]
        if len(given) > 1:
            at = node.keys[given[1]]
            self.report.error("wrong-shape", f"{given[0]!r} is given already; a rule has one of them", at)
        if "require" in node.entries:
            required = self._condition(node.entries["require"])
            return () if required is None else (Case(None, required),)
        found = [self._case(inner) for inner in mappings_of(node.entries.get("cases"), self.report)]
        return tuple(case for case in found if case is not None)

    def _case(self, node: MappingNode) -> Case | None:
        self.grammar.keys(node, ("when", "require"), required=("require",))
        required = self._condition(node.entries.get("require"))
        return None if required is None else Case(self._condition(node.entries.get("when")), required)

    def _soften(self, node: Node | None) -> Soften | None:
        if node is None:
            return None
        if not isinstance(node, MappingNode):
            self.grammar.wrong_shape("'soften' is a mapping", node, "{to: warning, if: {...}}")
            return None
        self.grammar.keys(node, ("to", "if"), required=("to", "if"))
        looser = self._condition(node.entries.get("if"))
        return Soften(self._result(node.entries.get("to"), "info"), looser) if looser else None

    def _with_examples(self, rule: Rule, node: MappingNode) -> Rule:
        """Read the examples; a rule that decides something needs one that passes and one that fails."""
        listed = node.entries.get("examples")
        decides = any(key in node.entries for key in DEMAND_KEYS)
        if not isinstance(listed, MappingNode):
            if decides or listed is not None:
                at = (listed or node).position
                self.report.error(
                    "missing-example", f"{rule.id} has no examples", at, expected="pass and fail"
                )
            return rule
        self.grammar.keys(listed, EXAMPLE_KEYS)
        for key, what in zip(EXAMPLE_KEYS, ("passing", "failing"), strict=True):
            if decides and key not in listed.entries:
                self.report.error("missing-example", f"{rule.id} has no {what} example", listed.position)
        read = {key: self.grammar.example(inner) for key, inner in listed.entries.items()}
        return replace(rule, passing=read.get("pass", {}), failing=read.get("fail", {}))

    def try_examples(self, rules: Sequence[Rule]) -> None:
        """Report every rule that does not judge its examples as the pack claims."""
        defaults = {setting.name: setting.default for setting in self.settings.values()}
        for rule in rules:
            if not rule.has_predicate or rule.position is None:
                continue
            for what, example, wanted in (
                ("passing", rule.passing, "kept"),
                ("failing", rule.failing, "broken"),
            ):
                verdict = rule.judge(Facts({**defaults, **example}))
                if verdict.status != wanted:
                    lack = ", ".join(verdict.outcome.missing)
                    why = f": it does not state {lack}" if lack else ""
                    message = f"the {what} example of {rule.id} is {verdict.status}, not {wanted}{why}"
                    self.report.error("wrong-example", message, rule.position)
