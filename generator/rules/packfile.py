"""Pack files: YAML to packs of rules, or every error with file, line and column.

A pack is refused as a whole if anything in it is wrong: an unknown key or fact, a misspelt word, a wrong
unit, two rules of one id or code, a rule without its examples, an example that the rule does not judge as
it claims, a reading or a setting that is not declared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from generator import memory
from generator.model import words
from generator.rules.facts.table import ROLES, Fact, facts
from generator.rules.grammar import Grammar
from generator.rules.rule import Pack, Reading, Setting
from generator.rules.rulefile import RuleReader, entries_of, mappings_of, text_of, texts_of
from generator.spec.nodes import MappingNode, Node, compose
from generator.spec.source import Report, Source, raise_all, read_source

OWN_WORDS = ("kinds", "regions")
PACK_KEYS = ("pack", "title", "document", "about", "missing", *OWN_WORDS, "groups", "settings", "rules")
DOCUMENT_KEYS = ("short", "citation")
GROUPS = ("kinds", "roles")
SETTING_KEYS = ("reading", "choices", "default", "meaning")
READING_KEYS = ("id", "title", "taken", "other", "setting")


def load_readings(path: Path) -> dict[str, Reading]:
    """Read the file of readings.

    Raises
    ------
    SourceErrors, UnusableInput
        As :func:`load_pack`.
    """
    source = read_source(path)
    inputs = (source.name, source.text)
    return memory.kept("readings", _program(), inputs, lambda: _load_readings(source))


def _load_readings(source: Source) -> dict[str, Reading]:
    report, root = _open(source)
    found: dict[str, Reading] = {}
    if root is not None:
        grammar = Grammar({}, report)
        grammar.keys(root, ("readings",), required=("readings",))
        for node in mappings_of(root.entries.get("readings"), report):
            reading = _reading(node, grammar)
            if reading.id in found:
                report.error("duplicate-id", f"two readings are named {reading.id}", node.position)
            found[reading.id] = reading
    raise_all(report.found)
    return found


def _reading(node: MappingNode, grammar: Grammar) -> Reading:
    grammar.keys(node, READING_KEYS, required=READING_KEYS[:4])
    texts = {key: text_of(node.entries.get(key), grammar.report) for key in READING_KEYS}
    setting = texts.pop("setting") or None
    return Reading(**texts, setting=setting)


def load_pack(path: Path, readings: Mapping[str, Reading], *, proven: bool = False) -> Pack:
    """Read a pack.

    Parameters
    ----------
    readings : mapping of str to Reading
        The readings that rules may rest on.
    proven : bool
        Whether its examples were judged before: those of the shipped packs by the tests, once for all users.

    Raises
    ------
    SourceErrors
        With every error of the file.
    UnusableInput
        If the file cannot be opened.
    """
    source = read_source(path)
    inputs = (source.name, source.text, dict(readings), proven)
    return memory.kept("packs", _program(), inputs, lambda: _load(source, readings, proven))


def _program() -> str:
    """What a pack depends on beside its file: the language of rules and the tree that it speaks of."""
    return memory.program("rules", "spec", "model")


def _load(source: Source, readings: Mapping[str, Reading], proven: bool) -> Pack:
    report, root = _open(source)
    pack = _pack(root, report, readings, proven) if root is not None else None
    raise_all(report.found)
    assert pack is not None  # a file without root has an error
    return pack


def _open(source: Source) -> tuple[Report, MappingNode | None]:
    report = Report(source)
    root = compose(source, report)
    if root is None or isinstance(root, MappingNode):
        return report, root
    report.error("wrong-shape", "a pack is a mapping", root.position, expected="pack: <id>")
    return report, None


def _pack(root: MappingNode, report: Report, readings: Mapping[str, Reading], proven: bool) -> Pack:
    grammar = Grammar(facts(), report)
    grammar.keys(root, PACK_KEYS, required=("pack", "title", "document", "rules"))
    get = root.entries.get
    name, document = text_of(get("pack"), report), _document(get("document"), grammar)
    known = {
        "kinds": (*words.KINDS, *texts_of(get("kinds"), report)),
        "regions": (*words.REGIONS, *texts_of(get("regions"), report)),
        "roles": ROLES,
    }
    reader = RuleReader(grammar, name, document.get("short", ""), readings, {}, {}, known)
    reader.settings = _settings(get("settings"), reader)
    reader.groups = _groups(get("groups"), reader)
    own = {fact: replace(facts()[fact], choices=known[f"{fact}s"]) for fact in ("kind", "region")}
    reader.grammar = Grammar({**facts(), **own, **_as_facts(reader.settings)}, report)
    rules = [reader.rule(node) for node in mappings_of(get("rules"), report)]
    if not (proven or report.found):
        reader.try_examples(rules)
    return Pack(
        id=name,
        title=text_of(get("title"), report),
        document=document.get("short", ""),
        citation=document.get("citation", ""),
        rules=tuple(rules),
        settings=reader.settings,
        missing=texts_of(get("missing"), report),
        about=text_of(get("about"), report),
        words={key: texts_of(get(key), report) for key in OWN_WORDS},
    )


def _document(node: Node | None, grammar: Grammar) -> dict[str, str]:
    if not isinstance(node, MappingNode):
        if node is not None:
            grammar.wrong_shape("a document is a mapping", node, "{short: OFSEP 2020, citation: ...}")
        return {}
    grammar.keys(node, DOCUMENT_KEYS, required=DOCUMENT_KEYS)
    return {key: text_of(node.entries.get(key), grammar.report) for key in DOCUMENT_KEYS}


def _settings(node: Node | None, reader: RuleReader) -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    for name, inner in entries_of(node):
        if not isinstance(inner, MappingNode):
            reader.grammar.wrong_shape("a setting is a mapping", inner, "{choices: [...], default: ...}")
            continue
        reader.grammar.keys(inner, SETTING_KEYS, required=SETTING_KEYS)
        get = inner.entries.get
        choices = texts_of(get("choices"), reader.report)
        found[name] = Setting(
            name,
            reader.word("reading", reader.readings, get("reading")) or "",
            choices,
            reader.word("default", choices, get("default")) or "",
            text_of(get("meaning"), reader.report),
        )
    return found


def _groups(node: Node | None, reader: RuleReader) -> dict[str, dict[str, tuple[str, ...]]]:
    """Read names for several kinds or roles."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    if isinstance(node, MappingNode):
        reader.grammar.keys(node, GROUPS)
        for what in GROUPS:
            listed = entries_of(node.entries.get(what))
            found[what] = {name: reader.words(what, reader.known[what], inner) for name, inner in listed}
    return found


def _as_facts(settings: Mapping[str, Setting]) -> dict[str, Fact]:
    """Let settings be named in conditions like facts."""
    return {
        name: Fact(name, "card", str, setting.meaning, choices=setting.choices)
        for name, setting in settings.items()
    }
