"""Changes to synthetic archives that no console menu offers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from generator.vendors.siemens.container import exar
from generator.vendors.siemens.container.graph import pack, unpack


def export_again(tables: dict[str, list[exar.Row]]) -> None:
    fresh = {row[0]: next_id(row[0]) for row in tables["Element"]}
    rows = tables["Instance"]
    kept = {"EdfStructure", "EdfDirectory"}
    copied = [row for row in rows if row[8] not in kept]
    head = tables["Branch"][1][2]
    pairs = []
    for row in copied:
        instance, element = next_id(row[0]), fresh[row[1]]
        links = [fresh.get(x, x) if x else x for x in row[5:8]]
        children = pack(*(fresh[c] for c in unpack(row[3]))) if row[3] else None
        tables["Instance"].append((instance, element, row[2], children, row[4], *links, row[8], row[9]))
        kind = next(e[1] for e in tables["Element"] if e[0] == row[1])
        tables["Element"].append((element, kind, None))
        tables["InstanceChangeSet"].append((instance, head, element, 0))
        pairs.append((element, instance))
    maps = tables["ElementToInstanceMap"]
    extra = b"".join(pack(*pair) for pair in pairs)
    maps[-1] = (maps[-1][0], maps[-1][1] + extra)


def next_id(guid: str) -> str:
    return guid[:-1] + "0123456789abcdef"[(int(guid[-1], 16) + 1) % 16]


def row_of(tables: dict[str, list[exar.Row]], kind: str, part: bytes = b"") -> bytes:
    """The first content of a type that has ``part`` in it."""
    for _, packed, _ in tables["Content"]:
        content = exar.inflate(packed, "x", "x")
        if f".{kind}Content;".encode() in content[:120] and part in content:
            return content
    raise AssertionError(kind)


def swap(tables: dict[str, list[exar.Row]], old: bytes, new: bytes, only_last: bool = False) -> None:
    """Put a content in the place of another, for all instances that refer to it or the last one."""
    was, now = exar.content_hash(old), exar.content_hash(new)
    if was == now:
        return
    using = [i for i, row in enumerate(tables["Instance"]) if row[2] == was]
    for i in using[-1:] if only_last else using:
        row = tables["Instance"][i]
        tables["Instance"][i] = (*row[:2], now, *row[3:])
    tables["Content"].append((now, exar.deflate(new), "DS"))
    if not only_last:
        tables["Content"] = [row for row in tables["Content"] if row[0] != was]


def rehashed(tables: dict[str, list[exar.Row]]) -> None:
    """Give every content the key that fits it, as an archive has that was damaged before it was written."""
    keys, rows = {}, {}
    for key, packed, form in tables["Content"]:
        keys[key] = exar.content_hash(exar.inflate(packed, "x", "x"))
        rows[keys[key]] = (keys[key], packed, form)
    tables["Content"] = list(rows.values())
    tables["Instance"] = [(*row[:2], keys.get(row[2], row[2]), *row[3:]) for row in tables["Instance"]]


def edited(path: Path, kind: str, change: Callable[[dict[str, Any]], str]) -> bytes:
    tables = exar.read(path).tables
    for _, packed, _ in list(tables["Content"]):
        content = exar.inflate(packed, "x", "x")
        if f".{kind}Content;".encode() in content[:120]:
            name, document = exar.loads(content)
            document["Data"] = change(document)
            swap(tables, content, exar.dumps(name, document))
    return exar.write(tables)


def text_of(tables: dict[str, list[exar.Row]], instance: exar.Row) -> str:
    packed = next(row[1] for row in tables["Content"] if row[0] == instance[2])
    return exar.inflate(packed, "x", "x").decode()
