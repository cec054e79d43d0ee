"""The facts of Philips, entered twice: the tables of the program against those of the format notes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from generator.model.fields import field_table
from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Reformat, Target
from generator.vendors.account import Reasons
from generator.vendors.philips import facts, writer
from generator.vendors.philips.container import block
from generator.vendors.philips.donor import relations
from generator.vendors.philips.fields import express, fields
from generator.vendors.philips.fields.scan import CONDITIONAL, ScanValues, Settings, apply
from tests.vendors.philips import cards

TABLE = Path(__file__).with_name("parameters.txt")
KINDS = {"float": 0, "int": 1, "text": 2, "enum": 4}


def test_every_parameter_is_that_of_the_notes() -> None:
    wanted = {}
    for line in TABLE.read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, form, field, texts, proved, printed = (cell.strip() for cell in (line + " | ").split("|")[:6])
        kind, _, size = form.partition("[")
        indices = tuple(proved.split())
        labels = tuple(filter(None, printed.split("; ")))
        wanted[name] = (KINDS[kind], int(size.rstrip("]") or 1), field, texts, indices, labels)
    found = {
        str(name): (
            key.kind, key.size, key.field, ",".join(key.texts),
            tuple(f"{index}={text}" for index, text in key.proved.items()), key.printed,
        )
        for name, key in facts.ALL.items()
        if not name.startswith("EX_STACKS_")
    }  # fmt: skip
    assert {name: found.get(name) for name in wanted} == wanted
    assert found.keys() == wanted.keys()
    # A new record gets the list of its release, and a name that a block can hold.
    made = block.parse_list("EX_A_mode enum A | A,B")
    listed = {name: key.texts[-1] for name, key in facts.ALL.items() if key.texts}
    assert apply(made, Settings({}, 3.0, is_template=True, wanted=dict(listed)), "5.7") == []
    values = block.decode_values(made.encode())
    assert all(text in (values[name], values[name][0]) for name, text in listed.items())


def test_bare_numbers_of_a_stack_have_a_meaning() -> None:
    sets = {
        "orientation": {0: "TRANSVERSAL", 1: "SAGITTAL", 2: "CORONAL"},
        "prep_dir": {0: "AP", 1: "LR", 2: "FH"},
        "fat_shift_dir": {1: "L", 2: "A", 3: "P", 4: "F"},
    }
    wanted = {f"EX_STACKS_{stack}__{name}": known for stack in range(20) for name, known in sets.items()}
    found = {name: meant for name, meant in facts.PROVED_R11.items() if name.startswith("EX_STACKS_")}
    bare = block.Block([block.Record("EX_STACKS_19__prep_dir", block.ENUM, b"\2\0\0\0")]).encode()
    assert block.Parameters(bare, facts.PROVED_R11)["EX_STACKS_19__prep_dir"] == "FH"
    assert found == wanted
    assert facts.PROVED_R11["EX_ACQ_scan_mode"] == {3: "3D", 4: "MS", 5: "M2D"}
    assert "EX_ACQ_flip_angle" not in facts.PROVED_R11


USER, RANGE = {"USER_DEF"}, {"USER_DEF", "BETWEEN"}
CS_ALL = [
    "EX_ACQ_cs_factor",
    "EX_ACQ_cs_factor_hybrid",
    "EX_ACQ_cs_p_factor",
    "EX_PROC_cs_auto_calibration",
    "EX_PROC_cs_denoise_level",
    "EX_PROC_cs_ena_cycle_spin",
    "EX_PROC_cs_iterations",
    "EX_PROC_cs_min_iterations",
    "EX_PROC_cs_regul_factor",
    "EX_PROC_cs_stop_cond_thr",
    "EX_PROC_cs_wavelet_type",
]
TABLES = [
    "EX_DIFF_array_",
    "EX_DIFF_direction_ix_array",
    "EX_DIFF_weighting_ix_array",
    "EX_DIFF_nr_dti_",
    "EX_DIFF_dti_scheme_name",
    "EX_DIFF_grad_factor",
    "EX_DIFF_ud_nr_weightings",
]
BOXES = [
    "EX_AS_vols",
    "EX_ASVOLS_",
    "EX_AS_shim_align",
    "EX_AS_volumePrepDir",
    "EX_AS_adapt_rf_shim_plan_vol_ix",
]
# Switch, texts, records with the value of a new one, cards and scans that have it on; then what differs.
PARTNERS: list[tuple[Any, ...]] = [
    ("EX_ACQ_se_rep_time_enum", RANGE, {"EX_ACQ_se_rep_time": None}, 5, 24),
    ("EX_ACQ_ffe_rep_time_enum", USER, {"EX_ACQ_ffe_rep_time": None}, 3, 10),
    ("EX_ACQ_ir_rep_time_enum", RANGE, {"EX_ACQ_ir_rep_time": None}, 1, 1),
    ("EX_ACQ_echo_time_step_enum", USER, {"EX_ACQ_echo_time_step": None}, 3, 5),
    ("EX_TFEPP_pre_T1_delay_enum", USER, {"EX_TFEPP_pre_T1_delay": None}, 2, 2),
    ("EX_TFE_interval_enum", USER, {"EX_TFE_interval": None}, 1, 1),
    ("EX_ACQ_water_fat_shift", USER, {"EX_ACQ_user_def_water_fat_shift": None}, 4, 16),
    ("EX_ACQ_foldover_sup2", USER, {"EX_GEO_p_ovs_area_pos": None, "EX_GEO_p_ovs_area_neg": None}, 3, 18),
    ("EX_GEO_slice_oversampling", USER, {"EX_GEO_slice_oversample_factor": None}, 2, 3),
    ("EX_RFE_refoc_control", {"YES", "PSS", "PSS_FAST"}, {"EX_RFE_refoc_angle": None}, 3, 19),
    ("EX_ACQ_partial_matrix", {"YES", "DEFAULT"}, {"EX_ACQ_partial_matrix_factor": None}, 4, 9),
    ("EX_GEO_sense_enable", {"YES"}, {"EX_GEO_sense_p_red_factor": None}, 3, 20,
     {"family": ["EX_GEO_sense_s_red_factor"]}),
    ("EX_ACQ_cs_enable", {"YES"}, {"EX_ACQ_cs_factor": None}, 0, 0,
     {"family": ["EX_ACQ_cs_", "EX_PROC_cs_"], "spares": ["EX_ACQ_cs_enable", "EX_ACQ_cs_expert_mode"],
      "is_held": False}),
    ("EX_ACQ_accelerationMethod", {"CS", "CS_AI"}, dict.fromkeys(CS_ALL), 2, 25,
     {"family": ["EX_ACQ_cs_", "EX_PROC_cs_"], "spares": ["EX_ACQ_cs_expert_mode"]}),
    ("EX_MB_multiband", {"YES"}, {"EX_MB_multiband_factor": None, "EX_MB_multiband_shift_mode": "DEFAULT"},
     1, 8, {"family": ["EX_MB_multiband_"]}),
    ("EX_SPIR_fat_suppression", {"SPIR", "SPAIR"}, {"EX_SPIR_freq_offset_enum_fat_sup": "DEFAULT"}, 4, 19,
     {"family": ["EX_SPIR_freq_offset_fat_sup"]}),
    ("EX_SPIR_fat_suppression", {"SPIR"}, {"EX_SPIR_strength": "STRONG"}, 4, 13),
    ("EX_SPIR_fat_suppression", {"SPAIR"},
     {"EX_SPIR_strength_spair": "1", "EX_SPIR_adiab_inv_delay_fs_sel": "DEFAULT"}, 2, 6,
     {"extra": {"EX_SPIR_adiab_inv_suppr_level": "STRONG"}}),
    ("EX_CARD_sync", {"TRIG", "GATE", "RETRO"}, {"EX_CARD_device": "PPU"}, 1, 1,
     {"family": ["EX_CARD_"], "spares": ["EX_CARD_sync", "EX_CARD_high_heart_rate"]}),
    ("EX_DYN_study", {"INDIVIDUAL", "BLOCK", "CONTRASTPHASES"},
     {"EX_DYN_nr_scans": None, "EX_DYN_nr_dummy_dynamic_scans": 0, "EX_DYN_scan_begin_times": "SHORTEST",
      "EX_DYN_pro_motion_corr": "NO"}, 3, 9,
     {"extra": {"EX_DYN_fov_plan_mode": "VOXEL", "EX_DYN_fast_next_enable": "NO",
                "EX_DYN_keyh_enable": "NO"}}),
    ("EX_DIFF_enable", {"DTI"}, {"EX_DIFF_directional_resolution": None}, 2, 3, {"family": TABLES}),
    ("EX_DIFF_enable", {"DWI", "DTI"}, {"EX_DIFF_use_magnet_frame": "NO"}, 3, 4),
    ("EX_DIFF_average_high_b", USER, {"EX_DIFF_nr_averages": None}, 1, 1),
    ("EX_DIFF_b_order", USER, {"EX_DIFF_b_factors": None}, 0, 0, {"is_held": False}),
    ("EX_AS_shim", {"VOLUME", "HOS_VOLUME", "IBS_VOLUME"}, {"EX_AS_vols": None}, 3, 10,
     {"family": BOXES, "is_held": False}),
]  # fmt: skip


def test_records_that_come_with_a_switch() -> None:
    """As the notes measured them: section 7, rule 2, and ``present_when`` of the key table."""
    found = [
        (str(p.switch), set(p.texts), dict(p.records), p.files, p.scans,
         {name: value for name, value in (
             ("family", list(p.family)), ("spares", list(p.spares)), ("extra", dict(p.extra)),
         ) if value} | ({} if p.is_held else {"is_held": False}))
        for p in facts.PARTNERS
    ]  # fmt: skip
    assert found == [(*row[:5], row[5] if len(row) > 5 else {}) for row in PARTNERS]
    held = [row for row in PARTNERS if len(row) < 6 or row[5].get("is_held", True)]
    names = [f"{row[0]}-{'-'.join(sorted(row[1]))}" for row in held]
    assert [one.name for one in relations()][: len(names)] == names
    assert [(one.files, one.steps) for one in relations()][: len(names)] == [row[3:5] for row in held]
    inserted = {name for row in PARTNERS for name in row[2]}
    inserted |= {name for row in PARTNERS for name in (row[5] if len(row) > 5 else {}).get("extra", ())}
    assert inserted | {
        "EX_ACQ_first_echo_time", "EX_ACQ_second_echo_time", "EX_ACQ_partial_partition_factor",
        "EX_GEO_sense_s_red_factor", "EX_ACQ_se_rep_time_enum", "EX_DIFF_b_order", "EX_DIFF_b_factor",
        "EX_DIFF_nr_weightings", "EX_DIFF_average_high_b",
    } == CONDITIONAL  # fmt: skip


def test_licence_bits() -> None:
    """Bits of the notes, section 16, each with what a scan holds that needs it, and with what it does not."""
    for bit, needs, spares in (
        (94, {"EX_MB_multiband": "YES"}, {"EX_MB_multiband": "NO"}),
        (22, {"EX_DIFF_enable": "DWI"}, {"EX_DIFF_enable": "DTI"}),
        (23, {"EX_DIFF_enable": "DTI"}, {"EX_DIFF_enable": "DWI"}),
        (206, {"EX_ACQ_accelerationMethod": "CS_AI"}, {"EX_ACQ_accelerationMethod": "CS"}),
        (210, {"EX_ACQ_mode": "PROPELLER"}, {"EX_ACQ_mode": "RADIAL"}),
        (212, {"EX_ACQ_accelerationMethod": "CS", "EX_ACQ_fast_imaging_mode": "EPI"},
         {"EX_ACQ_accelerationMethod": "CS", "EX_ACQ_fast_imaging_mode": "TSE"}),
        (212, {"EX_ACQ_accelerationMethod": "CS", "EX_ACQ_fast_imaging_mode": "EPI"},
         {"EX_ACQ_accelerationMethod": "CS_AI", "EX_ACQ_fast_imaging_mode": "EPI"}),
    ):  # fmt: skip
        scan, other = (Settings(values, 3.0, is_template=False) for values in (needs, spares))
        assert (facts.LICENCES[bit](scan.now), facts.LICENCES[bit](other.now)) == (True, False), bit
    assert facts.LICENCES.keys() == {22, 23, 94, 206, 210, 212}


PLAIN = {"EX_ACQ_imaging_sequence": "SE", "EX_ACQ_fast_imaging_mode": "TSE", "EX_ACQ_scan_mode": "MS"}
# Parameter, what it holds, the neutral field, what that means, and what is written for it.
ROWS: list[tuple[str, Any, str, Any, Any]] = [
    ("EX_ACQ_flip_angle", 9.0, "flip_angle", 9.0, 9.0),
    ("EX_MTC_enable", "NO", "magnetization_transfer", False, "NO"),
    ("EX_MTC_enable", "OFF_RES", "magnetization_transfer", True, "OFF_RES"),
    ("EX_MTC_enable", "ON_RES", "magnetization_transfer", True, "OFF_RES"),
    ("EX_MTC_enable", "OFF_RES_MULTI_PULSE", "magnetization_transfer", True, "OFF_RES"),
    ("EX_MTC_enable", "OFF_RES_INHOMOGENEOUS", "magnetization_transfer", True, "OFF_RES"),
    ("EX_ACQ_flow_compensation", "NO", "flow_compensation", "none", "NO"),
    ("EX_ACQ_flow_compensation", "YES", "flow_compensation", "yes", "YES"),
    ("EX_ACQ_flow_compensation", "FIRST_ECHO", "flow_compensation", "yes", "YES"),
    ("EX_ACQ_flow_compensation", "SECOND_ECHO", "flow_compensation", "yes", "YES"),
    ("EX_ACQ_flow_compensation", "BOTH_ECHOES", "flow_compensation", "yes", "YES"),
    ("EX_ACQ_flow_compensation", "ALL_ECHOES", "flow_compensation", "yes", "YES"),
    ("EX_ACQ_slice_order", "ASCEND", "slice_order", "ascending", "ASCEND"),
    ("EX_ACQ_slice_order", "DESCEND", "slice_order", "descending", "DESCEND"),
    ("EX_ACQ_slice_order", "INTERLEAVED", "slice_order", "interleaved", "INTERLEAVED"),
    ("EX_PROC_geometry_correction", "NONE", "distortion_correction", "none", "NONE"),
    ("EX_PROC_geometry_correction", "2D", "distortion_correction", "2D", "2D"),
    ("EX_PROC_geometry_correction", "3D", "distortion_correction", "3D", "3D"),
    ("EX_PROC_uniformity_app", "CLEAR", "intensity_normalization", True, "CLEAR"),
    ("EX_PROC_uniformity_app", "BT_CLEAR", "intensity_normalization", True, "CLEAR"),
    ("EX_PROC_uniformity_app", "CLAS_SYN", "intensity_normalization", False, "CLAS_SYN"),
    ("EX_PROC_uniformity_app", "SYN", "intensity_normalization", False, "CLAS_SYN"),
    ("EX_ACQ_gradient_mode", "MAXIMUM", "gradient_mode", "MAXIMUM", "MAXIMUM"),
    ("EX_ACQ_gradient_mode", "ENHANCED", "gradient_mode", "ENHANCED", "ENHANCED"),
    ("EX_COIL_control_SAR_mode", "MODERATE", "specific_absorption_rate_mode", "MODERATE", "MODERATE"),
    ("EX_COIL_control_SAR_mode", "ULTRA_LOW", "specific_absorption_rate_mode", "ULTRA_LOW", "ULTRA_LOW"),
    ("EX_FLL_delay", 1800.0, "post_labelling_delay", 1800.0, 1800.0),
]


def test_fields_that_one_record_says() -> None:
    wrong = []
    for name, stored, field, meant, written in ROWS:
        notes: list[Any] = []
        read = fields(ScanValues(PLAIN | {name: stored}, 3.0, False, lambda *one: notes.append(one)))  # noqa: B023
        settings = Settings(PLAIN, 3.0, is_template=True)
        express(Acquisition(name="x", **{field: meant}), settings, None)
        if (read.get(field), settings.wanted.get(name)) != (meant, written):
            wrong.append((name, stored, read.get(field), settings.wanted.get(name)))
        if any(one[0] == field for one in notes):
            wrong.append((name, stored, notes))
    assert wrong == []


def test_what_a_row_cannot_say_is_said_so() -> None:
    for name, text, field, code in (
        ("EX_PROC_uniformity_app", "UNIFORM", "intensity_normalization", "not-understood"),
        ("EX_ACQ_flow_compensation", "OBSOLETE", "flow_compensation", "not-stated"),
        ("EX_ACQ_slice_order", "CENTRAL", "slice_order", "not-stated"),
        ("EX_ACQ_slice_order", "REV_CENTRAL", "slice_order", "not-stated"),
        ("EX_ACQ_slice_order", "USER_DEF", "slice_order", "not-stated"),
        ("EX_PROC_geometry_correction", "DEFAULT", "distortion_correction", "not-stated"),
    ):
        notes: list[tuple[str, str]] = []
        found = fields(
            ScanValues(PLAIN | {name: text}, 3.0, False, lambda f, c, m: notes.append((f, c)))  # noqa: B023
        )
        assert found.get(field) is None and (field, code) in notes, (name, text, notes)
    for wanted, written in (("readout", "YES"), ("slice", "YES"), ("all", "YES")):
        reasons = Reasons()
        settings = Settings(PLAIN, 3.0, is_template=True, reasons=reasons.at(None))
        express(Acquisition(name="x", flow_compensation=wanted), settings, None)  # type: ignore[arg-type]
        assert settings.wanted["EX_ACQ_flow_compensation"] == written


def test_systems_regions_and_sides() -> None:
    writer.refuse_field(Target(vendor="philips", field_strength=1.5))
    assert facts.FIELD_STRENGTHS == {
        "AWASW_MST_T15": 1.5, "AWASW_MST_WA15": 1.5, "AWASW_MST_T30": 3.0, "AWASW_MST_WA30": 3.0,
    }  # fmt: skip
    assert facts.SYSTEMS == {1.5: "AWASW_MST_T15", 3.0: "AWASW_MST_T30"}
    assert facts.REGIONS == {
        "brain": ("SRT.T-A0100.Brain", "Head"), "spine": ("SRT.T-D0146.Spine", "Spine"),
    }  # fmt: skip
    assert facts.SIDES_OF_BODY == {"left": "L", "right": "R"}
    assert facts.UNSET_POSITION == 2.1e9
    assert facts.MAX_STACKS == 20
    assert set(facts.BAND_RECORDS) == {
        "EX_REST_slabs_", "EX_RESTSLABS_", "EX_REST_in_segm", "EX_REST_timed", "EX_REST_delay",
    }  # fmt: skip


def test_reasons_are_of_fields() -> None:
    known = {"kind"}.union(*(field_table(kind) for kind in (Acquisition, Contrast, Pause, Reformat)))
    assert set(facts.REASONS) <= known
    scan = cards.T1.model_copy(update={"receive_coils": ("HEAD",), "slab_overlap": 5.0, "body_part": "brain"})
    lost = {loss.field: loss.reason for loss in cards.build(Protocol(name="x", steps=(scan,))).losses}
    assert lost["receive_coils"] == "planned or chosen on the console, for each patient"
    assert lost["slab_overlap"] == "no parameter of an ExamCard is known for it"
