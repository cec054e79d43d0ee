"""The JSON of content rows, byte for byte as consoles write it.

Two-space indent, CRLF, keys in ordinal order after ``$id``, lists wrapped in ``$values``, shared objects as
``$ref``, doubles in .NET's spelling. Source: formats/siemens.md section 2.3.
"""

from __future__ import annotations

import json
from json.encoder import encode_basestring
from typing import Any

from generator.vendors.siemens.exar import CLASS_PREFIX

_ESCAPED = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029"}


class Spelled(float):
    """A double that remembers its spelling, so that writing it back changes nothing."""

    text: str

    def __new__(cls, text: str) -> Spelled:
        """Keep the text beside the value."""
        self = super().__new__(cls, text)
        self.text = text
        return self


def loads(content: bytes) -> tuple[str, dict[str, Any]]:
    """Split a content into its class name (without namespace and ``Content``) and its document."""
    header, _, body = content.decode("utf-8").partition("\r\n")
    name = header.removeprefix(CLASS_PREFIX).removesuffix(";").removesuffix("Content")
    return name, json.loads(body, parse_float=Spelled)


def dumps(name: str, document: dict[str, Any]) -> bytes:
    """Write a content: header line and document (already numbered)."""
    out: list[str] = []
    _write(document, "\r\n", out)
    return f"{CLASS_PREFIX}{name}Content;\r\n{''.join(out)}".encode()


def _write(value: Any, newline: str, out: list[str]) -> None:
    if isinstance(value, (dict, list)):
        _write_many(value, newline, out)
    elif isinstance(value, str):
        out.append(_text(value))
    elif isinstance(value, float):
        out.append(value.text if isinstance(value, Spelled) else _double(value))
    else:
        out.append(json.dumps(value))


def _write_many(value: dict[str, Any] | list[Any], newline: str, out: list[str]) -> None:
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    if not value:
        out.append(opening + closing)
        return
    inner, separator = newline + "  ", opening
    for item in value:
        out.append(separator + inner)
        if isinstance(value, dict):
            out.append(f"{_text(item)}: ")
            item = value[item]
        _write(item, inner, out)
        separator = ","
    out.append(newline + closing)


def _text(value: str) -> str:
    text = encode_basestring(value)
    for character, escape in _ESCAPED.items():
        if character in text:
            text = text.replace(character, escape)
    return text


def _double(value: float) -> str:
    text = f"{value:.15g}"
    text = text if float(text) == value else f"{value:.17g}"
    return text if any(c in text for c in ".en") else f"{text}.0"


def unwrap(value: Any, seen: dict[str, Any] | None = None) -> Any:
    """Turn a numbered document into plain objects: ``$values`` to lists, ``$ref`` to the object itself."""
    seen = {} if seen is None else seen
    if isinstance(value, list):
        return [unwrap(item, seen) for item in value]
    if not isinstance(value, dict):
        return value
    if "$ref" in value:
        return seen[value["$ref"]]
    plain: Any = [] if "$values" in value else {}
    if "$id" in value:
        seen[value["$id"]] = plain
    if isinstance(plain, list):
        plain.extend(unwrap(item, seen) for item in value["$values"])
    else:
        plain.update((key, unwrap(item, seen)) for key, item in value.items() if key != "$id")
    return plain


def number(value: Any) -> dict[str, Any]:
    """Turn plain objects into a numbered document, keys sorted; the inverse of :func:`unwrap`."""
    numbered: dict[str, Any] = _number(value, {})
    return numbered


def _number(value: Any, seen: dict[int, str]) -> Any:
    if not isinstance(value, (dict, list)):
        return value
    if id(value) in seen:
        return {"$ref": seen[id(value)]}
    mark = seen[id(value)] = str(len(seen) + 1)
    if isinstance(value, list):
        return {"$id": mark, "$values": [_number(item, seen) for item in value]}
    # "$type" sorts before all names; ordinal order is that of Python's strings.
    return {"$id": mark, **{key: _number(value[key], seen) for key in sorted(value)}}
