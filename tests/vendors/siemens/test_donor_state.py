# ruff: noqa: E501  (tables: one row a line)
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
from tests.vendors.siemens.test_vectors import block, wrong

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


STEM, ONE = "sSliceArray.asSlice", "sSliceArray.lSize = 1\nsGroupArray.asGroup[0].nSize = 1\n"
MIDDLE = f"{STEM}[0].sNormal.dTra = 1.0\n"
TWO = (
    "sSliceArray.lSize = 2\nsGroupArray.asGroup[0].nSize = 2\nsGroupArray.asGroup[0].dDistFact = 0.5\n"
    + "".join(f"{STEM}[{i}].{m}\n" for i in (0, 1) for m in ("dThickness = 4.0", "sNormal.dTra = 1.0"))
)
# T > C30: the middle of two slices 6 mm apart at 2, 3 and 5 mm
TURNED = TWO.replace("dTra = 1.0", "dTra = 0.86602540378") + "".join(
    f"{STEM}[{i}].sNormal.dCor = -0.5\n{STEM}[{i}].sPosition.dSag = 2.0\n{STEM}[{i}].dInPlaneRot = 1.6\n"
    f"{STEM}[{i}].sPosition.dCor = {3.0 - (i - 0.5) * 3.0}\n{STEM}[{i}].sPosition.dTra = {5.0 + (i - 0.5) * 5.19615242268}\n"
    for i in (0, 1)
)
AUTO = "sAAInitialOffset.SliceInformation."
OFFSET = f"{AUTO}sPosition.dSag = 2.0\n{AUTO}sNormal.dTra = 0.866\n{AUTO}sNormal.dCor = -0.5\n"
HALF_PI, COSINE = 1.5707963267949, 0.86602540378

# Members of a block (and its sequence where it matters), what is inherited: its name, its text for people, to
# what it is bound, its neutral field, what it is reset to; and the members of the reset.
STATE: list[tuple[str, str, tuple[str, str, str, str | None, str | None], dict[str, object] | None]] = [
    ("gre", "sRSatArray.lSize = 1\nsRSatArray.asElm[0].dThickness = 40.0\nsRSatArray.asElm[0].sNormal.dCor = 1.0\n"
     "sRSatArray.asElm[0].sPosition.dCor = -70.0\nsSliceArray.sTSat.ucOn = 0x1",
     ("saturation_bands", "2: anterior, parallel", "anatomy", "saturation_bands", "none"),
     {"sRSatArray.lSize": None, "sSliceArray.sTSat.ucOn": None, "sRSatArray.asElm[0].dThickness": None,
      "sRSatArray.asElm[0].sNormal.dCor": None, "sRSatArray.asElm[0].sPosition.dCor": None}),
    ("gre", "sPhysioImaging.lSignal1 = 4\nsPhysioImaging.lMethod1 = 2",
     ("gating", "cardiac, signal 4", "patient", "gating", "none"),
     {"sPhysioImaging.lSignal1": 1, "sPhysioImaging.lMethod1": 1}),
    ("gre", "sPhysioImaging.lSignal1 = 8\nsPhysioImaging.lMethod1 = 2",
     ("gating", "other, signal 8", "patient", "gating", "none"),
     {"sPhysioImaging.lSignal1": 1, "sPhysioImaging.lMethod1": 1}),
    ("gre", "sNavigatorPara.lRespComp = 16",
     ("breath_hold", "respiratory control 16", "patient", "breath_hold", "off"), {"sNavigatorPara.lRespComp": 4}),
    ("gre", "sTXSPEC.ucExcitMode = 64\nsPTXData.asPTXVolume[0].dThickness = 9.0\nsPTXData.sPTXMPRSliceArray.lSize = 2\n"
     "sTXSPEC.aPTXRFPulse[0].lSize = 1\nsTXSPEC.asNucleusInfo[0].lSize = 1",
     ("zoom", "zoomed excitation", "anatomy", None, "standard excitation"),
     {"sTXSPEC.ucExcitMode": 32, "sPTXData.asPTXVolume[0].dThickness": None,
      "sPTXData.sPTXMPRSliceArray.lSize": None, "sTXSPEC.aPTXRFPulse[0].lSize": None}),
    ("gre", "sAdjData.uiAdjVolumeValid = 0x1\nsAdjData.sAdjVolume.dThickness = 75.0\nsAdjData.sAdjVolume.dPhaseFOV = 60.0\n"
     "sAdjData.sAdjVolume.dReadoutFOV = 50.4",
     ("shim_volume", "50 x 60 x 75 mm", "anatomy", None, "the volume of the slices"),
     {"sAdjData.uiAdjVolumeValid": None, "sAdjData.sAdjVolume.dThickness": None,
      "sAdjData.sAdjVolume.dPhaseFOV": None, "sAdjData.sAdjVolume.dReadoutFOV": None}),
    ("gre", "asCoilSelectMeas[0].asList[0].sCoilElementID.tCoilID = \"Head\"\n"
     "asCoilSelectMeas[0].asList[0].sCoilElementID.tElement = \"H1P\"\n"
     "asCoilSelectMeas[0].asList[1].sCoilElementID.tCoilID = \"Neck\"\n"
     "asCoilSelectMeas[0].asList[1].sCoilElementID.tElement = \"N2\"",
     ("coil_elements", "Head, Neck: H1P, N2", "anatomy", "receive_coils", None), None),
    ("gre", "ucAAMode = 1\nucAARegionMode = 2\nucAARefMode = 4",
     ("auto_align", "region 2, reference 4", "plan", None, "none"),
     {"ucAAMode": 1, "ucAARegionMode": 1, "ucAARefMode": 1}),
    ("gre", "ucAAMode = 2", ("auto_align", "region 1, reference 1", "plan", None, "none"),
     {"ucAAMode": 1, "ucAARegionMode": 1, "ucAARefMode": 1}),
    ("gre", TURNED + OFFSET,
     ("orientation", "transverse, turned by 30 and 0 deg", "plan", "oblique_angles", "straight"),
     {f"{STEM}[{i}].{m}": x for i in (0, 1) for m, x in (
         ("sNormal.dSag", None), ("sNormal.dCor", None), ("sNormal.dTra", 1.0), ("dInPlaneRot", HALF_PI),
         ("sPosition.dSag", 2.0), ("sPosition.dCor", 3.0), ("sPosition.dTra", (2.0, 8.0)[i]))}
     | {f"{AUTO}sNormal.dSag": None, f"{AUTO}sNormal.dCor": None, f"{AUTO}sNormal.dTra": 1.0,
        f"{AUTO}dInPlaneRot": HALF_PI}),
    ("gre", TURNED + OFFSET, ("position", "L2 P3 H5 mm", "plan", None, "isocentre"),
     {f"{STEM}[{i}].{m}": x for i in (0, 1) for m, x in (
         ("sNormal.dSag", None), ("sNormal.dCor", -0.5), ("sNormal.dTra", COSINE), ("dInPlaneRot", 1.6),
         ("sPosition.dSag", None), ("sPosition.dCor", (1.5, -1.5)[i]),
         ("sPosition.dTra", (-2.59807621134, 2.59807621134)[i]))}
     | {f"{AUTO}sPosition.dSag": None}),
    ("gre", ONE + MIDDLE + f"{STEM}[0].sPosition.dSag = -0.5\n{STEM}[0].sPosition.dCor = -0.4",
     ("position", "R0 A0 F0 mm", "plan", None, "isocentre"),
     {f"{STEM}[0].{m}": x for m, x in (("sNormal.dSag", None), ("sNormal.dCor", None), ("sNormal.dTra", 1.0),
      ("dInPlaneRot", None), ("sPosition.dSag", None), ("sPosition.dCor", None), ("sPosition.dTra", None))}),
    ("gre", "lScanRegionPosTra = -31.0\nucScanRegionPosValid = 0x1",
     ("table_position", "-31 mm", "plan", "table_position", "isocentre"), {"lScanRegionPosTra": 0.0}),
    ("gre", "lRepetitions = 4", ("measurements", "5 measurements", "plan", "number_of_temporal_positions", "1"),
     {"lRepetitions": None}),
    ("gre", "sPrepPulses.ucMTC = 0x1",
     ("magnetization_transfer", "True", "plan", "magnetization_transfer", "off"), {"sPrepPulses.ucMTC": None}),
    ("gre", "dRefSNR = 18473.9", ("reference_snr", "18473.9", "plan", None, None), None),
    ("gre", "sRawFilter.ucOn = 0x1\nsImageFilter.ucOn = 0x1\nsEllipticalFilter.ucOn = 0x1",
     ("filters", "raw, elliptical, image", "scanner", None, None), None),
    ("gre", "sDistortionCorrFilter.ucMode = 4",
     ("distortion_correction", "3D", "scanner", "distortion_correction", None), None),
    ("gre", "sPreScanNormalizeFilter.ucOn = 0x1",
     ("intensity_normalization", "True", "scanner", "intensity_normalization", None), None),
    ("gre", "sKSpace.uc2DInterpolation = 0x1", ("interpolation", "2.0", "scanner", "interpolation", None), None),
    ("gre", "MrAdvancedReconstruction.lAdvancedReconstructionMode = 2",
     ("deep_learning", "Deep Resolve", "scanner", "deep_learning_reconstruction", None), None),
]  # fmt: skip
# Nothing is inherited here: the setting is off, belongs to the scan, or there are several slice groups.
NEUTRAL = [
    ("ep2d_bold", "lRepetitions = 4"), ("tgse_asl", "lRepetitions = 3"), ("gre", "lRepetitions = 0"),
    ("gre", "ucAAMode = 1"), ("gre", "sNavigatorPara.lRespComp = 4"), ("gre", "sPhysioImaging.lSignal1 = 1"),
    ("gre", "sTXSPEC.ucExcitMode = 32"), ("gre", "lScanRegionPosTra = 0.0\nucScanRegionPosValid = 0x1"),
    ("gre", "sDistortionCorrFilter.ucMode = 1\nMrAdvancedReconstruction.lAdvancedReconstructionMode = 1"),
    ("gre", ONE + MIDDLE + f"{STEM}[0].sPosition.dSag = 0.4"),
    ("gre", "sGroupArray.lSize = 2\nsGroupArray.asGroup[0].nSize = 1\nsGroupArray.asGroup[1].nSize = 1\n"
     f"sSliceArray.lSize = 2\n{STEM}[0].sPosition.dSag = 40.0"),
]  # fmt: skip


def test_every_setting_of_a_donor_is_shown_and_reset_by_hand() -> None:
    failed = []
    for binary, text, wanted, members in STATE:
        there = block(text, binary)
        fields, p = read_fields(there)
        (found,) = [one for one in inherited(p, fields) if one.what == wanted[0]]
        shown = (found.what, found.value, found.bound_to, found.field, found.resets_to)
        failed += [f"{shown}, not {wanted}"] if shown != wanted else []
        failed += [
            f"{wanted[0]}: {one}" for one in wrong(reset(there, frozenset((wanted[0],))), members or {})
        ]
    assert "\n".join(failed) == ""
    assert {wanted[0] for _, _, wanted, _ in STATE} == {one.what for one in SETTINGS}
    for binary, text in NEUTRAL:
        fields, p = read_fields(block(text, binary))
        assert inherited(p, fields) == (), text


def test_measurements_are_averages_before_ve() -> None:
    for version, what in (("0x14b44b6", set()), ("49999999", set()), ("50000000", {"measurements"})):
        fields, p = read_fields(block("lRepetitions = 4", version=version))
        assert {one.what for one in inherited(p, fields)} == what


def test_a_reset_sees_the_one_before_it() -> None:
    """Straight and central: both slices lie on the axis, 6 mm apart."""
    changes = reset(block(TURNED), frozenset(("orientation", "position")))
    assert [changes[f"{STEM}[{i}].sPosition.dTra"] for i in (0, 1)] == [-3.0, 3.0]
    assert [changes[f"{STEM}[{i}].sPosition.dCor"] for i in (0, 1)] == [None, None]
    slab = block(
        f"sKSpace.ucDimension = 4\n{ONE}{MIDDLE}{STEM}[0].dThickness = 176.0\n{STEM}[0].sPosition.dTra = 9.0"
    )
    assert reset(slab, frozenset(("position",)))[f"{STEM}[0].sPosition.dTra"] is None
