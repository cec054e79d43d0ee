"""What a check says of cards as their consoles made them: a rule that contradicts a console is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from generator import vendors
from generator.errors import ExamcardError
from generator.model.tree import Target
from generator.rules.engine import Report, check
from generator.rules.facts.card import Subject
from generator.timing.timeline import build_timeline
from tests.conftest import ROOT

CORPUS = ROOT.parent / "shared" / "corpus"
SUFFIXES = {".exar1", ".edx", ".pro", ".examcard", ".tar", ".xml"}

JUSTIFIED = {
    "GAD904": "the file names no agent; which one is given is a question for the site",
    "GAD905": "the file states no dose",
}
"""Warnings that vendors' own cards get, each read: rule and why it is right to say so."""

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real vendor files is not here")


def files() -> list[Path]:
    folders = (CORPUS / vendor for vendor in ("ge", "philips", "siemens"))
    found = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
    return [path for path in found if path.suffix.lower() in SUFFIXES]


def reports() -> Iterator[tuple[int, Report]]:
    """Check every protocol of every file: number of its scans, and the report."""
    for path in files():
        try:
            result = vendors.of_file(path)[0].read(path)
        except ExamcardError:
            continue
        target = None
        if result.field_strength:
            target = Target(
                vendor=result.vendor, field_strength=result.field_strength, software=result.software
            )
        for protocol in result.protocols:
            known = {} if target else {"vendor": result.vendor}
            timed = build_timeline(protocol, target)
            yield len(protocol.acquisitions), check(Subject(protocol, target, timed, facts=known))


def test_vendors_own_cards_have_no_error_and_few_warnings() -> None:
    scans, errors, warnings = 0, Counter[str](), Counter[str]()
    for count, report in reports():
        scans += count
        errors.update(one.code for one in report.of_severity("error"))
        warnings.update(one.code for one in report.of_severity("warning"))
    assert scans > 400
    assert not errors
    assert set(warnings) <= set(JUSTIFIED)
    assert warnings.total() <= 0.1 * scans
