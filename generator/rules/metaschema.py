"""The metaschema of packs: a JSON Schema made from the tables that the reader itself uses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from generator.rules import checks
from generator.rules.facts.table import ROLES, Fact, facts
from generator.rules.grammar import COMBINERS, NEAR_KEYS
from generator.rules.operators import EACH, REDUCERS, RELATIONS
from generator.rules.packfile import DOCUMENT_KEYS, GROUPS, OWN_WORDS, PACK_KEYS, SETTING_KEYS
from generator.rules.rule import LEVELS, SUBJECTS
from generator.rules.rulefile import (
    ANY_ROLE,
    BASES,
    CODE,
    ID,
    REQUIRED_KEYS,
    RESULTS,
    RULE_KEYS,
    SOURCE_KEYS,
)

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}


def pack_schema() -> dict[str, Any]:
    """Return the JSON Schema of a pack file, for editors and for the documentation.

    The reader is stricter: it also checks units, references between rules, and the examples.
    """
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Guideline pack",
        **_object(_pack_properties(), ("pack", "title", "document", "rules")),
        "$defs": {"condition": _condition(), "rule": _rule(), "example": _example()},
    }


def _object(properties: dict[str, Any], required: Iterable[str] = ()) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**found, "required": sorted(required)} if required else found


def _pack_properties() -> dict[str, Any]:
    setting = dict.fromkeys(SETTING_KEYS, _TEXT) | {"choices": _TEXTS}
    special = {
        "document": _object(dict.fromkeys(DOCUMENT_KEYS, _TEXT), DOCUMENT_KEYS),
        "missing": _TEXTS,
        "groups": _object({what: _named(_one_or_more((), open_list=True)) for what in GROUPS}),
        **dict.fromkeys(OWN_WORDS, _TEXTS),
        "settings": _named(_object(setting, SETTING_KEYS)),
        "rules": {"type": "array", "items": {"$ref": "#/$defs/rule"}},
    }
    return {key: special.get(key, _TEXT) for key in PACK_KEYS}


def _named(inner: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": inner}


def _one_or_more(known: Iterable[str], open_list: bool = False) -> dict[str, Any]:
    """One word or several; with ``open_list`` the names of groups as well."""
    word = _TEXT if open_list else {"enum": list(known)}
    return {"anyOf": [word, {"type": "array", "items": word}]}


def _rule() -> dict[str, Any]:
    condition = {"$ref": "#/$defs/condition"}
    example = {"$ref": "#/$defs/example"}
    case = _object({"when": condition, "require": condition}, ("require",))
    special: dict[str, Any] = {
        "rule": {"type": "string", "pattern": ID.pattern.replace(r"\Z", "$")},
        "code": {"type": "string", "pattern": CODE.pattern.replace(r"\Z", "$")},
        "level": {"enum": list(LEVELS)},
        "result": {"enum": list(RESULTS)},
        "unstated": {"enum": list(RESULTS)},
        "subject": _one_or_more(SUBJECTS),
        "region": _one_or_more((), open_list=True),
        "kinds": _one_or_more((), open_list=True),
        "roles": _one_or_more((*ROLES, ANY_ROLE), open_list=True),
        "when": condition,
        "require": condition,
        "cases": {"type": "array", "items": case},
        "check": {"enum": list(checks.names())},
        "soften": _object({"to": {"enum": list(RESULTS)}, "if": condition}, ("to", "if")),
        "results": _named({"enum": list(RESULTS)}),
        "yields_to": _TEXTS,
        "readings": _TEXTS,
        "basis": {"enum": list(BASES)},
        "source": {"anyOf": [_TEXT, _object({key: {} for key in SOURCE_KEYS}, ("section",))]},
        "examples": _object({"pass": example, "fail": example}),
    }
    return _object({key: special.get(key, _TEXT) for key in RULE_KEYS}, REQUIRED_KEYS)


def _condition() -> dict[str, Any]:
    """A mapping of facts to demands, or a list of conditions."""
    own = {"$ref": "#/$defs/condition"}
    properties: dict[str, Any] = {
        name: own if name == "not" else {"type": "array", "items": own} for name in COMBINERS
    }
    relations: dict[str, dict[str, Any]] = {
        name: {"description": relation.meaning} for name, relation in RELATIONS.items()
    }
    relations["near"] |= {"type": "object", "propertyNames": {"enum": list(NEAR_KEYS)}}
    lists: dict[str, dict[str, Any]] = {
        name: {"description": meaning} for name, (_, meaning) in REDUCERS.items()
    }
    lists[EACH] = {"description": "each entry of the list"}
    for name, fact in facts().items():
        words_of_fact = {**relations, **(lists if fact.many else {})}
        demands = {"type": "object", "propertyNames": {"enum": list(words_of_fact)}}
        properties[name] = {"description": _meaning(fact), "anyOf": [demands, {"not": {"type": "object"}}]}
    return {
        "anyOf": [
            {"type": "object", "properties": properties, "additionalProperties": True},
            {"type": "array", "items": own},
        ]
    }


def _example() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {name: {"description": _meaning(fact)} for name, fact in facts().items()},
    }


def _meaning(fact: Fact) -> str:
    unit = f" [{fact.unit}]" if fact.unit else ""
    choices = f"; one of {', '.join(fact.choices)}" if fact.choices else ""
    return f"{fact.description}{unit}{choices}"
