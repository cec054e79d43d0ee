"""Parameter lists as text: what the templates hold and what people compare."""

from __future__ import annotations

from collections.abc import Iterator

from generator.vendors.philips.block import (
    ENUM,
    FLOAT,
    INTEGER,
    KIND_NAMES,
    TEXT,
    BadBlock,
    Block,
    Record,
    pack,
)

_KINDS = {name: kind for kind, name in KIND_NAMES.items()}
_NAME_AND_NUL = 33


def parse(text: str) -> Block:
    """Read a parameter list: one line a parameter, ``name kind value... | text,text,...``.

    Parameters
    ----------
    text : str
        ``20*1`` stands for twenty times 1; empty lines and lines that begin with ``#`` do not count.

    Raises
    ------
    BadBlock
        If a line cannot be read, with its text.
    """
    return Block(_record(line) for line in map(str.strip, text.splitlines()) if line and line[0] != "#")


def _record(line: str) -> Record:
    body, _, texts = line.partition("|")
    name, kind_name, *words = body.split()
    kind = _KINDS.get(kind_name)
    listed = texts.strip()
    if kind is None or not words or " " in listed:
        raise BadBlock(f"parameter list: {line!r}")
    values = list(_values(kind, words, listed.split(",") if listed else []))
    flag = int(name.startswith("IF_"))
    rest = b"\0" * (_NAME_AND_NUL - 1 - len(name))
    return Record(name, kind, pack(kind, values, name), listed.encode() if listed else None, flag, rest)


def _values(kind: int, words: list[str], choices: list[str]) -> Iterator[float | int | str]:
    for word in words:
        times, star, rest = word.partition("*")
        value = rest if star else word
        for _ in range(int(times) if star else 1):
            if kind == ENUM:
                yield choices.index(value)
            else:
                yield float(value) if kind == FLOAT else int(value) if kind == INTEGER else value


def show(block: Block) -> str:
    """Write a block as a list for people: enum texts without their lists, long arrays shortened."""
    return "".join(
        f"{record.name:<33}{KIND_NAMES[record.kind]:<7}{_shown(record)}\n" for record in block.records
    )


def _shown(record: Record) -> str:
    values = list(record.numbers)
    if record.kind == ENUM and record.texts is not None:
        values = [record.choices[index] for index in values]
    words = [
        f"{v:.7g}" if record.kind == FLOAT else repr(v) if record.kind == TEXT else str(v) for v in values
    ]
    while len(words) > 1 and words[-1] == words[-2]:
        words.pop()
    left = len(values) - len(words)
    return " ".join(words) + (f" (and {left} more)" if left else "")
