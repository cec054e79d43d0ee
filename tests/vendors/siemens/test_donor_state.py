"""What a clone would inherit: each case was seen in a card that an earlier program built from real donors."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.model.tree import Acquisition, Protocol, Target
from generator.vendors.account import build
from generator.vendors.dialect import BuildOptions
from generator.vendors.matching import BadPin, DonorStep, Pin, plan
from generator.vendors.siemens import DIALECT
from generator.vendors.siemens.container import ascconv, exar, graph
from generator.vendors.siemens.donor import SETTINGS, inherited, reset
from generator.vendors.siemens.fields import read_fields
from tests.vendors.siemens.make import (
    DWI,
    MPRAGE,
    T2_TSE,
    archive,
    planned,
    protocol,
    scan,
    template,
    written,
)
from tests.vendors.siemens.surgery import row_of, swap

B1000 = scan(
    "b1000", DWI, b_values=(0.0, 1000.0), b_value_averages=None, diffusion_directions=3, multiband_factor=1
)
THREE, HALF = (Target(vendor="siemens", field_strength=b0) for b0 in (3.0, 1.5))
BOUND = {"saturation_bands", "gating", "zoom", "shim_volume", "auto_align", "orientation", "position",
         "table_position", "copy_reference", "stations", "laterality", "comment"}  # fmt: skip


def _donor(corpus: Path, release: str) -> Path:
    return next(
        path for path in (corpus / "siemens" / release).iterdir() if path.suffix in (".exar1", ".edx")
    )


def _card(region: str, *scans: Acquisition) -> Protocol:
    return protocol(*scans).model_copy(update={"region": region})


def _built(card: Protocol, donor: Path, target: Target, folder: Path, pin: str = "") -> DonorStep:
    """Build a card of one scan and describe what was written."""
    pins = {card.acquisitions[0].name: Pin(path=pin)} if pin else None
    export = build(DIALECT, card, target, planned(card, donor, target=target, pins=pins))
    assert DIALECT.gate(export.files) == ()
    ((name, data),) = export.files.items()
    return DIALECT.describe(written(folder, data, name)).steps[-1]


def _chosen(card: Protocol, donor: Path, target: Target) -> list[str | None]:
    choices = plan(card, target, [DIALECT.describe(donor)]).choices
    return [one.step.scan.name if one.step else None for one in choices.values()]


@pytest.mark.corpus
def test_a_cord_scan_serves_no_brain_and_another_field_strength_never(corpus: Path) -> None:
    cord = _donor(corpus, "XA61")
    assert _chosen(_card("brain", B1000), cord, THREE) == [None]
    assert _chosen(_card("spine", B1000), cord, THREE) == ["DWI"]
    assert _chosen(_card("spine", B1000), cord, HALF) == [None]


@pytest.mark.corpus
@pytest.mark.parametrize("release", ["XA61", "VE11C", "XA20", "VB17A"])
def test_nothing_of_a_cord_scan_stays_that_is_bound_to_it(corpus: Path, release: str, tmp_path: Path) -> None:
    donor = _donor(corpus, release)
    before = {one.what for step in DIALECT.describe(donor).steps for one in step.inherited}
    assert {"gating"} < before & BOUND
    made = _built(_card("spine", B1000), donor, THREE, tmp_path)
    assert not {one.what for one in made.inherited} & BOUND
    assert (made.scan.diffusion_directions, made.scan.diffusion_scheme) == (4, "trace_4")


@pytest.mark.corpus
def test_zoomed_pulses_and_the_slices_of_the_transmitters_go(corpus: Path, tmp_path: Path) -> None:
    card = _card("spine", B1000)
    donor = _donor(corpus, "XA61")
    export = build(DIALECT, card, THREE, planned(card, donor, target=THREE))
    text = _texts(written(tmp_path, archive(export)))["b1000"]
    for part in ("sPTXData.asPTXVolume[", "sPTXData.sPTXMPRSliceArray.asSlice[", "sAdjData.sAdjVolume."):
        assert part in _texts(donor)["DWI"]
        assert part not in text


def _texts(path: Path) -> dict[str, str]:
    tree = graph.load(exar.read(path))
    steps = [n for n in tree.nodes.values() if n.kind == "EdfMeasurementStep"]
    return {tree.name(n): tree.document(tree.children(n, "EdfProtocol")[0])["Data"] for n in steps}


@pytest.mark.corpus
def test_an_elbow_localizer_serves_no_cord(corpus: Path) -> None:
    donor = _donor(corpus, "XA51")
    t2 = scan("T2* ax cord", T2_TSE, technique="gradient_echo", refocusing_flip_angle=None)
    elbows = [s for s in DIALECT.describe(donor).steps if s.scan.laterality == "L"]
    assert all({"laterality", "comment"} <= {one.what for one in step.inherited} for step in elbows)
    with pytest.raises(BadPin, match="a localizer"):
        planned(_card("spine", t2), donor, target=HALF, pins={t2.name: Pin(path=f"{elbows[0].label}#2")})


def test_side_and_comment_of_a_step_go(tmp_path: Path) -> None:
    tables = exar.read(written(tmp_path, template())).tables
    content = row_of(tables, "EdfMeasurementStep")
    name, document = exar.loads(content)
    swap(tables, content, exar.dumps(name, document | {"Laterality": "L", "ImageComment": "LEFT"}))
    donor = written(tmp_path, exar.write(tables))
    card = protocol(scan("t1", MPRAGE))
    assert DIALECT.describe(donor).steps[0].scan.laterality == "L"
    export = build(DIALECT, card, THREE, planned(card, donor, target=THREE))
    new = written(tmp_path, archive(export))
    contents = exar.read(new)
    assert not any(b"LEFT" in contents.content(key) for key in contents.contents)
    assert DIALECT.describe(new).steps[0].scan.laterality is None


@pytest.mark.corpus
def test_a_station_is_cloned_alone(corpus: Path, tmp_path: Path) -> None:
    donor = _donor(corpus, "XA51")
    steps = [s for s in DIALECT.describe(donor).steps if s.scan.station == "t2_tse_sag_I-III-AAT-DRB"]
    assert [step.key.rpartition("/")[2] for step in steps] == ["0", "1", "2"]
    texts = _texts(donor)
    for number in range(3):
        single = ascconv.one_station(texts["t2_tse_sag_I-III-AAT-DRB"], number)
        (block,) = ascconv.stations(single)
        assert block.raw == ascconv.stations(texts["t2_tse_sag_I-III-AAT-DRB"])[number].raw
        assert '<ParamBool."IsMultistep">  { }' in single
        assert "{ 2  }" not in single[: block.head]


@pytest.mark.corpus
def test_a_tensor_scan_becomes_a_trace_scan_without_multiband(corpus: Path, tmp_path: Path) -> None:
    """The donor's mode is MDDW with 30 directions and SMS; a card says 4-scan trace and no SMS."""
    made = _built(_card("brain", B1000), _donor(corpus, "XA11B"), THREE, tmp_path)
    assert (made.scan.diffusion_scheme, made.scan.multiband_factor) == ("trace_4", 1)
    assert made.scan.number_of_slices == 60
    assert "coil_elements" in {one.what for one in made.inherited}  # cannot be reset, so it is named


@pytest.mark.corpus
def test_an_export_of_its_own_is_a_donor(corpus: Path, tmp_path: Path) -> None:
    card = _card("brain", scan("3D T1", MPRAGE))
    export = build(DIALECT, card, THREE, planned(card, _donor(corpus, "XA11B"), target=THREE))
    again = written(tmp_path, archive(export))
    second = build(DIALECT, card, THREE, planned(card, again, target=THREE))
    assert [loss.field for loss in second.losses] == [loss.field for loss in export.losses]
    assert isinstance(planned(card, again, target=THREE), BuildOptions)


def test_every_setting_that_can_be_reset_is_neutral_afterwards() -> None:
    stem = "sSliceArray.asSlice[0]"
    block = ascconv.Ascconv({
        "ulVersion": "66110001", "tSequenceFileName": '"%SiemensSeq%\\ep2d_diff"', "sKSpace.ucDimension": "2",
        "sSliceArray.lSize": "1", "sGroupArray.lSize": "1", "sGroupArray.asGroup[0].nSize": "1",
        f"{stem}.dThickness": "5.0", f"{stem}.dReadoutFOV": "200.0", f"{stem}.dPhaseFOV": "200.0",
        f"{stem}.sPosition.dSag": "4.0", f"{stem}.sNormal.dTra": "0.99", f"{stem}.sNormal.dCor": "0.14",
        "sRSatArray.lSize": "1", "sRSatArray.asElm[0].dThickness": "40.0",
        "sRSatArray.asElm[0].sNormal.dCor": "1.0", "sSliceArray.sTSat.ucOn": "0x1",
        "sPhysioImaging.lSignal1": "4", "sPhysioImaging.lMethod1": "2", "sNavigatorPara.lRespComp": "16",
        "sTXSPEC.ucExcitMode": "64", "sPTXData.asPTXVolume[0].dThickness": "9.0",
        "sAdjData.uiAdjVolumeValid": "0x1", "sAdjData.sAdjVolume.dThickness": "75.0",
        "ucAAMode": "1", "ucAARegionMode": "2", "ucAARefMode": "4",
        "lScanRegionPosTra": "-53.0", "ucScanRegionPosValid": "0x1", "lRepetitions": "4",
        "sPrepPulses.ucMTC": "0x1", "dRefSNR": "18473.9",
    })  # fmt: skip
    fields, p = read_fields(block)
    found = inherited(p, fields)
    resettable = {one.what for one in found if one.resets_to is not None}
    assert resettable == {s.what for s in SETTINGS if s.reset}
    kept = dict(block.raw)
    for key, value in reset(block, frozenset(resettable)).items():
        kept.pop(key, None)
        if value is not None:
            kept[key] = ascconv.XA_STYLE.spell(key, value)
    fields, p = read_fields(ascconv.Ascconv(kept))
    assert {one.what for one in inherited(p, fields)} == {"reference_snr"}
