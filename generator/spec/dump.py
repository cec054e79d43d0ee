"""The tree as a spec: self-contained, with units, and the same tree when it is loaded again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from generator.model.fields import FieldSpec, field_table
from generator.model.tree import Acquisition, Node, Note, Pause, Protocol, ReadResult, Situation, Step
from generator.spec.document import KEY_OF_FIELD
from generator.spec.mappings import INVISIBLE, MAXIMUM_ID, MAXIMUM_NAME, is_device, is_id

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


def starter(result: ReadResult) -> str:
    """Write what a vendor file holds as a spec to start from: neutral fields, short enough to be reviewed.

    Parameters
    ----------
    result : ReadResult
        With exactly one protocol.

    Returns
    -------
    str
        YAML that ``check`` accepts. Left out are vendor parameters, free notes, folders and whatever may name
        a site or a patient; comments say what a reader could not express. A scan much like an earlier one is
        written as that one and its differences. The time of a scan is a variant of its vendor and release.
    """
    (protocol,) = result.protocols
    fields = {KEY_OF_FIELD.get(name, name): value for name, value in _fields(_shareable(protocol)).items()}
    strengths = protocol.field_strengths or tuple(filter(None, [result.field_strength]))
    if strengths:
        fields["field_strengths"] = _value(field_table(Protocol)["field_strengths"], strengths)
    origin = " ".join(filter(None, [result.format, result.software]))
    notes = [note for note in result.notes if note.protocol in (None, 0)]
    document = {
        f"# From a file of format {origin}: review every value before use.": "",
        **_total(protocol),
        **_comments(note for note in notes if note.step is None),
        "protocol": quote(protocol_id(protocol)),
        **fields,
        "source": quote(f"read from {origin}"),
        "steps": _Starter(result, notes).steps(protocol),
    }
    return "\n".join(_lines(document)) + "\n"


# What a starter leaves out of a scan, and why its reader may want to know.
_LEFT_OUT = frozenset({"vendor", "instruction", "acquisition_duration"})
# A scan is written as an earlier one if that saves at least so many fields, and no more differ than half.
_WORTH_SHARING = 6
_MAX_COMMENT, _MAX_COMMENTS, _MAX_TEXT = 160, 12, 400
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def _shareable(protocol: Protocol) -> Protocol:
    """Drop what may name a site, and what is of one scanner: folders and the total time."""
    return protocol.model_copy(
        update={"id": None, "path": (), "acquisition_duration": None, "name": _named(protocol.name)}
    )


def _clean(text: str) -> str:
    """Return a text that YAML can hold, without control characters and not without end."""
    short = _CONTROL.sub("", text)
    return short if len(short) <= _MAX_TEXT else short[:_MAX_TEXT].rstrip() + " ..."


def _named(text: str) -> str:
    """Return a name that the loader takes, for a vendor's that is empty, endless or has hidden characters."""
    shown = "".join(sign for sign in " ".join(text.split()) if unicodedata.category(sign) not in INVISIBLE)
    return shown[:MAXIMUM_NAME].strip() or "unnamed"


def _total(protocol: Protocol) -> Block:
    seconds = protocol.acquisition_duration
    return {} if seconds is None else {f"# Total time that the console showed: {seconds:g} s": ""}


def _comments(notes: Iterable[Note]) -> Block:
    """Write notes as comment lines, each text once, few enough to be read."""
    texts = [f"{note.field}: {note.message}" if note.field else note.message for note in notes]
    lines = [" ".join(_CONTROL.sub("", text).split()) for text in dict.fromkeys(texts)]
    short = [line if len(line) <= _MAX_COMMENT else line[: _MAX_COMMENT - 4] + " ..." for line in lines]
    if (more := len(short) - _MAX_COMMENTS) > 0:
        short[_MAX_COMMENTS:] = [f"and {more} more notes: see examcard read --json"]
    return {f"# {line}": "" for line in short}


class _Starter:
    """The steps of a starter; keeps the scans that were written in full, for those that are like them."""

    def __init__(self, result: ReadResult, notes: list[Note]) -> None:
        self.result = result
        self.notes = notes
        self.written: list[tuple[Block, Block]] = []

    def steps(self, protocol: Protocol) -> list[Block]:
        """Write all steps, in order."""
        return [self._step(index, step) for index, step in enumerate(protocol.steps)]

    def _step(self, index: int, step: Step) -> Block:
        said = _comments(note for note in self.notes if note.step == index)
        if isinstance(step, Acquisition):
            return self._scan(step, said)
        texts = {name: _clean(text) for name in ("text", "agent") if (text := getattr(step, name, None))}
        return {**_step(step.model_copy(update=texts)), **said}

    def _scan(self, scan: Acquisition, said: Block) -> Block:
        texts = {name: _clean(text) for name, text in scan if isinstance(text, str)}
        texts["name"] = _named(scan.name)
        fields = _fields(scan.model_copy(update=texts))
        fields = {name: value for name, value in fields.items() if name not in _LEFT_OUT}
        if scan.instruction:
            said[f"# an operator note of {len(scan.instruction)} characters is left out"] = ""
        base = max(self.written, key=lambda known: _shared(known[0], fields), default=None)
        if base is None or not _is_worth(base[0], fields):
            block = {"name": fields.pop("name"), **said, **fields}
            self.written.append((block, said))
            return {"acquisition": block, **self._time(scan)}
        block, known = base
        block["&"] = block.get("&") or self._anchor(block["name"])
        return {
            "acquisition": f"*{block['&']}",
            **{line: "" for line in said if line not in known},
            **_differences(block, fields),
            **self._time(scan),
        }

    def _anchor(self, name: str) -> str:
        words = "-".join(re.findall(r"[a-z0-9]+", name.casefold()))[:40].strip("-") or "scan"
        taken = {block.get("&") for block, _ in self.written}
        return next(
            a for n in range(1, len(taken) + 2) if (a := words if n == 1 else f"{words}-{n}") not in taken
        )

    def _time(self, scan: Acquisition) -> Block:
        """Write the time that a console showed as a variant: it is true for this vendor and release alone."""
        if scan.acquisition_duration is None:
            return {}
        strength = self.result.field_strength
        when = [f"vendor: {self.result.vendor}", *([f"field_strength: {strength:g} T"] if strength else [])]
        when += [f"software: {quote(self.result.software)}"] if self.result.software else []
        seconds = written(Acquisition, "acquisition_duration", scan.acquisition_duration)
        variant = {
            "when": f"{{{', '.join(when)}}}",
            "set": f"{{acquisition_duration: {seconds}}}",
            "source": "as the console showed it",
        }
        return {"variants": [variant]}


def _plain_fields(block: Block) -> Block:
    return {name: value for name, value in block.items() if name[0] not in "#&"}


def _shared(known: Block, fields: Block) -> int:
    """Count the fields that two scans have in common, less those that differ."""
    there = _plain_fields(known)
    same = len([name for name, value in fields.items() if there.get(name) == value])
    return same - (len(there.keys() | fields.keys()) - same)


def _is_worth(known: Block, fields: Block) -> bool:
    return _shared(known, fields) >= _WORTH_SHARING and _shared(known, fields) * 2 >= len(fields)


def _differences(known: Block, fields: Block) -> Block:
    """Write the fields that differ, and ``null`` for those that are not there any more."""
    there = _plain_fields(known)
    gone = {name: "false" if name == "optional" else "null" for name in there if name not in fields}
    return {**{name: value for name, value in fields.items() if there.get(name) != value}, **gone}


def written(model: type[Node], name: str, value: Any) -> str:
    """Write the value of one field of a class of the tree, with its unit, as a spec has it."""
    return str(_value(field_table(model)[name], value))


def protocol_id(protocol: Protocol) -> str:
    """Return the id of a protocol, or one made from its name: ``Brain: MS (3T)`` is ``brain-ms-3t``."""
    if protocol.id is not None and is_id(protocol.id) and not is_device(protocol.id):
        return protocol.id
    words = re.findall(r"[a-z0-9]+", (protocol.id or protocol.name).casefold())
    made = "-".join(words)[:MAXIMUM_ID].rstrip("-") or "protocol"
    return f"protocol-{made}" if is_device(made) else made


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
        if key.startswith("#"):
            yield f"{pad}{key}"
        elif key == "&":
            continue
        elif isinstance(value, str):
            yield f"{pad}{key}: {value}"
        elif not value:
            yield f"{pad}{key}: {'[]' if isinstance(value, list) else '{}'}"
        elif isinstance(value, list):
            yield f"{pad}{key}:"
            yield from _items(value, pad + "  ")
        else:
            yield f"{pad}{key}: &{value['&']}" if "&" in value else f"{pad}{key}:"
            yield from _lines(value, pad + "  ")


def _items(items: list[Block], pad: str) -> Iterable[str]:
    for item in items:
        first, *rest = _lines(item, pad + "  ")
        yield f"{pad}- {first.lstrip()}"
        yield from rest
