"""What clones of real cards did wrong once: each is impossible now. And the relations, counted again."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.errors import CannotBuild
from generator.model.tree import Acquisition, Pause, Protocol, Target
from generator.vendors import account, matching
from generator.vendors.dialect import BuildOptions, Export
from generator.vendors.gate import broken
from generator.vendors.philips import DIALECT, facts
from generator.vendors.philips.container import block, envelope, graph
from generator.vendors.philips.container.block import Block, Parameters, from_base64
from generator.vendors.philips.donor import relations
from generator.vendors.philips.fields.scan import Settings, apply
from tests.support.translate import write_export
from tests.vendors.philips import cards

DENSE = "philips/R5.9/SSdense_July2024.ExamCard"
SPINE = "philips/R5.3/spine_generic_philips_R53.ExamCard"
R11 = "philips/R11.1/AAT T&F - BRAIN.ExamCard"
FLAIR = cards.FLAIR.model_copy(update={"fat_suppression": "spair"})


@pytest.fixture
def donor(tmp_path: Path) -> Path:
    return cards.write(
        tmp_path / "donor", Protocol(name="d", id="d", region="brain", steps=(cards.T1, FLAIR))
    )


def edit(path: Path, index: int, values: dict[Any, Any]) -> Path:
    """Change the settings of one scan of a card, with the records that come with them."""
    card = graph.load(envelope.load(path, keep_tail=True))
    row = graph.rows(card)[index]
    edited = cards.block_of(row)
    settings = Settings(Parameters(edited.encode()), 3.0, is_template=True)
    for key, value in values.items():
        settings.turn(key, value) if isinstance(value, str) else settings.set(key, value)
    assert apply(edited, settings, "5.7") == []
    row.procedure.set("parameterData", graph.Bytes(cards.packed(edited)))
    path.write_bytes(graph.dump(card))
    return path


def made(
    donor: Path, *steps: Any, region: str = "brain", field_strength: float = 3.0, **options: Any
) -> Export:
    protocol = Protocol(name="x", id="x", region=region, steps=steps)
    target = Target(vendor="philips", field_strength=field_strength)
    return account.build(DIALECT, protocol, target, BuildOptions(donor=donor, **options))


def parameters(export: Export) -> list[Parameters]:
    content = next(iter(export.files.values()))
    card = graph.load(envelope.parse(Path("x"), content))
    return [Parameters(from_base64(r.block.base64), facts.PROVED_R11) for r in graph.rows(card)]


def test_compressed_sense_of_the_donor_gives_way_to_sense_of_the_spec(donor: Path) -> None:
    edit(donor, 1, {facts.COMPRESSED: "YES", facts.COMPRESSED_FACTOR: 2.0})
    wanted = FLAIR.model_copy(
        update={"parallel_reduction_factor_in_plane": 2.5, "parallel_reduction_factor_out_of_plane": 1.5}
    )
    export = made(donor, wanted)
    (values,) = parameters(export)
    assert (values["EX_GEO_sense_enable"], values["EX_GEO_sense_p_red_factor"]) == ("YES", 2.5)
    assert values["EX_GEO_sense_s_red_factor"] == 1.5
    assert values["EX_ACQ_cs_enable"] == "NO" and "EX_ACQ_cs_factor" not in values
    assert not [loss for loss in export.losses if loss.field and "factor" in loss.field]


@pytest.mark.parametrize(
    ("wanted", "there", "gone"),
    [
        ("spir", "EX_SPIR_strength", "EX_SPIR_strength_spair"),
        ("spair", "EX_SPIR_strength_spair", "EX_SPIR_strength"),
        ("none", "EX_SPIR_fat_suppression", "EX_SPIR_freq_offset_enum_fat_sup"),
    ],
)
def test_fat_suppression_is_the_one_of_the_spec(donor: Path, wanted: str, there: str, gone: str) -> None:
    export = made(donor, FLAIR.model_copy(update={"fat_suppression": wanted}))
    (values,) = parameters(export)
    assert there in values and gone not in values
    assert "fat_suppression" not in {loss.field for loss in export.losses}


DTI = Acquisition(
    name="DTI", technique="echo_planar_diffusion", mr_acquisition_type="2D", plane="transverse",
    b_values=(0, 1000), diffusion_directions=32, multiband_factor=2, parallel_reduction_factor_in_plane=1.5,
    repetition_time=4000, echo_times=(80,), number_of_slices=60, slice_thickness=2, slice_gap=0,
)  # fmt: skip


def test_a_trace_scan_of_a_multiband_tensor_scan_is_neither(tmp_path: Path) -> None:
    donor = cards.write(tmp_path / "donor", Protocol(name="d", id="d", region="brain", steps=(DTI,)))
    trace = DTI.model_copy(
        update={
            "name": "b1000",
            "diffusion_directions": 3,
            "multiband_factor": None,
            "b_value_averages": (1, 1),
        }
    )
    export = made(donor, trace)
    *_, values = parameters(export)
    assert (values["EX_DIFF_enable"], values["EX_MB_multiband"]) == ("DWI", "NO")
    assert not [name for name in values if name.startswith(("EX_MB_multiband_", "EX_DIFF_directional"))]
    *_, scan = DIALECT.read_files(export.files).protocols[0].acquisitions
    assert (scan.diffusion_directions, scan.multiband_factor, scan.b_values) == (3, 1, (0, 1000))


def test_averages_of_b_values_come_with_their_switch_or_not_at_all(tmp_path: Path) -> None:
    plain = DTI.model_copy(update={"diffusion_directions": 3, "multiband_factor": None})
    donor = cards.write(tmp_path / "donor", Protocol(name="d", id="d", region="brain", steps=(plain,)))
    export = made(donor, plain.model_copy(update={"b_value_averages": (1, 4)}))
    *_, values = parameters(export)
    assert (values.get("EX_DIFF_average_high_b") == "USER_DEF") == ("EX_DIFF_nr_averages" in values)


def test_results_of_the_donor_do_not_stay(donor: Path) -> None:
    edit(donor, 1, {facts.TSE_FACTOR_SHOWN: 180, facts.SCAN_TIME: "04:00.0"})
    card = graph.load(envelope.load(donor, keep_tail=True))
    row = graph.rows(card)[1]
    edited = cards.block_of(row)
    edited.insert(len(edited.records), block.parse_list("IF_max_B1_rms text 9.99").records[0])
    row.procedure.set("parameterData", graph.Bytes(cards.packed(edited)))
    donor.write_bytes(graph.dump(card))
    (values,) = parameters(
        made(donor, FLAIR.model_copy(update={"repetition_time": 6000}), durations=(300.0,))
    )
    assert "IF_max_B1_rms" not in values and "IF_tse_factor" not in values
    assert values["IF_act_rep_time_echo_time"] == "6000 / 1650"
    assert values["IF_str_total_scan_time"] == "05:00.0"


def test_inherited_state_is_reset_and_what_cannot_be_is_named(donor: Path, tmp_path: Path) -> None:
    edit(donor, 1, {
        facts.SATURATION_BANDS: 1, facts.DYNAMIC: "INDIVIDUAL", facts.DYNAMICS: 4, facts.HEART: "TRIG",
        facts.OFFCENTRES["ap"]: [12.0], facts.ANGLES["lr"]: [5.0],
    })  # fmt: skip
    before = {one.what for one in DIALECT.describe(donor).steps[1].inherited}
    assert {"saturation_bands", "repetitions", "gating", "position", "orientation"} <= before
    path = write_export(made(donor, FLAIR), tmp_path / "out") / "x.ExamCard"
    after = {one.what for one in DIALECT.describe(path).steps[0].inherited}
    assert not after & {"saturation_bands", "repetitions", "gating", "position", "orientation", "comment"}


@pytest.mark.parametrize("name", ["Survey SHC32", "Scout", "LOCALIZER 3pl", "repérage"])
def test_a_survey_serves_for_no_scan(tmp_path: Path, name: str) -> None:
    donor = cards.write(
        tmp_path, Protocol(name="d", id="d", steps=(cards.T1.model_copy(update={"name": name}),))
    )
    (step,) = DIALECT.describe(donor).steps
    assert step.is_localizer


def test_a_gap_is_a_stop_with_a_text(donor: Path) -> None:
    missing = Acquisition(name="SWI", technique="susceptibility_weighted", mr_acquisition_type="3D")
    export = made(donor, missing, FLAIR, gaps="sheet")
    steps = DIALECT.read_files(export.files).protocols[0].steps
    assert isinstance(steps[0], Pause) and "SWI" in steps[0].text
    assert export.origins == (None, 1)
    (loss,) = (loss for loss in export.losses if loss.step == 0)
    assert (loss.severity, loss.wanted) == ("image", "acquisition")


# --- real cards -----------------------------------------------------------------------------------


@pytest.fixture
def blocks(corpus: Path) -> list[tuple[str, Parameters]]:
    found = []
    for path in sorted((corpus / "philips").rglob("*.ExamCard")):
        for row in graph.rows(graph.load(envelope.load(path))):
            found.append((path.name, Parameters(from_base64(row.block.base64), facts.PROVED_R11)))
    return found


@pytest.mark.corpus
def test_relations_hold_in_every_scan_and_are_counted_right(blocks: list[tuple[str, Parameters]]) -> None:
    for relation in relations():
        held = [(name, relation.holds(values)) for name, values in blocks]
        assert not [name for name, holds in held if holds is False], relation.name
    for partner in facts.PARTNERS:
        on = [name for name, values in blocks if values.get(partner.switch) in partner.texts]
        assert (len(set(on)), len(on)) == (partner.files, partner.scans), partner.switch
    others = [one for one in relations() if not one.name.startswith("EX_")]
    for relation in others:
        speaks = [name for name, values in blocks if relation.holds(values) is not None]
        assert (len(set(speaks)), len(speaks)) == (relation.files, relation.steps), relation.name


def real(corpus: Path, name: str, region: str, field_strength: float, *steps: Acquisition) -> Export:
    protocol = Protocol(name="x", id="x", region=region, steps=steps)
    target = Target(vendor="philips", field_strength=field_strength)
    plan = matching.plan(protocol, target, [DIALECT.describe(corpus / name)])
    return account.build(DIALECT, protocol, target, BuildOptions(plan=plan, gaps="sheet"))


@pytest.mark.corpus
def test_real_clones_pass_the_gate_with_reference_scans(corpus: Path) -> None:
    brain = (
        cards.T1.model_copy(update={"parallel_reduction_factor_in_plane": 2.0, "fat_suppression": "none"}),
        DTI.model_copy(
            update={"diffusion_directions": 30, "b_value_averages": (2, 1), "multiband_factor": 3}
        ),
        DTI.model_copy(update={"name": "b1000", "diffusion_directions": 3, "multiband_factor": None}),
    )
    export = real(corpus, DENSE, "brain", 3.0, *brain)
    assert DIALECT.gate(export.files) == ()
    names = [scan.name for scan in DIALECT.read_files(export.files).protocols[0].acquisitions]
    assert names == ["Survey SHC32", "CoilSurveyScan", "SenseRefScan", "T1", "DTI", "b1000"]
    read = DIALECT.read_files(export.files).protocols[0].acquisitions
    tensor, trace = read[4:]
    assert (tensor.b_values, tensor.b_value_averages, tensor.diffusion_directions) == ((0, 1000), (2, 1), 30)
    assert (trace.diffusion_directions, trace.multiband_factor) == (3, 1)
    assert not [loss for loss in export.losses if loss.reason == account.NO_REASON]


@pytest.mark.corpus
def test_a_real_card_without_enum_texts_passes_the_gate(corpus: Path) -> None:
    wanted = Acquisition(
        name="T2", technique="turbo_spin_echo", mr_acquisition_type="2D", plane="transverse",
        echo_times=(100,), repetition_time=4000, parallel_reduction_factor_in_plane=2.0,
        fat_suppression="spir", slice_thickness=3, slice_gap=0.3, number_of_slices=40,
    )  # fmt: skip
    export = real(corpus, R11, "brain", 1.5, wanted)
    assert DIALECT.gate(export.files) == ()
    values = parameters(export)[-1]
    assert values["EX_SPIR_fat_suppression"] == "SPIR"
    assert (values["EX_ACQ_accelerationMethod"], values["EX_ACQ_cs_factor"]) in [("CS", 2.0), ("CS_AI", 2.0)]


def licences(row: graph.Row) -> set[int]:
    held: Any = row.single
    for name in ("scanProperties", "requiredConfiguration", "swOptions", "m_array"):
        held = held.get(name)
    words = [int(item.value) & 0xFFFFFFFF for item in held.items]
    return {32 * at + bit for at, word in enumerate(words) for bit in range(32) if word >> bit & 1}


@pytest.mark.corpus
def test_licences_follow_the_features(corpus: Path, tmp_path: Path) -> None:
    known = set(facts.LICENCES)
    for path in sorted((corpus / "philips").rglob("*.ExamCard")):
        for row in graph.rows(graph.load(envelope.load(path))):
            values = Parameters(from_base64(row.block.base64), facts.PROVED_R11)
            needed = {bit for bit, has in facts.LICENCES.items() if has(values.get)}
            assert licences(row) & known == needed, (path.name, row.name)
    trace = DTI.model_copy(update={"diffusion_directions": 3, "multiband_factor": None})
    path = write_export(real(corpus, DENSE, "brain", 3.0, trace), tmp_path) / "x.ExamCard"
    made = graph.rows(graph.load(envelope.load(path)))[-1]
    assert licences(made) & known == {22}


@pytest.mark.corpus
def test_triggers_zoom_and_shim_box_of_a_cord_do_not_travel(corpus: Path) -> None:
    cord = DTI.model_copy(
        update={"diffusion_directions": 32, "multiband_factor": None, "repetition_time": 3000}
    )
    export = real(corpus, SPINE, "spine", 3.0, cord)
    values = parameters(export)[-1]
    assert (values["EX_CARD_sync"], values["EX_ACQ_foldover_sup2"], values["EX_AS_shim"]) == (
        "NO",
        "NO",
        "DEFAULT",
    )
    assert values["EX_ACQ_se_rep_time"] == 3000
    assert not [n for n in values if n.startswith(("EX_AS_vols", "EX_REST_slabs_", "EX_CARD_trig"))]
    assert DIALECT.gate(export.files) == ()


def test_a_broken_relation_is_named(donor: Path) -> None:
    export = made(donor, FLAIR)
    assert DIALECT.gate(export.files) == ()
    card = graph.load(envelope.parse(Path("x"), next(iter(export.files.values()))))
    (row,) = graph.rows(card)
    edited: Block = cards.block_of(row)
    edited.remove("EX_SPIR_strength_spair")
    row.procedure.set("parameterData", graph.Bytes(cards.packed(edited)))
    (note,) = DIALECT.gate({"x.ExamCard": graph.dump(card)})
    assert "EX_SPIR_strength_spair" in note.message and "'FLAIR'" in note.message


def test_parameters_of_a_side_file_are_taken_where_no_field_speaks_of_them(donor: Path) -> None:
    held = {"EX_ACQ_partial_echo": "YES", "EX_ACQ_flip_angle": 77.0, "IF_scan_percentage": 1.0, "EX_XYZ": 1}
    own = cards.T1.model_copy(update={"vendor": {"parameters": held}})
    export = made(donor, own)
    (values,) = parameters(export)
    assert values["EX_ACQ_partial_echo"] == "YES"
    assert values["EX_ACQ_flip_angle"] == 8  # the spec's, which wins
    assert "IF_scan_percentage" not in values and "EX_XYZ" not in values
    assert "vendor" not in {loss.field for loss in export.losses}


SWITCHES = {
    facts.FAT: ("NO", "SPIR", "SPAIR"),
    facts.SENSE: ("NO", "YES"),
    facts.DYNAMIC: ("NO", "INDIVIDUAL"),
    facts.HALF_SCAN: ("NO", "YES"),
    facts.FOLDOVER: ("NO", "USER_DEF"),
}
VALUES = {
    facts.SENSE_PHASE: 2.0, facts.DYNAMICS: 3, facts.HALF_SCAN_FACTOR: 0.75, facts.FOLDOVER_POSITIVE: 10.0,
    facts.FOLDOVER_NEGATIVE: 10.0,
}  # fmt: skip


@given(
    st.lists(st.sampled_from([(key, text) for key, texts in SWITCHES.items() for text in texts]), max_size=8)
)
@settings(deadline=None, max_examples=40)
def test_switches_turned_in_any_order_leave_no_relation_broken(turns: list[tuple[facts.Key, str]]) -> None:
    edited = cards.block_of(graph.rows(_card())[0])
    for key, text in turns:
        changes = Settings(Parameters(edited.encode()), 3.0, is_template=False)
        assert changes.turn(key, text)
        for partner in (one for one in facts.PARTNERS if one.switch == key and text in one.texts):
            for name in partner.records:
                if name in VALUES and name not in changes.current:
                    changes.wanted[name] = VALUES[name]
        assert apply(edited, changes, "5.7") == []
    assert broken(relations(), Parameters(edited.encode())) == []


@cache
def _card() -> graph.Card:
    content = next(iter(cards.build(Protocol(name="x", id="x", steps=(FLAIR,))).files.values()))
    return graph.load(envelope.parse(Path("x"), content))


def test_records_in_another_order_are_named() -> None:
    edited = cards.block_of(graph.rows(_card())[0])
    turned = Block(reversed(edited.records))
    assert [one.name for one in broken(relations(), Parameters(turned.encode()))] == ["record-order"]


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("EX_ACQ_partial_echo", "MAYBE", "its texts are NO, YES"),
        ("EX_GEO_stacks_slices", 1 << 40, "cannot hold"),
    ],
)
def test_a_parameter_of_a_side_file_that_no_record_can_hold_is_refused(
    donor: Path, name: str, value: Any, why: str
) -> None:
    held = parameters(made(donor, cards.T1))[0]
    name = (
        name
        if name not in facts.ALL
        else next(
            key for key in held if key not in facts.ALL and type(held[key]) is int and key.startswith("EX_")
        )
    )
    own = cards.T1.model_copy(update={"vendor": {"parameters": {name: value}}})
    with pytest.raises(CannotBuild, match=f"T1: the side file says {name} = .*{why}"):
        made(donor, own)


def test_an_index_beyond_its_list_cannot_be_set(donor: Path) -> None:
    edited = cards.block_of(graph.rows(graph.load(envelope.load(donor)))[0])
    record = edited.get("EX_ACQ_partial_echo")
    assert record is not None and record.choices == ("NO", "YES")
    beyond = replace(record, raw=block.pack(block.ENUM, [2]))
    for put in (edited.replace, lambda one: edited.insert(0, replace(one, name="EX_new"))):
        with pytest.raises(block.BadBlock, match="index 2 beyond its 2 texts"):
            put(beyond)
    with pytest.raises(block.BadBlock, match="EX_ACQ_partial_echo enum MAYBE"):
        block.parse_list("EX_ACQ_partial_echo enum MAYBE | NO,YES")
    settings = Settings(Parameters(edited.encode()), 3.0, is_template=True)
    settings.set(facts.FAT_STRENGTH, "MIGHTY")
    assert apply(edited, settings, "5.7") == [facts.FAT_STRENGTH]
