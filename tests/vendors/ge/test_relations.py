"""Relations between pairs: they hold in every collected series, as often as they say, and mend or refuse."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from generator.model.tree import Acquisition
from generator.vendors import gate
from generator.vendors.account import Reasons
from generator.vendors.ge import DIALECT, container, facts
from generator.vendors.ge.container import lxprotocol
from generator.vendors.ge.donor import sources
from generator.vendors.ge.reader import decode
from generator.vendors.ge.relations import RELATIONS, inherited, reset
from tests.vendors.ge.support import SERIES, lx, protocol_files, sink, tar_of, template


@pytest.fixture(scope="module")
def collected(corpus: Path) -> list[tuple[str, dict[str, str]]]:
    """Pairs of every series of the corpus, one image of each DICOM series among them, with their file."""
    found = []
    for path in (corpus / "ge/DV25.1/protocol.tar", *sorted((corpus / "ge/MR30.0").iterdir())):
        for folder in container.load(path).folders:
            found += [(path.name, dict(one.values)) for one in sources(folder)]
    for folder in sorted((corpus / "dicom/ge").iterdir()):
        found.append((folder.name, dict(lxprotocol.of_image(sorted(folder.glob("*.dcm"))[0])[0])))
    return found


def test_the_corpus_is_whole(collected: list[tuple[str, dict[str, str]]]) -> None:
    assert len(collected) == 147


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda one: one.name)
def test_a_relation_holds_in_every_real_series(
    relation: gate.Relation[dict[str, str]], collected: list[tuple[str, dict[str, str]]]
) -> None:
    verdicts = [(file, relation.holds(pairs)) for file, pairs in collected]
    assert [file for file, verdict in verdicts if verdict is False] == []
    speaking = [file for file, verdict in verdicts if verdict]
    assert (len(set(speaking)), len(speaking)) == (relation.files, relation.steps)


@pytest.mark.parametrize(
    ("name", "changes", "mended"),
    [
        ("bandwidth", {"RBW": "31.00"}, {"RBW": "31.25"}),
        ("lines", {"MATRIXY": "255"}, {"MATRIXY": "256"}),
        ("slab", {"SLABLOC": "175"}, {"SLABLOC": "176"}),
        ("shots", {"IOPT": "EPI, DIFF", "DFAX": "7", "DIFNUMDIRS": "3"}, {"NUMSHOTS": "1"}),
        ("groups", {"GRIP_NUMSLGROUPS": "2"}, {"GRIP_NUMSLGROUPS": "0"}),
        ("slice-factor", {"SLICEACCEL": "2.00"}, {"SLICEACCEL": None}),
        ("flow", {"FLDIR": "Freq"}, {"FLDIR": None}),
        ("phases", {"SLPERLOC": "4"}, {"SLPERLOC": None}),
        ("inversion-option", {"TI": "150"}, {"TI": None}),
        ("multiband", {"IOPT": "Fast, ARC, HB"}, None),
        ("multiband", {"MBACCEL": "2"}, None),
        ("directions", {"IOPT": "EPI, DIFF", "NUMSHOTS": "1", "DFAX": "7", "DIFNUMDIRS": "258"}, None),
        ("b-averages", {"MULTIBVALUE": "500.0;1000.0;", "MULTINEXVALUE": "1.0;"}, None),
        ("readout", {"SWAPPF": "S/I"}, None),
        ("range", {"TR": "9000.0"}, None),
        ("bands", {"SATLOCX1": "R20.0"}, None),
    ],
)
def test_what_breaks_a_relation_is_mended_or_refused(
    name: str, changes: dict[str, str], mended: dict[str, str | None] | None
) -> None:
    pairs = {**SERIES, **changes}
    assert name in [one.name for one in gate.broken(RELATIONS, pairs)]
    left = gate.hold(RELATIONS, pairs, Reasons().at(0))
    assert (name in [one.name for one in left]) == (mended is None)
    for key, value in (mended or {}).items():
        assert pairs.get(key) == value


Cases = tuple[tuple[str, bool | None], ...]
ALWAYS = dict(facts.key_order().always)
VERDICTS: dict[str, tuple[int, int, Cases]] = {
    # relation: files and series of the corpus that speak of it; pairs, and whether it holds in them
    "multiband": (2, 2, (
        ("IOPT=EPI, HB;MBACCEL=2", True), ("IOPT=EPI, HB;MBACCEL=1", False), ("IOPT=EPI, HB", False),
        ("IOPT=EPI;MBACCEL=2", False), ("IOPT=EPI;MBACCEL=1", True), ("IOPT=EPI", None),
    )),
    "sensing": (1, 1, (
        ("IOPT=HS;CSACCEL=1.20", True), ("IOPT=HS;CSACCEL=1.00", False), ("CSACCEL=1.20", False),
        ("CSACCEL=1.00", True), ("IOPT=Fast", None),
    )),
    "b-values": (6, 50, (
        ("NUMBVALUE=2;MULTIBVALUE=500.0|1000.0|", True), ("NUMBVALUE=1;MULTIBVALUE=500.0|1000.0|", False),
        ("NUMBVALUE=1", None), ("MULTIBVALUE=500.0|", None),
    )),
    "b-averages": (7, 52, (
        ("MULTIBVALUE=500.0|;MULTINEXVALUE=1.0|", True), ("MULTIBVALUE=5|9|;MULTINEXVALUE=1.0|", False),
        ("MULTIBVALUE=5|", None), ("MULTINEXVALUE=1.0|", None),
    )),
    "diffusion": (4, 7, (
        ("IOPT=EPI, DIFF;DFAX=7", True), ("IOPT=EPI, DIFF", False), ("IOPT=EPI;DFAX=7", False),
        ("IOPT=EPI", None),
    )),
    "directions": (4, 7, (
        ("DFAX=7;DIFNUMDIRS=3", True), ("DFAX=7;DIFNUMDIRS=4", False), ("DFAX=16;DIFNUMDIRS=6", True),
        ("DFAX=16;DIFNUMDIRS=5", False), ("DFAX=1;DIFNUMDIRS=1", None), ("DIFNUMDIRS=3", None),
    )),
    "inversion-option": (3, 5, (("IOPT=IrP;TI=150", True), ("IOPT=Fast;TI=150", False), ("IOPT=Fast", None))),
    "inversion-time": (3, 5, (
        ("IOPT=IrP;TI=150", True), ("IOPT=IrP;AUTOTI=1", True), ("IOPT=IrP;AUTOTI=0", False),
        ("IOPT=IrP", False), ("IOPT=Fast;TI=150", None),
    )),
    "parallel": (7, 74, (
        ("IOPT=ARC;PHASEACCEL=2", True), ("IOPT=Asset;PHASEACCEL=2", True), ("IOPT=Fast;PHASEACCEL=2", False),
        ("IOPT=ARC", None),
    )),
    "one-calibration": (7, 76, (("IOPT=ARC", True), ("IOPT=ARC, Asset", False), ("IOPT=Fast", None))),
    "slice-factor": (4, 11, (
        ("IMODE=3D;SLICEACCEL=2", True), ("IMODE=2D;SLICEACCEL=2", False), ("IMODE=2D", None),
    )),
    "spacing": (7, 126, (("IMODE=2D;SPC=0.0", True), ("IMODE=3D;SPC=0.0", False), ("IMODE=3D", None))),
    "slab": (4, 12, (("SLABLOC=176", True), ("SLABLOC=175", False), ("TR=5", None))),
    "locations": (3, 9, (("SCANLOCS=28", True), ("SCANLOCS=27", False), ("SLABLOC=27", None))),
    "lines": (8, 139, (("MATRIXY=256", True), ("MATRIXY=255", False), ("MATRIXX=255", None))),
    "bandwidth": (4, 116, (
        ("RBW=31.25", True), ("RBW=142.86", True), ("RBW=31.00", False), ("RBW=31.26", False), ("TE=5", None),
        ("RBW=35.71", True), ("RBW=35.72", False),
    )),
    "shots": (7, 10, (
        ("IOPT=EPI;NUMSHOTS=1", True), ("IOPT=EPI", False), ("IOPT=Fast;NUMSHOTS=1", False),
        ("IOPT=Fast", None),
    )),
    "bands": (3, 27, (
        ("SATLOCX1=R1;SATTHICKX1=40", True), ("SATLOCX1=R1", False), ("SATTHICKX1=40", False),
        ("SATLOCX1=R1;SATTHICKX2=40", False), ("TE=5", None),
    )),
    "groups": (8, 147, (
        ("GRIP_NUMSLGROUPS=2;GRIP_SLGROUP1=1;GRIP_SLGROUP3=1", True), ("GRIP_NUMSLGROUPS=0", True),
        ("GRIP_NUMSLGROUPS=4;GRIP_SLGROUP1=1;GRIP_SLGROUP2=1;GRIP_SLGROUP3=1;GRIP_SLGROUP4=1", True),
        ("GRIP_NUMSLGROUPS=1", False), ("GRIP_SLGROUP1=1", None),
    )),
    "flow": (3, 29, (("IOPT=FC;FLDIR=Freq", True), ("IOPT=Fast;FLDIR=Freq", False), ("IOPT=FC", None))),
    "readout": (6, 22, (
        ("PLANE=AXIAL;SWAPPF=A/P", True), ("PLANE=AXIAL;SWAPPF=S/I", False),
        ("PLANE=CORONAL;SWAPPF=A/P", False),
        ("PLANE=OBLIQUE;SWAPPF=A/P", None), ("PLANE=AXIAL;SWAPPF=Unswap", None), ("SWAPPF=A/P", None),
    )),
    "range": (3, 82, (
        ("INRANGETR=1;TRMIN=5;TR=5;TRMAX=9", True), ("INRANGETR=1;TRMIN=5;TR=9;TRMAX=9", True),
        ("INRANGETR=1;TRMIN=5;TR=4;TRMAX=9", False), ("INRANGETR=1;TRMIN=5;TR=10;TRMAX=9", False),
        ("INRANGETR=0;TRMIN=5;TR=4;TRMAX=9", None), ("INRANGETR=1;TR=4;TRMAX=9", None),
        ("INRANGETR=1;TRMIN=5;TR=Minimum;TRMAX=9", None), ("INRANGETR=1;TRMIN=5;TR=4", None),
    )),
    "phases": (4, 5, (
        ("IOPT=MPh;SLPERLOC=4", True), ("IOPT=MPhVar;SLPERLOC=4", True), ("IOPT=FMRI;SLPERLOC=4", True),
        ("IOPT=EPI;SLPERLOC=4", False), ("IOPT=MPh", None),
    )),
    "beats": (1, 1, (("IOPT=Gat;REPTIME=2", True), ("IOPT=Nav;REPTIME=2", False), ("IOPT=Gat", None))),
    "always": (8, 147, ((";".join(f"{key}={value}" for key, value in ALWAYS.items()), True),
    ("TE=5", False))),
}  # fmt: skip


def pairs_of(text: str) -> dict[str, str]:
    return {key: value.replace("|", ";") for key, value in (one.split("=") for one in text.split(";"))}


def test_each_relation_speaks_of_what_it_says() -> None:
    assert {one.name: (one.files, one.steps) for one in RELATIONS} == {
        name: (files, steps) for name, (files, steps, _) in VERDICTS.items()
    }
    wrong = [
        (one.name, text, one.holds(pairs_of(text)))
        for one in RELATIONS
        for text, expected in VERDICTS[one.name][2]
        if one.holds(pairs_of(text)) is not expected
    ]
    assert wrong == []


def test_mends_set_the_grid_and_take_out_what_contradicts() -> None:
    """What is named is removed or set; a scan that rounds says so under its field."""
    mends = {
        "inversion-option": ("TI=150", "", None), "slab": ("SLABLOC=175", "SLABLOC=176", "slab_thickness"),
        "parallel": ("IOPT=Fast;PHASEACCEL=2;SLICEACCEL=2", "IOPT=Fast", None),
        "slice-factor": ("IMODE=2D;SLICEACCEL=2", "IMODE=2D", None), "spacing": ("IMODE=3D;SPC=1",
        "IMODE=3D", None),
        "locations": ("SCANLOCS=27", "SCANLOCS=28", "number_of_slices"),
        "lines": ("MATRIXY=255", "MATRIXY=256", "acquisition_matrix"),
        "bandwidth": ("RBW=31.00", "RBW=31.25", "pixel_bandwidth"), "flow": ("FLDIR=Freq", "", None),
        "shots": ("IOPT=EPI", "IOPT=EPI;NUMSHOTS=1", None), "phases": ("SLPERLOC=4", "", None),
        "groups": ("GRIP_NUMSLGROUPS=4;GRIP_SLGROUP2=1", "GRIP_NUMSLGROUPS=1;GRIP_SLGROUP2=1", None),
        "beats": ("REPTIME=2", "", None),
    }  # fmt: skip
    for one in RELATIONS:
        assert (one.mend is not None) == (one.name in mends), one.name
        if one.mend:
            before, after, name = mends[one.name]
            pairs = pairs_of(before)
            one.mend(pairs)
            assert (pairs, one.field) == (pairs_of(after) if after else {}, name), one.name
    shots = {"IOPT": "Fast", "NUMSHOTS": "4"}
    gate.hold(RELATIONS, shots, Reasons().at(0))
    assert "NUMSHOTS" not in shots


# --- settings that a clone brings along -----------------------------------------------------------------

FULL = {
    **SERIES, "EXCITATIONMODE": "Focus", "GRIP_NUMPSCVOL": "1", "GRIP_PSCVOL1": "1 2 3", "GRIP_PSCVOL2": "4",
    "GRIP_PSCVOLFOV": "5", "GRIP_PSCVOLTHICK": "6", "GRIP_PSCVOLSLAB": "7", "TBLDELTA": "12.00",
    "AUTOVOICE": "1",
    "AVMESSAGEKEY": "3", "B4PAUSE": "2", "PRESETDELAY": "5.0", "FILTCHOICE": "B", "SATLOCX1": "R40.0",
    "SATTHICKX1": "20", "GRIP_SATGROUP3": "x", "IOPT": "Gat, EDR, Nav, Fast", "REPTIME": "1", "CPHASE": "20",
    "RESPRATE": "16", "SLOC1": "I50.0", "ELOC1": "S70.0", "FOVCNT1": "R3.0", "GRIP_NUMSLGROUPS": "1",
    "GRIP_SLGROUP1": "0 0 10 0 0 1 1 0 0 0 1 0 40 0 1 0 0",
}  # fmt: skip
STATED = Acquisition(
    name="full", plane="transverse", number_of_slices=5, slice_thickness=3.0, slice_gap=1.0, gating="cardiac",
    saturation_bands=2, saturation_band_positions=("right", "left"), oblique_angles=(10.0, -2.5),
    body_part="knee", patient_position="FFS", receive_coils=("Head", "Neck"), distortion_correction="3D",
    interpolation=1.6, deep_learning_reconstruction="AIR Recon DL High", intensity_normalization=True,
)  # fmt: skip
BROUGHT = (
    # what; its value; bound to; field; reset to
    ("saturation_bands", "2: right, left", "anatomy", "saturation_bands", "none"),
    ("gating", "cardiac", "patient", "gating", "none"),
    ("zoom", "Focus", "anatomy", None, "Selective"),
    ("shim_volume", "1", "anatomy", None, "none"),
    ("position", "S10.0", "plan", None, "isocentre"),
    ("orientation", "10 and -2.5 deg", "plan", "oblique_angles", "straight"),
    ("table_position", "12.00", "plan", None, "0.00"),
    ("breath_hold", "1", "patient", None, "none"),
    ("pauses", "2", "patient", None, "none"),
    ("delay", "5.0", "patient", None, "0.0"),
    ("body_part", "knee", "anatomy", "body_part", "that of the protocol"),
    ("patient_position", "FFS", "patient", "patient_position", "HFS"),
    ("coil_elements", "Head; Neck", "scanner", "receive_coils", None),
    ("filter", "B", "scanner", None, None),
    ("distortion_correction", "3D", "scanner", "distortion_correction", None),
    ("interpolation", "1.6", "scanner", "interpolation", None),
    ("deep_learning", "AIR Recon DL High", "scanner", "deep_learning_reconstruction", None),
    ("intensity_normalization", "True", "scanner", "intensity_normalization", None),
)


def test_what_a_clone_brings_along() -> None:
    found = inherited(FULL, STATED)
    assert tuple((one.what, one.value, one.bound_to, one.field, one.resets_to) for one in found) == BROUGHT
    neutral = {
        **SERIES, "EXCITATIONMODE": "Selective", "GRIP_NUMPSCVOL": "0", "TBLDELTA": "0.00", "AUTOVOICE": "0",
        "B4PAUSE": "0", "PRESETDELAY": "0.0", "FILTCHOICE": "None",
    }  # fmt: skip
    plain = Acquisition(
        name="plain", body_part="head", patient_position="HFS", oblique_angles=(0.0, 0.0), gating="none",
        interpolation=1.0, deep_learning_reconstruction="none", intensity_normalization=False,
        saturation_band_positions=(),
    )  # fmt: skip
    assert inherited(neutral, plain) == ()
    for role in ("localizer", "calibration"):  # which are planned anew for each patient
        placed = inherited(FULL, STATED.model_copy(update={"role": role}))
        assert not {"position", "orientation"} & {one.what for one in placed}


def test_a_setting_is_taken_out() -> None:
    fields = dict(STATED)
    centred = {
        **dict.fromkeys(("SLOC2", "SLOC3", "ELOC2", "ELOC3", "GRIP_SLGROUP1")), "SLOC1": "I8.0",
        "ELOC1": "S8.0",
        "ELOC2": "0.0", "ELOC3": "0.0", "FOVCNT1": "0.0", "FOVCNT2": "0.0", "GRIP_NUMSLGROUPS": "0",
        "PLANE": "AXIAL",
    }  # fmt: skip
    centred = {key: text for key, text in centred.items() if text is not None or key in FULL}
    expected: dict[str, dict[str, str | None]] = {
        "saturation_bands": dict.fromkeys(("SATLOCX1", "SATTHICKX1", "GRIP_SATGROUP3")),
        "gating": {**dict.fromkeys(("REPTIME", "CPHASE", "RESPRATE")), "IOPT": "EDR, Fast"},
        "zoom": {"EXCITATIONMODE": "Selective"},
        "shim_volume": dict.fromkeys(
            ("GRIP_NUMPSCVOL", "GRIP_PSCVOL1", "GRIP_PSCVOL2", "GRIP_PSCVOLFOV", "GRIP_PSCVOLTHICK",
             "GRIP_PSCVOLSLAB"), "0",
        ),
        "position": centred, "orientation": centred,
        "table_position": {"TBLDELTA": "0.00"}, "breath_hold": {"AUTOVOICE": "0", "AVMESSAGEKEY": None},
        "pauses": {"B4PAUSE": "0"}, "delay": {"PRESETDELAY": "0.0"},
        "body_part": {"ANATOMY": "SRT%5CNone%5CT-A0100"},
    }  # fmt: skip
    for what, changes in expected.items():
        assert reset(FULL, fields, {what}, "brain") == changes, what
    for what in ("patient_position", "filter", "coil_elements"):
        assert reset(FULL, fields, {what}, "brain") == {}
    assert reset(FULL, fields, {"body_part"}, None) == {}
    assert reset({"IOPT": "Gat"}, fields, {"gating", "zoom"}, None) == {"IOPT": "None"}
    assert reset(FULL, {**fields, "plane": "oblique"}, {"orientation"}, None) == {}
    assert reset(FULL, {**fields, "number_of_slices": None}, {"orientation"}, None) == {}
    tilted = {**FULL, "PLANE": "OBLIQUE"}
    for groups in ("0", "1"):
        moved = reset({**tilted, "GRIP_NUMSLGROUPS": groups}, fields, {"position"}, None)
        places = [moved.get(key) for key in ("SLOC1", "SLOC3", "ELOC1", "ELOC3", "PLANE")]
        assert places == ["0.0", "I60.0", "0.0", "S60.0", None]
    assert reset({**tilted, "GRIP_NUMSLGROUPS": "2"}, fields, {"position"}, None)["PLANE"] == "AXIAL"


def test_a_template_breaks_none() -> None:
    assert DIALECT.gate(template(sink()).files) == ()


def test_the_gate_names_series_and_relation() -> None:
    files = {"p.tar": tar_of(protocol_files({"T2": lx(FLDIR="Freq")}))}
    assert ("flow", 0) in [(note.code, note.step) for note in DIALECT.gate(files)]


@pytest.mark.parametrize("family", facts.key_order().families)
def test_family_keys_are_in_every_real_series_of_the_family(
    family: str, collected: list[tuple[str, dict[str, str]]]
) -> None:
    """Each key is in every series; the value is that of most, or of none fewer than another."""
    same = [pairs for _, pairs in collected if f"{pairs['PSEQ']}/{pairs['PLUG']}" == family]
    assert same
    for key, value in facts.key_order().families[family].items():
        found = Counter(pairs[key].rstrip("0").rstrip(".") for pairs in same if key in pairs)
        assert sum(found.values()) == len(same), key
        assert found[value.rstrip("0").rstrip(".")] == max(found.values()), key


def test_the_fat_shift_follows_plane_and_readout(collected: list[tuple[str, dict[str, str]]]) -> None:
    found = Counter()
    for _, pairs in collected:
        plane, axis = decode(pairs)[0].get("plane"), facts.FREQUENCY_AXES.get(pairs["SWAPPF"])
        if (plane, axis) in facts.FAT_SHIFTS and "INVERTF" in pairs:
            found[pairs["INVERTF"] == f"Normal ({facts.FAT_SHIFTS[plane, axis]})"] += 1
    assert found == {True: 76}
