"""JSON Schemas of what the site gives to machines: ``index.json`` and the ``card.json`` of every card."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generator.publish.record import json_bytes

_TEXT = {"type": "string"}
_MAYBE_TEXT = {"type": ["string", "null"]}
_MAYBE_NUMBER = {"type": ["number", "null"]}
_SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_COUNT = {"type": "integer", "minimum": 0}
_DAY = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}
_KIND = {"enum": ["donor", "template", "sheet"]}


def _object(required: Mapping[str, Any], **optional: Any) -> dict[str, Any]:
    """An object; keys that later versions add are allowed."""
    return {"type": "object", "required": list(required), "properties": {**required, **optional}}


def _list(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_TARGET = _object(
    {"vendor": _TEXT, "field_strength": {"type": "number"}, "model": _MAYBE_TEXT, "software": _MAYBE_TEXT}
)
_BRIEF = _object(
    {
        "target": _TARGET,
        "slug": _TEXT,
        "kind": _KIND,
        "folder": _TEXT,
        "file": _TEXT,
        "size": _COUNT,
        "sha256": _SHA256,
        "acquisition_duration": {"type": "number", "description": "s"},
        "warnings": _COUNT,
        "losses": _COUNT,
        "by_hand": _COUNT,
        "release": _MAYBE_TEXT,
    }
)
_NOTICE = _object({"status": _TEXT, "date": _DAY, "reason": {"type": "object"}})
_CHANGE = _object(
    {"name": _TEXT, "field": _MAYBE_TEXT, "severity": {"enum": ["image", "time", "bookkeeping"]}},
    old={"description": "in canonical units; null: not stated"},
    new={},
    moved={"type": "boolean"},
    targets=_list(_TEXT),
)
_APPROVAL = _object({"reviewer": _TEXT, "date": _DAY}, author=_MAYBE_TEXT)
_VERSION = _object(
    {
        "protocol": _TEXT,
        "title": _TEXT,
        "version": _TEXT,
        "date": _DAY,
        "kind": _MAYBE_TEXT,
        "region": _MAYBE_TEXT,
        "previous": _MAYBE_TEXT,
        "changes": _COUNT,
        "changed": _list(_CHANGE),
        "cards": _list(_BRIEF),
        "path": _TEXT,
        "newest": {"type": "boolean"},
        "notices": _list(_NOTICE),
        "approval": {"anyOf": [_APPROVAL, {"type": "null"}]},
    }
)
_PROTOCOL = _object({"id": _TEXT, "title": _TEXT, "current": _MAYBE_TEXT, "versions": _list(_VERSION)})
INDEX = _object(
    {
        "form": {"const": 1},
        "publication": _object(
            {"id": _TEXT, "title": _TEXT, "network": _TEXT, "licence": _TEXT}, private=_MAYBE_TEXT
        ),
        "protocols": _list(_PROTOCOL),
    }
)
_LOSS = _object(
    {"kind": _TEXT, "severity": {"enum": ["image", "time", "operator", "derived"]}, "reason": _TEXT},
    step={"type": ["integer", "null"]},
    field=_MAYBE_TEXT,
)
_STEP = _object(
    {
        "origin": {"type": ["integer", "null"]},
        "step": _object({"kind": {"enum": ["acquisition", "contrast", "pause", "reformat"]}}),
        "file": {
            "type": "object",
            "description": "fields of the step as they were read back from the export",
        },
        "row": _object({"start": {"type": "number"}, "duration": _MAYBE_NUMBER}),
        "sources": {"type": "object"},
    }
)
CARD = _object(
    {
        "protocol": _TEXT,
        "title": _TEXT,
        "version": _TEXT,
        "target": _TARGET,
        "slug": _TEXT,
        "export": _KIND,
        "release": _MAYBE_TEXT,
        "download": _object({"name": _TEXT, "size": _COUNT, "sha256": _SHA256}),
        "time": _object({"counted": {"type": "number"}, "limit": _MAYBE_NUMBER}),
        "steps": _list(_STEP),
        "findings": _list(_object({"code": _TEXT, "severity": _TEXT, "message": _TEXT})),
        "losses": _list(_LOSS),
        "notes": _list({"type": "object"}),
    }
)


def files() -> dict[str, bytes]:
    """Write the schemas, by their address on the site."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    named = {"index": ("Index of a site of exam cards", INDEX), "card": ("One exam card", CARD)}
    return {
        f"schemas/{name}.schema.json": json_bytes({**head, "title": title, **schema})
        for name, (title, schema) in named.items()
    }
