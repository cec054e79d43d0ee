"""The text of one series: ``set KEY "VALUE"`` lines, kept exactly as they were found.

Real files hold tabs, blank lines, keys in hash order, a key twice and empty values; a document keeps all
of it and changes only the values that a patch names. The protocol block inside DICOM files has the same pairs
without ``set`` and without indentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from generator import limits
from generator.errors import UnusableInput

_PAIR = r'[ \t]*set[ \t]+([^\s"]+)[ \t]+"([^"\n]*)"[ \t]*\r?$'
_BLOCK_PAIR = r'[ \t]*([^\s"]+)[ \t]+"(.*)"[ \t]*\r?$'
_LINE, _BLOCK_LINE = (re.compile("^" + pair, re.MULTILINE) for pair in (_PAIR, _BLOCK_PAIR))
_FOREIGN, _BLOCK_FOREIGN = (
    re.compile(f"^(?!{pair})(?=[^\\n]*\\S)", re.MULTILINE) for pair in (_PAIR, _BLOCK_PAIR)
)
_KEY, _VALUE = re.compile(r'[^\s"]+', re.ASCII), re.compile(r'[^"\n\r\x80-\U0010ffff]*')
_MAX_BYTES = limits.SERIES_BYTES

Pairs = list[tuple[str, str]]


def parse(data: bytes, path: str, *, block: bool = False) -> Pairs:
    """Read the pairs of an LxProtocol file in the order they stand.

    Parameters
    ----------
    data : bytes
        The file.
    path : str
        Its name, for messages.
    block : bool
        Whether it is the text of a DICOM protocol block (lines without ``set``).

    Raises
    ------
    UnusableInput
        If a line is neither blank nor a pair, with its number; if there is no pair at all.
    """
    text = _free_text(data, path) if block else _text(data, path)
    regular = None if block else _regular(text)
    return list(zip(*regular, strict=True)) if regular else _irregular(text, path, block)


def values(data: bytes, path: str) -> tuple[dict[str, str], Pairs]:
    """Read the pairs of an LxProtocol file by key.

    Returns
    -------
    values : dict of str to str
        Of a key that is there more than once, the last value.
    repeated : list of (str, str)
        The earlier values of such keys.

    Raises
    ------
    UnusableInput
        As :func:`parse`.
    """
    text = _text(data, path)
    regular = _regular(text)
    if regular and len(found := dict(zip(*regular, strict=True))) == len(regular[0]):
        return found, []
    pairs = _irregular(text, path, block=False)
    found = dict(pairs)
    if len(found) == len(pairs):
        return found, []
    last = {key: index for index, (key, _) in enumerate(pairs)}
    return found, [pair for index, pair in enumerate(pairs) if last[pair[0]] != index]


def _regular(text: str) -> tuple[list[str], list[str]] | None:
    """Keys and values of a file in the usual form, without a regular expression; ``None`` of any other.

    Quotes cut the text into heads (``    set KEY ``, each on a line of its own) and values in turn; a usual
    head has six blanks, four of which may be one tab, and no other white space than the line feed before it.
    """
    parts = text.split('"')
    found, heads, rest = parts[1::2], "".join(parts[:-1:2]), parts[-1]
    if "\t" in heads:
        heads = heads.replace("\t", "    ")
    count = len(found)
    keys = heads[8:-1].split(" \n    set ")
    usual = (
        heads.startswith("    set ")
        and len(keys) == count == heads.count("\n") + 1
        and heads.count(" ") == 6 * count
        and (rest == "\n" or (rest.startswith("\n") and rest.isspace()))
        and text.count("\n") == count - 1 + rest.count("\n")
        and "\r" not in heads
    )
    return (keys, found) if usual else None


def _irregular(text: str, path: str, block: bool) -> Pairs:
    line, foreign = (_BLOCK_LINE, _BLOCK_FOREIGN) if block else (_LINE, _FOREIGN)
    pairs: Pairs = line.findall(text)
    rows = text.split("\n")
    if len(pairs) != len(rows) - rows.count("") - sum(map(str.isspace, rows)):
        wrong = foreign.search(text)
        number = text.count("\n", 0, wrong.start()) + 1 if wrong else 1
        raise UnusableInput(path, 'expected  set KEY "VALUE"', f"line {number}")
    if not pairs:
        raise UnusableInput(path, 'no LxProtocol: it holds no line of the form  set KEY "VALUE"')
    return pairs


def _text(data: bytes, path: str) -> str:
    if len(data) > _MAX_BYTES:
        raise UnusableInput(path, f"no LxProtocol: {len(data)} bytes, more than any series needs")
    try:
        return data.decode("ascii")
    except UnicodeDecodeError as error:
        raise UnusableInput(path, "not 7-bit text", f"byte {error.start}") from None


def _free_text(data: bytes, path: str) -> str:
    """Text of a DICOM block: it holds series descriptions, which people write in their own language."""
    try:
        return _text(data, path)
    except UnusableInput:
        if len(data) > _MAX_BYTES:
            raise
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def render(pairs: Iterable[tuple[str, str]]) -> bytes:
    """Write pairs in the strict form: four spaces, one pair a line, line feed.

    Raises
    ------
    ValueError
        If a value cannot stand between quotes on one line of 7-bit text.
    """
    return "".join(_render_line(key, value) for key, value in pairs).encode("ascii")


def _render_line(key: str, value: str) -> str:
    if not _KEY.fullmatch(key) or not _VALUE.fullmatch(value):
        raise ValueError(f"{key} cannot hold {value!r}")
    return f'    set {key} "{value}"\n'


@dataclass(frozen=True, slots=True)
class Patch:
    """What a patched text has become, and which keys are not as they were."""

    data: bytes
    changed: tuple[str, ...]


def patch(data: bytes, wanted: Mapping[str, str | None], order: Sequence[str], path: str) -> Patch:
    """Replace, add or remove pairs; every other byte stays.

    Parameters
    ----------
    data : bytes
        The LxProtocol file.
    wanted : mapping of str to str or None
        Key to its new value; ``None`` removes the key.
    order : sequence of str
        The canonical order of keys: a missing key is inserted after its nearest predecessor there.
    path : str
        Name of the file, for messages.

    Raises
    ------
    UnusableInput
        If the file cannot be read.
    """
    present = dict(parse(data, path))
    changed = [key for key, value in wanted.items() if present.get(key) != value]
    lines = data.decode("ascii").splitlines(keepends=True)
    for key in changed:
        value = wanted[key]
        if value is None:
            lines = [line for line in lines if _key(line) != key]
        elif key in present:
            lines = [_with_value(line, value) if _key(line) == key else line for line in lines]
        else:
            lines.insert(_place(lines, key, order), _render_line(key, value))
    return Patch("".join(lines).encode("ascii"), tuple(changed))


def _key(line: str) -> str | None:
    match = _LINE.match(line.rstrip("\n"))
    return match[1] if match else None


def _with_value(line: str, value: str) -> str:
    _render_line("KEY", value)
    head, _, rest = line.partition('"')
    return f'{head}"{value}"{rest.partition(chr(34))[2]}'


def _place(lines: list[str], key: str, order: Sequence[str]) -> int:
    """Index after the last line whose key comes before ``key`` in the canonical order."""
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    if key not in order:
        return len(lines)
    before = set(order[: order.index(key)])
    return max((index + 1 for index, line in enumerate(lines) if _key(line) in before), default=0)
