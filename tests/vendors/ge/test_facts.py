"""The tables of GE against the format note, the key list, DICOM, and the fields of the tree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from generator.model.tree import Acquisition, Protocol
from generator.vendors.ge import DIALECT, facts, notes, relations, writer
from tests.vendors.ge.support import template

FIELDS = set(Acquisition.model_fields)
NOT_IN_ORDER = {"RECOVERYTIME", "MBACCEL", "GRADMODE", "PHASEASSET", "SLICEASSET"}
"""Keys of DICOM blocks, and two of dummy series, which the canonical order of files does not have."""
KEYS = set(facts.key_order().order) | NOT_IN_ORDER


@pytest.fixture
def written() -> None:
    """Run what uses the tables: a fault of a table is judged by tests that run its module."""
    DIALECT.gate(template(Protocol(name="one", steps=(Acquisition(name="two"),))).files)


@pytest.mark.usefixtures("written")
def test_tables_name_fields_of_the_tree() -> None:
    named: dict[str, Iterable[str | None]] = {
        "plain": facts.PLAIN, "parallel": facts.PARALLEL_KEYS, "factors": facts.OPTION_FACTORS,
        "oversampling": facts.OVERSAMPLING, "rows": [row.field for row in facts.ROWS],
        "sources": facts.SOURCES, "notes": facts.AS_NOTE, "off": facts.OFF, "derived": facts.DERIVED,
        "reasons": facts.REASONS, "settable": notes._SETTABLE, "own": notes._OWN_FIELDS,
        "needed": [name for _, name in writer._NEEDED.values() if name],
        "settings": [one.field for one in relations.SETTINGS if one.field],
        "relations": [one.field for one in relations.RELATIONS if one.field],
    }  # fmt: skip
    assert {table: set(names) - FIELDS for table, names in named.items() if set(names) - FIELDS} == {}


@pytest.mark.usefixtures("written")
def test_tables_name_keys_of_the_format() -> None:
    bands = {
        f"{stem}{place}" for stem in facts.BAND_STEMS[:2] for place in ("X1", "X2", "Y1", "Y2", "Z1", "Z2")
    }
    named: dict[str, Iterable[str]] = {
        "plain": facts.PLAIN.values(), "sources": [key for keys in facts.SOURCES.values() for key in keys],
        "gating": facts.GATING_KEYS, "geometry": facts.GEOMETRY_KEYS, "prescan": facts.PRESCAN_VOLUME_KEYS,
        "planes": facts.PER_PLANE, "bands": [*facts.BANDS, *bands, f"{facts.BAND_STEMS[2]}3"],
        "needed": writer._NEEDED, "summary": writer.IMAGE_ATTRIBUTES.values(), "diffusion": writer._DIFFUSION,
        "rows": [key for row in facts.ROWS for key in row.keys if key[0] != facts.OPTION_MARK],
        "single": [facts.ECHOES, facts.TR_LEAST, facts.TR_MOST, facts.TI_AUTOMATIC, facts.FLIP_AUTOMATIC,
                   facts.COIL, facts.COIL_PLUGS, facts.GRADIENTS, facts.PSDNAME, facts.SLICE_ORDER],
    }  # fmt: skip
    assert {table: set(keys) - KEYS for table, keys in named.items() if set(keys) - KEYS} == {}


def test_numbers_have_the_decimals_that_consoles_write() -> None:
    one = {"TR", "TRMIN", "TRMAX", "TE", "FOV", "SPC"}
    two = {
        "NEX", "PHASEFOV", "RBW", "SLTHICK", "MATRIXZ", "PHASEACCEL", "SLICEACCEL", "PHASEASSET",
        "SLICEASSET", "CSACCEL", "NPW_FACTOR", "NSW_FACTOR", "NEXFORT2",
    }  # fmt: skip
    expected = {key: "1.2" if key in one else "1.25" if key in two else "1" for key in KEYS}
    assert {key: facts.shown(key, 1.249) for key in KEYS} == expected
    assert {key: facts.shown(key, 1.249, old=True) for key in KEYS} == {**expected, "SLTHICK": "1.2"}


def test_numbers_words_for_them_and_what_is_off_without_a_key() -> None:
    assert {"ETL", "NUMSHOTS", "SLPERLOC", "MBACCEL"} == facts.WHOLE
    texts = ["12.5", "", "soon", None, "1e12", "-1e12", "1e400", "nan", "-999999999999"]
    assert [facts.number(text) for text in texts] == [12.5, *[None] * 7, -999999999999.0]
    gauss = ["30000", "15000", "5500", "0", "", "1234567", "999999", "x"]
    assert [facts.tesla(text) for text in gauss] == [3.0, 1.5, 0.55, None, None, None, 99.9999, None]
    assert facts.OFF == {
        "partial_fourier_phase": 1.0, "partial_fourier_slice": 1.0, "elliptical_scanning": False,
        "phase_oversampling": 0.0, "parallel_reduction_factor_out_of_plane": 1.0,
        "number_of_volumes_discarded_by_scanner": 0,
    }  # fmt: skip
    assert {"Minimum", "Min Full", "Maximum"} == facts.CHOSEN_BY_SCANNER
    assert {"Minimum", "Min Full", "Maximum", "Intleave", "null"} == facts.WORDS_FOR_NUMBERS


def test_body_parts_are_the_codes_of_dicom() -> None:
    """SNOMED-RT codes of PS3.16, annex L; 11 of them are in the format note."""
    codes = {
        "brain": "T-A0100", "head": "T-D1100", "neck": "T-D1600", "spine": "T-D0146", "cspine": "T-11501",
        "tspine": "T-11502", "lspine": "T-11503", "chest": "T-D3000", "breast": "T-04000", "heart": "T-32000",
        "abdomen": "T-D4000", "liver": "T-62000", "pelvis": "T-D6000", "prostate": "T-92000",
        "hip": "T-15710",
        "extremity": "T-D0300", "shoulder": "T-D2220", "elbow": "T-15430", "wrist": "T-15460",
        "hand": "T-D8700", "knee": "T-D9200", "ankle": "T-15750", "foot": "T-D9700", "wholebody": "T-D0010",
    }  # fmt: skip
    (row,) = (row for row in facts.ROWS if row.field == "body_part")
    for part, code in codes.items():
        text = f"SRT%5CNone%5C{code}"
        assert (row.codec.read(text), row.codec.write(part)) == (part, text)
        assert facts.anatomy(part) == text or part == "spine"
    regions = {"spine": "T-11501", "limb": "T-D0300", "elsewhere": "T-D0010"}
    assert {region: facts.anatomy(region)[-7:] for region in regions} == regions


def test_rows_say_both_ways() -> None:
    """Field: value and what is stored; and what is read besides."""
    table: dict[str, tuple[str, dict[Any, str], dict[str, Any]]] = {
        "flow_compensation": (
            "+FC", {"none": "off", "yes": "on", "readout": "Freq", "slice": "Slice"}, {},
        ),
        "magnetization_transfer": ("+MgT", {True: "on", False: "off"}, {}),
        "breath_hold": ("BREATHHOLD", {True: "Expiration", False: "None"}, {"Inspiration": True}),
        "deep_learning_reconstruction": (
            "DLRECONCHOICES",
            {"none": "Off", "AIR Recon DL Low": "Low", "AIR Recon DL Medium": "Medium",
             "AIR Recon DL High": "High"}, {},
        ),
        "distortion_correction": ("THREEDGW", {"3D": "1"}, {"0": None}),
        "intensity_normalization": (
            "AUTOSCIC", {True: "1", False: "0"}, {"2": True, "3": True, "0": None},
        ),
    }  # fmt: skip
    assert {row.field for row in facts.ROWS} == {*table, "body_part"}
    for row in facts.ROWS[:-3] + facts.ROWS[-2:]:
        key, words, more = table[row.field]
        assert row.keys == (key,)
        assert {value: row.codec.write(value) for value in words} == words
        stored = {word: value for value, word in words.items()} | more
        assert {word: row.codec.read(word) for word in stored} == stored
    (flow,) = (row for row in facts.ROWS if row.field == "flow_compensation")
    assert flow.codec.write("all") == "on"


def test_words_of_scanners_sessions_planes_and_axes() -> None:
    """The readout is stored; the other axis in the plane is that of phase encoding."""
    coils = {"SIGNA Artist": "11", "Premier": "13", "MR750": "8", "MR750w": None, "Voyager": None, None: None}
    assert {model: facts.gradient_coil(model) for model in coils} == coils
    assert facts.VERSION_TEXT == {"DV25.1": "DV25.1#0", "MR29.0": "MR29.0#1", "MR30.0": "MR30.0#1"}
    positions = {"Supine": "S", "Prone": "P", "Left Decubitus": "DL", "Right Decubitus": "DR"}
    expected = {("Head First", side): f"HF{end}" for side, end in positions.items()}
    expected |= {("Feet First", side): f"FF{end}" for side, end in positions.items()}
    assert expected == facts.PATIENT_POSITIONS
    assert facts.ANATOMY_WORD == {"brain": "head", "spine": "spine", None: "other"}
    assert facts.CARE_AREA == {"brain": "neuro", "spine": "skeletal", None: "other"}
    assert facts.NAME_LIMIT == 64
    assert facts.PLANES == {
        "AXIAL": "transverse", "SAGITTAL": "sagittal", "CORONAL": "coronal", "OBLIQUE": "oblique",
    }  # fmt: skip
    assert facts.PLANE_WORDS == {
        "transverse": "AXIAL", "sagittal": "SAGITTAL", "coronal": "CORONAL", "oblique": "OBLIQUE",
    }  # fmt: skip
    assert facts.FREQUENCY_AXES == {"R/L": "LR", "A/P": "AP", "S/I": "FH"}
    for plane, axes in facts.PLANE_AXES.items():
        assert {*axes, facts.NORMAL_AXIS[plane]} == {"LR", "AP", "FH"}
    assert facts.NORMAL_AXIS == {"transverse": "FH", "sagittal": "LR", "coronal": "AP"}
    assert {
        name: "".join(sorted(name)) if name != "HF" else "FH" for name in ("AP", "PA", "LR", "RL", "FH", "HF")
    } == facts.AXIS_OF_DIRECTION
    assert facts.BANDS == {
        "SATLOCZ1": "superior", "SATLOCZ2": "inferior", "SATLOCY1": "anterior", "SATLOCY2": "posterior",
        "SATLOCX1": "right", "SATLOCX2": "left",
    }  # fmt: skip


def test_options_are_split_and_joined_in_the_order_of_consoles() -> None:
    order = (
        "FC, NPW, Gat, Seq, VBw, EDR, TRF, Fast, ZIP2, ZIP512, ZIP1024, SS, EPI, FMRI, DIFF, FR, MPh, "
        "MPhVar, ARC, Asset, Nav, HB, HS, Flex, IDEAL, IrP, MgT, Calib"
    )
    tokens = facts.options(order)
    assert len(tokens) == 28
    assert facts.join_options({*tokens, "SqP", "MRCP"}) == f"{order}, MRCP, SqP"
    assert facts.options("  EDR,  Fast ,,None") == ("EDR", "Fast")
    assert facts.PARALLEL_OPTIONS == {"ARC": "integrated", "Asset": "separate"}
    assert facts.GATING_OPTIONS == {"Gat": "cardiac", "Nav": "respiratory"}
    assert facts.INTERPOLATIONS == {"ZIP512": 512, "ZIP1024": 1024}
    assert facts.OPTION_WORDS == {"FC": ("FLDIR", ("Freq", "Slice"))}
    assert facts.MULTIPHASE_OPTIONS == ("MPh", "MPhVar", "FMRI")
    assert (facts.DIXON_OPTIONS, facts.RADIAL_OPTIONS) == (("Flex", "IDEAL"), ("Star",))
    assert facts.OPTION_FACTORS == {
        "compressed_sensing_factor": ("HS", "CSACCEL"), "multiband_factor": ("HB", "MBACCEL"),
    }  # fmt: skip
    assert facts.STIR_LONGEST_TI == 300
    # Printed as Fat, Fat Classic, Fat Special; as All, Tensor and one axis.
    assert facts.FAT_SUPPRESSION == {"1": "fat_saturation", "4": "fat_saturation", "8": "spir"}
    assert facts.FAT_CODES == {"fat_saturation": "4", "spir": "8", "spair": "8"}
    assert facts.DIFFUSION_SCHEMES == {"7": "trace_3", "16": "vendor", "1": "single"}
    assert (facts.DIRECTION_MODES, facts.TENSOR, facts.FEWEST_OF_TENSOR) == ({1: "1", 3: "7"}, "16", 6)
    assert facts.FRACTIONAL_NEX == (0.5, 0.75)


# --- pulse sequences ----------------------------------------------------------------------------------


def scan(technique: str, **fields: Any) -> Acquisition:
    return Acquisition(name="one", technique=technique, **fields)


PREPARED = "magnetization_prepared_gradient_echo"
VOLUME: dict[str, Any] = {"mr_acquisition_type": "3D"}
WRITTEN: tuple[tuple[Acquisition, str, str, str], ...] = (
    # scan; PSEQ, IMODE, PLUG; IOPT; DATA_APP and RXPSEQ
    (scan("turbo_spin_echo"), "FSE-XL 2D 22", "EDR, TRF, Fast", "FSE-XL/"),
    (scan("turbo_spin_echo", inversion_time=300), "FSE-XL 2D 22", "EDR, TRF, Fast, IrP", "IR/"),
    (scan("turbo_spin_echo", inversion_time=301), "FSE-XL 2D 22", "EDR, TRF, Fast, IrP", "IR/T2FLAIR"),
    (scan("turbo_spin_echo", **VOLUME), "Cube 3D 53", "EDR, Fast, FR", "Cube/"),
    (
        scan("turbo_spin_echo", **VOLUME, inversion_time=1800),
        "Cube 3D 53", "EDR, Fast, FR, IrP", "Cube/Cube T2FLAIR",
    ),
    (scan("spin_echo"), "Spin Echo 2D 0", "EDR", "Spin Echo/"),
    (scan("single_shot_turbo_spin_echo"), "Spin Echo 2D 12", "EDR, Fast, SS", "Spin Echo/"),
    (scan("gradient_echo"), "Gradient Echo 2D 5", "EDR, Fast", "Gradient Echo/"),
    (scan("gradient_echo", role="localizer"), "Gradient Echo 2D 45", "Seq, Fast", "Gradient Echo/"),
    (
        scan("gradient_echo", role="localizer", plane="coronal"),
        "Gradient Echo 2D 5", "EDR, Fast", "Gradient Echo/",
    ),
    (scan("gradient_echo", **VOLUME), "SPGR 3D 6", "EDR, Fast", "SPGR/"),
    (scan(PREPARED), "MP-RAGE 3D 84", "EDR, Fast, IrP", "MP-RAGE/"),
    (scan("multi_echo_gradient_echo"), "MERGE 2D 36", "FC, EDR, Fast", "MERGE/"),
    (scan("balanced_ssfp"), "Fiesta 2D 21", "Seq, Fast", "Fiesta/"),
    (scan("echo_planar_diffusion", b_values=(0, 800)), "Spin Echo 2D 8", "EDR, EPI, DIFF", "DWI/"),
    (
        scan("echo_planar_diffusion", b_values=(0, 800), diffusion_directions=5),
        "Spin Echo 2D 8", "EDR, EPI, DIFF", "DWI/",
    ),
    (
        scan("echo_planar_diffusion", b_values=(0, 800), diffusion_directions=6),
        "Spin Echo 2D 8", "EDR, EPI, DIFF", "DTI/",
    ),
    (scan("echo_planar_bold"), "Gradient Echo 2D 9", "EDR, EPI, FMRI", "Gradient Echo/"),
    (scan("calibration"), "SPGR 3D 6", "EDR, Fast, Calib", "SPGR/"),
    (scan("calibration", mr_acquisition_type="2D"), "SPGR 3D 6", "EDR, Fast, Calib", "SPGR/"),
    (
        scan("balanced_ssfp", vendor={"PSEQ": "Fiesta-C", "PLUG": "99", "IOPT": "Seq"}),
        "Fiesta-C 2D 99", "Seq", "Fiesta-C/",
    ),
)  # fmt: skip
ASSUMED = (2, 4, 5, 11, 17)
"""Rows above of which no export holds the codes: 2D FLAIR, Cube FLAIR, spin echo, and two of DICOM blocks."""


def test_a_technique_is_written_as_these_codes() -> None:
    for index, (one, codes, options, names) in enumerate(WRITTEN):
        family = facts.family_of(one)
        assert f"{family.pseq} {family.imode} {family.plug}" == codes
        assert ", ".join(family.options) == options, codes
        assert f"{family.application}/{family.marketing}" == names, codes
        assert (bool(family.assumed), family.placeholder) == (index in ASSUMED, False), codes
    old = facts.family_of(scan(PREPARED), "DV25.1")
    assert (old.codes, old.options) == ({"PSEQ": "SPGR", "IMODE": "3D", "PLUG": "6"}, ("EDR", "Fast", "IrP"))
    assert (old.application, old.marketing, old.assumed) == ("SPGR", "BRAVO", "")


def test_a_technique_without_known_codes_is_a_stand_in() -> None:
    unknown = (
        ("3D", scan("mp2rage")), ("3D", scan("susceptibility_weighted")), ("2D", scan("time_of_flight")),
        ("2D", Acquisition(name="one")), ("3D", scan("balanced_ssfp", **VOLUME)),
        ("3D", scan(PREPARED, second_inversion_time=2500)), ("2D", scan("echo_planar_diffusion")),
        ("2D", scan("echo_planar_diffusion", b_values=(0,))),
        ("2D", scan(PREPARED, mr_acquisition_type="2D")),
    )  # fmt: skip
    for dimension, one in unknown:
        family = facts.family_of(one)
        assert (family.placeholder, family.imode) == (True, dimension), one.technique
        assert "no public file" in family.assumed
        codes = ("SPGR", "6", "SPGR") if dimension == "3D" else ("Gradient Echo", "5", "Gradient Echo")
        assert (family.pseq, family.plug, family.application) == codes
        assert family.options == ("EDR", "Fast")
    assert facts.placeholder_name("T1") == "--T1 SET BY HAND--"
    assert (
        facts.family_of(scan("balanced_ssfp", vendor={"PSEQ": "X", "PLUG": 5, "IOPT": "Y"})).pseq == "Fiesta"
    )


def test_codes_mean_these_techniques() -> None:
    """Product names; then names that only older software, manuals or consoles have, which are inferred."""
    proven = {
        "FSE-XL": "turbo_spin_echo", "FRFSE-XL": "turbo_spin_echo", "Cube": "turbo_spin_echo",
        "Cube T2": "turbo_spin_echo", "PROPELLER": "turbo_spin_echo", "SPGR": "gradient_echo",
        "LAVA": "gradient_echo", "Localizer": "gradient_echo", "MERGE": "multi_echo_gradient_echo",
        "IDEAL IQ": "multi_echo_gradient_echo", "Fiesta": "balanced_ssfp", "MP-RAGE": PREPARED,
        "IR": "spin_echo", "Spin Echo": "spin_echo", "Gradient Echo": "gradient_echo",
    }  # fmt: skip
    for pseq, technique in proven.items():
        readout = "propeller" if pseq == "PROPELLER" else None
        assert facts.identify(pseq, "2D", (), "") == facts.Identity(technique, True, readout, "", False), pseq
    inferred = {
        "Cube FLAIR": "turbo_spin_echo", "T1-FLAIR": "turbo_spin_echo", "T2 FLAIR": "turbo_spin_echo",
        "FRFSE": "turbo_spin_echo", "FSE": "turbo_spin_echo", "Propeller MB": "turbo_spin_echo",
        "SSFSE": "single_shot_turbo_spin_echo", "BRAVO": PREPARED, "MPRAGE": PREPARED,
        "SWAN 2.0": "susceptibility_weighted", "3D ASL": "arterial_spin_labelling", "TOF": "time_of_flight",
        "FIESTA-C": "balanced_ssfp", "LAVA-Flex": "gradient_echo", "VIBRANT": "gradient_echo",
        "FGRE": "gradient_echo", "3D MERGE": "other", "MERGE 2": "multi_echo_gradient_echo",
    }  # fmt: skip
    for pseq, technique in inferred.items():
        found = facts.identify(pseq, "2D", (), "")
        assert (found.technique, found.proven, found.foreign) == (technique, False, False), pseq
        assert bool(found.inferred) == (technique != "other"), pseq


def test_options_tell_techniques_of_one_code_apart() -> None:
    table = {
        ("Spin Echo", "2D", "EPI, DIFF"): "echo_planar_diffusion",
        ("Spin Echo", "2D", "EPI"): "other", ("Spin Echo", "2D", "SS"): "single_shot_turbo_spin_echo",
        ("Gradient Echo", "2D", "EPI"): "echo_planar_bold", ("SPGR", "3D", "IrP"): PREPARED,
        ("SPGR", "2D", "IrP"): "gradient_echo", ("LAVA", "3D", "IrP"): "gradient_echo",
        ("IR", "2D", "Fast"): "turbo_spin_echo", ("SPGR", "3D", "Calib, IrP"): "calibration",
    }  # fmt: skip
    found = {key: facts.identify(*key[:2], facts.options(key[2]), "").technique for key in table}
    assert found == table


def test_binaries_of_others_are_inferred() -> None:
    research = {
        "B0rf": ("field_map", None),
        "/usr/g/3dB0map": ("field_map", None),
        "a/ozteo": ("gradient_echo", "radial"),
    }
    for name, (technique, readout) in research.items():
        found = facts.identify("SPGR", "3D", (), name)
        expected = (technique, readout, False, True)
        assert (found.technique, found.readout, found.proven, found.foreign) == expected, name
        assert name in found.inferred
    for name in ("fse-xl", "FSE-XL_x", "frfse-xl", "efgre3d_aspir", ""):
        assert facts.identify("LAVA", "3D", (), name) == facts.Identity("gradient_echo"), name
    own = facts.identify("LAVA", "3D", (), "mine")
    assert (own.technique, own.proven, own.foreign, own.readout) == ("gradient_echo", False, True, None)
    assert facts.identify("nothing", "3D", (), "mine").technique == "other"


def test_the_application_of_a_series_follows_its_options() -> None:
    table = (
        ("EPI, DIFF", "16", "any", "DTI"), ("EPI, DIFF", "7", "any", "DWI"), ("Fast", "", "SPGR", "SPGR"),
        ("Fast, FR", "", "FSE-XL", "FRFSE-XL"), ("Fast, IrP", "", "FRFSE-XL", "IR"), ("Fast", "", "IR",
        "FSE-XL"),
        ("Fast, FR", "", "Cube", "Cube"),
    )  # fmt: skip
    for options, mode, old, expected in table:
        assert facts.application({"IOPT": options, "DFAX": mode}, old) == expected
    spin = {"turbo_spin_echo", "single_shot_turbo_spin_echo"}
    assert spin == facts.REFOCUSED
    assert {"spin_echo", *spin} == facts.INVERTED_EACH_REPETITION
    halved = {"spin_echo", "turbo_spin_echo", "gradient_echo", "multi_echo_gradient_echo", "balanced_ssfp"}
    assert {*halved, PREPARED} == facts.HALVED_BY_NEX


def test_keys_of_a_family() -> None:
    """User variables set bits of two masks: 0 to 30 of the first, from 31 on of the second."""
    found = facts.of_family({"PSEQ": "MP-RAGE", "PLUG": "84", "USERCV0": "1"}, old=True)
    assert (found["USERCV_MASK"], found["USERCV_MASK2"]) == (
        str(1 + (1 << 4) + (1 << 30)),
        str((1 << 3) + (1 << 10)),
    )
    assert "INVERTF" not in found
    assert facts.of_family({"PSEQ": "none", "USERCV31": "", "USERCVX": "", "USERCV": ""}, old=False) == {
        "USERCV_MASK": "0", "USERCV_MASK2": "1",
    }  # fmt: skip
    dwi = {"PSEQ": "Spin Echo", "PLUG": "8"}
    assert facts.of_family(dwi, old=False)["OPTIMIZED_TE"] == "Yes"
    assert "OPTIMIZED_TE" not in facts.of_family({**dwi, "TE": "80.0"}, old=False)
    shifts = {("AXIAL", "A/P"): "A", ("AXIAL", "R/L"): "L", ("SAGITTAL", "A/P"): "P", ("SAGITTAL",
    "S/I"): "S",
              ("CORONAL", "S/I"): "I", ("CORONAL", "R/L"): None, ("AXIAL", "Unswap"): None}  # fmt: skip
    for pseq, old in (("FSE-XL", False), ("MP-RAGE", False), ("Cube", False), ("FSE-XL", True)):
        for (plane, axis), side in shifts.items():
            found = facts.of_family({"PSEQ": pseq, "PLANE": plane, "SWAPPF": axis}, old=old)
            wanted = f"Normal ({side})" if side and not old and pseq != "Cube" else None
            assert found.get("INVERTF") == wanted, (pseq, plane, axis)


def test_defaults_and_order_of_keys() -> None:
    order = facts.key_order()
    old, new = order.defaults("DV25.1"), order.defaults("MR30.0")
    assert {key: old[key] for key in ("BWRT", "TAG_SPACE", "HOS", "MEGFREQ")} == {
        "BWRT": "-1", "TAG_SPACE": "7", "HOS": "0", "MEGFREQ": "60",
    }  # fmt: skip
    assert {key: new.get(key) for key in ("ALLOWANYCOIL", "CALINPRESCAN")} == {
        "ALLOWANYCOIL": "TRUE", "CALINPRESCAN": "On",
    }  # fmt: skip
    assert "CALINPRESCAN" not in old
    given = dict.fromkeys(("UNKNOWN", "TR", "PLANE", "ALSO", "MATRIXZ"), "1")
    assert [key for key, _ in facts.in_order(given)] == ["PLANE", "TR", "MATRIXZ", "ALSO", "UNKNOWN"]
