"""Real cards: lossless containers, structure by release, values as printed."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from generator.vendors.philips import DIALECT, inspect, reader
from generator.vendors.philips.container import block, envelope, graph
from generator.vendors.philips.container.graph import Bytes, Node, walk

CARDS = (
    "R5.3/spine_generic_philips_R53.ExamCard",
    "R5.7/DUAL_ECHO_EPI.ExamCard",
    "R5.9/SSdense_July2024.ExamCard",
    "R11.1/AAT T&F - BRAIN.ExamCard",
)

pytestmark = pytest.mark.corpus


@pytest.fixture(params=CARDS)
def card_path(corpus: Path, request: pytest.FixtureRequest) -> Path:
    return corpus / "philips" / str(request.param)


def test_no_op_is_byte_identical(card_path: Path) -> None:
    card = graph.load(envelope.load(card_path, keep_tail=True))
    assert graph.dump(card) == card_path.read_bytes()


def test_every_block_is_byte_identical(card_path: Path) -> None:
    card = graph.load(envelope.load(card_path))
    blocks = [
        base64.b64decode(data.base64)
        for thing in walk(card.root)
        if isinstance(thing, Node) and isinstance(data := thing.get("parameterData"), Bytes)
    ]
    assert blocks
    for raw in blocks:
        decoded = block.decode(raw)
        assert decoded.encode() == raw
        assert list(block.decode_values(raw)) == [record.name for record in decoded.records]


def test_structure_is_that_of_the_release(card_path: Path) -> None:
    assert inspect.problems(graph.load(envelope.load(card_path))) == []


def test_inspect_warns_of_nothing_but_missing_times(card_path: Path) -> None:
    found = DIALECT.inspect(card_path)
    assert {warning.code for warning in found.warnings} <= {"not-computed"}
    assert len(found.series) == int(dict(found.facts)["scans"])


def test_values_are_the_printed_ones(shared: Path, tmp_path: Path) -> None:
    compared = 0
    for expected in sorted((shared / "corpus" / "expected").glob("philips_*.json")):
        source = shared / "corpus" / json.loads(expected.read_text())["file"]
        actual = tmp_path / "actual.json"
        actual.write_text(json.dumps(reader.read(source).model_dump(mode="json")))
        script = shared / "contract" / "compare_read.py"
        done = subprocess.run(
            [sys.executable, str(script), str(expected), str(actual)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        compared += 1
    assert compared


def test_r11_numbers_without_proof_are_null_with_a_note(corpus: Path) -> None:
    result = reader.read(corpus / "philips" / CARDS[3])
    steps = result.protocols[0].steps
    scans = {scan.name: scan for scan in result.protocols[0].acquisitions}
    assert scans["MF_T2W TSE_Tra AAT CS"].repetition_time == 4000
    assert scans["AX T1 -AAT-CSAI"].repetition_time == 475  # the computed one of a range
    assert scans["AX cs_SWIp AAT CSAI"].technique == "susceptibility_weighted"
    assert scans["AX cs_SWIp AAT CSAI"].echo_times == (12, 23, 34, 45)
    assert scans["AX DWI-AAT-CS"].b_values == (0, 1000)
    assert scans["AX DWI-AAT-CS"].b_value_averages is None
    assert scans["IAMS COR T2 AAT CS"].slice_gap == pytest.approx(0.3)
    assert scans["B_FFE_150 slices AAT CSAI"].technique is None
    assert sum(scan.acquisition_duration is None for scan in scans.values()) == 4
    assert result.protocols[0].acquisition_duration is None
    noted = {(note.step, note.field) for note in result.notes}
    for index, step in enumerate(steps):
        if step.kind == "acquisition" and step.technique is None:
            assert (index, "technique") in noted


def test_r59_moved_lists_and_tables(corpus: Path) -> None:
    result = reader.read(corpus / "philips" / CARDS[2])
    scans = result.protocols[0].acquisitions
    assert [scan.mr_acquisition_type for scan in scans].count("3D") == 7
    assert result.protocols[0].acquisition_duration == pytest.approx(2066.4)
    diffusion = next(scan for scan in scans if scan.name.startswith("dwmri_30b1000"))
    assert diffusion.b_values == (0, 1000, 2000)
    assert diffusion.b_value_averages == (9, 1, 1)
    assert diffusion.diffusion_directions == 90
    assert diffusion.multiband_factor == 2
    assert [scan.technique for scan in scans].count("calibration") == 5


def test_cards_without_computed_text_have_the_listed_time(corpus: Path) -> None:
    result = reader.read(corpus / "philips" / CARDS[1])
    assert result.protocols[0].acquisition_duration == pytest.approx(20.52)
    assert result.protocols[0].acquisitions[0].echo_times == (30, 70)
    assert result.field_strength == 1.5


def test_voxels_are_the_measured_ones(corpus: Path) -> None:
    """The info page shows what a whole matrix makes of the voxel that was asked for."""
    compared = 0
    for name in CARDS:
        for scan in reader.read(corpus / "philips" / name).protocols[0].acquisitions:
            shown = str(scan.vendor["parameters"].get("IF_meas_voxel_size", ""))
            if shown and scan.voxel_size:
                for size, text in zip(scan.voxel_size, shown.split(" / "), strict=True):
                    half = 0.51 * 10.0 ** -len(text.partition(".")[2])
                    assert size == pytest.approx(float(text), abs=half), (name, scan.name)
                    compared += 1
    assert compared > 80
