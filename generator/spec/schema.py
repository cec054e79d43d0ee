"""The JSON Schema of spec files, made from the tree: for completion in editors, and to look things up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, get_args

from generator import vendors
from generator.model import words
from generator.model.fields import FieldSpec, field_table
from generator.model.tree import Acquisition, Node, Pause, Situation, Target
from generator.spec.blocks import layout
from generator.spec.document import SUPPRESS_KEYS, head_layout
from generator.spec.mappings import ID_PATTERN, MAXIMUM_ID, Layout
from generator.spec.nodes import ScalarNode
from generator.spec.project import KEYS, default_variables
from generator.spec.scanners import SITE_KEYS, scanner_layout
from generator.spec.steps import MODELS
from generator.spec.values import EXAMPLES, OPEN_WORD, describe
from generator.spec.variants import VARIANT_KEYS

Schema = dict[str, Any]

SITUATION = Layout(Situation, field_table(Situation))
TARGET = Layout(Target, field_table(Target))

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_VARIABLE = r"^\$\{[a-z][a-z0-9_]*\}$"
_QUANTITY = (
    r"^\s*[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*(?![eE][+-]?[0-9])[A-Za-zµ\u03bc°%].*$"
    rf"|{_VARIABLE}"
)
# Open texts for which an editor may still offer words.
_OFFERED: dict[str, Schema] = {
    "agent": {"examples": list(get_args(words.Agent))},
    "target.vendor": {"examples": list(vendors.names())},
}
_TEXT: Schema = {"type": ["string", "number"]}
_NOTE: Schema = {"type": "string", "minLength": 1}


def json_schema() -> Schema:
    """Make the JSON Schema (draft 2020-12) of protocols, definitions, ``site.yaml`` and scanners of a site.

    Returns
    -------
    dict
        Quantities are texts with a pattern, examples and their canonical unit in ``x-unit``.
    """
    return {
        "$schema": DIALECT,
        "title": "examcard protocol, sequence definition, site or scanner",
        **_first({"acquisition": "definition", "site": "site", "scanner": "scanner"}, "protocol"),
        "$defs": {
            "definition": _definition(),
            "protocol": _protocol(),
            "site": _site(),
            "scanner": _scanner(),
            "change": {"oneOf": [*_changes()]},
            "step": {"oneOf": [_step(word, model) for word, model in MODELS.items()]},
            "id": {
                "type": "string",
                "pattern": ID_PATTERN,
                "maxLength": MAXIMUM_ID,
                "examples": ["flair-3d"],
            },
            "when": _when(),
            **{f"{_word(model)}-variants": _variants(model) for model in MODELS.values()},
            **_all_fields(),
            **{f"quantity-{_slug(unit)}": _quantity(unit) for unit in EXAMPLES},
        },
    }


def _first(choices: Mapping[str, str], otherwise: str) -> Schema:
    """Choose the schema of a file by the word it begins with."""
    chosen = _ref_to(otherwise)
    for word, name in reversed(list(choices.items())):
        chosen = {"if": {"required": [word]}, "then": _ref_to(name), "else": chosen}
    return chosen


def _definition() -> Schema:
    form = layout(Acquisition, "acquisition", "extends")
    return _block(form, {"acquisition": _ref_to("id"), "extends": _ref_to("id")}, ["acquisition"])


def _list_of(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _site() -> Schema:
    parts = {
        "site": _ref_to("id"),
        "variables": {"type": "object", "examples": [{name: node.text for name, node in _usual()}]},
        "settings": {"type": "object", "additionalProperties": _TEXT},
        "changes": _list_of(_ref_to("change")),
        **{key: _list_of(_NOTE) for key in ("protocols", "guidelines")},
    }
    return _object({key: parts.get(key, _NOTE) for key in KEYS}, ["site"])


def _usual() -> Iterable[tuple[str, ScalarNode]]:
    return ((name, node) for name, node in default_variables().items() if isinstance(node, ScalarNode))


def _scanner() -> Schema:
    form = scanner_layout(*SITE_KEYS)
    parts = {
        "extends": _ref_to("id"),
        "donors": _list_of(_NOTE),
        "variables": {"type": "object"},
        "changes": _list_of(_ref_to("change")),
    }
    known = {
        "source": _NOTE,
        "sources": _sources(form.fields),
        **_refs(form),
        **parts,
        "scanner": _ref_to("id"),
    }
    return _object({key: known[key] for key in form.keys}, ["scanner"])


def _changes() -> Iterable[Schema]:
    step, place = _ref_to("step"), {"before": _NOTE, "after": _NOTE}
    fields: Schema = {key: ref for model in MODELS.values() for key, ref in _refs(layout(model)).items()}
    given = {**_object(fields), "minProperties": 1}
    cited = {"source": _NOTE, "sources": _sources(fields)}
    yield _object({"set": given, "step": _NOTE, "when": _ref_to("when"), **cited}, ["set"])
    yield _object({"replace": _NOTE, "with": step}, ["replace", "with"])
    yield _object({"add": step, **place}, ["add"])
    yield _object({"remove": _NOTE}, ["remove"])


def _protocol() -> Schema:
    form = head_layout()
    extra = {
        "protocol": _ref_to("id"),
        "extends": {"type": "string", "pattern": "@", "examples": ["ofsep-brain-follow-up@2020.1"]},
        "changes": _list_of(_ref_to("change")),
        "situation": _object(_refs(SITUATION)),
        "steps": _list_of(_ref_to("step")),
        "suppress": {
            "type": "array",
            "items": _object(dict.fromkeys(SUPPRESS_KEYS, _NOTE), ["code", "reason"]),
        },
    }
    whole = [{"required": ["title", "steps"]}, {"required": ["extends"]}]
    return {**_block(form, extra, ["protocol"]), "oneOf": whole}


def _step(word: str, model: type[Node]) -> Schema:
    """Describe a step: its word with the fields below it, and fields beside it."""
    inner = _block(layout(model, labelled=model is Acquisition))
    short = {Acquisition: _ref_to("id"), Pause: _TEXT}.get(model)
    under: Schema = {"anyOf": [short, inner]} if short else inner
    return _block(layout(model, word), {word: under}, [word])


def _block(form: Layout, extra: Mapping[str, Schema] | None = None, required: Iterable[str] = ()) -> Schema:
    """Describe a mapping with the keys of a layout."""
    fields, variants = _refs(form), _ref_to(f"{_word(form.model)}-variants")
    known = {"source": _NOTE, "sources": _sources(fields), "variants": variants, **fields, **(extra or {})}
    return _object({key: known[key] for key in form.keys}, required)


def _variants(model: type[Node]) -> Schema:
    fields = _refs(layout(model))
    given = {**_object(fields), "minProperties": 1}
    parts = {"when": _ref_to("when"), "set": given, "source": _NOTE, "sources": _sources(fields)}
    return {"type": "array", "items": _object({key: parts[key] for key in VARIANT_KEYS}, ["when", "set"])}


def _sources(fields: Iterable[str]) -> Schema:
    """Describe the mapping that names the sources of single fields."""
    return {"type": "object", "propertyNames": {"enum": list(fields)}, "additionalProperties": _NOTE}


def _when() -> Schema:
    return {**_object(_refs(TARGET)), "minProperties": 1}


def _object(properties: Mapping[str, Any], required: Iterable[str] = ()) -> Schema:
    made: Schema = {"type": "object", "properties": dict(properties), "additionalProperties": False}
    return {**made, "required": list(required)} if required else made


def _refs(form: Layout) -> dict[str, Schema]:
    """Refer to the schema of each field by the key that a spec writes for it."""
    return {key: _ref_to(_name(form, spec)) for key, spec in form.fields.items()}


def _ref_to(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _name(form: Layout, spec: FieldSpec) -> str:
    return f"{_word(form.model)}.{spec.name}"


def _word(model: type[Node]) -> str:
    return model.__name__.lower()


def _all_fields() -> Schema:
    """Describe every field of every class once, from pydantic's own schema of the tree."""
    steps = [layout(model, labelled=model is Acquisition) for model in MODELS.values()]
    found: Schema = {}
    for form in [head_layout(), SITUATION, TARGET, scanner_layout(), *steps]:
        native = form.model.model_json_schema()["properties"]
        found |= {_name(form, spec): _field(form, spec, native[spec.name]) for spec in form.fields.values()}
    return found


def _field(form: Layout, spec: FieldSpec, native: Schema) -> Schema:
    made = _for_authors(spec, native)
    if spec.shape == "scalar" and (spec.choices or spec.type in (int, float, bool)) and not spec.unit:
        made = {"anyOf": [made, {"type": "string", "pattern": _VARIABLE}]}
    about = ": ".join(filter(None, [spec.description, describe(spec) if spec.unit else ""]))
    return {**made, **({"description": about} if about else {}), **_offered(form, spec)}


def _offered(form: Layout, spec: FieldSpec) -> Schema:
    """Offer the words of an open list."""
    if spec.known:
        return {"pattern": OPEN_WORD.pattern.replace(r"\Z", "$"), "examples": list(spec.known)}
    return _OFFERED.get(_name(form, spec), {})


def _for_authors(spec: FieldSpec, native: Any) -> Any:
    """Turn the schema of a value of the tree into that of what an author writes for it."""
    if isinstance(native, list):
        return [_for_authors(spec, item) for item in native]
    if not isinstance(native, dict):
        return native
    if spec.unit and native.get("type") == "number":
        return _ref_to(f"quantity-{_slug(spec.unit)}")
    if native.get("type") == "string" and "enum" not in native:
        return dict(_TEXT)
    kept = {key: value for key, value in native.items() if key not in ("title", "default", "description")}
    return {key: _for_authors(spec, value) for key, value in kept.items()}


def _quantity(unit: str) -> Schema:
    return {"type": "string", "pattern": _QUANTITY, "x-unit": unit, "examples": [EXAMPLES[unit]]}


def _slug(unit: str) -> str:
    return unit.replace("/", "-per-")
