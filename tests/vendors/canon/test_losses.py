"""The losses of a sheet are what somebody cannot enter who has nothing but its entries."""

from __future__ import annotations

import re

from generator.vendors import account
from generator.vendors.canon import DIALECT, facts
from tests.vendors.canon.sheets import build, one_scan, sink


def test_every_loss_of_the_kitchen_sink_has_a_reason_and_is_counted_on_the_sheet() -> None:
    _, export = sink()
    assert not [loss for loss in export.losses if loss.reason == account.NO_REASON]
    (count,) = re.findall(rb"(\d+) values of the spec are rounded", export.files[facts.HTML_NAME])
    assert int(count) == len(export.losses)


def test_the_value_of_the_spec_beside_an_entry_is_not_read_back() -> None:
    export = build(one_scan(technique="spectroscopy", flip_angle=8.6, number_of_shots=4))
    assert export.files[facts.XML_NAME].count(b"spectroscopy") > 0
    (scan,) = DIALECT.read_files(export.files).protocols[0].acquisitions
    assert (scan.technique, scan.flip_angle, scan.number_of_shots) == (None, 9.0, None)
    kinds = {loss.field: loss.kind for loss in export.losses}
    assert kinds == {
        "technique": "unsupported",
        "mr_acquisition_type": "unsupported",
        "flip_angle": "rounded",
        "number_of_shots": "unsupported",
    }


def test_every_sequence_text_reads_as_its_technique() -> None:
    for row in facts.SEQUENCES:
        for dimension in ("2D", "3D", None):
            found = facts.read_sequence(facts.sequence_text(row, dimension))
            assert found["technique"] == row.technique
            if dimension and not row.dimension and not re.search("[23]D", row.text):
                assert found["mr_acquisition_type"] == dimension
