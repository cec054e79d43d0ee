"""Cards cloned out of a card of the site: only what must change changes."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from generator.errors import CannotBuild, UnusableInput
from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Target
from generator.vendors.dialect import BuildOptions
from generator.vendors.philips import DIALECT, facts, inspect
from generator.vendors.philips.container import block, envelope, graph
from generator.vendors.philips.container.graph import Array, Bytes, Node, Text, walk
from generator.vendors.philips.fields.scan import Settings, apply, orders
from tests.support.oracles import Oracles
from tests.support.translate import assert_translates, differences, write_export
from tests.vendors.philips import cards
from tests.vendors.philips.releases import dress

SPINE = "philips/R5.3/spine_generic_philips_R53.ExamCard"
R11 = "philips/R11.1/AAT T&F - BRAIN.ExamCard"


@pytest.fixture
def donor(tmp_path: Path) -> Path:
    return cards.write(tmp_path / "donor")


def blocks(path: Path) -> dict[str, block.Block]:
    """Blocks of a card by scan name."""
    return {row.name: cards.block_of(row) for row in graph.rows(graph.load(envelope.load(path)))}


def changed(before: block.Block, after: block.Block) -> tuple[set[str], set[str], set[str]]:
    """Names of records that changed, came and went."""
    old = {record.name: record for record in before.records}
    new = {record.name: record for record in after.records}
    kept = [name for name in new if name in old]
    assert [name for name in old if name in new] == kept, "the order of the records changed"
    return {name for name in kept if new[name] != old[name]}, set(new) - set(old), set(old) - set(new)


def test_a_donor_build_changes_only_what_it_must(donor: Path, tmp_path: Path) -> None:
    other = cards.T1.model_copy(update={"name": "T1 new", "flip_angle": 9, "inversion_time": 1000})
    path = cards.write(tmp_path / "out", Protocol(name="Mine", id="mine", steps=(other,)), donor=donor)
    before, after = blocks(donor)["T1"], blocks(path)["T1 new"]
    assert changed(before, after) == (
        {"EX_single_scan_id", "EX_ACQ_flip_angle", "EX_TFEPP_pre_T1_delay"},
        set(),
        {"IF_scan_percentage"},  # a result that nobody computed for the new scan
    )


def test_conditional_records_come_and_go(donor: Path, tmp_path: Path) -> None:
    other = cards.FLAIR.model_copy(
        update={
            "parallel_reduction_factor_in_plane": 2.0,
            "parallel_reduction_factor_out_of_plane": 1.5,
            "partial_fourier_phase": 0.75,
            "phase_oversampling": 0.5,
            "slice_oversampling": 0.2,
        }
    )
    accelerated = cards.write(tmp_path / "out", Protocol(name="x", steps=(other,)), donor=donor)
    touched, came, went = changed(blocks(donor)["FLAIR"], blocks(accelerated)["FLAIR"])
    assert came == {
        "EX_GEO_sense_p_red_factor",
        "EX_GEO_sense_s_red_factor",
        "EX_ACQ_partial_matrix_factor",
        "EX_ACQ_partial_partition_factor",
        "EX_GEO_p_ovs_area_pos",
        "EX_GEO_p_ovs_area_neg",
        "EX_GEO_slice_oversample_factor",
    }
    assert went == {"IF_scan_percentage"}
    assert "EX_GEO_sense_enable" in touched
    plain = cards.FLAIR.model_copy(
        update={
            "parallel_reduction_factor_in_plane": 1.0,
            "partial_fourier_phase": 1.0,
            "phase_oversampling": 0.0,
        }
    )
    back = cards.write(tmp_path / "back", Protocol(name="x", steps=(plain,)), donor=accelerated)
    _, came, went = changed(blocks(accelerated)["FLAIR"], blocks(back)["FLAIR"])
    assert not came
    assert went == {
        "EX_GEO_sense_p_red_factor",
        "EX_GEO_sense_s_red_factor",
        "EX_ACQ_partial_matrix_factor",
        "EX_ACQ_partial_partition_factor",
        "EX_GEO_p_ovs_area_pos",
        "EX_GEO_p_ovs_area_neg",
    }


def test_scans_are_cloned_ordered_and_dropped(donor: Path, tmp_path: Path) -> None:
    steps = (
        Contrast(agent="gadobutrol", dose=0.1),
        cards.FLAIR.model_copy(update={"name": "FLAIR post"}),
        Pause(text="Look"),
        cards.FLAIR.model_copy(update={"name": "FLAIR again"}),
    )
    export = cards.build(Protocol(name="New", id="new", steps=steps), donor=donor)
    assert export.kind == "donor"
    assert export.donor is not None and export.donor.name == donor.name
    path = write_export(export, tmp_path) / "new.ExamCard"
    card = graph.load(envelope.load(path, keep_tail=True))
    assert inspect.problems(card) == []
    assert graph.dump(card) == path.read_bytes()
    read = DIALECT.read(path).protocols[0]
    assert [step.kind for step in read.steps] == ["contrast", "acquisition", "pause", "acquisition"]
    ids = [scan.vendor["parameters"]["EX_single_scan_id"] for scan in read.acquisitions]
    assert len(set(ids)) == 2


def test_shared_texts_are_not_edited_in_place(donor: Path, tmp_path: Path) -> None:
    card = graph.load(envelope.load(donor, keep_tail=True))
    rows = graph.rows(card)
    shared = Text("one for both")
    for row in rows:
        row.procedure.set("name", shared)
    donor.write_bytes(graph.dump(card))
    steps = (cards.T1.model_copy(update={"name": "a"}), cards.FLAIR.model_copy(update={"name": "b"}))
    path = cards.write(tmp_path / "out", Protocol(name="x", steps=steps), donor=donor)
    assert [scan.name for scan in DIALECT.read(path).protocols[0].acquisitions] == ["a", "b"]


def test_what_belongs_to_the_site_stays_there(donor: Path, tmp_path: Path) -> None:
    card = graph.load(envelope.load(donor, keep_tail=True))
    card.root.set("patientWeight", graph.Plain("83"))
    row = graph.rows(card)[0]
    row.single.set("geometryName", Text("Ward 7"))
    row.procedure.set("lastModifiedTimeUtc", Text("1/1/2020"))
    row.procedure.set("methodDescription", Text("SITE SUMMARY"))
    donor.write_bytes(graph.dump(card))
    protocol = Protocol(name="x", steps=(cards.T1,))
    text = cards.write(tmp_path / "out", protocol, donor=donor).read_text()
    for word in ("Ward 7", "1/1/2020", "SITE SUMMARY", ">83<"):
        assert word not in text
    kept = cards.write(tmp_path / "kept", protocol, donor=donor, keep_notes=True).read_text()
    for word in ("Ward 7", "1/1/2020", "SITE SUMMARY", ">83<"):
        assert word in kept


def test_a_missing_technique_names_what_there_is(donor: Path) -> None:
    wanted = Acquisition(name="SWI", technique="susceptibility_weighted", mr_acquisition_type="3D")
    with pytest.raises(CannotBuild, match="SWI: a 3D susceptibility weighted at 3 T"):
        cards.build(Protocol(name="x", steps=(wanted,)), donor=donor)
    with pytest.raises(CannotBuild, match=r"1\.5 T"):
        cards.build(target=Target(vendor="philips", field_strength=1.5), donor=donor)


def test_a_zoomed_donor_is_not_zoomed_any_more(donor: Path, tmp_path: Path) -> None:
    card = graph.load(envelope.load(donor, keep_tail=True))
    row = graph.rows(card)[1]
    edited = cards.block_of(row)
    zoomed = edited.get("EX_ACQ_foldover_sup2")
    assert zoomed is not None
    zoomed.raw = block.pack(block.INTEGER, [zoomed.choices.index("ZOOM")])
    row.procedure.set("parameterData", Bytes(base64.b64encode(edited.encode()).decode()))
    donor.write_bytes(graph.dump(card))
    wanted = cards.FLAIR.model_copy(
        update={"phase_oversampling": 0.5, "compressed_sensing_factor": 4.0, "multiband_factor": 2}
    )
    export = cards.build(Protocol(name="x", id="x", steps=(wanted,)), donor=donor)
    path = write_export(export, tmp_path / "out") / "x.ExamCard"
    touched, came, went = changed(edited, blocks(path)["FLAIR"])
    assert touched == {"EX_single_scan_id", "EX_ACQ_foldover_sup2"}
    assert came == {"EX_GEO_p_ovs_area_pos", "EX_GEO_p_ovs_area_neg"}
    assert went == {"IF_scan_percentage"}
    lost = {loss.field for loss in export.losses}
    assert "phase_oversampling" not in lost
    assert {"compressed_sensing_factor", "multiband_factor"} <= lost


def test_a_value_is_not_set_without_its_switch(donor: Path) -> None:
    edited = blocks(donor)["T1"]
    settings = Settings(block.decode_values(edited.encode()), 3.0, is_template=False)
    settings.choose(facts.FFE_TR_MODE, "NEVER", facts.FFE_TR, 99.0)
    before = edited.encode()
    assert apply(edited, settings, "5.7") == [facts.FFE_TR_MODE, facts.FFE_TR]
    assert edited.encode() == before


@pytest.mark.parametrize(("averages", "refused"), [(2.0, []), (1.5, ["EX_ACQ_measurements"])])
def test_whole_averages_of_the_oldest_release(averages: float, refused: list[str]) -> None:
    edited = block.parse_list("EX_ACQ_measurements int 1")
    settings = Settings(block.decode_values(edited.encode()), 3.0, is_template=False)
    settings.set(facts.AVERAGES, averages)
    assert apply(edited, settings, "3.2") == refused
    assert block.decode_values(edited.encode()) == {"EX_ACQ_measurements": 1 if refused else 2}


def test_blocks_of_two_releases_are_not_mixed(donor: Path) -> None:
    card = graph.load(envelope.load(donor, keep_tail=True))
    row = graph.rows(card)[0]
    edited = cards.block_of(row)
    release = edited.get("GEX_CONV_id")
    assert release is not None
    release.raw = block.pack(block.INTEGER, [0, 41, 0])
    row.procedure.set("parameterData", Bytes(base64.b64encode(edited.encode()).decode()))
    donor.write_bytes(graph.dump(card))
    with pytest.raises(CannotBuild, match="releases"):
        cards.build(donor=donor)


def test_a_bad_donor_is_refused(donor: Path) -> None:
    donor.write_bytes(donor.read_bytes()[:4000])
    with pytest.raises(UnusableInput, match="ends before"):
        cards.build(donor=donor)


def test_the_kitchen_sink_out_of_itself(tmp_path: Path) -> None:
    donor = cards.write(tmp_path / "donor", cards.sink())
    known = tuple(
        s
        for s in cards.sink().steps
        if getattr(s, "technique", "") not in ("balanced_ssfp", "mp2rage", "other")
        and getattr(s, "readout", None) in (None, "cartesian")
        and not getattr(s, "name", "").startswith("Spine")  # a step of the spine serves for no brain
    )
    protocol = cards.sink().model_copy(update={"steps": known})

    def saved(export: Any) -> Path:
        return write_export(export, tmp_path) / next(iter(export.files))

    assert_translates(protocol, cards.TARGET, BuildOptions(donor=donor), saved)


SPINE_STEPS = (
    cards.T1.model_copy(update={"parallel_reduction_factor_in_plane": 2.5, "slice_oversampling": 0.1}),
    Contrast(agent="gadobutrol", dose=0.1, minimum_delay=300),
    Acquisition(
        name="T2 post",
        technique="turbo_spin_echo",
        mr_acquisition_type="3D",
        repetition_time=2500,
        echo_times=(110,),
        refocusing_flip_angle=100,
        number_of_slices=64,
    ),
    Acquisition(
        name="GRE four echoes",
        technique="multi_echo_gradient_echo",
        mr_acquisition_type="2D",
        plane="transverse",
        repetition_time=700,
        echo_times=(7, 14, 21, 28),
        slice_thickness=4,
        slice_gap=0.5,
        number_of_slices=20,
    ),
    Acquisition(
        name="DWI",
        technique="echo_planar_diffusion",
        b_values=(0, 600),
        diffusion_directions=20,
        repetition_time=3000,
    ),
)


@pytest.mark.corpus
@pytest.mark.parametrize("oracle", ["philips_examcard", "philips_dicompare"])
def test_a_real_donor(corpus: Path, tmp_path: Path, oracles: Oracles, oracle: str) -> None:
    protocol = Protocol(name="Spine", id="spine", steps=SPINE_STEPS)
    export = cards.build(protocol, donor=corpus / SPINE)
    path = write_export(export, tmp_path) / "spine.ExamCard"
    read = DIALECT.read(path).protocols[0].acquisitions
    wanted = [(i, s) for i, s in enumerate(protocol.steps) if isinstance(s, Acquisition)]
    for (index, step), back in zip(wanted, read, strict=True):
        assert differences(step, back, [loss for loss in export.losses if loss.step == index]) == []
    assert {"b_value_averages", "diffusion_directions"} & {loss.field for loss in export.losses}
    assert inspect.problems(graph.load(envelope.load(path))) == []
    scans = oracles.run(oracle, path)[str(path)]
    assert scans["T1"]["parameters"]["EX_TFE_interval"] == 2300
    assert scans["T2 post"]["parameters"]["EX_ACQ_se_rep_time"] == 2500
    assert scans["GRE four echoes"]["parameters"]["EX_ACQ_echoes"] == 4
    assert scans["T2 post"]["pause"] in (True, "true")


@pytest.mark.corpus
def test_a_donor_without_enum_texts(corpus: Path, tmp_path: Path) -> None:
    steps = (
        Acquisition(
            name="T2 new",
            technique="turbo_spin_echo",
            mr_acquisition_type="2D",
            plane="transverse",
            repetition_time=3500,
            echo_times=(100,),
            slice_gap=1,
            slice_thickness=4,
            number_of_slices=30,
        ),
    )
    target = Target(vendor="philips", field_strength=1.5)
    protocol = Protocol(name="R11 & co", id="r11", steps=steps)
    export = DIALECT.build(protocol, target, BuildOptions(donor=corpus / R11))
    path = write_export(export, tmp_path) / "r11.ExamCard"
    scan = DIALECT.read(path).protocols[0].acquisitions[0]
    assert differences(steps[0], scan, export.losses) == []
    assert inspect.problems(graph.load(envelope.load(path))) == []
    coils = [
        t
        for t in walk(graph.load(envelope.load(path)).root)
        if isinstance(t, Node) and t.name == "PreferredCoil"
    ]
    assert coils, "the coils of the site are gone"


DUAL = Acquisition(
    name="PD/T2",
    technique="turbo_spin_echo",
    mr_acquisition_type="2D",
    plane="transverse",
    echo_times=(11, 88),
)
TENSOR = Acquisition(
    name="DTI", technique="echo_planar_diffusion", b_values=(0, 1000), diffusion_directions=30
)


def test_every_missing_scan_is_named(donor: Path) -> None:
    steps = (cards.T1, DUAL, TENSOR)
    with pytest.raises(CannotBuild) as caught:
        cards.build(Protocol(name="x", steps=steps), donor=donor)
    text = str(caught.value)
    assert "PD/T2: a 2D turbo spin echo" in text
    assert "DTI: a echo planar diffusion" in text
    assert "T1:" not in text


def test_one_echo_is_not_made_two_nor_a_trace_a_tensor(tmp_path: Path) -> None:
    """Each has records of its own: with the other alone the loss says so, or the scan is missing."""
    single = DUAL.model_copy(update={"echo_times": (88,)})
    trace = TENSOR.model_copy(update={"diffusion_directions": 3})
    for have, wanted, lost in (
        (single, DUAL, "echo_times"),
        (DUAL, single, "echo_times"),
    ):
        donor = cards.write(tmp_path / wanted.name[:2], Protocol(name="d", id="d", steps=(have,)))
        export = cards.build(Protocol(name="x", steps=(wanted,)), donor=donor)
        (loss,) = (loss for loss in export.losses if loss.field == lost)
        assert loss.severity == "image"
        assert cards.build(Protocol(name="x", steps=(have,)), donor=donor).losses == ()
    donor = cards.write(tmp_path / "trace", Protocol(name="d", id="d", steps=(trace,)))
    with pytest.raises(CannotBuild, match="DTI: a"):
        cards.build(Protocol(name="x", steps=(TENSOR,)), donor=donor)


def test_susceptibility_weighting_keeps_the_echoes_of_the_donor(tmp_path: Path) -> None:
    donor_scan = Acquisition(
        name="SWIp",
        technique="susceptibility_weighted",
        mr_acquisition_type="3D",
        echo_times=(12, 23, 34, 45),
    )
    donor = cards.write(tmp_path / "donor", Protocol(name="d", id="d", steps=(donor_scan,)))
    wanted = donor_scan.model_copy(update={"echo_times": (20,), "repetition_time": 60})
    export = cards.build(Protocol(name="x", id="x", steps=(wanted,)), donor=donor)
    path = write_export(export, tmp_path / "out") / "x.ExamCard"
    scan = DIALECT.read(path).protocols[0].acquisitions[0]
    assert (scan.echo_times, scan.repetition_time) == ((12, 23, 34, 45), 60)
    assert "echo_times" in {loss.field for loss in export.losses}


@pytest.mark.corpus
def test_stated_cartesian_is_never_made_from_a_propeller(corpus: Path) -> None:
    sagittal = Acquisition(
        name="T2 sag",
        technique="turbo_spin_echo",
        mr_acquisition_type="2D",
        plane="sagittal",
        readout="cartesian",
    )
    target = Target(vendor="philips", field_strength=1.5)
    protocol = Protocol(name="x", id="x", steps=(sagittal,))
    export = DIALECT.build(protocol, target, BuildOptions(donor=corpus / R11))
    assert "readout" not in {loss.field for loss in export.losses}
    assert not any("'MF_" in note.message for note in export.notes if note.code == "donor-scan")


TRACE = Acquisition(
    name="b1000", technique="echo_planar_diffusion", mr_acquisition_type="2D", plane="transverse",
    b_values=(0, 1000), diffusion_directions=3, parallel_reduction_factor_in_plane=2, repetition_time=4000,
    echo_times=(80,), number_of_slices=30, slice_thickness=4, slice_gap=0,
)  # fmt: skip
LOCATED = Protocol(name="x", id="x", region="brain", steps=(Pause(text="Wait."), TRACE, cards.T1))


def test_a_gap_can_be_rendered_among_the_scans_of_a_card(donor: Path, tmp_path: Path) -> None:
    """Marked, in the record order of the release, with the licence of its method and a reference scan."""
    export = cards.build(LOCATED, donor=donor, gaps="template")
    assert export.origins == (None, 0, 1, 2)
    assert [note.step for note in export.notes if note.code == "from-template"] == [1]
    card = graph.load(envelope.parse(tmp_path, export.files["x.ExamCard"]))
    assert inspect.problems(card) == [] and DIALECT.gate(export.files) == ()
    reference, pause, trace, t1 = DIALECT.read_files(export.files).protocols[0].steps
    assert (reference.technique, pause.text) == ("calibration", "Wait.")  # type: ignore[union-attr]
    assert (trace.name, trace.b_values) == ("b1000", (0, 1000))  # type: ignore[union-attr]
    assert "untested on a console" in trace.instruction and t1.instruction is None  # type: ignore[union-attr]
    required = [graph.require(row.single, "scanProperties", Node) for row in graph.rows(card)]
    words = [_words(one, "swOptions") for one in required]
    assert words == [0, 1 << 22, 0]
    blocks_of = [cards.block_of(row) for row in graph.rows(card)]
    ranks = orders()["5.7"]
    for names in ([record.name for record in one.records if record.name in ranks] for one in blocks_of):
        assert names == sorted(names, key=ranks.__getitem__)


def _words(properties: Node, name: str) -> int:
    """A bit set of what a scan requires as one number."""
    bits = graph.require(graph.require(properties, "requiredConfiguration", Node), name, Node)
    items = graph.require(bits, "m_array", Array).items
    return sum((int(graph.text_of(item)) & 0xFFFFFFFF) << 32 * at for at, item in enumerate(items))


def test_a_gap_is_rendered_in_the_release_of_the_templates_only(donor: Path) -> None:
    with pytest.raises(CannotBuild, match=r"templates are made for R5\.7, and the donor is of R5\.3: b1000"):
        cards.build(LOCATED, donor=dress(donor, (5, 3)), gaps="template")


@pytest.mark.corpus
def test_a_gap_of_a_real_card_is_rendered_for_its_scanner(corpus: Path, tmp_path: Path) -> None:
    donor = corpus / "philips/R5.7/DUAL_ECHO_EPI.ExamCard"
    epi = Acquisition(name="SE EPI", technique="other", mr_acquisition_type="2D", plane="transverse")
    protocol = LOCATED.model_copy(update={"steps": (epi, cards.T1)})
    target = Target(vendor="philips", field_strength=1.5)
    export = cards.build(protocol, target, donor=donor, gaps="template")
    card = graph.load(envelope.parse(tmp_path, export.files["x.ExamCard"]))
    assert inspect.problems(card) == [] and DIALECT.gate(export.files) == ()
    required = [graph.require(row.single, "scanProperties", Node) for row in graph.rows(card)]
    assert [_words(one, "allowedMainSystemTypes") for one in required] == [64, 64]
    assert [row.name for row in graph.rows(card)] == ["SE EPI", "T1"]
    path = cards.write(tmp_path, protocol, target=target, donor=donor, gaps="template")
    assert {note.code for note in DIALECT.inspect(path).failed} == set()
    for name in (SPINE, R11):
        field = Target(vendor="philips", field_strength=3.0 if name == SPINE else 1.5)
        steps = (*LOCATED.steps, cards.T1.model_copy(update={"technique": "time_of_flight"}))
        region = "spine" if name == SPINE else "brain"
        with pytest.raises(CannotBuild, match=r"templates are made for R5\.7"):
            cards.build(
                LOCATED.model_copy(update={"steps": steps, "region": region}),
                field,
                donor=corpus / name,
                gaps="template",
            )
