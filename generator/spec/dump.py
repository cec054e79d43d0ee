"""The tree as a spec: self-contained, with units, and the same tree when it is loaded again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from generator.model.fields import FieldSpec, field_table
from generator.model.tree import Node, Pause, Protocol, Situation, Step
from generator.spec.document import KEY_OF_FIELD
from generator.spec.mappings import MAXIMUM_ID, is_id

# A document is written from mappings (blocks), lists of steps (blocks) and texts (already YAML).
Block = dict[str, Any]

# A text of plain words, which no reader of YAML 1.1 or 1.2 takes for anything else.
_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9_./+-]*(?: [A-Za-z0-9_./+-]+)*\Z")
_TRAPS = frozenset(["null", "true", "false", "yes", "no", "on", "off", "y", "n"])
_ESCAPED = re.compile(
    '["\\\\]|[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]'
)
_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def to_yaml(protocol: Protocol) -> str:
    """Write a protocol as a spec with its acquisitions in place.

    Parameters
    ----------
    protocol : Protocol
        Of a spec, or as a reader found it. Without an id it gets one made from its name.

    Returns
    -------
    str
        YAML that :func:`generator.spec.load.load_text` accepts and that resolves to the same tree. A control
        character in a text of a vendor file is written as an escape, to which the loader then points.
    """
    head = {KEY_OF_FIELD.get(name, name): value for name, value in _fields(protocol).items() if name != "id"}
    document = {
        "protocol": quote(protocol_id(protocol)),
        **head,
        "steps": [_step(step) for step in protocol.steps],
    }
    return "\n".join(_lines(document)) + "\n"


def written(model: type[Node], name: str, value: Any) -> str:
    """Write the value of one field of a class of the tree, with its unit, as a spec has it."""
    return str(_value(field_table(model)[name], value))


def protocol_id(protocol: Protocol) -> str:
    """Return the id of a protocol, or one made from its name: ``Brain: MS (3T)`` is ``brain-ms-3t``."""
    if protocol.id is not None and is_id(protocol.id):
        return protocol.id
    words = re.findall(r"[a-z0-9]+", (protocol.id or protocol.name).casefold())
    return "-".join(words)[:MAXIMUM_ID].rstrip("-") or "protocol"


def _step(step: Step) -> Block:
    """Write one step with all its fields under its word; a bare pause as its text."""
    fields = _fields(step)
    only_text = isinstance(step, Pause) and fields.keys() == {"text"}
    return {step.kind: fields["text"] if only_text else fields}


def _fields(node: Node) -> Block:
    """Write the fields of a node that say anything, other than its kind of step and its steps."""
    table = field_table(type(node))
    hidden = {"steps"} if isinstance(node, Protocol) else {"kind"}
    return {
        name: _value(spec, getattr(node, name))
        for name, spec in table.items()
        if name not in hidden and (spec.required or not _is_default(node, name))
    }


def _is_default(node: Node, name: str) -> bool:
    return bool(getattr(node, name) == type(node).model_fields[name].get_default(call_default_factory=True))


def _value(spec: FieldSpec, value: Any) -> str | Block:
    if isinstance(value, Situation):
        return _fields(value)
    if isinstance(value, Mapping):
        return {quote(str(key)): _inline(item) for key, item in value.items()}
    if spec.shape != "scalar":
        return f"[{', '.join(_one(spec, item) for item in value)}]"
    return _one(spec, value)


def _one(spec: FieldSpec, value: Any) -> str:
    """Write a scalar, or one entry of a list; quantities in the canonical unit, to the last digit."""
    if isinstance(value, str):
        return value if spec.choices else quote(value)
    if isinstance(value, float):
        value = repr(value).removesuffix(".0")
    return f"{value} {spec.unit}" if spec.unit and value is not None else _bare(value)


def _bare(value: Any) -> str:
    """Write null, a truth value or a number."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    text = str(value)
    return {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}.get(text, text)


def _inline(value: Any) -> str:
    """Write a value of unknown meaning in one line, so that its type comes back."""
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quote(str(key))}: {_inline(item)}" for key, item in value.items()) + "}"
    if isinstance(value, Iterable):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return _bare(value)


def quote(text: str) -> str:
    """Write a text for YAML: without quotes only if nothing could mistake it."""
    if _PLAIN.match(text) and text.casefold() not in _TRAPS:
        return text
    return '"' + _ESCAPED.sub(lambda found: _escape(found[0]), text) + '"'


def _escape(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _lines(block: Block, pad: str = "") -> Iterable[str]:
    """Lay out a block: one line a value, blocks inside indented, steps as a list."""
    for key, value in block.items():
        if isinstance(value, str):
            yield f"{pad}{key}: {value}"
        elif not value:
            yield f"{pad}{key}: {'[]' if isinstance(value, list) else '{}'}"
        elif isinstance(value, list):
            yield f"{pad}{key}:"
            yield from _items(value, pad + "  ")
        else:
            yield f"{pad}{key}:"
            yield from _lines(value, pad + "  ")


def _items(items: list[Block], pad: str) -> Iterable[str]:
    for item in items:
        first, *rest = _lines(item, pad + "  ")
        yield f"{pad}- {first.lstrip()}"
        yield from rest
