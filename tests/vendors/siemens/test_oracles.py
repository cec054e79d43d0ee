"""What we write, read by programs that are not ours: dicompare, twixtools, nibabel.

Their known defects (formats/siemens.md section 8), none of which the writer works around:

- dicompare takes the time of one measurement for the whole, leaves out the inversion time of a
  slice-selective inversion, and counts measured partitions as slices.
- twixtools drops quoted values with white space.
- nibabel does not know the declarations of array sizes; the oracle leaves them out.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.model.tree import Acquisition, Protocol, Target
from generator.vendors.account import build
from generator.vendors.dialect import BuildOptions, Export
from generator.vendors.siemens import DIALECT
from tests.support.kitchen import kitchen_sink
from tests.support.oracles import Oracles
from tests.support.translate import write_export
from tests.vendors.siemens.make import SITE_CARD, XA61, planned, template, written
from tests.vendors.siemens.test_donor import WANTED

TARGET = Target(vendor="siemens", field_strength=3.0)


def _one(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


def _check_dicompare(wanted: Acquisition, got: dict[str, Any]) -> None:
    assert got["RepetitionTime"] == pytest.approx(
        wanted.repetition_time or wanted.repetition_time_preparation
    )
    assert _one(got["EchoTime"]) == pytest.approx((wanted.echo_times or (None,))[0])
    angle = wanted.refocusing_flip_angle if "spin_echo" in str(wanted.technique) else wanted.flip_angle
    if angle is not None and wanted.technique != "spin_echo":
        assert got["FlipAngle"] == pytest.approx(angle)
    if wanted.slice_thickness is not None:
        assert got["SliceThickness"] == pytest.approx(wanted.slice_thickness)
    if wanted.pixel_bandwidth is not None:
        assert got["PixelBandwidth"] == pytest.approx(wanted.pixel_bandwidth, rel=0.01)
    if wanted.field_of_view is not None and wanted.acquisition_matrix is not None:
        assert got["PixelSpacing"][0] * got["Rows"] == pytest.approx(wanted.field_of_view[0])
        share = 100 * (wanted.field_of_view[1] or 0) / (wanted.field_of_view[0] or 1)
        assert got["PercentPhaseFieldOfView"] == pytest.approx(share)
    if wanted.inversion_time is not None and wanted.mr_acquisition_type == "3D":
        assert _one(got["InversionTime"]) == pytest.approx(wanted.inversion_time)


def _names(protocol: Protocol) -> list[str]:
    return [a.name.replace('"', "'") for a in protocol.acquisitions]


def test_dicompare_reads_the_kitchen_sink(oracles: Oracles, tmp_path: Path) -> None:
    protocol = kitchen_sink(TARGET)
    export = build(DIALECT, protocol, TARGET, BuildOptions())
    write_export(export, tmp_path)
    archive = next(str(tmp_path / name) for name in export.files if name.endswith(".exar1"))
    singles = [str(tmp_path / name) for name in export.files if name.endswith(".pro")]
    read = oracles.run("siemens_dicompare", archive, *singles)
    by_name = {got["ProtocolName"]: got for got in read[archive]}
    assert set(by_name) == set(_names(protocol))
    for wanted, name, single in zip(protocol.acquisitions, _names(protocol), singles, strict=True):
        _check_dicompare(wanted, by_name[name])
        _check_dicompare(wanted, read[single][0])


def test_dicompare_reads_what_a_donor_gave(oracles: Oracles, tmp_path: Path) -> None:
    export = build(DIALECT, WANTED, XA61, planned(WANTED, written(tmp_path, template())))
    (path,) = (str(write_export(export, tmp_path) / name) for name in export.files)
    by_name = {got["ProtocolName"]: got for got in oracles.run("siemens_dicompare", path)[path]}
    for wanted in WANTED.acquisitions:
        _check_dicompare(wanted, by_name[wanted.name])


def _texts(export: Export, folder: Path) -> list[str]:
    write_export(export, folder)
    return [str(folder / name) for name in export.files if name.endswith(".pro")]


def test_twixtools_and_nibabel_read_the_members(oracles: Oracles, tmp_path: Path) -> None:
    paths = _texts(build(DIALECT, SITE_CARD, XA61, BuildOptions()), tmp_path)
    read = oracles.run("siemens_ascconv", *paths)
    for wanted, path in zip(SITE_CARD.acquisitions, paths, strict=True):
        for reader in ("twixtools", "nibabel"):
            _check_members(wanted, read[path][reader])


def _check_members(wanted: Acquisition, got: dict[str, Any]) -> None:
    assert got["alTR"][0] == (wanted.repetition_time or 0) * 1000
    assert got["alTE"][0] == (wanted.echo_times or (0,))[0] * 1000
    slices = got["sSliceArray"]["asSlice"]
    three = wanted.mr_acquisition_type == "3D"
    assert len(slices) == (1 if three else wanted.number_of_slices)
    images = got["sKSpace"]["lImagesPerSlab"] if three else 1
    assert slices[-1]["dThickness"] == pytest.approx((wanted.slice_thickness or 0) * images)
    assert (slices[-1]["dReadoutFOV"], slices[-1]["dPhaseFOV"]) == wanted.field_of_view
    if wanted.flip_angle is not None:
        assert got["adFlipAngleDegree"][0] == wanted.flip_angle
    if wanted.inversion_time is not None:
        assert got["alTI"][0] == wanted.inversion_time * 1000
    if wanted.pixel_bandwidth is not None:
        dwell, base = got["sRXSPEC"]["alDwellTime"][0], got["sKSpace"]["lBaseResolution"]
        assert 1e9 / (2 * base * dwell) == pytest.approx(wanted.pixel_bandwidth, rel=0.01)
