"""The text of one protocol, as in a .pro file: XProtocol blocks, then the MrProt block in ASCCONV.

Three generations write ASCCONV alike but for padding, hex and decimal points; an edit keeps the style of
the text it finds. A text without an edit is the same text, character for character, and a file is read as
Latin-1, so that every byte comes back as it was. Source: formats/siemens.md section 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from generator import limits
from generator.errors import UnusableInput
from generator.vendors.siemens.container import kind_of

Value = float | int | str | bool | None

_BEGIN, _END = "### ASCCONV BEGIN", "### ASCCONV END ###"
_LINE = re.compile(r"^([^\s=#]+)[ \t]*=[ \t]*(.*)$", re.MULTILINE)
_BYTE = re.compile(r"0x([0-9a-fA-F]{1,2})\b")
_TABBED = "\t = \t"
_INDEX = re.compile(r"\[([0-9]{1,9})\]")
_BREAK = re.compile(r"[.\[]")
_DOUBLE, _UNSIGNED = re.compile(r"(ad|afl|d|fl)[A-Z]"), re.compile(r"u[cln]")


_MOST = 1e300
"""A number beyond is damage."""


class NoProtocol(ValueError):
    """The text holds no MrProt block."""


@dataclass(frozen=True, slots=True)
class Ascconv:
    """One MrProt block.

    Attributes
    ----------
    raw : dict of str to str
        Key to value as it is spelled.
    head, start, end : int
        Where the block's first line begins in the text, and where its members begin and end.
    waves : bool
        Whether a member has to do with wave encoding.
    """

    raw: dict[str, str]
    head: int = 0
    start: int = 0
    end: int = 0
    waves: bool = False

    def number(self, key: str, default: float | None = None) -> float | None:
        """Value of a key as a number: decimal or hex, a ``# 'x'`` comment dropped."""
        text = self.raw.get(key)
        if text is None:
            return default
        try:  # the usual case of :func:`to_number`, without a call for each of the many members
            value = float(text)
        except ValueError:
            return to_number(text, default)
        return value if abs(value) < _MOST else default

    def integer(self, key: str, default: int | None = None) -> int | None:
        """Value of a key as a whole number, ``None`` if it is not one."""
        text = self.raw.get(key)
        if text is not None and text.isdecimal() and len(text) < 20:
            return int(text)
        value = default if text is None else to_number(text, default)
        return int(value) if value is not None and value == int(value) else None

    def whole(self, key: str, default: int = 0) -> int:
        """Value of a key as a whole number; the default where it is absent, zero or no whole number."""
        return self.integer(key) or default

    def real(self, key: str, default: float = 0.0) -> float:
        """Value of a key as a number; the default where it is absent, zero or no number."""
        return self.number(key) or default

    def flag(self, key: str) -> bool:
        """Whether a flag is set; an absent member is 0."""
        return bool(self.number(key, 0.0))

    def text(self, key: str) -> str | None:
        """Value of a string key: quoted, or written byte by byte where it is not plain ASCII."""
        value = self.raw.get(key)
        if value is not None:
            return value[1:-1].replace('""', '"') if value[:1] == '"' and value[-1:] == '"' else value
        return self._byte_array(key)

    def _byte_array(self, key: str) -> str | None:
        found = {}
        for name, value in self.raw.items():
            if name.startswith(f"{key}.") and (index := name[len(key) + 1 :]).isdigit():
                byte = _BYTE.match(value)
                if byte:
                    found[int(index)] = int(byte[1], 16)
        return (
            bytes(found[i] for i in sorted(found)).decode("utf-8", "replace").rstrip("\n") if found else None
        )


def to_number(text: str, default: float | None = None) -> float | None:
    """Read ``5000``, ``1.5``, ``0x20 # ' '`` or ``1e-06``; ``default`` if it is no number."""
    try:
        value = float(text)
    except ValueError:
        word = text.split("#", 1)[0].strip()
        try:
            value = float(int(word, 16)) if word[:2].lower() == "0x" else float(word)
        except ValueError:
            return default
    return value if abs(value) < _MOST else default


def parse(text: str) -> Ascconv:
    """Find and read the MrProt block of a protocol text.

    Raises
    ------
    NoProtocol
        If there is none, or it has no end.
    """
    return _block(text, *find_block(text))


def stations(text: str) -> list[Ascconv]:
    """Read every MrProt block of a text: a step of several stations (Set-n-Go) has one for each.

    Raises
    ------
    NoProtocol
        If there is none, or one has no end.
    """
    found = [parse(text)]
    while text.find(_BEGIN, found[-1].end) >= 0:
        found.append(_block(text, *find_block(text, found[-1].end)))
    return found


def _block(text: str, head: int, start: int, end: int) -> Ascconv:
    lines = text[start:end]
    return Ascconv(_members(lines), head, start, end, _names_wave(lines))


def _names_wave(lines: str) -> bool:
    """Whether a member is named after Wave encoding; wavelets are something else."""
    at = lines.find("W")  # a single rare letter is found many times faster than a word
    while at >= 0 and (not lines.startswith("Wave", at) or lines.startswith("Wavelet", at)):
        at = lines.find("W", at + 1)
    return at >= 0


def _members(lines: str) -> dict[str, str]:
    """Key to value of every line; where no value has a space, without looking at each line."""
    words = lines.split()
    keys, marks, values = words[::3], words[1::3], words[2::3]
    if marks.count("=") == len(keys) == len(values) == lines.count("\n"):
        return dict(zip(keys, values, strict=True))
    if "\r" in lines:
        lines = lines.replace("\r", "")
    words = lines.replace(_TABBED, "\n").split("\n")
    if len(words) == 2 * lines.count(_TABBED) + 1:
        pairs = iter(words)
        return dict(zip(pairs, pairs, strict=False))
    return dict(_LINE.findall(lines))


def find_block(text: str, after: int = 0) -> tuple[int, int, int]:
    """Find the protocol's own block; small ASCCONV blocks of other objects may precede it.

    Returns
    -------
    head, start, end : int
        Where its first line begins, and where its members begin and end.

    Raises
    ------
    NoProtocol
        If there is none.
    """
    at = text.find(_BEGIN, after)
    if at < 0:
        raise NoProtocol(f"no MrProt block ({_BEGIN} ... {_END})")
    while at >= 0:
        line_end, end = text.find("\n", at), text.find(f"\n{_END}", at)
        if line_end < 0 or end < 0:
            break
        head = text[at:line_end]
        if "object=" not in head or "object=MrProtDataImpl" in head:
            return at, line_end + 1, end + 1
        at = text.find(_BEGIN, end)
    raise NoProtocol(f"the MrProt block has no end ({_END}): the text is truncated")


@dataclass(frozen=True, slots=True)
class Style:
    """How a generation spells numbers and lines."""

    separator: str
    width: int
    newline: str
    point: bool

    def line(self, key: str, value: Value) -> str:
        """Write one line, with its end."""
        name = f"{key} " if self.width and len(key) >= self.width else f"{key:<{self.width}}"
        return f"{name}{self.separator}{self.spell(key, value)}{self.newline}"

    def spell(self, key: str, value: Value) -> str:
        """Spell a value by the type prefix of its key: ``d`` and ``fl`` double, flags hex, text quoted."""
        if isinstance(value, str):
            return quoted(value)
        if isinstance(value, bool):
            return hex(int(value))
        name = _INDEX.sub("", key).rsplit(".", 1)[-1]
        if value is not None and _DOUBLE.match(name):
            text = f"{float(value):.12g}"
            return f"{text}.0" if self.point and text.lstrip("-").isdigit() else text
        whole = round(float(value or 0))
        return hex(whole) if not self.point and _UNSIGNED.match(name) else str(whole)


XA_STYLE = Style("\t = \t", 0, "\n", True)


def quoted(text: str) -> str:
    """Quote a string value."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def style_of(text: str, block: Ascconv) -> Style:
    """Tell the style of a text from the first line of its block."""
    line = text[block.start : text.find("\n", block.start) + 1]
    newline = "\r\n" if line.endswith("\r\n") else "\n"
    if "\t" in line:
        return Style("\t = \t", 0, newline, True)
    if re.match(r"\S+  =  ", line):
        return Style("  =  ", 0, newline, True)
    return Style("= ", 41, newline, False)


def edit(text: str, changes: Mapping[str, Value]) -> str:
    """Set, insert or (``None``) delete members of the MrProt block; everything else stays as it is.

    Parameters
    ----------
    changes : mapping of str to value
        Key to new value. A value equal to the one in the text leaves its line untouched.

    Raises
    ------
    NoProtocol
        If the text has no MrProt block.
    """
    block = parse(text)
    style = style_of(text, block)
    lines = text[block.start : block.end].splitlines(keepends=True)
    places = _Places(lines)
    inserts: dict[int, list[str]] = {}
    for key, value in changes.items():
        at = places.lines.get(key)
        if at is not None:
            lines[at] = _changed(lines[at], key, value, block, style)
        elif value is not None:
            inserts.setdefault(places.before(key), []).append(key)
    body = _merged(lines, inserts, changes, style)
    return text[: block.start] + body + text[block.end :]


class _Places:
    """The line of each member of a block, and the line before which a new one is inserted."""

    def __init__(self, lines: list[str]) -> None:
        self.lines: dict[str, int] = {}
        self.last: dict[str, int] = {}
        self.elements: dict[str, dict[int, int]] = {}
        for i, line in enumerate(lines):
            if match := _LINE.match(line):
                self._add(match[1], i)
        self.end = max((i for key, i in self.lines.items() if "." not in key), default=len(lines) - 1) + 1

    def _add(self, key: str, line: int) -> None:
        self.lines[key] = line
        for match in _BREAK.finditer(key):
            stem = key[: match.start()]
            self.last[stem] = line
            if match[0] == "[" and (index := _INDEX.match(key, match.start())):
                self.elements.setdefault(stem, {}).setdefault(int(index[1]), line)

    def before(self, key: str) -> int:
        """Line before which a new member goes: by its index in its array, else behind its next of kin."""
        for match in reversed(list(_BREAK.finditer(key))):
            stem = key[: match.start()]
            if stem not in self.last:
                continue
            if match[0] == "[" and (index := _INDEX.match(key, match.start())):
                later = [line for i, line in self.elements.get(stem, {}).items() if i > int(index[1])]
                return min(later, default=self.last[stem] + 1)
            return self.last[stem] + 1
        return self.end


def _changed(line: str, key: str, value: Value, block: Ascconv, style: Style) -> str:
    if value is None:
        return ""
    old = block.raw.get(key)
    if old is not None and equal(old, value):
        return line
    spelled = style.spell(key, value)
    if old is not None and old[:2] == "0x" and not isinstance(value, str):
        spelled = hex(round(float(value)))
    head = line[: line.index("=") + 1]
    gap = re.match(r"[ \t]*", line[len(head) :])
    return f"{head}{gap[0] if gap else ' '}{spelled}{style.newline}"


def equal(old: str, value: Value) -> bool:
    """Say whether a spelled value is a value, to the digits that consoles write."""
    if isinstance(value, str):
        return old == quoted(value)
    number = to_number(old)
    return number is not None and value is not None and abs(number - value) <= 1e-11 * max(1.0, abs(value))


def _merged(
    lines: list[str], inserts: Mapping[int, list[str]], changes: Mapping[str, Value], style: Style
) -> str:
    out: list[str] = []
    for i in range(len(lines) + 1):
        out += [style.line(key, changes[key]) for key in _sorted(inserts.get(i, []))]
        out += lines[i : i + 1]
    return "".join(out)


def _sorted(keys: list[str]) -> list[str]:
    """Array after array, element after element; otherwise in the order given."""
    if len(keys) < 2:
        return keys
    rank: dict[str, int] = {}
    for key in keys:
        rank.setdefault(key.split("[", 1)[0], len(rank))

    def order(key: str) -> tuple[int, int]:
        index = _INDEX.search(key)
        return rank[key.split("[", 1)[0]], int(index[1]) if index else -1

    return sorted(keys, key=order)


@dataclass(frozen=True)
class Pro:
    """A protocol text and its MrProt block."""

    text: str
    block: Ascconv

    def to_bytes(self) -> bytes:
        """Write the file; without an edit these are the bytes that were read."""
        return self.text.encode("latin-1")


def read(path: Path) -> Pro:
    """Read a protocol file.

    Raises
    ------
    UnusableInput
        If it is another kind of file (named where it is known) or holds no complete MrProt block.
    """
    data = limits.content(path, limits.CARD_BYTES)
    other = kind_of(data[:4096])
    if other and "protocol text" not in other:
        raise UnusableInput(path, f"not a .pro protocol text: this is {other}")
    text = data.decode("latin-1")
    try:
        return Pro(text, parse(text))
    except NoProtocol as error:
        raise UnusableInput(path, f"not a complete protocol text: {error}", _last_line(text)) from error


def _last_line(text: str) -> str:
    return f"line {text.count(chr(10)) + 1}"


_OPEN = r'<ParamString\."{}">\s*\{{'
_TEXT = r'"(?:[^"]|"")*"'
_TOKEN = re.compile(
    rf'\s*(?:(?P<attribute><\w+>\s*(?:{_TEXT}|\{{[^{{}}]*\}}|[^\s<>{{}}"]+))|(?P<value>{_TEXT})|\}})'
)


def _values(text: str, name: str = "ProtocolName") -> Iterator[tuple[int, int]]:
    """Spans of the quoted values of a string parameter."""
    for opening in re.finditer(_OPEN.format(name), text):
        at = opening.end()
        while (token := _TOKEN.match(text, at)) and (token["attribute"] or token["value"]):
            if token["value"]:
                yield token.span("value")
            at = token.end()


_STEPS = re.compile(r'(<ParamArray\."SubStep">.*?\{ *1 *\}\s*\n)(?:[ \t]*\{ *\d+ *\}[ \t]*\n)+', re.DOTALL)
_SEVERAL = re.compile(
    r'(<Param(?:Bool\."(?:IsMultistep|IsInlineCompose)|String\."SeriesDescription)">\s*\{ )[^}]*\}'
)


def one_station(text: str, number: int) -> str:
    """Cut the text of a step of several stations to one of them, and switch off what joins them."""
    blocks = stations(text)
    if len(blocks) < 2:
        return text
    first, own = blocks[0], blocks[number]
    controller = text[: text.rindex("<XProtocol>", 0, first.head)]
    start = text.rindex("<XProtocol>", 0, own.head)
    end = text.index("\n", own.end) + 1 if "\n" in text[own.end :] else len(text)
    single = _STEPS.sub(lambda m: m[1], _SEVERAL.sub(lambda m: f"{m[1]}}}", controller))
    return single + text[start:end]


def names(text: str) -> list[str]:
    """Every value of ``ProtocolName``; a parameter without a value gives none."""
    return [text[start + 1 : end - 1].replace('""', '"') for start, end in _values(text)]


def without_description(text: str) -> str:
    """The text without the free description of the protocol."""
    for start, end in reversed(list(_values(text, "Description"))):
        text = text[:start] + text[end:]
    return text


def set_names(text: str, name: str) -> str:
    """Set every ``ProtocolName`` that has a value; the rest of the text stays as it is."""
    doubled = name.replace('"', '""')
    for start, end in reversed(list(_values(text))):
        text = f'{text[:start]}"{doubled}"{text[end:]}'
    return text
