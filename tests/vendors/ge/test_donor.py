from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from generator.errors import CannotBuild, UnusableInput
from generator.manifest import manifest
from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Target
from generator.vendors import account
from generator.vendors.dialect import BuildOptions, Export
from generator.vendors.ge import DIALECT, container, donor, facts, notes, writer
from generator.vendors.ge.container import archive, lxprotocol, session
from generator.vendors.ge.facts import DERIVED, OFF
from generator.vendors.matching import Choice, Pin, Plan
from tests.support.oracles import Oracles
from tests.support.translate import assert_translates, write_export
from tests.vendors.ge import support
from tests.vendors.ge.support import (
    NOTE,
    TARGET,
    donor_file,
    durations,
    lx,
    oracle_pairs,
    protocol_files,
    same_value,
    session_xml,
    sink,
    tar_files,
    tar_of,
    task_xml,
    template,
)

T2 = {
    "name": "T2", "technique": "turbo_spin_echo", "mr_acquisition_type": "2D", "plane": "transverse",
    "number_of_slices": 40, "slice_thickness": 3.0, "slice_gap": 0.0,
}  # fmt: skip
CUBE = {"PSEQ": "Cube", "IMODE": "3D", "PLUG": "53", "IOPT": "EDR, Fast, FR, ARC", "NOSLC": "1", "SPC": None}


def t2(**fields: Any) -> Acquisition:
    return Acquisition(**{**T2, **fields})


def build(
    donor: Path, *steps: Any, seconds: float | None = 123.0, target: Target = TARGET, **more: Any
) -> Export:
    protocol = Protocol(name="New brain", region="brain", steps=steps)
    options = BuildOptions(donor=donor, durations=[seconds] * len(steps), **more)
    return support.build(protocol, target, options)


def inside(export: Export) -> dict[str, bytes]:
    """Files of the archive, without the name of the protocol directory."""
    return {name.partition("/")[2]: data for name, data in tar_files(export).items()}


def changed(export: Export, files: dict[str, bytes]) -> list[str]:
    return sorted(name for name, data in inside(export).items() if files.get(name) != data)


def pairs(export: Export, index: int = 0) -> dict[str, str]:
    texts = [data for name, data in inside(export).items() if name.endswith("LxProtocol")]
    return dict(lxprotocol.parse(texts[index], "x"))


def summary(export: Export) -> dict[str, str]:
    """What IMAGE_ATTRIBUTES of the first series says."""
    (found,) = re.findall(r'"IMAGE_ATTRIBUTES" value="([^"]*)"', inside(export)["session.xml"].decode())[:1]
    return session.split_pairs(found)


def test_a_build_changes_only_the_members_it_must(tmp_path: Path) -> None:
    files = protocol_files({"T2": lx(), "T1": lx(TE="10.0"), "Cube": lx(**CUBE)})
    donor = tmp_path / "site.tar"
    donor.write_bytes(tar_of(files))
    scans = t2(repetition_time=4000.0), t2(name="T1", echo_times=(12.0,), repetition_time=600.0)
    export = build(donor, *scans, keep_notes=True)
    assert changed(export, files) == ["T1_20200101_1/LxProtocol", "session.xml"]
    assert set(files) - set(inside(export)) == {
        "Cube_20200101_2/LxProtocol",
        "Cube_20200101_2/.pn/notes.html",
    }


def test_notes_are_the_only_other_change(tmp_path: Path) -> None:
    files = protocol_files({"T2": lx()})
    export = build(donor_file(tmp_path, {"T2": lx()}), t2())
    assert changed(export, files) == ["T2_20200101_0/.pn/notes.html", "session.xml"]


def test_a_patch_leaves_every_other_line(tmp_path: Path) -> None:
    text = lx().replace(b"    set TE", b"\tset TE") + b"\n"
    export = build(donor_file(tmp_path, {"T2": text}), t2(repetition_time=4100.0))
    patched = inside(export)["T2_20200101_0/LxProtocol"]
    different = set(patched.split(b"\n")) ^ set(text.split(b"\n"))
    assert different == {
        b'    set TR "4000.0"', b'    set TR "4100.0"', b'    set INRANGETR "1"', b'    set INRANGETR "0"',
    }  # fmt: skip


def test_session_is_kept_consistent(tmp_path: Path) -> None:
    donor = donor_file(tmp_path, {"T2": lx()})
    export = build(
        donor, t2(name='new "name" & more', field_of_view=(220.0, 220.0), voxel_size=(0.6875, 0.6875, 3.0))
    )
    read = session.read(inside(export)["session.xml"], "x")
    (task,) = read.tasks
    assert (read.name, task.name, task.folder) == ("New brain", 'new "name" & more', "T2_20200101_0")
    assert summary(export)["DATA_FOV"] == "220"
    assert b'name="taskRxParamMapAsString" value="RXPSEQ=FSE-XL;"' in inside(export)["session.xml"]
    assert task.scan_time == 123.0


def test_a_new_place_drops_the_old_corner_points(tmp_path: Path) -> None:
    export = build(donor_file(tmp_path, {"T2": lx(GRIP_SLGROUP1="1 2 3")}), t2(number_of_slices=50))
    entries = summary(export)
    assert "CORNER_POINTS" not in entries
    assert (entries["DATA_STARTLOC1"], entries["DATA_ENDLOC1"]) == ("I73.5", "S73.5")
    assert "GRIP_SLGROUP1" not in pairs(export)
    assert (pairs(export)["NOSLC"], pairs(export)["SLOC1"], pairs(export)["GRIP_NUMSLGROUPS"]) == (
        "50",
        "I73.5",
        "0",
    )


def test_the_scan_time_of_an_unchanged_series_is_the_consoles(tmp_path: Path) -> None:
    export = build(donor_file(tmp_path, {"T2": lx()}), t2(repetition_time=4000.0))
    assert session.read(inside(export)["session.xml"], "x").tasks[0].scan_time == 200.0


def test_a_scan_time_that_nobody_knows_is_removed_and_noted(tmp_path: Path) -> None:
    export = build(donor_file(tmp_path, {"T2": lx()}), t2(repetition_time=5000.0), seconds=None)
    assert b"scanTime" not in inside(export)["session.xml"]
    assert [n.message for n in export.notes if n.code == "scan-time"] == ["scan time: donor 200 s, now none"]


def test_a_scan_time_is_added_where_there_was_none(tmp_path: Path) -> None:
    files = protocol_files({"T2": lx()})
    files["session.xml"] = re.sub(rb" *<ses:property name=.scanTime.*\n", b"", files["session.xml"])
    donor = tmp_path / "d.tar"
    donor.write_bytes(tar_of(files))
    export = build(donor, t2(repetition_time=5000.0))
    assert session.read(inside(export)["session.xml"], "x").tasks[0].scan_time == 123.0


def test_series_are_ordered_renamed_and_cloned(tmp_path: Path) -> None:
    donor = donor_file(tmp_path, {"A": lx(), "B": lx(TE="10.0", TR="600.0")})
    wanted = [
        t2(name="first", echo_times=(10.0,), repetition_time=600.0),
        t2(name="second"),
        t2(name="third"),
    ]
    export = build(donor, *wanted)
    tasks = session.read(inside(export)["session.xml"], "x").tasks
    assert [task.name for task in tasks] == ["first", "second", "third"]
    assert [task.folder.split("_")[0] for task in tasks] == ["B", "A", "third"]
    ids = re.findall(rb'\bid="(data[^"]+)"', inside(export)["session.xml"])
    assert len(ids) == len(set(ids))
    assert DIALECT.read(write_export(export, tmp_path / "out")).protocols[0].acquisitions[2].name == "third"


def test_what_the_spec_does_not_say_stays(tmp_path: Path) -> None:
    donor = donor_file(tmp_path, {"T2": lx(SUPPTQ="4", FILTCHOICE="A", NPW_FACTOR="1.50")})
    found = pairs(build(donor, t2(fat_suppression=None)))
    assert (found["SUPPTQ"], found["FILTCHOICE"], found["NPW_FACTOR"]) == ("4", "A", "1.50")
    assert "SUPPTQ" not in pairs(build(donor, t2(fat_suppression="none")))


def test_automatic_values_would_win_over_ours(tmp_path: Path) -> None:
    donor = donor_file(tmp_path, {"T2": lx()})
    assert "AUTOFLIPANG" not in pairs(build(donor, t2(flip_angle=120.0)))
    assert pairs(build(donor, t2(flip_angle=142.0)))["AUTOFLIPANG"] == "1"


@pytest.mark.parametrize("wanted", [150.0, 160.0])
def test_an_inversion_time_of_the_spec_is_not_adapted_by_the_console(tmp_path: Path, wanted: float) -> None:
    stir = lx(IOPT="EDR, TRF, Fast, ARC, IrP", TI="150", AUTOTI="1")
    found = pairs(build(donor_file(tmp_path, {"STIR": stir}), t2(inversion_time=wanted)))
    assert found["TI"] == f"{wanted:.0f}"
    assert "AUTOTI" not in found


def test_another_gap_places_the_slices_anew(tmp_path: Path) -> None:
    """40 slices of 3 mm with gaps of 1 mm: the first and the last are 39 x 4 mm = 156 mm apart."""
    found = pairs(build(donor_file(tmp_path, {"T2": lx()}), t2(slice_gap=1.0)))
    assert (found["SPC"], found["SLOC1"], found["ELOC1"]) == ("1.0", "I78.0", "S78.0")


def test_the_surplus_of_slab_locations_is_kept(tmp_path: Path) -> None:
    cube = lx(
        **{**CUBE, "PLANE": "SAGITTAL", "SWAPPF": "S/I", "SLTHICK": "1.00", "SLABLOC": "192"},
        SLOC1="L93.5",
        ELOC1="R93.5",
    )
    scan = t2(
        mr_acquisition_type="3D", plane="sagittal", slice_thickness=1.0, slice_gap=None, number_of_slices=176
    )
    export = build(donor_file(tmp_path, {"Cube": cube}), scan)
    assert (pairs(export)["SLABLOC"], pairs(export)["NOSLC"]) == ("180", "1")
    back = DIALECT.read(write_export(export, tmp_path / "out")).protocols[0].acquisitions[0]
    assert back.number_of_slices == 176


def test_steps_of_our_own_reach_the_notes(tmp_path: Path) -> None:
    donor = donor_file(tmp_path, {"T2": lx()})
    steps = (Pause(text="Check"), Contrast(agent="gadobutrol", dose=0.1), t2())
    for keep in (False, True):
        export = build(donor, *steps, keep_notes=keep)
        back = DIALECT.read(write_export(export, tmp_path / f"out{keep}")).protocols[0]
        assert back.steps[:2] == steps[:2]
        assert pairs(export)["CONTRAST"] == "Yes"
        assert (b"Dr Nobody" in inside(export)["T2_20200101_0/.pn/notes.html"]) == keep


NETWORK = """    <task type="com.ge.med.di.wf.service.WfAutoNetworkTask" name="network:1">
      <property name="destinations" value="SITE-PACS"/>
    </task>
    <import name="LinkDestination" type="com.ge.med.di.wf.session.WfImport" query="//*[@id ='data.9.9']"/>
"""


def littered(tmp_path: Path) -> Path:
    files = protocol_files({"T2": lx()})
    files["session.xml"] = files["session.xml"].replace(
        b'    <ses:property name="task', NETWORK.encode() + b'    <ses:property name="task'
    )
    files |= {"protocolMetadata.json": b'{"systemId": "site"}', "T2_20200101_0/MxProtocol.bak": b"<x/>"}
    members = archive.read(tar_of(files), "x").members
    apple = [archive.new_member("adult_head_Sitebrain_20200101_1/._session.xml", b"\0", 0)]
    owned = [m._replace(header=_owner(m.header)) for m in members]
    path = tmp_path / "littered.tar"
    path.write_bytes(archive.pack([*owned, *apple]))
    return path


def _owner(header: bytes) -> bytes:
    owned = header[:265] + b"jane".ljust(32, b"\0") + header[297:]
    return owned[:148] + b"%06o\0 " % archive.checksum(owned) + owned[156:]


def test_nothing_of_the_site_travels_unless_asked(tmp_path: Path) -> None:
    export = build(littered(tmp_path), t2())
    tar = export.files[writer.TAR]
    for word in (
        b"Nobody",
        b"Hospital",
        b"SITE-PACS",
        b"jane",
        b"systemId",
        b"MxProtocol",
        b"data.9.9",
        b"Sitebrain",
        b"._",
    ):
        assert word not in tar, word
    assert {"apple-double-dropped", "metadata-dropped", "notes-dropped"} <= {
        note.code for note in export.notes
    }
    kept = build(littered(tmp_path), t2(), keep_notes=True).files[writer.TAR]
    assert all(word in kept for word in (b"Nobody", b"Hospital", b"SITE-PACS"))
    assert b"systemId" not in kept and b"jane" not in kept


def test_a_donor_without_the_family_is_refused_by_name(tmp_path: Path) -> None:
    donor = donor_file(tmp_path, {"T2 tse": lx(), "Vol": lx(**CUBE)})
    with pytest.raises(CannotBuild, match=r"STIR: add a 2D turbo spin echo with inversion .*T2 tse"):
        build(donor, t2(inversion_time=150.0, fat_suppression="stir", name="STIR"))


def test_a_cube_without_inversion_is_no_flair(tmp_path: Path) -> None:
    donor = donor_file(tmp_path, {"Cube": lx(**CUBE)})
    flair = Acquisition(
        name="FLAIR", technique="turbo_spin_echo", mr_acquisition_type="3D", inversion_time=1700.0
    )
    with pytest.raises(CannotBuild, match="FLAIR: add a 3D turbo spin echo with inversion"):
        build(donor, flair)


def test_a_sequence_of_a_name_that_no_file_proves_serves_its_technique(tmp_path: Path) -> None:
    swan = lx(PSEQ="SWAN", PLUG="99", IMODE="3D", IOPT="FC, EDR, Fast", SPC=None, SLABLOC="40")
    donor = donor_file(tmp_path, {"SWAN": swan})
    swi = Acquisition(technique="susceptibility_weighted", mr_acquisition_type="3D", name="SWI")
    found = pairs(build(donor, swi))
    assert (found["PSEQ"], found["PLUG"]) == ("SWAN", "99")


@pytest.mark.parametrize(
    "codes", [{"PSEQ": "MP-RAGE", "PLUG": "84"}, {"PSEQ": "SPGR", "PLUG": "6"}], ids=["mprage", "bravo"]
)
def test_both_inversion_prepared_sequences_serve_a_3d_t1(tmp_path: Path, codes: dict[str, str]) -> None:
    text = lx(
        **codes, IMODE="3D", IOPT="EDR, Fast, ARC, IrP", TI="900", SPC=None, NOSLC="1", SLABLOC="192",
        ETL=None, SLICEACCEL="1.00", RECOVERYTIME="900" if codes["PLUG"] == "84" else None,
    )  # fmt: skip
    t1 = Acquisition(
        name="T1", technique="magnetization_prepared_gradient_echo", mr_acquisition_type="3D",
        inversion_time=880.0, repetition_time_preparation=2000.0, repetition_time_excitation=7.0,
        echo_train_length=192,
    )  # fmt: skip
    export = build(donor_file(tmp_path, {"T1": text}), t1)
    found, lost = pairs(export), [loss.field for loss in export.losses]
    assert (found["PSEQ"], found["TI"], found["TR"]) == (codes["PSEQ"], "880", "7.0")
    # 2000 = 880 + 192 / 2 x 7 + 448; a BRAVO has no key for the cycle, which is then a loss
    assert found.get("RECOVERYTIME") == ("448" if codes["PLUG"] == "84" else None)
    assert ("repetition_time_preparation" in lost) == (codes["PLUG"] == "6")


def test_a_localizer_of_the_site_stays_as_it_is(tmp_path: Path) -> None:
    text = lx(PLANE="3-PLANE", PSEQ="Gradient Echo", PLUG="45", IOPT="Seq, Fast", SL3PLANE1="5")
    donor = donor_file(tmp_path, {"Loc": text, "T2": lx()})
    scan = Acquisition(name="Scout", role="localizer", technique="gradient_echo", repetition_time=9.0)
    export = build(donor, scan)
    assert inside(export)["Loc_20200101_0/LxProtocol"] == text
    assert [(loss.field, loss.got) for loss in export.losses if loss.field == "repetition_time"]


def test_another_field_strength_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotBuild, match=r"1\.5 T"):
        build(donor_file(tmp_path, {"T2": lx()}, strength=15000), t2())


@pytest.mark.parametrize("data", [b"", b"nothing", lx()])
def test_what_is_no_donor(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises((UnusableInput, CannotBuild)):
        build(path, t2())


def test_an_unpacked_directory_may_be_the_donor(tmp_path: Path) -> None:
    for name, data in protocol_files({"T2": lx()}).items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    export = build(tmp_path / "site", t2())
    assert export.donor is not None and export.donor.name == "site"
    assert DIALECT.read(write_export(export, tmp_path / "out")).protocols[0].name == "New brain"


def scannable_sink() -> Protocol:
    """The kitchen sink without the sequences whose codes no public file holds."""
    steps = [
        step.model_copy(update={"vendor": {}, "body_part": None}) if isinstance(step, Acquisition) else step
        for step in sink().steps
        if not isinstance(step, Acquisition) or not facts.family_of(step).placeholder
    ]
    return sink().model_copy(update={"steps": tuple(steps)})


@pytest.fixture(scope="module")
def sink_donor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site that has every sequence of the kitchen sink, with parameters of its own."""
    steps = [
        step.model_copy(
            update={
                "number_of_slices": 11,
                "repetition_time": 1234.0,
                "echo_times": (33.0,),
                "name": f"site {i}",
            }
        )
        for i, step in enumerate(scannable_sink().acquisitions)
    ]
    export = template(sink().model_copy(update={"steps": tuple(steps), "name": "site brain"}))
    path = tmp_path_factory.mktemp("donor") / "site.tar"
    path.write_bytes(export.files[writer.TAR])
    return path


def test_kitchen_sink_from_a_donor_reads_back(sink_donor: Path, tmp_path: Path) -> None:
    protocol = scannable_sink()
    options = BuildOptions(donor=sink_donor, durations=durations(protocol))
    written = partial(write_export, folder=tmp_path)
    assert_translates(protocol, TARGET, options, written, off=OFF, ignore=(*DERIVED, "echo_train_length"))


def test_dicompare_reads_the_same_pairs(sink_donor: Path, oracles: Oracles, tmp_path: Path) -> None:
    protocol = scannable_sink()
    export = support.build(protocol, TARGET, BuildOptions(donor=sink_donor, durations=durations(protocol)))
    texts = {name: data for name, data in inside(export).items() if name.endswith("LxProtocol")}
    theirs = oracle_pairs(oracles, texts, tmp_path)
    for name, text in texts.items():
        ours = dict(lxprotocol.parse(text, name))
        assert set(ours) == set(theirs[name])
        assert [key for key in ours if not same_value(ours[key], theirs[name][key])] == []


def test_real_donors_give_their_own_series_back(corpus: Path, tmp_path: Path) -> None:
    """A spec read from a real file and built with that file, nothing reset, changes no LxProtocol."""
    donor = corpus / "ge" / "DV25.1" / "protocol.tar"
    (protocol,) = DIALECT.read(donor).protocols
    steps = tuple(step.model_copy(update={"vendor": {}}) for step in protocol.acquisitions)
    protocol, target = protocol.model_copy(update={"steps": steps}), Target(vendor="ge", field_strength=3.0)
    options = BuildOptions(donor=donor, durations=[s.acquisition_duration for s in steps])
    pins = {scan.name: Pin(f"{protocol.name}/{scan.name}") for scan in steps}
    plan = support.planned(protocol, target, options, pins=pins).plan
    assert plan is not None
    kept = {index: replace(choice, reset=frozenset()) for index, choice in plan.choices.items()}
    export = account.build(DIALECT, protocol, target, replace(options, plan=replace(plan, choices=kept)))
    real = container.load(donor).folders[0].files
    assert [name for name in changed(export, dict(real)) if "LxProtocol" in name] == []
    assert DIALECT.read(write_export(export, tmp_path)).protocols[0].acquisition_duration == 1583.0
    assert NOTE not in inside(export).values()


def test_all_that_a_donor_lacks_is_said_at_once(tmp_path: Path) -> None:
    donor = donor_file(tmp_path, {f"T2 {index}": lx() for index in range(5)})
    lacking = [
        Acquisition(name="STIR", technique="turbo_spin_echo", inversion_time=150.0),
        Acquisition(name="T1", technique="magnetization_prepared_gradient_echo", optional=True),
        Acquisition(name="DWI", technique="echo_planar_diffusion"),
    ]
    with pytest.raises(CannotBuild, match=r"STIR: add .*; DWI: add "):
        build(donor, t2(), *lacking)


def test_a_gap_is_a_pause_on_the_next_series_and_an_optional_scan_is_left_out(tmp_path: Path) -> None:
    """What came before a scan that is left out stays in the exam."""
    donor = donor_file(tmp_path, {"T2": lx()})
    steps = (
        Acquisition(name="DWI", technique="echo_planar_diffusion"),
        Contrast(agent="gadobutrol"),
        Acquisition(name="T1", technique="spin_echo", optional=True),
        t2(name="T2 Gd"),
    )
    protocol = Protocol(name="x", steps=steps)
    options = support.planned(protocol, TARGET, BuildOptions(donor=donor), gaps="sheet")
    export = account.build(DIALECT, protocol, TARGET, options)
    pause, contrast, scan = DIALECT.read(write_export(export, tmp_path / "out")).protocols[0].steps
    assert isinstance(pause, Pause) and "DWI" in pause.text
    assert isinstance(contrast, Contrast) and scan.kind == "acquisition"
    assert export.origins == (None, 1, 3)
    assert {(loss.step, loss.kind) for loss in export.losses} >= {(0, "unsupported"), (2, "unsupported")}


def test_a_gap_can_be_rendered_and_says_what_it_is(tmp_path: Path) -> None:
    """Rendered in the release of the donor, among its series, with a note that the operator reads."""
    donor = donor_file(tmp_path, {"T2": lx()})
    stir = t2(name="STIR", inversion_time=150.0, fat_suppression="stir")
    protocol = Protocol(name="x", steps=(Pause(text="Wait."), stir, t2()))
    options = support.planned(protocol, TARGET, BuildOptions(donor=donor), gaps="template")
    export = account.build(DIALECT, protocol, TARGET, options)
    pause, first, second = DIALECT.read(write_export(export, tmp_path / "out")).protocols[0].steps
    assert isinstance(pause, Pause) and isinstance(first, Acquisition) and isinstance(second, Acquisition)
    assert [(one.name, one.inversion_time) for one in (first, second)] == [
        ("STIR", 150.0),
        ("T2", None),
    ]
    files = support.tar_files(export)
    (note,) = [data for name, data in files.items() if "/STIR_" in name and name.endswith("notes.html")]
    assert b"untested on a console" in note
    assert [note.step for note in export.notes if note.code == "from-template"] == [1]
    described = manifest(protocol, TARGET, replace(export, plan=options.plan), "")
    assert [step["origin"] for step in described["steps"]] == ["template", "template", "donor"]
    assert 0 not in {note.step for note in DIALECT.gate(export.files)}  # the fixture's own T2 lacks keys
    assert options.plan and options.plan.by_hand == ()


SPINE = {
    "SATLOCY1": "A40.0", "SATTHICKY1": "60.0", "GRIP_SATGROUP4": "0 83 -6", "IOPT": "Gat, EDR, EPI, DIFF",
    "PSEQ": "Spin Echo", "PLUG": "8", "REPTIME": "5", "TDEL": "15", "EXCITATIONMODE": "Focus",
    "GRIP_NUMPSCVOL": "1", "GRIP_PSCVOL1": "0 12 40", "PLANE": "OBLIQUE", "DFAX": "16", "DIFNUMDIRS": "30",
    "MULTIBVALUE": "800.0;", "NUMBVALUE": "1", "MULTINEXVALUE": "1.0;", "DIFNUMT2": "5", "NUMSHOTS": "1",
    "GRIP_SLGROUP1": "0.4 37.9 23.1 -0.018 -0.032 -0.999 1 0 0 0 1 0 40 0 1 0 1", "GRIP_NUMSLGROUPS": "1",
    "SLOC1": "R1.1", "SLOC2": "A39.1", "SLOC3": "S58.5", "ELOC1": "L0.2", "ELOC2": "A36.9", "ELOC3": "I58.5",
    "AUTOVOICE": "1", "B4PAUSE": "18", "FILTCHOICE": "A", "ETL": None, "FLIPANG": None, "AUTOFLIPANG": None,
}  # fmt: skip


def test_a_brain_dwi_of_a_tensor_series_of_the_cord_inherits_nothing_of_that_exam(tmp_path: Path) -> None:
    donor = donor_file(tmp_path, {"DTI 30": lx(**SPINE)})
    dwi = Acquisition(
        name="DWI", technique="echo_planar_diffusion", mr_acquisition_type="2D", plane="transverse",
        b_values=(0.0, 1000.0), diffusion_directions=3, number_of_slices=40, slice_thickness=3.0,
        slice_gap=0.0,
    )  # fmt: skip
    export = build(donor, dwi)
    found = pairs(export)
    assert [
        key for key in found if key.startswith(("SATLOC", "SATTHICK", "GRIP_SATGROUP", "GRIP_SLGROUP"))
    ] == []
    assert not {"REPTIME", "TDEL"} & set(found) and "Gat" not in found["IOPT"]
    assert (found["EXCITATIONMODE"], found["GRIP_NUMPSCVOL"], found["GRIP_PSCVOL1"]) == (
        "Selective",
        "0",
        "0",
    )
    assert (found["AUTOVOICE"], found["B4PAUSE"], found["PLANE"]) == ("0", "0", "AXIAL")
    assert (found["SLOC1"], found["ELOC1"], found["GRIP_NUMSLGROUPS"]) == ("I58.5", "S58.5", "0")
    assert (found["DFAX"], found["DIFNUMDIRS"], found["MULTIBVALUE"]) == ("7", "3", "1000.0;")
    assert found["FILTCHOICE"] == "A"  # of the scanner, not of the exam: stays and is named
    written = DIALECT.describe(write_export(export, tmp_path / "out") / ".rawProtocol")
    assert {one.what for one in written.steps[0].inherited} == {"coil_elements", "filter"}


@pytest.mark.parametrize(("directions", "name"), [(3, "DWI"), (32, "DTI")])
def test_the_application_in_the_session_follows_the_diffusion_mode(
    tmp_path: Path, directions: int, name: str
) -> None:
    files = protocol_files({"D": lx(**SPINE)})
    other = {"DWI": "DTI", "DTI": "DWI"}[name]
    summary_of_other = f"DATA_APP:{other};DATA_FOV:240;".encode()
    files["session.xml"] = files["session.xml"].replace(b"DATA_FOV:240;", summary_of_other)
    donor = tmp_path / "site.tar"
    donor.write_bytes(tar_of(files))
    scan = Acquisition(
        name="D", technique="echo_planar_diffusion", b_values=(0.0, 900.0), diffusion_directions=directions
    )
    assert summary(build(donor, scan))["DATA_APP"] == name


def test_another_release_than_asked_for_is_refused(tmp_path: Path) -> None:
    donor = donor_file(tmp_path, {"T2": lx()})
    old = Target(vendor="ge", field_strength=3.0, software="DV25.1")
    protocol = Protocol(name="x", steps=(t2(),))
    with pytest.raises(CannotBuild, match=r"no donor is of release DV25.1: these are of MR30.0"):
        support.build(protocol, old, BuildOptions(donor=donor))


def test_a_type_in_sequence_serves_where_no_product_does(tmp_path: Path) -> None:
    own = lx(PSDNAME="fse_navi")
    scan = t2(repetition_time=4100.0)
    assert pairs(build(donor_file(tmp_path, {"Own": own}), scan))["PSDNAME"] == "fse_navi"
    both = tmp_path / "both"
    both.mkdir()
    assert "PSDNAME" not in pairs(build(donor_file(both, {"Own": own, "T2": lx(TR="9000.0")}), scan))


def test_parameters_of_the_vendor_are_a_loss_where_the_donor_says_otherwise(tmp_path: Path) -> None:
    donor = donor_file(tmp_path, {"T2": lx(RFDRIVEMODE="Preset")})
    same = {"RFDRIVEMODE": "Preset", "COILPLUGS": "Head32"}
    assert not [loss for loss in build(donor, t2(vendor=same)).losses if loss.field == "vendor"]
    export = build(donor, t2(vendor={**same, "RFDRIVEMODE": "Single"}))
    assert [loss.wanted for loss in export.losses if loss.field == "vendor"] == [["RFDRIVEMODE"]]


def test_the_export_is_filed_where_the_donor_is(tmp_path: Path) -> None:
    files = protocol_files({"T2": lx()})
    files["session.xml"] = files["session.xml"].replace(
        b'"anatomy" value="head"', b'"anatomy" value="template"'
    )
    donor = tmp_path / "site.tar"
    donor.write_bytes(tar_of(files))
    export = build(donor, t2())
    assert any(name.startswith("adult_template_") for name in tar_files(export))
    assert [note.code for note in export.notes].count("anatomy") == 1


def test_a_bandwidth_that_the_donor_keeps_for_epi_is_set(tmp_path: Path) -> None:
    epi = {"PSEQ": "Spin Echo", "PLUG": "8", "IOPT": "EDR, EPI, DIFF, Asset"}
    scan = Acquisition(
        name="DWI", technique="echo_planar_diffusion", pixel_bandwidth=1250.0, b_values=(0.0, 1000.0),
        field_of_view=(240.0, 240.0), acquisition_matrix=(160, 160),
    )  # fmt: skip
    export = build(donor_file(tmp_path, {"DWI": lx(**epi)}), scan)
    assert pairs(export)["RBW"] == "100.00"
    near = build(
        donor_file(tmp_path, {"DWI": lx(**epi)}), scan.model_copy(update={"pixel_bandwidth": 1240.0})
    )
    (loss,) = [loss for loss in near.losses if loss.field == "pixel_bandwidth"]
    assert (loss.kind, loss.got, loss.reason[:27]) == ("rounded", 1250.0, "receiver bandwidths come in")
    without = build(donor_file(tmp_path, {"DWI": lx(**epi, RBW=None)}), scan)
    assert "RBW" not in pairs(without)
    assert "pixel_bandwidth" in [loss.field for loss in without.losses]


# --- which keys of a donor change, one by one ----------------------------------------------------------


def changes(tmp_path: Path, donor_keys: dict[str, str | None], **fields: Any) -> dict[str, str | None]:
    """What a clone changes of a series: key to its new text, ``None`` where it is gone."""
    path = donor_file(tmp_path, {"T2": lx(**donor_keys)})
    old = dict(lxprotocol.parse(lx(**donor_keys), "x"))
    new = pairs(build(path, t2(**fields)))
    return {key: new.get(key) for key in sorted(old.keys() | new.keys()) if old.get(key) != new.get(key)}


OWN_WORDS: dict[str, str | None] = {"RBW": "31.250", "SUPPTQ": "1", "FOV": "24", "TR": "4000", "NEX": "1"}
SAID = {
    "pixel_bandwidth": 2000 * 31.25 / 320, "fat_suppression": "fat_saturation", "field_of_view": (240.0,
    240.0),
    "acquisition_matrix": (320, 256), "voxel_size": (0.75, 0.9375, 3.0), "repetition_time": 4000.0,
    "number_of_averages": 1.0, "echo_times": (90.0,), "phase_oversampling": 0.0, "plane": "transverse",
    "phase_encoding_direction": "LR", "parallel_reduction_factor_in_plane": 2.0, "echo_train_length": 16,
}  # fmt: skip


def test_what_a_donor_says_in_its_own_words_stays(tmp_path: Path) -> None:
    """Other digits, another code, no key for what is usual: none is a change."""
    assert changes(tmp_path, OWN_WORDS, **SAID) == {}
    same: tuple[dict[str, str | None], ...] = (
        {"INRANGETR": None}, {"PHASEFOV": "1.0"}, {"NPW_FACTOR": "1.0"}, {"IOPT": "ARC,  Fast, EDR, TRF"},
    )  # fmt: skip
    for extra in same:
        assert changes(tmp_path, {**OWN_WORDS, **extra}, **SAID) == {}, extra
    table: tuple[tuple[dict[str, Any], dict[str, str | None]], ...] = (
        ({"pixel_bandwidth": 244.0}, {"RBW": "38.46"}), ({"fat_suppression": "spir"}, {"SUPPTQ": "8"}),
        ({"fat_suppression": "none"}, {"SUPPTQ": None}), ({"echo_times": (91.0,)}, {"TE": "91.0"}),
        ({"repetition_time": 4100.0}, {"TR": "4100.0", "INRANGETR": "0"}),
        ({"number_of_averages": 2.0}, {"NEX": "2.00"}),
        ({"phase_oversampling": 0.5}, {"IOPT": "NPW, EDR, TRF, Fast, ARC"}),
        ({"phase_encoding_direction": "AP"}, {"SWAPPF": "R/L"}),
        ({"parallel_reduction_factor_in_plane": 3.0}, {"PHASEACCEL": "3.00"}),
        ({"echo_train_length": 17}, {"ETL": "17"}), ({"refocusing_flip_angle": 140.0}, {"FLIPANG": "140",
        "AUTOFLIPANG": None}),
        ({"reference_scan": "separate"}, {"IOPT": "EDR, TRF, Fast, Asset"}),
        (
            {"parallel_reduction_factor_in_plane": 1.0, "reference_scan": "none"},
            {"IOPT": "EDR, TRF, Fast", "PHASEACCEL": None},
        ),
        ({"voxel_size": (0.75, 1.0, 3.0), "acquisition_matrix": (320, 240)}, {"MATRIXY": "240"}),
        (
            {"field_of_view": (240.0, 192.0), "acquisition_matrix": None},
            {"PHASEFOV": "0.80"},
        ),
        (
            {"slice_gap": 1.0},
            {"SPC": "1.0", "SLOC1": "I78.0", "ELOC1": "S78.0", "FOVCNT1": "0.0", "FOVCNT2": "0.0",
                "GRIP_NUMSLGROUPS": "0"},
        ),
        ({"plane": "coronal", "phase_encoding_direction": "LR"}, {
            "PLANE": "CORONAL", "SWAPPF": "S/I", "SLOC1": "P58.5", "ELOC1": "A58.5", "FOVCNT1": "0.0",
            "FOVCNT2": "0.0", "GRIP_NUMSLGROUPS": "0",
        }),
    )  # fmt: skip
    wrong = []
    for fields, expected in table:
        found = changes(tmp_path, OWN_WORDS, **{**SAID, **fields})
        wrong += [(fields, found)] if found != expected else []
    assert wrong == []
    new = {**OWN_WORDS, "CALINPRESCAN": "On"}  # which software before MR29 does not write
    assert changes(tmp_path, new, phase_oversampling=0.5) == {"NPW_FACTOR": "1.50"}


# --- the parts of a donor build, one by one ---------------------------------------------------------------


def source_of(**keys: str | None) -> donor.Source:
    text = lx(**keys)
    files = {
        "session.xml": session_xml(task_xml("T2", "dir")),
        "dir/LxProtocol": text,
        "dir/.pn/notes.html": NOTE,
    }
    (found,) = donor.sources(container.Folder("top", files, "site.tar"))
    return found


def test_how_a_series_of_a_donor_is_known() -> None:
    assert (source_of().key, source_of().family.codes) == (
        "top/dir",
        {"PSEQ": "FSE-XL", "IMODE": "2D", "PLUG": "22"},
    )
    stays = {
        "PLANE": "3-PLANE", "IOPT": "Fast, Calib", "PSEQ": "SPGR",
    }  # fmt: skip
    assert source_of(PLANE=stays["PLANE"]).is_localizer and source_of(PLANE=stays["PLANE"]).stays
    assert source_of(IOPT=stays["IOPT"]).is_calibration and source_of(IOPT=stays["IOPT"]).stays
    assert not source_of().stays
    needs: dict[tuple[str, str | None], bool] = {
        ("Asset", None): True, ("Asset", "Off"): True, ("Asset", "On"): False, ("ARC", None): False,
    }  # fmt: skip
    assert {
        key: donor._needs_calibration(source_of(IOPT=key[0], CALINPRESCAN=key[1])) for key in needs
    } == needs
    assert [donor._is_new(source_of(**{key: "1"})) for key in ("CALINPRESCAN", "MATRIXZ", "HOS")] == [
        True,
        True,
        False,
    ]
    assert donor._research({"PSDNAME": "fse-xl"}) == donor._research({}) == ""
    assert "'mine'" in donor._research({"PSDNAME": "mine"})


def test_what_is_described_of_a_donor(tmp_path: Path) -> None:
    series = {
        "Cal": lx(PSEQ="SPGR", IMODE="3D", IOPT="Fast, Calib"), "T2": lx(IOPT="Fast, Asset"),
        "IR": lx(IOPT="Fast, IrP", AUTOTI="1"), "TI": lx(IOPT="Fast, IrP", TI="150"),
        "own": lx(PSDNAME="mine"),
    }  # fmt: skip
    found = DIALECT.describe(donor_file(tmp_path, series))
    assert (found.vendor, found.release, found.field_strength) == ("ge", "MR30.0", 3.0)
    cal, t2_, ir, ti, own = found.steps
    assert [step.index for step in found.steps] == [0, 1, 2, 3, 4]
    assert {step.path for step in found.steps} == {("head", "Site brain")}
    assert (cal.is_calibration, t2_.is_calibration, t2_.needs, ir.needs) == (True, False, (cal.key,), ())
    assert [step.inversions for step in (t2_, ir, ti)] == [None, 1, None]
    assert [bool(step.research) for step in (ti, own)] == [False, True]
    assert (t2_.scan.vendor, t2_.region, t2_.scan.name) == ({}, "brain", "T2")


def test_series_of_another_scanner_are_not_described(tmp_path: Path) -> None:
    parts = []
    for top, strength, count in (("a_1", 15000, 1), ("b_2", 30000, 1), ("c_3", 30000, 2)):
        files = protocol_files({f"{top}{i}": lx() for i in range(count)}, strength=strength)
        parts += archive.read(tar_of(files, top), "x").members
    path = tmp_path / "mixed.tar"
    path.write_bytes(archive.pack(parts))
    found = DIALECT.describe(path)
    assert (found.field_strength, [step.scan.name for step in found.steps]) == (3.0, ["b_20", "c_30", "c_31"])


def test_what_counts_as_the_same_text() -> None:
    same = {
        ("TE", "90.0", "90"): True, ("TE", "90.0", " 90.0 "): True, ("TE", "90.0", "90.1"): False,
        ("TE", "90.0", None): False, ("TE", "x", "x"): True, ("TE", "x", "y"): False,
        ("IOPT", "A, B", "B,A"): True, ("IOPT", "A", "A, B"): False, ("IOPT", "None", None): True,
    }  # fmt: skip
    assert {key: donor._alike(*key) for key in same} == same
    implied = {
        "NECHO": "1",
        "INRANGETR": "0",
        "MATRIXZ": "100.00",
        "NPW_FACTOR": "1.00",
        "SLICEACCEL": "1.00",
    }
    assert donor._changes({**implied, "TE": "5"}, {}) == {"TE": "5"}
    assert donor._changes(implied, dict.fromkeys(implied, "2")) == implied
    assert donor._difference({"A": "1", "B": "2", "C": "3"}, {"A": "1", "B": "9", "D": "4"}) == {
        "B": "9", "D": "4", "C": None,
    }  # fmt: skip


def test_which_changes_leave_the_scan_time_of_the_console() -> None:
    timeless = {
        "CONTRAST", "CONTAG", "CONTAM", "SWAPPF", "PLANE", "GRIP_NUMSLGROUPS", "FOVCNT1", "FOVCNT2",
        *(f"{stem}{n}" for stem in ("SLOC", "ELOC") for n in (1, 2, 3)), *(f"GRIP_SLGROUP{n}" for n in (1,
        2, 3, 4)),
    }  # fmt: skip
    options, source, slot = BuildOptions(durations=[77.0]), source_of(), notes.Slot(0, t2())
    for key in facts.key_order().order:
        found = donor._seconds(slot, source, (key, "CONTRAST"), options)
        assert found == (200.0 if key in timeless else 77.0), key
    unknown = replace(source, task=source.task._replace(scan_time=None))
    assert donor._seconds(slot, unknown, (), options) == 77.0


def test_the_summary_of_a_session_follows_what_changed() -> None:
    old = "DATA_FOV:240;DATA_NUMPIXELX:320;DATA_APP:FSE-XL;CORNER_POINTS:1/2;DATA_STARTLOC1:I5;OWN:x;"
    values = {
        "FOV": "22.5",
        "MATRIXX": "256",
        "MATRIXY": "192",
        "IOPT": "Fast, FR",
        "SLOC1": "I9.0",
        "ELOC1": "S9.0",
    }

    def after(*changed: str) -> dict[str, str]:
        before = session.split_pairs(old)
        found = session.split_pairs(donor._attributes(old, values, changed))
        return {
            key: found.get(key, "-")
            for key in found.keys() | before.keys()
            if found.get(key) != before.get(key)
        }

    assert after() == after("TE") == {}
    assert after("FOV") == {"DATA_FOV": "225"}
    assert after("MATRIXX", "MATRIXY") == {"DATA_NUMPIXELX": "256"}
    assert after("IOPT") == {"DATA_APP": "FRFSE-XL"} == after("DFAX")
    places = {"DATA_STARTLOC1": "I9.0", "DATA_ENDLOC1": "S9.0", "CORNER_POINTS": "-"}
    others = {f"DATA_{side}LOC{n}": "0.0" for side in ("START", "END") for n in (2, 3)}
    assert after("SLOC1") == after("FOVCNT2") == after("GRIP_SLGROUP4") == {**places, **others}
    assert donor._attributes("OWN:x;", values, ("FOV", "IOPT", "SLOC9")) == "OWN:x;"


def test_paths_links_and_ids_of_a_copy() -> None:
    moved = {("a", "a"): "b", ("a/x", "a"): "b/x", ("ab/x", "a"): None, ("x/y", "."): "b/x/y"}
    assert {key: donor._moved(key[0], key[1], "b") for key in moved} == moved
    link = '<a id="data.1.2"/>\n<b type="com.ge.med.di.wf.session.WfImport" x="@id = \'data.1.2\'"/>'
    assert donor._without_loose_links(link) == link
    assert donor._without_loose_links(link.replace('id="data.1.2"', 'id="data.9.9"')) == '<a id="data.9.9"/>'

    class Names:
        def __init__(self) -> None:
            self.given = iter(("data.7.7", "data.8.8"))

        def data_id(self) -> str:
            return next(self.given)

    text = '<a id="data.1.2" to="data.3.4"/><b id="data.3.4" to="data.5.6 data.1.2"/><c id="data.1.2"/>'
    assert donor.renumbered(text, Names()) == (  # type: ignore[arg-type]
        '<a id="data.7.7" to="data.8.8"/><b id="data.8.8" to="data.5.6 data.7.7"/><c id="data.7.7"/>'
    )


def test_the_note_of_a_clone() -> None:
    """The donor's own note stays where notes may travel, and ours comes after it."""
    source, slot, silent = source_of(), notes.Slot(0, t2(instruction="Look")), notes.Slot(0, t2())
    keep, drop = BuildOptions(keep_notes=True), BuildOptions()
    ours = donor._note(slot, source, drop)
    assert b"Nobody" not in ours and b"instruction = Look" in ours
    assert donor._note(silent, source, keep) == NOTE
    both = donor._note(slot, source, keep)
    assert (
        both.startswith(NOTE[: NOTE.rindex(b"  </body>")])
        and both.count(b"<body>") == both.count(b"</body>") == 1
    )
    assert b"instruction = Look" in both and both.endswith(b"  </body>\n</html>\n")
    odd = replace(
        source, folder=container.Folder("top", {**source.folder.files, "dir/.pn/notes.html": b"<p>x"}, "s")
    )
    assert donor._note(slot, odd, keep) == b"<p>x"
    none = {name: data for name, data in source.folder.files.items() if not name.endswith(".html")}
    assert donor._note(slot, replace(source, folder=container.Folder("top", none, "s")), keep) == ours


def test_surplus_of_a_slab_by_either_key(tmp_path: Path) -> None:
    """Of 9 locations the donor made 8 images: one more than the wanted 18, and an even number."""
    cube: dict[str, str | None] = {**CUBE, "SLTHICK": "1.00", "SLOC1": "I3.5", "ELOC1": "S3.5", "TE": "90.0"}
    wanted = {"mr_acquisition_type": "3D", "slice_thickness": 1.0, "slice_gap": None, "number_of_slices": 18}
    fast = changes(tmp_path, {**cube, "SLABLOC": "9"}, **wanted)
    assert (fast["SLABLOC"], fast["SLOC1"], fast["ELOC1"]) == ("20", "I8.5", "S8.5")  # 18 + 1, and even
    slow = changes(tmp_path, {**cube, "SCANLOCS": "8"}, **wanted)
    assert (slow["SCANLOCS"], slow.get("SLABLOC")) == ("18", None)


def test_a_clone_says_what_it_was_made_from(tmp_path: Path) -> None:
    path = donor_file(tmp_path, {"old": lx(), "loc": lx(PLANE="3-PLANE", PSEQ="Gradient Echo", PLUG="45")})
    export = build(path, t2(repetition_time=4100.0), seconds=99.0)
    said = {note.code: note for note in export.notes}
    assert (said["made-from"].step, said["made-from"].message) == (
        0,
        "made from 'old'; changed: TR, INRANGETR",
    )
    assert (said["scan-time"].field, said["scan-time"].message) == (
        "acquisition_duration", "scan time: donor 200 s, now 99 s",
    )  # fmt: skip
    same = {note.code: note.message for note in build(path, t2(name="new")).notes}
    assert same["made-from"] == "made from 'old'; changed: nothing but its name"
    assert "scan-time" not in same
    assert {"notes-dropped"} <= set(same)
    kept = {note.code for note in build(path, t2(), keep_notes=True).notes}
    assert "notes-dropped" not in kept


def test_localizer_and_calibration_come_along_where_they_are_needed(tmp_path: Path) -> None:
    """The localizer first, the calibration right before the first series that takes its sensitivities."""
    series = {
        "Loc": lx(PLANE="3-PLANE", PSEQ="Gradient Echo", PLUG="45", IOPT="Seq, Fast", CONTRAST="Yes"),
        "Cal": lx(PSEQ="SPGR", IMODE="3D", PLUG="6", IOPT="Fast, Calib"),
        "T2": lx(IOPT="EDR, TRF, Fast, Asset"),
        "T1": lx(TE="10.0", TR="500.0"),
    }  # fmt: skip
    path = donor_file(tmp_path, series)
    one, two = t2(name="a", repetition_time=4000.0), t2(name="b", repetition_time=500.0, echo_times=(10.0,))
    for steps, names, origins in (
        ((one, two), ["Loc", "Cal", "a", "b"], (None, None, 0, 1)),
        ((two, one), ["Loc", "b", "Cal", "a"], (None, 0, None, 1)),
    ):
        export = build(path, *steps)
        found = session.read(inside(export)["session.xml"], "x").tasks
        assert ([task.name for task in found], export.origins) == (names, origins)
        assert [task.scan_time for task in found if task.name in series] == [200.0, 200.0]
        came = [note.message for note in export.notes if note.code == "along"]
        assert came == [
            "'Loc' of the donor comes along unchanged",
            "'Cal' of the donor comes along unchanged",
        ]
    texts = inside(export)
    assert texts["Loc_20200101_0/LxProtocol"] == lx(
        PLANE="3-PLANE", PSEQ="Gradient Echo", PLUG="45", IOPT="Seq, Fast", CONTRAST="No"
    )
    assert texts["Cal_20200101_1/LxProtocol"] == series["Cal"]
    assert texts["Loc_20200101_0/.pn/notes.html"] == writer.note([])


def test_a_second_copy_of_a_series_has_a_folder_and_ids_of_its_own(tmp_path: Path) -> None:
    path = donor_file(tmp_path, {"T2": lx()})
    export = build(path, t2(name="a"), t2(name="b"))
    tasks = session.read(inside(export)["session.xml"], "x").tasks
    assert (tasks[0].folder, tasks[1].folder[:2]) == ("T2_20200101_0", "b_")
    ids = re.findall(r' id="(data\.\d+\.\d+)"', inside(export)["session.xml"].decode())
    assert len(ids) == len(set(ids)) == 6
    nameless = build(path, t2(name="a"), nameless=True)
    (task,) = session.read(inside(nameless)["session.xml"], "x").tasks
    assert task.folder.startswith("a_")


def test_the_frame_is_of_the_protocol_that_most_series_come_from(tmp_path: Path) -> None:
    parts = []
    for top, kinds in {"a_1": {"T2": "90.0"}, "b_2": {"T1": "10.0", "PD": "30.0"}}.items():
        files = protocol_files({name: lx(TE=time) for name, time in kinds.items()}, name=top)
        parts += archive.read(tar_of(files, top), "x").members
    path = tmp_path / "two.tar"
    path.write_bytes(archive.pack(parts))
    steps = [t2(name=str(te), echo_times=(te,)) for te in (90.0, 10.0, 30.0)]
    export = build(path, *steps)
    said = {note.code: note.message for note in export.notes}
    assert "series come from 2 protocols" in said["several-protocols"]
    assert "series-dropped" not in said
    alone = {note.code: note.message for note in build(path, *steps[1:]).notes}
    assert "several-protocols" not in alone
    (left,) = [n.message for n in build(path, steps[1]).notes if n.code == "series-dropped"]
    assert left == "series of the donor left out: PD"


def test_a_patient_is_laid_as_stated_or_as_usual_where_the_donor_s_place_is_reset() -> None:
    def laid(scan: Acquisition, reset: frozenset[str]) -> dict[str, str]:
        plan = Plan({0: Choice(0, scan, None, reset=reset)})
        options, protocol = BuildOptions(plan=plan), Protocol(name="p", steps=(scan,))
        return donor._entry(SimpleNamespace(options=options, protocol=protocol))  # type: ignore[arg-type]

    plain, feet = Acquisition(name="a"), Acquisition(name="a", patient_position="FFP")
    position = frozenset({"patient_position"})
    assert laid(plain, frozenset()) == {}
    assert laid(feet, frozenset()) == {"entry": "Feet First", "position": "Prone"}
    assert laid(plain, position) == {"entry": "Head First", "position": "Supine"}
