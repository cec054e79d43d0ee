"""Headers of exams that never were: an archive, written quickly."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

SCANNERS: tuple[Mapping[str, Any], ...] = tuple(
    dict(
        zip(
            ("Manufacturer", "ManufacturerModelName", "MagneticFieldStrength", "SoftwareVersions"),
            said,
            strict=True,
        )
    )
    for said in (
        ("SIEMENS", "Prisma", 3, "VE11"),
        ("GE MEDICAL SYSTEMS", "Premier", 3, "MR30"),
        ("Philips", "Ingenia", 1.5, "R5"),
    )
)
SEQUENCES: tuple[Mapping[str, Any], ...] = (
    {
        **{"SeriesDescription": "T1 sag", "RepetitionTime": 2300, "EchoTime": 3, "InversionTime": 900},
        **{"FlipAngle": 8, "MRAcquisitionType": "3D", "ScanningSequence": ["GR", "IR"]},
    },
    {
        **{"SeriesDescription": "FLAIR", "RepetitionTime": 5000, "EchoTime": 390, "InversionTime": 1800},
        **{
            "FlipAngle": 120,
            "MRAcquisitionType": "3D",
            "ScanningSequence": ["SE", "IR"],
            "EchoTrainLength": 250,
        },
    },
    {
        **{"SeriesDescription": "T2 tra", "RepetitionTime": 4500, "EchoTime": 95, "FlipAngle": 150},
        **{"MRAcquisitionType": "2D", "ScanningSequence": ["SE"], "EchoTrainLength": 15},
    },
)
ROOT = "1.2.826.0.1.3680043.8.498"


def write(folder: Path, exams: int = 6, images: int = 4, drift: float = 0.0) -> int:
    """Write exams of three sequences on three scanners, an exam a month; the last half has a longer TR.

    Returns
    -------
    int
        Files written.
    """
    number = 0
    for path, content in files(exams, images, drift):
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
        number += 1
    return number


def files(exams: int, images: int, drift: float = 0.0) -> Iterator[tuple[str, bytes]]:
    """Path and content of each file: the header of a series is made once, its numbers are then exchanged."""
    for exam in range(exams):
        centre, scanner = exam % len(SCANNERS), SCANNERS[exam % len(SCANNERS)]
        late = exam * 2 >= exams
        for series, sequence in enumerate(SEQUENCES):
            said = {**scanner, **sequence, **_exam(exam, centre, series)}
            said["RepetitionTime"] += drift if late else 0
            template = header(said)
            for image in range(images):
                content = template.replace(b"777777", b"%d" % (100_000 + image))
                yield f"centre{centre}/exam{exam:05}/{series}/{image:05}.dcm", content


def _exam(exam: int, centre: int, series: int) -> dict[str, Any]:
    return {
        "PatientID": f"PAT{exam // 2:06}",
        "PatientName": "Nobody^Nowhere",
        "InstitutionName": f"Hospital {centre}",
        "DeviceSerialNumber": f"{1000 + centre}",
        "StudyInstanceUID": f"{ROOT}.1.{exam}",
        "SeriesInstanceUID": f"{ROOT}.2.{exam}.{series}",
        "SeriesNumber": series + 1,
        "AcquisitionDate": f"{2024 + exam % 24 // 12}{exam % 12 + 1:02}05",
        "AcquisitionTime": "101500",
    }


def header(said: Mapping[str, Any], kind: str = "1.2.840.10008.5.1.4.1.1.4") -> bytes:
    """Bytes of a file with a preamble, without pixels. ``777777`` stands for the number of the image."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = kind
    dataset.file_meta.MediaStorageSOPInstanceUID = f"{ROOT}.3.777777"
    common = {
        "SOPClassUID": kind, "SOPInstanceUID": f"{ROOT}.3.777777", "Modality": "MR",
        "ImageType": ["ORIGINAL", "PRIMARY", "M"], "SliceThickness": 1.2, "PixelSpacing": [0.9, 0.9],
        "Rows": 256, "Columns": 256, "NumberOfAverages": 1, "PixelBandwidth": 200,
        "ImageOrientationPatient": [1, 0, 0, 0, 1, 0], "ImagePositionPatient": [0, 0, 1],
        "AcquisitionMatrix": [256, 0, 0, 240], "InPlanePhaseEncodingDirection": "COL",
        "PatientPosition": "HFS", "InstanceNumber": "777777", "SequenceVariant": "SK", "ScanOptions": "PFP",
    }  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, value in {**common, **said}.items():
            setattr(dataset, name, value)
        stream = BytesIO()
        dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()
