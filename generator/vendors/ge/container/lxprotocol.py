"""The text of one series: ``set KEY "VALUE"`` lines, kept exactly as they were found.

Real files hold tabs, blank lines, keys in hash order, a key twice and empty values; a document keeps all
of it and changes only the values that a patch names. GE scanners write the same pairs, without ``set`` and
without indentation, into a block of every image: element (0025,101B).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator import limits
from generator.errors import ExamcardError, UnusableInput
from generator.text import bounded
from generator.vendors.ge.container import archive
from generator.vendors.opening import pydicom_for

_PAIR = r'[ \t]*set[ \t]+([^\s"]+)[ \t]+"([^"\n]*)"[ \t]*\r?$'
_BLOCK_PAIR = r'[ \t]*([^\s"]+)[ \t]+"(.*)"[ \t]*\r?$'
_LINE, _BLOCK_LINE = (re.compile("^" + pair, re.MULTILINE) for pair in (_PAIR, _BLOCK_PAIR))
_FOREIGN, _BLOCK_FOREIGN = (
    re.compile(f"^(?!{pair})(?=[^\\n]*\\S)", re.MULTILINE) for pair in (_PAIR, _BLOCK_PAIR)
)
_HEAD = re.compile(r'[ \t]*\r?\n[ \t]*set[ \t]+([^\s"]+)[ \t]+')
_KEY, _VALUE = re.compile(r'[^\s"]+', re.ASCII), re.compile(r'[^"\n\r\x80-\U0010ffff]*')
_MAX_BYTES = limits.SERIES_BYTES

Pairs = list[tuple[str, str]]


def parse(data: bytes, path: str) -> Pairs:
    """Read the pairs of an LxProtocol file in the order they stand.

    Raises UnusableInput if a line is neither blank nor a pair, with its number; if there is no pair at all.
    """
    return list(zip(*_columns(data, path), strict=True))


def values(data: bytes, path: str) -> tuple[dict[str, str], Pairs]:
    """Read the pairs of an LxProtocol file by key.

    Returns
    -------
    values : dict of str to str
        Of a key that is there more than once, the last value.
    repeated : list of (str, str)
        The earlier values of such keys.

    Raises as :func:`parse`.
    """
    keys, texts = _columns(data, path)
    found = dict(zip(keys, texts, strict=True))
    if len(found) == len(keys):
        return found, []
    last = {key: index for index, key in enumerate(keys)}
    return found, [(key, texts[index]) for index, key in enumerate(keys) if last[key] != index]


class _Heads(dict[str, str]):
    """Key by what stands before its value, the end of the line before it included, as in all series.

    Looking a head up is faster than taking it apart. Raises KeyError for one that is no end and beginning of
    usual lines.
    """

    def __missing__(self, head: str) -> str:
        match = _HEAD.fullmatch(head)
        if match is None:
            raise KeyError(head)
        key = sys.intern(match[1])
        if len(self) < 4096 and len(head) < 128:
            self[head] = key
        return key


_HEADS = _Heads()


_Columns = tuple[Sequence[str], Sequence[str]]


def _columns(data: bytes, path: str) -> _Columns:
    """Keys and values."""
    text = _text(data, path)
    if found := _usual(text):
        return found
    keys, texts = zip(*_irregular(text, path), strict=True)
    return keys, texts


def _usual(text: str) -> _Columns | None:
    """Keys and values of a file of the usual form, whose quotes part heads and values; ``None`` of others."""
    parts = f"\n{text}".split('"')
    rest = parts.pop()
    try:
        keys, texts = list(map(_HEADS.__getitem__, parts[::2])), parts[1::2]
    except KeyError:
        return None
    usual = (
        0 < len(keys) == len(texts)
        and (rest == "\n" or (rest.startswith("\n") and rest.isspace()))
        and text.count("\n") == len(keys) - 1 + rest.count("\n")
    )
    return (keys, texts) if usual else None


def _irregular(text: str, path: str, *, block: bool = False) -> Pairs:
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


def render(pairs: Iterable[tuple[str, str]]) -> bytes:
    """Write pairs in the strict form: four spaces, one pair a line, line feed.

    Raises ValueError if a value cannot stand between quotes on one line of 7-bit text.
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

    Raises UnusableInput if the file cannot be read.
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


# --- the block in images ------------------------------------------------------------------------------

_GROUP, _ELEMENT, _CREATOR = 0x0025, 0x1B, "GEMS_SERS_01"
BLOCK = _GROUP, _CREATOR, _ELEMENT
"""Group, creator and element of the block."""
_MOST_TESLA = 100


def has_block(path: Path) -> bool:
    """Whether a DICOM file comes from a GE scanner and holds a protocol block.

    Without pydicom nobody can say; the file is then left to other readers.
    """
    try:
        return _element(path) is not None
    except ExamcardError:
        return False


def of_image(path: Path) -> tuple[Pairs, dict[str, Any]]:
    """Read the pairs of the block in a DICOM file.

    Returns
    -------
    pairs : list of (str, str)
    header : dict
        ``field_strength`` (T) and ``software`` of the image, where it states them.

    Raises UnusableInput if pydicom is missing, the file has no block, or the block is damaged.
    """
    found = _element(path)
    if found is None:
        raise UnusableInput(path, "a DICOM file without a GE protocol block (0025,101B)")
    block, header = found
    return pairs_of(block, f"{path}!(0025,101B)"), header


def pairs_of(block: bytes, place: str) -> Pairs:
    """Read the pairs of a block that was found. Raises UnusableInput if it is damaged or of another kind."""
    start = block.find(archive.GZIP_MAGIC, 0, 8)
    if start < 0:
        raise UnusableInput(place, "the protocol block is cut off or not compressed")
    # The length in front counts differently in old blocks; the compressed stream knows its own end.
    text = archive.inflate(block[start:], place)[0].rstrip(b"\0")
    if text.lstrip().startswith(b"<"):
        raise UnusableInput(
            place, "an XML protocol block, of sequences older than LxProtocol; it is not read"
        )
    return _irregular(_free_text(text, place), place, block=True)


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


def _element(path: Path) -> tuple[bytes, dict[str, Any]] | None:
    with pydicom_for(path) as pydicom:
        dataset = pydicom.dcmread(path, stop_before_pixels=True, force=True)
        found = dataset.get(_tag(dataset))
        value = bytes(found.value) if found is not None and isinstance(found.value, bytes) else None
        return None if value is None else (value, _header(dataset))


def _tag(dataset: Any) -> tuple[int, int]:
    """Tag of the block: in the private creator's own group of elements, else the usual one."""
    slots = (slot for slot in range(0x10, 0x20) if _GROUP << 16 | slot in dataset)
    slot = next((slot for slot in slots if dataset[_GROUP, slot].value == _CREATOR), 0x10)
    return _GROUP, slot << 8 | _ELEMENT


def _header(dataset: Any) -> dict[str, Any]:
    """Field strength, which old consoles state in gauss, and the software release."""
    strength, software = dataset.get("MagneticFieldStrength"), dataset.get("SoftwareVersions")
    tesla = bounded(strength or 0) or None
    if tesla is not None and tesla > _MOST_TESLA:
        tesla /= 10000  # gauss
    versions = [software] if isinstance(software, str) else [str(version) for version in software or ()]
    release = next(
        (v.partition("release:")[2] for v in versions if "release:" in v), versions and versions[0]
    )
    return {"field_strength": tesla if tesla is not None and tesla > 0 else None, "software": release or None}
