"""One scan as the entries of one page, and the entries as a scan again."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial
from typing import Any

from generator.model.fields import field_table
from generator.model.tolerance import near, same
from generator.model.tree import Acquisition
from generator.text import clock
from generator.vendors.canon import facts
from generator.vendors.canon.facts import UNKNOWN, Across, Key, Proof, Words, asks_nothing
from generator.vendors.canon.fields import ECHO_PLANAR, View, view_of
from generator.vendors.canon.sheet import Entry, Flag, sources_of
from generator.vendors.dialect import StepReasons
from generator.vendors.rows import Unsayable

_NOT_STATED = "not stated by the spec: to be chosen at the console"
_NO_ENTRY = "no entry of a Canon console is known for it; printed on the sheet as text"


def entries_of(
    scan: Acquisition, region: str | None, seconds: float | None, reasons: StepReasons
) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Write the entries of a scan.

    Parameters
    ----------
    region : str or None
        Region of the protocol.
    seconds : float or None
        Expected time of the scan.
    reasons : StepReasons
        Collects why the entries may not say what is wanted.

    Returns
    -------
    tuple of Entry, tuple of Entry
        Those of the console in the order of entry, and what has no entry there.
    """
    view = view_of(scan)
    special = {
        "sequence": lambda key: _sequence(key, scan, reasons),
        "region": lambda key: _region(key, region),
        "time": lambda key: _time(key, scan, seconds),
    }
    entries = [
        special[key.id](key) if key.id in special else _entry(key, view, reasons) for key in facts.KEYS
    ]
    reasons.implied("acquisition_duration")  # the console shows its own: compared after entry, not entered
    extras = [_extra(key, view, reasons) for key in facts.EXTRAS]
    return _stated(entries), _stated((*extras, _vendor(scan, reasons)))


def _stated(entries: Any) -> tuple[Entry, ...]:
    return tuple(entry for entry in entries if entry is not None)


def _make(
    key: Key, scan: Acquisition, value: str, flag: Flag, note: str = "", proof: Proof | None = None
) -> Entry:
    names = (key.field, *key.also) if key.field else ()
    return Entry(
        id=key.id,
        section=key.section,
        label=key.label,
        value=value,
        unit=key.unit,
        flag=flag,
        proof=proof or key.proof,
        hint=key.hint,
        note=note,
        element=key.element,
        sources=sources_of(scan, names),
    )


def _entry(key: Key, view: View, reasons: StepReasons) -> Entry | None:
    """Write one entry of the console, or nothing where the spec says nothing and need not."""
    if key.field is None or key.codec is None:
        return _site_choice(key)
    value = view.value(key.field)
    if value is None or value == ():
        asked = key.essential or key.field in view.asked or getattr(view.scan, key.field) is not None
        return _open(key, view, reasons) if asked else None
    try:
        text = key.codec.write(value)
    except Unsayable as unsayable:
        reasons.why(key.field, str(unsayable))
        return _make(key, view.scan, "", "choose", f"{unsayable}: to be chosen at the console")
    if UNKNOWN in text:
        return _make(key, view.scan, text, "choose", f"{UNKNOWN}: {_NOT_STATED}")
    return _filled(key, view, value, text, reasons)


def _filled(key: Key, view: View, value: Any, text: str, reasons: StepReasons) -> Entry:
    """Write an entry with its value, and how it relates to the spec's."""
    assert key.field is not None
    assert key.codec is not None
    scan, note = view.scan, view.notes.get(key.field, "")
    stated = getattr(scan, key.field)
    proof = _proof(key, scan, value)
    flag, reason = _judge(key, stated, value, text, proof)
    if stated is not None and flag in ("rounded", "approximated"):
        leave = reasons.doubt if same(key.codec.read(text), stated) else reasons.why
        leave(key.field, note or reason)
    shown = "; ".join(filter(None, (note, reason if flag == "rounded" else "")))
    return _make(key, scan, text, flag, shown, proof)


@cache
def _site_choice(key: Key) -> Entry:
    """Write an entry that no spec speaks of, such as the coil."""
    return Entry(key.id, key.section, key.label, "", key.unit, "choose", key.proof, element=key.element)


def _open(key: Key, view: View, reasons: StepReasons) -> Entry:
    """Write an entry whose value the radiographer has to choose."""
    assert key.field is not None
    note = view.notes.get(key.field, _NOT_STATED)
    stated = getattr(view.scan, key.field)
    if stated is not None:
        leave = reasons.implied if key.field in view.implied else partial(reasons.why, text=note)
        leave(key.field)
    return _make(key, view.scan, "", "choose", note)


def _proof(key: Key, scan: Acquisition, value: Any) -> Proof:
    """Return the weaker one of the proofs of the label and of the word that is entered."""
    label: Proof = "L" if key.epi_only and scan.technique not in ECHO_PLANAR else key.proof
    word = key.codec.proof(value) if isinstance(key.codec, Words) else label
    return max(label, word, key="VLA".index)


def _judge(key: Key, stated: Any, value: Any, text: str, proof: Proof) -> tuple[Flag, str]:
    """Say how what is entered relates to what the spec states."""
    assert key.field is not None
    assert key.codec is not None
    if not same(key.codec.read(text), value):
        flag: Flag = "rounded" if near(key.field, value, key.codec.read(text)) else "approximated"
        return flag, f"Canon's value is written as {text} {key.unit}".rstrip()
    if stated is not None and not same(value, stated):
        return "approximated", "not what the spec states for this field"
    if asks_nothing(key.codec, value):
        return ("converted" if stated is None else "as-is"), ""
    if proof == "A":
        return "approximated", "Canon's label and coding of it are assumed: confirm them at the console"
    unit = field_table(Acquisition)[key.field].unit or ""
    converted = stated is None or key.unit != unit or isinstance(key.codec, (Across, Words))
    return ("converted" if converted else "as-is"), ""


def _sequence(key: Key, scan: Acquisition, reasons: StepReasons) -> Entry:
    name = facts.sequence_name(scan)
    if name is None:
        reason = _NOT_STATED if scan.technique is None else f"no Canon sequence is known for {scan.technique}"
        for lost in ("technique", "mr_acquisition_type"):
            reasons.why(lost, reason)
        return _make(key, scan, "", "choose", reason)
    if name.proof == "A":
        reason = f"the name {name.text!r} is assumed: confirm it at the console"
        reasons.doubt("technique", reason)
    text = facts.sequence_text(name, scan.mr_acquisition_type)
    return _make(key, scan, text, "approximated" if name.proof == "A" else "converted", proof=name.proof)


def _region(key: Key, region: str | None) -> Entry:
    code = next((code for code, known in facts.ANATOMY.items() if known == region), "")
    note = "" if code else f"{region}: its code is not known" if region else _NOT_STATED
    return Entry(
        key.id, key.section, key.label, code, "", "converted" if code else "choose", key.proof, note=note,
        element=key.element,
    )  # fmt: skip


def _time(key: Key, scan: Acquisition, seconds: float | None) -> Entry:
    if seconds is None:
        return _make(key, scan, "", "control", "no estimate for this sequence: read it at the console")
    stated = scan.acquisition_duration is not None
    origin = "as a console showed it" if stated else "estimated"
    return _make(key, scan, clock(seconds), "control", f"{origin}: compare after entry")


def _extra(key: Key, view: View, reasons: StepReasons) -> Entry | None:
    """Write what has no entry of its own: as information, to compare, or as a loss."""
    assert key.field is not None
    assert key.codec is not None
    stated = getattr(view.scan, key.field)
    if stated is None or (stated is False and key.field == "optional"):
        return None
    value, note = view.value(key.field), view.notes.get(key.field, "")
    text = key.codec.write(value)
    if key.field in view.values:
        reasons.why(key.field, note)
        flag: Flag = "rounded" if near(key.field, stated, key.codec.read(text)) else "approximated"
        return _make(key, view.scan, text, flag, note)
    if quiet := _harmless(key.field, value, view):
        reasons.implied(key.field)
        shown = note or "entered as TR: compare" if quiet == "control" else ""
        return _make(key, view.scan, text, quiet, shown)
    reasons.why(key.field, _NO_ENTRY)
    return _make(key, view.scan, text, "unsupported")


def _harmless(field: str, value: Any, view: View) -> Flag | None:
    """Say why a field without an entry is no loss: it informs, other entries say it, or it asks nothing."""
    if field in facts.INFORMATION:
        return "information"
    if field in view.implied:
        return "control"
    return "off" if value == facts.NOTHING_SPECIAL.get(field) else None


def _vendor(scan: Acquisition, reasons: StepReasons) -> Entry | None:
    """Name the vendor parameters that stay behind; their values may belong to a site."""
    if not scan.vendor:
        return None
    names = sorted(map(str, scan.vendor))
    reason = "parameters of a vendor's own file do not go onto an entry sheet"
    reasons.why("vendor", reason)
    shown = ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
    return Entry("vendor", facts.EXTRA, "Vendor parameters", shown, "", "unsupported", "A", note=reason)


def counts(key: Key, value: str, flag: str) -> bool:
    """Say whether the value of an entry is one, and not a text to compare or an empty line."""
    said = ("rounded", "approximated", *(["information"] if key.field in facts.SAID else []))
    return bool(value) and (key.section != facts.EXTRA or flag in said)


def entered(lines: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    """Fields of a scan as somebody would enter them who has nothing but the entries.

    Parameters
    ----------
    lines : iterable of (str, str, str)
        Id, value and flag of every entry.
    """
    fields: dict[str, Any] = {}
    for name, value, flag in lines:
        key = facts.BY_ID.get(name)
        if key is None or not counts(key, value, flag):
            continue
        if key.id == "sequence":
            fields |= facts.read_sequence(value)
        elif key.field and key.codec:
            fields[key.field] = key.codec.read(value)
    return fields
