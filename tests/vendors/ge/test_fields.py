"""Pairs to fields and back, against vectors worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from generator.model.tree import Acquisition
from generator.vendors.ge import facts, writer
from generator.vendors.ge.fields import Draft, geometry
from generator.vendors.ge.reader import decode
from tests.vendors.ge.support import SERIES
from tests.vendors.ge.vectors import EDGES, READINGS, WRITINGS, WRITTEN


def close(value: Any) -> Any:
    """The value to within rounding, also inside of a tuple."""
    if isinstance(value, tuple):
        return tuple(close(part) for part in value)
    return pytest.approx(value, rel=1e-6) if isinstance(value, float) else value


def test_a_series_means_these_fields_and_no_other() -> None:
    wrong = []
    for one in READINGS:
        found, remarks = decode(dict(one.pairs))
        left = {key: one.pairs[key] for key in one.left.split()}
        expected = {name: close(value) for name, value in one.fields.items()} | {"vendor": left}
        wrong += [
            (one.name, name, found.get(name), one.fields.get(name))
            for name in found.keys() | expected.keys()
            if name not in found or name not in expected or found[name] != expected[name]
        ]
        said = [(code, name) for code, name, _ in remarks]
        wrong += [(one.name, "remarks", said, one.remarks)] if said != list(one.remarks) else []
    assert wrong == []


def test_one_key_more_or_less_changes_these_fields() -> None:
    wrong = []
    for changes, fields in EDGES:
        pairs = {key: text for key, text in {**SERIES, **changes}.items() if text is not None}
        found = decode(pairs)[0]
        got = {name: found.get(name) for name in fields}
        wrong += [(changes, got)] if got != {name: close(value) for name, value in fields.items()} else []
    assert wrong == []


def test_a_scan_is_written_as_these_pairs_and_no_other() -> None:
    wrong = []
    for one in WRITINGS:
        scan = Acquisition(name=one.name, **one.scan)
        draft = writer.encode(scan, facts.family_of(scan, one.software), one.software)
        removed = {key + (f":{cause}" if cause else "") for key, cause in draft.removed.items()}
        said = [(one.why, set(draft.reasons)), (one.doubts, set(draft.doubts))]
        said += [(one.derived, draft.derived), (one.removed, removed)]
        wrong += [
            (one.name, found ^ set(words.split())) for words, found in said if found != set(words.split())
        ]
        wrong += [
            (one.name, key, draft.values.get(key), one.pairs.get(key))
            for key in draft.values.keys() | one.pairs.keys()
            if draft.values.get(key) != one.pairs.get(key)
        ]
    assert wrong == []


def test_one_field_more_or_less_changes_these_pairs() -> None:
    wrong = []
    for software, fields, pairs, words in WRITTEN:
        scan = Acquisition(name="one", **fields)
        draft = writer.encode(scan, facts.family_of(scan, software), software)
        found = {key: draft.values.get(key) for key in pairs}
        wrong += [(fields, found)] if found != pairs else []
        for sign, name in ((word[0], word[1:]) for word in words.split()):
            wrong += [(fields, sign, name)] if not _SIGNS[sign](draft, name) else []
    assert wrong == []


_SIGNS: dict[str, Callable[[Draft, str], bool]] = {
    "?": lambda draft, name: name in draft.reasons,
    "~": lambda draft, name: name in draft.doubts and name not in draft.reasons,
    "+": lambda draft, name: name not in draft.doubts and name not in draft.reasons,
    "=": lambda draft, name: name in draft.derived,
    "-": lambda draft, name: name not in draft.derived,
}


def test_a_scan_that_states_nothing_is_its_codes() -> None:
    draft = writer.encode(Acquisition(name="any"), facts.FAMILIES["fse_2d"], "MR30.0")
    assert draft.values == {"PSEQ": "FSE-XL", "IMODE": "2D", "PLUG": "22", "IOPT": "EDR, TRF, Fast"}
    assert draft.removed == {}
    draft = writer.encode(Acquisition(name="any"), facts.FAMILIES["bravo"], "MR30.0")
    assert draft.values["AUTOTI"] == "1", "an inversion that nobody states is the console's"


def test_receiver_bandwidths_are_those_that_consoles_offer() -> None:
    """RBW values of the collected files, at 256 points, and what lies between two of them."""
    offered = [250.0, 200.0, 166.67, 142.86, 125.0, 111.11, 100.0, 83.33, 71.43, 62.5, 50.0, 31.25, 27.78]
    for half in (*offered, 15.63, 7.81, 2.5):
        assert geometry.receiver_bandwidth(2000 * half / 256, 256) == pytest.approx(half, abs=0.006)
    assert geometry.receiver_bandwidth(2000 * 90.91 / 256, 256) == pytest.approx(1000 / 12)  # not 1000/11
    assert geometry.receiver_bandwidth(2000 * 0.1, 1) == pytest.approx(2.5)  # the narrowest: 1000/400
    assert geometry.receiver_bandwidth(2000 * 900, 1) == pytest.approx(250.0)


def test_places_of_slices() -> None:
    """Right, anterior and superior are positive; a letter gives the side."""
    written = [geometry.location(axis, mm) for axis in ("LR", "AP", "FH") for mm in (12.34, -12.34, 0.04)]
    assert written == ["R12.3", "L12.3", "0.0", "A12.3", "P12.3", "0.0", "S12.3", "I12.3", "0.0"]
    assert geometry.location("FH", 0.05) == "S0.1"
    placed = {"SLOC1": "L10.0", "SLOC2": "P4.0", "SLOC3": "I30.0", "ELOC1": "R4.0", "ELOC2": "A10.0"}
    assert geometry.centre({**placed, "ELOC3": "S10.0"}) == "L3.0 A3.0 I10.0"
    assert geometry.centre({**placed, "ELOC3": "Sx"}) == ""
    assert geometry.centre({"SLOC1": "L10.0", "ELOC1": "R10.0"}) == ""
    group = "1.0 2.0 3.0 0.0 0.5 0.9 1 0 0 0 0.9 -0.5 21 0 1 0 0"
    far = {**placed, "ELOC3": "S10.0", "FOVCNT1": "L3.0", "FOVCNT2": "A3.0", "GRIP_SLGROUP1": group}
    assert geometry.moved(far) == {
        "SLOC1": "L7.0", "SLOC2": "P7.0", "SLOC3": "I20.0", "ELOC1": "R7.0", "ELOC2": "A7.0",
        "ELOC3": "S20.0", "FOVCNT1": "0.0", "FOVCNT2": "0.0",
        "GRIP_SLGROUP1": "0.000000 0.000000 0.000000 0.0 0.5 0.9 1 0 0 0 0.9 -0.5 21 0 1 0 0",
    }  # fmt: skip
    middle = {"ELOC2": "0.0", "ELOC3": "0.0", "FOVCNT1": "0.0", "FOVCNT2": "0.0"}
    assert geometry.centred("transverse", 5, 3.0) == {"SLOC1": "I6.0", "ELOC1": "S6.0", **middle}
    assert geometry.centred("sagittal", 2, 1.0) == {"SLOC1": "L0.5", "ELOC1": "R0.5", **middle}
    assert geometry.centred("coronal", 3, 4.0) == {"SLOC1": "P4.0", "ELOC1": "A4.0", **middle}
