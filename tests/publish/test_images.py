"""The schema for dicompare, judged by dicompare, and the sidecar expectations of BIDS."""

from __future__ import annotations

import json
from typing import Any
from zipfile import ZipFile

import pytest

from tests.publish.conftest import Network
from tests.support.oracles import Oracles

# Metadata of MR in the schema of BIDS (bids-specification, src/schema/objects/metadata.yaml).
BIDS_KEYS = {
    "AcquisitionVoxelSize", "EchoTime", "FlipAngle", "InversionTime", "MRAcquisitionType", "MTState",
    "MagneticFieldStrength", "Manufacturer", "MultibandAccelerationFactor", "ParallelReductionFactorInPlane",
    "ParallelReductionFactorOutOfPlane", "PartialFourier", "RepetitionTimeExcitation",
    "RepetitionTimePreparation",
}  # fmt: skip
FOLDER = "protocols/test-follow-up/1/{}/"
GE, CANON = "ge-3T-MR30.0/template", "canon-3T-Vantage-Galan-V6.1/sheet"


def read(network: Network, card: str, name: str) -> Any:
    return json.loads((network.site / FOLDER.format(card) / name).read_bytes())


def images(maker: str, **changed: Any) -> dict[str, list[Any]]:
    """Two images of the 3D FLAIR of the test as a scanner would describe them."""
    fields: dict[str, Any] = {
        "Manufacturer": maker,
        "MagneticFieldStrength": 3.0,
        "MRAcquisitionType": "3D",
        "RepetitionTime": 5001.0,
        "EchoTime": 130.3,
        "InversionTime": 1702.0,
        "SliceThickness": 1.0,
        "PixelBandwidth": 650.0,
        "NumberOfAverages": 1.0,
        "EchoTrainLength": 200,
        "PixelSpacing": (1.0, 1.0),
        "Rows": 256,
        "Columns": 256,
        "Count": 96,
        "InPlanePhaseEncodingDirection": "ROW",
        "ScanOptions": "FS",
    }
    return {name: [value, value] for name, value in (fields | changed).items()}


WRONG: dict[str, dict[str, Any]] = {
    "InversionTime": {"InversionTime": 1550.0},
    "PixelSpacing": {"PixelSpacing": (0.5, 2.0)},
    "EchoTrainLength": {"EchoTrainLength": 30},
    "Field of view": {"PixelSpacing": (0.6, 0.6)},
    "Number of slices": {"Count": 30},
    "InPlanePhaseEncodingDirection": {"InPlanePhaseEncodingDirection": "COL"},
    "ScanOptions": {"ScanOptions": "PFP"},
    "RepetitionTime": {"RepetitionTime": 4800.0},
}
"""What the images are wrong in, and the check that has to say so."""

CASES = {
    GE: [
        images("GE MEDICAL SYSTEMS"),
        images("GE MEDICAL SYSTEMS", PixelSpacing=(0.5, 0.5), Rows=512, Columns=512),
        *(images("GE MEDICAL SYSTEMS", **one) for one in WRONG.values()),
    ],
    CANON: [images(maker) for maker in ("TOSHIBA", "Canon Medical Systems", "SIEMENS")],
}


@pytest.fixture(scope="module")
def judged(
    published: Network, oracles: Oracles, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[list[Any], list[dict[str, str]]]]:
    """What dicompare says of each schema, and of the 3D FLAIR in every case; asked once, it starts slowly."""
    given = tmp_path_factory.mktemp("images") / "given.json"
    asked = [
        {
            "schema": str(published.site / FOLDER.format(card) / "dicompare.json"),
            "cases": [{"3D FLAIR": case} for case in cases],
        }
        for card, cases in CASES.items()
    ]
    given.write_text(json.dumps(asked))
    return {
        card: (found["lint"], [dict(map(tuple, verdict["3D FLAIR"])) for verdict in found["verdicts"]])
        for card, found in zip(CASES, oracles.run("dicompare_schema", given), strict=True)
    }


def test_dicompare_takes_the_schema_and_tells_right_from_wrong(judged: dict[str, Any]) -> None:
    lint, (right, interpolated, *wrong) = judged[GE]
    assert lint == []
    assert set(right.values()) == set(interpolated.values()) == {"ok"}
    for name, verdict in zip(WRONG, wrong, strict=True):
        assert name in {check for check, status in verdict.items() if status == "error"}, name


def test_canon_may_still_call_itself_toshiba(judged: dict[str, Any]) -> None:
    _, verdicts = judged[CANON]
    assert [verdict["Manufacturer"] for verdict in verdicts] == ["ok", "ok", "error"]


def test_what_the_protocol_does_not_state_is_not_expected(published: Network) -> None:
    schema = read(published, GE, "dicompare.json")
    stated = {field["field"] for field in schema["acquisitions"]["3D FLAIR"]["fields"]}
    assert "InversionTime" in stated
    diffusion = {field["field"] for field in schema["acquisitions"]["DWI b1000"]["fields"]}
    assert "InversionTime" not in diffusion


def test_sidecars_are_in_the_units_and_words_of_bids(published: Network) -> None:
    with ZipFile(published.site / FOLDER.format(GE) / "bids.zip") as archive:
        files = {name: json.loads(archive.read(name)) for name in archive.namelist()}
    sidecar = files["bids/anat/sub-SUBJECT_acq-3DFLAIR_FLAIR.json"]
    assert sidecar["InversionTime"] == 1.7
    assert sidecar["EchoTime"] == 0.13
    assert sidecar["MagneticFieldStrength"] == 3.0
    assert sidecar["ParallelReductionFactorInPlane"] == 2
    assert sidecar["AcquisitionVoxelSize"] == [1.0, 1.0, 1.0]
    assert "InversionTime" not in files["bids/dwi/sub-SUBJECT_acq-DWIb1000_dwi.json"]
    assert {key for one in files.values() for key in one} <= BIDS_KEYS
