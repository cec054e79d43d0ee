"""An audit for people: scans and how they did, fields that deviate, what else was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.compare.audit import Audit, Pair, Status
from generator.compare.document import Document, Part
from generator.compare.show import label, shown
from generator.text import counted

_STATUSES: tuple[Status, ...] = ("conform", "within tolerance", "deviates", "not stated")
_SCANS = ("step", "series", "conform", "tolerance", "deviate", "not stated")
_FIELDS = ("field", "asked", "found", "", "matters")


def document(audits: Sequence[Audit], against: str, everything: bool = False) -> Document:
    """Report audits; ``everything`` lists the fields that conform or are not stated, too."""
    parts = [part for one in audits for part in _parts(one, everything)]
    return Document(f"audit against {against}", tuple(parts))


def _parts(one: Audit, everything: bool) -> Iterator[Part]:
    scanner = f", {one.exam.scanner}" if one.exam.scanner else ""
    title = f"exam of {one.exam.label}{scanner}: {one.protocol.name}"
    yield Part(title, headers=_SCANS, rows=tuple(_scans(one)), level=1)
    for pair in one.pairs:
        if rows := tuple(_fields(pair, everything)):
            yield Part(
                f"{_step(one, pair.step)} ({one.exam.scans[pair.scan].series[0]})", headers=_FIELDS, rows=rows
            )
    found = [f"{'!' if finding.counts else '-'} {finding.message}" for finding in one.findings]
    orphans = [f"- {label} was computed from a scan that is not there" for label in one.exam.orphans]
    yield Part("", (*found, *orphans, verdict(one)), level=1)


def verdict(one: Audit) -> str:
    """Say in one sentence how the exam did."""
    if not one.compared:
        return "nothing could be compared: no verdict"
    deviating = sum(len(pair.of("deviates")) for pair in one.pairs)
    more = sum(finding.counts for finding in one.findings)
    said = (
        f"{counted(one.compared, 'field')} of {counted(len(one.pairs), 'scan')} compared",
        f"{deviating} deviating",
        f"{counted(len(one.missing), 'scan')} missing",
        f"{len(one.additional)} additional",
        f"{counted(more, 'further finding')}",
    )
    return ", ".join(said) + (": conforms" if one.conforms else ": does not conform")


def _step(one: Audit, index: int) -> str:
    step = one.protocol.steps[index]
    return str(getattr(step, "name", step.kind))


def _scans(one: Audit) -> Iterator[tuple[str, ...]]:
    """A row for each step that is due or done, and for each scan that nobody asked for."""
    empty = ("",) * len(_STATUSES)
    pairs = {pair.step: pair for pair in one.pairs}
    for index in range(len(one.protocol.steps)):
        if (pair := pairs.get(index)) is not None:
            series = ", ".join(one.exam.scans[pair.scan].series)
            yield (_step(one, index), series, *(str(len(pair.of(status))) for status in _STATUSES))
        elif index in one.missing:
            yield (_step(one, index), "missing", *empty)
    for index in one.additional:
        yield ("not asked for", ", ".join(one.exam.scans[index].series), *empty)


def _fields(pair: Pair, everything: bool) -> Iterator[tuple[str, ...]]:
    wanted: tuple[Status, ...] = (
        "deviates",
        "within tolerance",
        *(("conform", "not stated") if everything else ()),
    )
    for status in wanted:
        for one in pair.of(status):
            yield (
                label(one.name),
                shown(one.name, one.wanted),
                shown(one.name, one.found),
                one.status,
                one.severity,
            )
    for one in pair.fields:
        if one.cause and everything:
            found = shown(one.name, one.found)
            yield (
                label(one.name),
                shown(one.name, one.wanted),
                found,
                f"follows from {one.cause}",
                one.severity,
            )
