"""An entry sheet back to the tree.

What is entered at the console counts: where the value of an entry, read with the codec that wrote it, is not
the spec's value beside it, because it was rounded or because somebody changed it, the entry wins.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from generator.errors import UnusableInput
from generator.model.fields import FieldSpec, field_table
from generator.model.tree import (
    Acquisition,
    Contrast,
    Node,
    Note,
    Pause,
    Protocol,
    ReadResult,
    Reformat,
    Situation,
)
from generator.text import did_you_mean
from generator.vendors.canon import facts
from generator.vendors.canon.container import load
from generator.vendors.canon.facts import Key

if TYPE_CHECKING:
    from lxml.etree import _Element

_N = f"{{{facts.NAMESPACE}}}"
_BOXES: dict[str, type[Contrast] | type[Pause] | type[Reformat]] = {
    "contrast": Contrast,
    "pause": Pause,
    "reformat": Reformat,
}
_EXPECTED = frozenset({"rounded", "approximated"})
"""Flags of entries that may differ from the spec's value without a word from the reader."""

N = TypeVar("N", bound=Node)


def read_sheet(path: Path) -> ReadResult:
    """Read an entry sheet.

    Raises
    ------
    UnusableInput
        With the line, if it is not well-formed, not valid, or holds a value that is none.
    """
    file, root = load(path)
    notes: list[Note] = []
    head = root.find(f"{_N}protocol")
    assert head is not None
    target = {child.tag.removeprefix(_N): child.text or "" for child in root.iterfind(f"{_N}target/*")}
    fields = dict(_sources(file, head, Protocol))
    situation = head.find(f"{_N}situation")
    assert situation is not None
    fields["situation"] = _node(file, situation, Situation, dict(_sources(file, situation, Situation)))
    fields["steps"] = tuple(_steps(file, root, notes))
    return ReadResult(
        format="canon-sheet",
        vendor="canon",
        software=target.get("software"),
        field_strength=float(target["field_strength"]),
        protocols=(_node(file, head, Protocol, fields),),
        notes=tuple(notes),
    )


def _steps(file: Path, root: _Element, notes: list[Note]) -> Iterator[Node]:
    steps = root.find(f"{_N}steps")
    assert steps is not None
    for index, element in enumerate(steps.iterchildren(tag=f"{_N}*")):
        name = element.tag.removeprefix(_N)
        if name == "scan":
            yield _scan(file, element, index, notes)
        else:
            model = _BOXES[name]
            yield _node(file, element, model, dict(_sources(file, element, model)))


def _scan(file: Path, element: _Element, index: int, notes: list[Note]) -> Acquisition:
    fields: dict[str, Any] = {}
    for entry in element.iterchildren(tag=f"{_N}*"):
        stated = dict(_sources(file, entry, Acquisition))
        fields |= stated
        key = facts.BY_ID.get(entry.get("id", ""))
        if key is None or key.field is None or key.codec is None:
            continue
        if not _counts(key, entry):
            notes += _unread(key, entry, index, stated.get(key.field))
            continue
        entered = _entered(file, key, entry)
        if _same(entered, stated.get(key.field)):
            continue
        fields[key.field] = entered
        if key.field in stated and entry.get("flag") not in _EXPECTED:
            notes.append(_changed(key, entry, index, stated[key.field]))
    return _node(file, element, Acquisition, fields)


def _counts(key: Key, entry: _Element) -> bool:
    """Say whether the value of an entry is one, and not a text to compare or an empty line."""
    if not _text(entry, "value"):
        return False
    return key.section != facts.EXTRA or entry.get("flag") == "approximated"


def _entered(file: Path, key: Key, entry: _Element) -> Any:
    text = _text(entry, "value")
    assert key.codec is not None
    try:
        return key.codec.parse(text)
    except ValueError as error:
        wanted = f"{key.label}: {text!r} is not a value of this entry"
        raise UnusableInput(file, f"{wanted} ({error})", f"line {entry.sourceline}") from error


def _unread(key: Key, entry: _Element, index: int, stated: Any) -> Iterator[Note]:
    """Note a text that somebody changed where only the spec's value beside it is read."""
    text = _text(entry, "value")
    assert key.codec is not None
    if text and (stated is None or text != key.codec.show(stated)):
        message = (
            f"line {entry.sourceline}: {key.label}: the text {text!r} is not read, only the value beside it"
        )
        yield Note(code="not-read", message=message, protocol=0, step=index, field=key.field)


def _changed(key: Key, entry: _Element, index: int, stated: Any) -> Note:
    message = (
        f"line {entry.sourceline}: {key.label} is {_text(entry, 'value')!r} on the sheet, "
        f"the spec beside it says {stated!r}; the sheet counts"
    )
    return Note(code="changed-by-hand", message=message, protocol=0, step=index, field=key.field)


def _text(entry: _Element, name: str) -> str:
    return entry.findtext(f"{_N}{name}") or ""


def _sources(file: Path, element: _Element, model: type[Node]) -> Iterator[tuple[str, Any]]:
    """Yield the fields that an element states of a class of the tree, as plain values."""
    table = field_table(model)
    for source in element.iterchildren(tag=f"{_N}source"):
        name = source.get("field", "")
        if name not in table:
            near = did_you_mean(name, table)
            hint = f", did you mean {near!r}?" if near else ""
            raise UnusableInput(file, f"unknown field {name!r}{hint}", f"line {source.sourceline}")
        unit = table[name].unit or ""
        if source.get("unit", "") != unit:
            wrong = f"{name} is in {source.get('unit') or 'no unit'}, expected {unit or 'no unit'}"
            raise UnusableInput(file, wrong, f"line {source.sourceline}")
        yield name, _value(file, source, table[name])


def _value(file: Path, source: _Element, known: FieldSpec) -> Any:
    try:
        if known.shape == "scalar":
            return _plain(source.text or "", known.type)
        return tuple(
            None if item.get("open") in ("true", "1") else _plain(item.text or "", known.type)
            for item in source.iterchildren(tag=f"{_N}item")
        )
    except ValueError as error:
        raise UnusableInput(file, f"{known.name}: {error}", f"line {source.sourceline}") from error


def _plain(text: str, kind: type) -> Any:
    if kind is bool:
        if text not in ("true", "false"):
            raise ValueError(f"{text!r} is neither true nor false")
        return text == "true"
    if kind in (int, float):
        return kind(text)
    return text


def _node(file: Path, element: _Element, model: type[N], fields: dict[str, Any]) -> N:
    try:
        return model(**fields)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise UnusableInput(
            file, f"{name}: {first['msg']}", f"line {_line(element, first['loc'])}"
        ) from error


def _line(element: _Element, location: tuple[int | str, ...]) -> int | None:
    """Line of the field that is at fault, else of the element around it."""
    named = (s for s in element.iter(f"{_N}source") if location and s.get("field") == location[0])
    found: Any = next(named, element)
    line: int | None = found.sourceline
    return line


def _same(entered: Any, stated: Any) -> bool:
    if isinstance(entered, tuple) and isinstance(stated, tuple):
        return len(entered) == len(stated) and all(map(_same, entered, stated))
    if isinstance(entered, (int, float)) and isinstance(stated, (int, float)):
        return abs(entered - stated) <= 1e-9 * max(1.0, abs(stated))
    return bool(entered == stated)
