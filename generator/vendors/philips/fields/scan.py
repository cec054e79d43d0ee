"""A scan as the fields see it: decoded values to read, settings to write.

A value record exists only while its switch selects it (``USER_DEF``), so setting a value may insert a record
and choosing ``SHORTEST`` removes one. Where a record goes follows from the record order of the release.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from generator.vendors.account import Reasons, StepReasons
from generator.vendors.philips import facts as k
from generator.vendors.philips.container.block import ENUM, INTEGER, BadBlock, Block, Record, pack

# Whole numbers below this have no more than the seven digits that are kept.
_EXACT = 1e7


@dataclass(slots=True)
class ScanValues:
    """The decoded parameters of one scan.

    Attributes
    ----------
    values : mapping of str to Any
        Parameter to value; enums as texts, as numbers where no text is known.
    field_strength : float or None
        Tesla.
    is_prescan : bool
        Whether the card calls it a calibration scan.
    note : callable
        Takes field, code and message.
    sequence, fast_mode : str or int or None
        Imaging sequence and fast imaging mode.
    """

    values: Mapping[str, Any]
    field_strength: float | None
    is_prescan: bool
    note: Callable[[str, str, str], None]
    sequence: Any = field(init=False)
    fast_mode: Any = field(init=False)
    is_3d: bool = field(init=False)

    def __post_init__(self) -> None:
        get = self.values.get
        self.sequence, self.fast_mode = get(k.SEQUENCE), get(k.FAST_MODE)
        self.is_3d = get(k.SCAN_MODE) == "3D"

    def number(self, name: str) -> float | None:
        """Return a number, free of the noise of 32-bit storage; ``None`` if absent or not finite."""
        value = self.values.get(name)
        if type(value) is tuple:
            value = value[0] if value else None
        if type(value) is float:
            # Whole numbers, which most are, have no noise to be freed of.
            if value.is_integer() and abs(value) < _EXACT:
                return value
            return float(f"{value:.7g}") if math.isfinite(value) else None
        return value if isinstance(value, int) else None

    def entry(self, name: str, index: int) -> Any:
        """Return one value of a record that has several, ``None`` beyond its end."""
        value = self.values.get(name)
        entries = value if isinstance(value, tuple) else (value,)
        return entries[index] if index < len(entries) else None

    def word(self, key: k.Key) -> str | None:
        """Return the text of an enum; ``None`` if absent; a bare number of R11.1 is reported."""
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value
        text = f"the meaning of {key} = {value} is not proved for this release"
        self.note(key.field, "enum-unproved", text)
        return None

    def numbers(self, name: str) -> list[float]:
        """Return the numbers of a result text such as ``600 / 7.2 / 6.5``; empty if there is none."""
        text = self.values.get(name)
        if not isinstance(text, str) or not text.strip():
            return []
        try:
            found = [float(part) for part in text.replace("x", "/").split("/")]
        except ValueError:
            return []
        return found if all(map(math.isfinite, found)) else []

    def get(self, key: str) -> Any:
        """Return what a record holds, for the rows: a number, or the text of an enum if it is known."""
        known = k.ALL[key]
        return self.word(known) if known.kind == ENUM else self.number(key)

    def missing(self, what: str, why: str) -> None:
        """Note that a field is null because the scanner chooses or the file does not hold it."""
        self.note(what, "not-stated", why)


_ORDER = Path(__file__).with_name("record_order.json")

# Records whose presence follows from a switch, so that they may be inserted beside it.
CONDITIONAL = frozenset({
    *(name for partner in k.PARTNERS for name in (*partner.records, *partner.extra)),
    k.TE, k.SECOND_TE, k.HALF_SCAN_SLICE, k.SENSE_SLICE, k.SE_TR_MODE, k.B_ORDER, k.B_MAX, k.B_COUNT,
    k.B_AVERAGING,
})  # fmt: skip
# Switches whose further records no spec states: they cannot be turned on from nothing.
_NEEDS_SAMPLES = frozenset({k.ACCELERATION, k.COMPRESSED, k.HEART, k.SHIM})


@dataclass(slots=True)
class Settings:
    """What a scan is to be changed to.

    Attributes
    ----------
    current : mapping of str to Any
        Decoded values before the change.
    field_strength : float
        Tesla.
    is_template : bool
        Whether the block is made from scratch: then records may be added freely, results included.
    wanted : dict of Key to Any
        New values; ``None`` takes a record out.
    notes : list of str
        What was changed without being asked for.
    samples : mapping of str to Record
        Records of other scans of the card, for switches whose records have no neutral value.
    reasons : StepReasons
        Receives why a field may not come back.
    depends : dict of str to str
        Value record to the switch without which it must not be set.
    """

    current: Mapping[str, Any]
    field_strength: float
    is_template: bool
    wanted: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    samples: Mapping[str, Record] = field(default_factory=dict)
    reasons: StepReasons = field(default_factory=lambda: Reasons().at(None))
    depends: dict[str, str] = field(default_factory=dict)

    @property
    def sequence(self) -> str:
        """Imaging sequence of the scan, which is never changed."""
        return str(self.current.get(k.SEQUENCE))

    @property
    def fast_mode(self) -> str:
        """Fast imaging mode of the scan, which is never changed."""
        return str(self.current.get(k.FAST_MODE))

    @property
    def is_3d(self) -> bool:
        """Whether the scan is 3D."""
        return self.current.get(k.SCAN_MODE) == "3D"

    def now(self, key: str) -> Any:
        """Return a value as it will be."""
        return self.wanted.get(key, self.current.get(key))

    def get(self, key: str) -> Any:
        """Return a value as it will be, for the rows."""
        return self.now(key)

    def put(self, key: str, raw: Any) -> None:
        """Set a record that the scan has, or that a template may get."""
        if self.is_template or key in self.current:
            self.wanted[key] = raw

    def turn(self, switch: k.Key, text: str) -> bool:
        """Turn a switch together with the records that exist only with its text.

        Returns
        -------
        bool
            Whether the scan can have it: it has the switch, and every record that comes with the text is
            known from the scan, another scan of its card, or a neutral value.
        """
        if switch not in self.current and not self.is_template:
            return False
        partners = [partner for partner in k.PARTNERS if partner.switch == switch]
        new: dict[str, Any] = {}
        for partner in partners:
            if text not in partner.texts:
                continue
            for name, value in (*partner.records.items(), *partner.extra.items()):
                if self.now(name) is None:
                    new[name] = self.samples.get(name, value)
        if switch in _NEEDS_SAMPLES and not self.is_template and None in new.values():
            return False
        for partner in partners:
            if text not in partner.texts:
                kept = {
                    *partner.spares,
                    *(n for p in partners if text in p.texts for n in (*p.records, *p.extra)),
                }
                gone = (*partner.records, *partner.extra, *self._family(partner))
                self.wanted.update(dict.fromkeys(name for name in gone if name not in kept))
        self.wanted[switch] = text
        self.wanted.update({name: value for name, value in new.items() if value is not None})
        self.depends.update(dict.fromkeys(new, switch))
        return True

    def _family(self, partner: k.Partner) -> list[str]:
        """Records of the scan that go with a switch, by the beginning of their names."""
        return [name for name in self.current if name.startswith(partner.family)] if partner.family else []

    def forget(self, *beginnings: str) -> None:
        """Take out all records whose names begin so."""
        self.wanted.update(dict.fromkeys(name for name in self.current if name.startswith(beginnings)))

    def set(self, key: k.Key, value: Any) -> None:
        """Set a record; a sequence sets the leading values of an array."""
        self.wanted[key] = value

    def choose(self, switch: k.Key, choice: str, value_key: k.Key, value: Any) -> None:
        """Turn a switch and set the value that exists only then."""
        self.wanted[switch] = choice
        self.wanted[value_key] = value
        self.depends[value_key] = switch

    def drop(self, *value_keys: str) -> None:
        """Take value records out that their switch no longer selects."""
        self.wanted.update(dict.fromkeys(value_keys))

    def result(self, key: k.Key, value: Any) -> None:
        """Keep a computed value in step where the scan has one, or show it in a new block."""
        if self.is_template or key in self.current:
            self.wanted[key] = value


def apply(block: Block, settings: Settings, release: str) -> list[str]:
    """Change a block.

    Returns
    -------
    list of str
        Parameters that could not be set: the scan has no such record, or no such choice.
    """
    refused = []
    for name, value in settings.wanted.items():
        record = block.get(name)
        if settings.depends.get(name) in refused:
            refused.append(name)
        elif value is None:
            block.remove(name)
        elif isinstance(value, Record):
            block.insert(_place(block, name, release), replace(value))
        elif record is not None:
            patched = _patched(record, value)
            if patched is None:
                refused.append(name)
            else:
                block.replace(patched)
        elif (settings.is_template or name in CONDITIONAL) and (made := _new(k.ALL[name], value, block)):
            block.insert(_place(block, name, release), made)
        else:
            refused.append(name)
    return refused


def _patched(record: Record, value: Any) -> Record | None:
    """Return a record with new leading values, ``None`` if it cannot hold them."""
    entries: Sequence[Any] = value if isinstance(value, (list, tuple)) else [value]
    if record.kind == ENUM:
        indices = [_index(record, str(entry)) for entry in entries]
        if None in indices:
            return None
        entries = [index for index in indices if index is not None]
    elif record.kind == INTEGER:
        # R3.2 counts averages in whole numbers, later releases do not.
        entries = [int(n) if isinstance(n, float) and n.is_integer() else n for n in entries]
    try:
        return replace(record, raw=record.patched(entries))
    except BadBlock:
        return None


def _index(record: Record, text: str) -> int | None:
    """Find the number of an enum text: by the list of the block, else by what is proved for R11.1."""
    if record.texts is not None:
        return record.choices.index(text) if text in record.choices else None
    proved = k.PROVED_R11.get(record.name, {})
    return next((index for index, known in proved.items() if known == text), None)


def _new(key: k.Key, value: Any, block: Block) -> Record | None:
    """Make a record; ``None`` for a text of no list, or of no number proved for R11.1."""
    entries = list(value) if isinstance(value, (list, tuple)) else [value]
    texts = None
    if key.kind == ENUM:
        has_lists = any(record.texts is not None for record in block.records if record.kind == ENUM)
        texts = ",".join(key.texts).encode("latin-1") if has_lists else None
        known = dict(enumerate(key.texts)) if has_lists else key.proved
        numbers = {text: index for index, text in known.items()}
        if not all(str(entry) in numbers for entry in entries):
            return None
        entries = [numbers[str(entry)] for entry in entries]
    filler = entries[-1] if key.kind == ENUM else "" if isinstance(entries[0], str) else 0
    entries += [filler] * (key.size - len(entries))
    # The display flag is 1 for the results of the info page.
    record = Record(str(key), key.kind, pack(key.kind, entries, key), texts, int(key.startswith("IF_")))
    record.rest = b"\0" * (32 - len(record.name))
    return record


@cache
def orders() -> dict[str, dict[str, int]]:
    """Return by release the rank of every record name."""
    lists = json.loads(_ORDER.read_text(encoding="utf-8"))
    return {release: {name: at for at, name in enumerate(names)} for release, names in lists.items()}


def _place(block: Block, name: str, release: str) -> int:
    """Find the position after the nearest record that precedes this one in the order of the release."""
    for order in _orders_for(name, release):
        ranks = [
            (order[record.name], index) for index, record in enumerate(block.records) if record.name in order
        ]
        ranks.sort()
        before = bisect_left(ranks, (order[name], 0))
        if before:
            return ranks[before - 1][1] + 1
    return len(block.records)


def in_order(block: Block, release: str) -> Block:
    """Return a block with its records in the order of a release; others stay after their neighbours."""
    order, rank, ranks = orders()[release], -1, {}
    for record in block.records:
        rank = order.get(record.name, rank)
        ranks[record.name] = rank
    return Block(sorted(block.records, key=lambda record: ranks[record.name]))


def _orders_for(name: str, release: str) -> list[dict[str, int]]:
    """Orders that know a name: that of the release first, then the newest of the page-ordered ones."""
    known = orders()
    own = [known[release]] if release in known else []
    others = [known[key] for key in ("5.9", "5.7", "5.6", "5.3", "5.1", "3.2") if key != release]
    return [order for order in own + others if name in order]
