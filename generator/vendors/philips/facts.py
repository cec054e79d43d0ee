"""The key table: every Philips parameter that means a neutral field, once.

Reader, writer and donor patch all take their parameter names from here; numbers have the units of the tree,
shares are in percent and the fat shift in pixels. ``texts`` is the enum list of R5.7, which new records get
and printed words are looked up in; blocks to R5.9 carry their own lists and those are believed first.
``proved`` is for R11.1, whose blocks hold bare numbers: only the indices whose meaning the format notes call
forced or consistent; every other number stays a number and is reported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from generator.vendors.philips.container.block import ENUM, FLOAT, INTEGER, TEXT
from generator.vendors.rows import Codes, Number, Row


class Key(str):
    """The name of a parameter, with what is known about it.

    Attributes
    ----------
    kind : int
        Float, integer, text or enum.
    field : str
        The neutral field it bears on, empty for switches between several.
    texts : tuple of str
        Enum list of R5.7.
    proved : dict of int to str
        Meaning of the indices of R11.1.
    size : int
        Number of values.
    printed : tuple of str
        Labels of a printout; one below another row as ``parent/label``, with its unit as ``label (unit)``.
    """

    kind: int
    field: str
    texts: tuple[str, ...]
    proved: dict[int, str]
    size: int
    printed: tuple[str, ...]


ALL: dict[str, Key] = {}


def _key(
    name: str, kind: int, field: str, size: int = 1, printed: str = "", texts: str = "", proved: str = ""
) -> Key:  # fmt: skip
    key = Key(name)
    key.kind, key.field, key.size = kind, field, size
    key.texts = tuple(texts.split(",")) if texts else ()
    key.proved = {int(i): text for i, _, text in (pair.partition("=") for pair in proved.split())}
    key.printed = tuple(printed.split("|")) if printed else ()
    ALL[name] = key
    return key


def _float(name: str, field: str, size: int = 1, printed: str = "") -> Key:
    return _key(name, FLOAT, field, size, printed)


def _int(name: str, field: str, size: int = 1, printed: str = "") -> Key:
    return _key(name, INTEGER, field, size, printed)


def _text(name: str, field: str, size: int = 1, printed: str = "") -> Key:
    return _key(name, TEXT, field, size, printed)


def _enum(name: str, field: str, texts: str = "", proved: str = "", size: int = 1, printed: str = "") -> Key:
    return _key(name, ENUM, field, size, printed, texts, proved)


_RANGE = "MANUAL,DEFAULT,SHORTEST,USER_DEF,LONGEST,BETWEEN"
_ECHO = "NOT_USED1,SHORT,SHORTEST,USER_DEF,NOT_USED3,INPHASE,OUTPHASE"
_LIMITS = "DEFAULT,MINIMUM,USER_DEF,MAXIMUM"
_YES = "NO,YES"
_PLANES = "TRANSVERSAL,SAGITTAL,CORONAL"
_AXES = "AP,LR,FH"
_SIDES = "R,L,A,P,F,H"

# fmt: off
# What kind of scan it is.
SCAN_TYPE = _enum("EX_ACQ_scan_type", "technique", "IMAGING,SPECTRO", "0=IMAGING", printed="Scan type")
SEQUENCE = _enum("EX_ACQ_imaging_sequence", "technique", "SE,IR,MIXED,FFE,ECHO,FID", "0=SE 1=IR 3=FFE",
    printed="technique")
FAST_MODE = _enum("EX_ACQ_fast_imaging_mode", "technique", "NO,TSE,TFE,EPI,GRASE,TFE_EPI,TSI",
    "0=NO 1=TSE 2=TFE 3=EPI", printed="Fast Imaging mode")
SHOT_MODE = _enum("EX_ACQ_shot_mode", "number_of_shots", "MSH,SSH,DEFAULT", "0=MSH 1=SSH",
    printed="shot mode")
SPOILING = _enum("EX_FFE_ceffe", "technique", "NO,T1,T2,HYBRID", "0=NO 1=T1", printed="Contrast enhancement")
SCAN_MODE = _enum("EX_ACQ_scan_mode", "mr_acquisition_type", "2D,3D,MS,M2D,SV,1D", "3=3D 4=MS 5=M2D",
    printed="Scan mode")
TRAJECTORY = _enum("EX_ACQ_mode", "readout", "CARTESIAN,RADIAL,SPIRAL,PROPELLER", "0=CARTESIAN 4=PROPELLER",
    printed="Acquisition mode")
PRE_SCAN = _enum("EX_ACQ_enable_pre_scan", "technique",
    "NO,SENSE_REF_CLASSIC,SENSE_REF_FAST,COILSURVEY,COILSURVEY_FAST,SENSE_REF_HYBRID,SENSE_REF_TSE", "0=NO")
B0_MAP = _enum("EX_ACQ_b0_map", "technique", "NO,YES,CAL,PRE_SCAN", "0=NO", printed="B0 field map")
B0_MAP_OLD = _enum("EX_ACQ_B0_map", "technique")
B1_MAP = _enum("EX_ACQ_b1_map", "technique", "NO,YES,CAL", "0=NO", printed="B1 field map")
B1_MAP_OLD = _enum("EX_ACQ_B1_map", "technique")
LABELLING = _enum("EX_FLL_mode", "technique", "NO,FAIR,STAR,pCASL,TIMESLIP,CINEMA", "0=NO",
    printed="Arterial Spin labeling")
SECOND_INVERSION = _enum("EX_IR_inv_2nd", "second_inversion_time", _YES, "0=NO")
SECOND_INVERSION_OLD = _enum("EX_IR_2nd_inv", "second_inversion_time")
MP2RAGE = _enum("EX_TFEPP_MP2RAGE", "technique", _YES)
ANGIO = _enum("EX_PC_angio_mode", "technique", "NO,INFLOW,PC,CE", "0=NO", printed="Angio / Contrast enh.")
SUSCEPTIBILITY = _enum("EX_PROC_padre", "technique", _YES, "0=NO 1=YES", printed="SWIp")

# Times and angles.
SE_TR_MODE = _enum("EX_ACQ_se_rep_time_enum", "repetition_time", _RANGE, "2=SHORTEST 3=USER_DEF 5=BETWEEN")
SE_TR = _float("EX_ACQ_se_rep_time", "repetition_time")
SE_TR_MAX = _float("EX_ACQ_se_rep_time2", "repetition_time")
IR_TR_MODE = _enum("EX_ACQ_ir_rep_time_enum", "repetition_time", _RANGE, "5=BETWEEN")
IR_TR = _float("EX_ACQ_ir_rep_time", "repetition_time")
IR_TR_MAX = _float("EX_ACQ_ir_rep_time2", "repetition_time")
FFE_TR_MODE = _enum("EX_ACQ_ffe_rep_time_enum", "repetition_time", _RANGE, "2=SHORTEST 3=USER_DEF")
FFE_TR = _float("EX_ACQ_ffe_rep_time", "repetition_time")
HEART_BEATS = _int("EX_CARD_min_hb_int_beats", "rr_intervals", printed="TR (beats)")
ACTUAL_TIMES = _text("IF_act_rep_time_echo_time", "repetition_time",
    printed="Act. TR/TE (ms)|Act. TR/TE1/delta TE (ms)|Act. TR/TI (ms)|Act. TR (ms)")
ECHOES = _int("EX_ACQ_echoes", "echo_times", printed="Echoes")
TE_MODE = _enum("EX_ACQ_first_echo_time_enum", "echo_times", _ECHO, "2=SHORTEST 3=USER_DEF 5=INPHASE",
    printed="TE|TE first")
TE = _float("EX_ACQ_first_echo_time", "echo_times", printed="TE (ms)|TE first (ms)")
SECOND_TE_MODE = _enum("EX_ACQ_second_echo_time_enum", "echo_times", _ECHO, printed="TE second")
SECOND_TE = _float("EX_ACQ_second_echo_time", "echo_times", printed="TE second (ms)")
ECHO_STEP_MODE = _enum("EX_ACQ_echo_time_step_enum", "echo_times", _ECHO, "3=USER_DEF",
    printed="echospacing|delta TE")
ECHO_STEP = _float("EX_ACQ_echo_time_step", "echo_times", printed="echospacing (ms)|delta TE (ms)")
ACTUAL_SE_TE = _text("IF_act_SE_echo_time", "echo_times", printed="Act. TE (ms)")
TI = _float("EX_IR_delay", "inversion_time", printed="IR delay (ms)")
PREPULSE = _enum("EX_TFEPP_prepulses", "inversion_time", "NONE,INV,SAT,BBI", printed="TFE prepulse")
PREPULSE_DELAY_MODE = _enum("EX_TFEPP_pre_T1_delay_enum", "inversion_time", _RANGE, "2=SHORTEST",
    printed="TFE prepulse/delay")
PREPULSE_DELAY = _float("EX_TFEPP_pre_T1_delay", "inversion_time", printed="delay (ms)")
FLIP = _float("EX_ACQ_flip_angle", "flip_angle", printed="Flip angle (deg)")
REFOCUSING = _enum("EX_RFE_refoc_control", "refocusing_flip_angle", "NO,YES,TISS_SPEC,PSS,PSS_FAST",
    "0=NO 1=YES 3=PSS 4=PSS_FAST", printed="Refocusing control")
REFOCUSING_ANGLE = _float("EX_RFE_refoc_angle", "refocusing_flip_angle",
    printed="Refocusing control/angle (deg)")
SHOT_INTERVAL_MODE = _enum("EX_TFE_interval_enum", "repetition_time_preparation", _RANGE,
    printed="shot interval")
SHOT_INTERVAL = _float("EX_TFE_interval", "repetition_time_preparation", printed="shot interval (ms)")
ACTUAL_SHOT_INTERVAL = _float("IF_tfe_shot_interval", "repetition_time_preparation")
TFE_SHOTS = _int("IF_tfe_shots", "number_of_shots", printed="TFE shots")
TSE_SPACING = _text("IF_echo_spacing_shot_dur", "echo_spacing", printed="TSE es / shot (ms)")
TFE_DURATION = _text("IF_tfe_shot_acq_dur", "echo_train_duration", printed="TFE dur. shot / acq (ms)")
SCAN_TIME = _text("IF_str_total_scan_time", "acquisition_duration", printed="Total scan duration")

# Echo trains and bandwidth.
TSE_FACTOR = _int("EX_RFE_tse_factor", "echo_train_length")
TSE_FACTOR_SHOWN = _int("IF_tse_factor", "echo_train_length", printed="TSE factor")
TFE_FACTOR = _int("EX_TFE_factor", "echo_train_length")
TFE_FACTOR_SHOWN = _int("IF_tfe_factor", "echo_train_length", printed="TFE factor")
EPI_FACTOR = _int("EX_ACQ_epi_factor", "echo_train_length")
EPI_FACTOR_SHOWN = _int("IF_epi_factor", "echo_train_length", printed="EPI factor")
SHIFT_MODE = _enum("EX_ACQ_water_fat_shift", "pixel_bandwidth", _LIMITS, "1=MINIMUM 2=USER_DEF 3=MAXIMUM",
    printed="Water-fat shift")
SHIFT = _float("EX_ACQ_user_def_water_fat_shift", "pixel_bandwidth", printed="Water-fat shift (pixels)")
ACTUAL_SHIFT = _text("IF_wf_shift_bw_per_pix_echo1", "pixel_bandwidth",
    printed="Act. WFS (pix) / BW (Hz)|WFS (pix) / BW (Hz)")
EPI_BANDWIDTH = _text("IF_bw_per_pix_EPI_read_out", "pixel_bandwidth",
    printed="BW in EPI freq. dir. (Hz)")

# Geometry.
FOV = _float("EX_GEO_fov", "field_of_view")
FOV_PHASE = _float("EX_GEO_fov_p", "field_of_view")
FOV_PERCENT = _float("EX_GEO_rect_fov_perc", "field_of_view")
FOV_SLICE = _float("EX_GEO_stacks_fov_ss", "slab_thickness", size=20)
VOXEL_READ = _float("EX_GEO_voxel_size_m", "voxel_size")
VOXEL_PHASE = _float("EX_GEO_voxel_size_p", "voxel_size")
VOXEL_SLICE = _float("EX_GEO_acq_voxel_size_s", "voxel_size")
VOXEL_SLICE_SHOWN = _float("EX_GEO_voxel_size_s", "voxel_size")
MATRIX_READ = _int("EX_ACQ_scan_resol", "acquisition_matrix")
MATRIX_SHOWN = _text("IF_meas_matrix_size", "acquisition_matrix", printed="ACQ matrix M x P")
VOXEL_SHOWN = _text("IF_meas_voxel_size", "voxel_size", printed="ACQ voxel MPS (mm)")
THICKNESS = _float("EX_GEO_slice_thickness", "slice_thickness", printed="Slice thickness (mm)")
THICKNESS_ACQUIRED = _float("EX_GEO_acq_slice_thickness", "slice_thickness")
OVERCONTIGUOUS = _enum("EX_ACQ_overcont_slices", "slice_thickness", _YES, printed="Overcontiguous slices")
GAP_MODE = _enum("EX_GEO_slice_gap_mode", "slice_gap", _LIMITS, "0=DEFAULT 2=USER_DEF",
    printed="Stacks/slice gap")
GAP_SHOWN = _float("IF_act_slice_gap", "slice_gap", printed="Act. slice gap (mm)")
STACKS = _int("EX_GEO_stacks", "number_of_slices", printed="Stacks")
STACK_SLICES = _int("EX_GEO_stacks_slices", "number_of_slices", size=20, printed="Stacks/slices")
STACK_GAPS = _float("EX_GEO_stacks_slice_gaps", "slice_gap", size=20, printed="Stacks/gap (mm)")
STACK_PLANES = _enum("EX_GEO_stacks_orientations", "plane", _PLANES, size=20,
    printed="Stacks/slice orientation")
STACK_PHASES = _enum("EX_GEO_stacks_prep_dirs", "phase_encoding_direction", _AXES, size=20,
    printed="Stacks/fold-over direction")
STACK_SHIFTS = _enum("EX_GEO_stacks_fat_shift_dirs", "phase_encoding_direction", _SIDES, size=20,
    printed="Stacks/fat shift direction")
PACKAGES = _int("IF_info_packages", "concatenations", printed="Packages")
PACKAGES_MIN = _int("EX_ACQ_min_nr_packages", "concatenations", printed="Minimum number of packages")
FOLDOVER = _enum("EX_ACQ_foldover_sup2", "phase_oversampling", "NO,USER_DEF,REST,ZOOM", "0=NO 1=USER_DEF",
    printed="Fold-over suppression")
FOLDOVER_OLD = _enum("EX_ACQ_foldover_sup", "phase_oversampling")
FOLDOVER_POSITIVE = _float("EX_GEO_p_ovs_area_pos", "phase_oversampling")
FOLDOVER_NEGATIVE = _float("EX_GEO_p_ovs_area_neg", "phase_oversampling")
SLICE_OVERSAMPLING = _enum("EX_GEO_slice_oversampling", "slice_oversampling", _RANGE, "1=DEFAULT",
    printed="Slice oversampling")
SLICE_OVERSAMPLING_FACTOR = _float("EX_GEO_slice_oversample_factor", "slice_oversampling",
    printed="oversample factor")

# Sampling and acceleration.
AVERAGES = _float("EX_ACQ_measurements", "number_of_averages", printed="NSA")
HALF_SCAN = _enum("EX_ACQ_partial_matrix", "partial_fourier_phase", "NO,YES,DEFAULT", "0=NO 1=YES",
    printed="Halfscan")
HALF_SCAN_FACTOR = _float("EX_ACQ_partial_matrix_factor", "partial_fourier_phase",
    printed="Halfscan/factor|Halfscan/factor Y")
HALF_SCAN_SLICE = _float("EX_ACQ_partial_partition_factor", "partial_fourier_slice",
    printed="Halfscan/factor Z")
HALF_SCAN_SHOWN = _float("IF_act_half_scan_factor", "partial_fourier_phase", printed="Act. half scan factor")
SHUTTER = _enum("EX_ACQ_kspace_shutter", "elliptical_scanning", "NO,DEFAULT", "1=DEFAULT",
    printed="Elliptical k-space shutter")
SAMPLED_PERCENT = _float("EX_ACQ_reduced_acq_time", "elliptical_scanning")
SCAN_PERCENT = _float("IF_scan_percentage", "elliptical_scanning", printed="Scan percentage (%)")
SENSE = _enum("EX_GEO_sense_enable", "parallel_reduction_factor_in_plane", _YES, printed="SENSE")
SENSE_PHASE = _float("EX_GEO_sense_p_red_factor", "parallel_reduction_factor_in_plane")
SENSE_SLICE = _float("EX_GEO_sense_s_red_factor", "parallel_reduction_factor_out_of_plane")
ACCELERATION = _enum("EX_ACQ_accelerationMethod", "compressed_sensing_factor", proved="0=NO 2=CS 3=CS_AI")
COMPRESSED = _enum("EX_ACQ_cs_enable", "compressed_sensing_factor", _YES, printed="Compressed SENSE|CS-SENSE")
COMPRESSED_FACTOR = _float("EX_ACQ_cs_factor", "compressed_sensing_factor")
MULTIBAND = _enum("EX_MB_multiband", "multiband_factor", _YES, "0=NO", printed="MB SENSE")
MULTIBAND_FACTOR = _int("EX_MB_multiband_factor", "multiband_factor", printed="MB SENSE/MB Factor|MB Factor")

# Preparation, diffusion, dynamics, synchronisation, images.
FAT = _enum("EX_SPIR_fat_suppression", "fat_suppression", "NO,SPIR,SPAIR,PROSET", "0=NO 1=SPIR 2=SPAIR",
    printed="Fat suppression")
FAT_STRENGTH = _enum("EX_SPIR_strength", "fat_suppression", "WEAK,MEDIUM,STRONG")
FAT_STRENGTH_SPAIR = _enum("EX_SPIR_strength_spair", "fat_suppression", "1,2,3,4")
DIXON = _enum("EX_ACQ_dixon", "fat_suppression", "NO,YES,QUANT", "0=NO 1=YES", printed="mDIXON")
TRANSFER = _enum("EX_MTC_enable", "magnetization_transfer", "NO,ON_RES,OFF_RES,OFF_RES_MULTI_PULSE", "0=NO",
    printed="MTC")
DIFFUSION = _enum("EX_DIFF_enable", "b_values", "NO,DWI,DTI", "0=NO 1=DWI", printed="Diffusion mode")
B_COUNT = _int("EX_DIFF_nr_weightings", "b_values", printed="nr of b-factors")
B_ORDER = _enum("EX_DIFF_b_order", "b_values", "LIN,USER_DEF,FILE", "0=LIN", printed="b-factor order")
B_MAX = _int("EX_DIFF_b_factor", "b_values", printed="max b-factor")
B_LIST = _int("EX_DIFF_b_factors", "b_values", size=1024)
B_AVERAGING = _enum("EX_DIFF_average_high_b", "b_value_averages", "NO,YES,USER_DEF", printed="average high b")
B_AVERAGES = _int("EX_DIFF_nr_averages", "b_value_averages", size=1024)
DIRECTIONS = _enum("EX_DIFF_directional_resolution", "diffusion_directions", "LOW,MEDIUM,HIGH,OPT6,OPT8,"
    "OPT10,OPT12,OPT16,OPT20,OPT24,OPT32,OPT40,OPT48,OPT56,OPT64,OPT80,OPT96,OPT112,OPT128,OTHER1,OTHER2,"
    "OTHER3,OTHER4,OTHER5,OTHER6,FILE,FILE_LOAD_NEW,FILE_ERROR", printed="directional resolution")
USER_DIRECTIONS = _int("EX_DIFF_nr_of_directions", "diffusion_directions")
TABLE_VOLUMES = _int("EX_DIFF_nr_dti_vectors", "diffusion_directions")
TABLE_WEIGHTINGS = _int("EX_DIFF_ud_nr_weightings", "b_values")
TABLE_DIRECTIONS = _int("EX_DIFF_nr_dti_directions", "diffusion_directions")
SCHEME_NAME = _text("EX_DIFF_dti_scheme_name", "")
TABLE_B = _float("EX_DIFF_array_b", "b_values", size=1024)
TABLE_B_INDEX = _int("EX_DIFF_weighting_ix_array", "b_values", size=4096)
TABLE_DIRECTION_INDEX = _int("EX_DIFF_direction_ix_array", "diffusion_directions", size=4096)
DYNAMIC = _enum("EX_DYN_study", "number_of_temporal_positions", "NO,INDIVIDUAL,BLOCK,CONTRASTPHASES", "0=NO",
    printed="Dynamic study")
DYNAMICS = _int("EX_DYN_nr_scans", "number_of_temporal_positions", printed="Dynamic study/dyn scans")
DUMMIES = _int("EX_DYN_nr_dummy_dynamic_scans", "number_of_volumes_discarded_by_scanner",
    printed="Dynamic study/dummy scans")
SATURATION_BANDS = _int("EX_REST_slabs", "saturation_bands", printed="REST slabs")
HEART = _enum("EX_CARD_sync", "gating", "NO,TRIG,GATE,RETRO", "0=NO", printed="Cardiac synchronization")
HEART_DEVICE = _enum("EX_CARD_device", "gating", "ECG,PPU,INT,EXT", printed="Cardiac synchronization/device")
BREATH = _enum("EX_RESP_synch", "gating", "NO,TRIG,HOLD,PEAR,GATE", "0=NO",
    printed="Respiratory compensation")
NAVIGATOR = _enum("EX_RNAV_resp_comp", "gating", "OFF,GATE,TRACK,GA_AND_TR,TRIGGER,TRIGGER_AND_TR", "0=OFF",
    printed="Navigator respiratory comp")
IMAGES = _enum("EX_PROC_image_types", "output_maps", "REAL,IMAGINARY,MODULUS,PHASE,NO", "2=MODULUS 4=NO",
    size=4, printed="Images")
FLOW = _enum("EX_ACQ_flow_compensation", "flow_compensation",
    "NO,YES,OBSOLETE,FIRST_ECHO,SECOND_ECHO,BOTH_ECHOES,ALL_ECHOES,ANTI", "0=NO 1=YES",
    printed="Flow compensation")
GRADIENT_MODE = _enum("EX_ACQ_gradient_mode", "gradient_mode",
    "REGULAR,DEFAULT,USER_DEF,FULL_CONTROL,MAXIMUM,ENHANCED,ENHANCED_MAX", "0=REGULAR 1=DEFAULT 4=MAXIMUM",
    printed="Gradient mode")
SAR_MODE = _enum("EX_COIL_control_SAR_mode", "specific_absorption_rate_mode",
    "HIGH,MODERATE,LOW,ULTRA_LOW,USER_DEFINED", printed="SAR mode")
GEOMETRY_CORRECTION = _enum("EX_PROC_geometry_correction", "distortion_correction", "NONE,2D,3D,DEFAULT",
    "3=DEFAULT", printed="Geometry correction")
UNIFORMITY = _enum("EX_PROC_uniformity_app", "intensity_normalization",
    "CLEAR,BT_CLEAR,SYN,CLAS_SYN,WEAK,STRONG,UNIFORM", "0=CLEAR 3=CLAS_SYN", printed="Uniformity")
SLICE_ORDER = _enum("EX_ACQ_slice_order", "slice_order",
    "DEFAULT,ASCEND,DESCEND,USER_DEF,CENTRAL,REV_CENTRAL,INTERLEAVED", "0=DEFAULT 6=INTERLEAVED",
    printed="Slice scan order")
ENTRY = _enum("EX_GEO_patient_position", "patient_position", "HEAD_FIRST,FEET_FIRST",
    "0=HEAD_FIRST 1=FEET_FIRST", printed="Patient position")
LYING = _enum("EX_GEO_patient_orientation", "patient_position", "SUPINE,PRONE,LEFT_DECUB,RIGHT_DECUB",
    "0=SUPINE", printed="Patient orientation")
LABEL_DELAY = _float("EX_FLL_delay", "post_labelling_delay")
RECON_RESOLUTION = _int("EX_PROC_recon_resol", "interpolation", printed="Reconstruction matrix")
COILS = _text("EX_GEO_compacted_coils", "receive_coils", size=10)
BAND_TYPES = _enum("EX_REST_slabs_types", "saturation_band_positions",
    "NONE,PARALLEL,PERPENDICULAR,FREE,CIRCULAR,M_FOLDOVER,P_FOLDOVER,S_FOLDOVER", size=12)
BAND_POSITIONS = _enum("EX_REST_slabs_positions", "saturation_band_positions",
    "CAUDAL,CRANIAL,LEFT,RIGHT,ANTERIOR,POSTERIOR", size=12)
TABLE_POSITION = _float("EX_GEO_stacks_table_long_pos", "table_position", size=20)
_PLACE = "Stack Offc. AP (P=+mm)"
ANGLES = {
    axis: _float(f"EX_GEO_stacks_{axis}_angulations", "oblique_angles", 20, f"{_PLACE}/{label} (deg)")
    for axis, label in (("ap", "Ang. AP"), ("lr", "RL"), ("fh", "FH"))
}
CHUNKS = _int("EX_ACQ_chunks", "number_of_slabs")
MULTI_CHUNK = _enum("EX_ACQ_multi_chunk", "number_of_slabs", "NO,YES,BY_THICKNESS", "0=NO",
    printed="Multi-chunk")
PATIENT_WEIGHT = _float("EX_ACQ_patient_weight", "")
SCAN_ID = _int("EX_single_scan_id", "")
RELEASE_ID = _int("GEX_CONV_id", "", size=3)

# Records that exist only with a switch, and what they hold where a scan gets them anew.
FAT_OFFSET_MODE = _enum("EX_SPIR_freq_offset_enum_fat_sup", "fat_suppression", _RANGE,
    "1=DEFAULT 3=USER_DEF")
FAT_OFFSET = _float("EX_SPIR_freq_offset_fat_sup", "fat_suppression")
SPAIR_DELAY = _enum("EX_SPIR_adiab_inv_delay_fs_sel", "fat_suppression", "USER_DEF,SHORTEST,DEFAULT",
    "2=DEFAULT")
SPAIR_LEVEL = _enum("EX_SPIR_adiab_inv_suppr_level", "fat_suppression", "STRONG,MEDIUM,WEAK", "0=STRONG")
MULTIBAND_SHIFT = _enum("EX_MB_multiband_shift_mode", "multiband_factor", "DEFAULT,USERDEF")
DYNAMIC_BEGIN = _enum("EX_DYN_scan_begin_times", "number_of_temporal_positions", "SHORTEST,MANUAL,USER_DEF")
DYNAMIC_PLAN = _enum("EX_DYN_fov_plan_mode", "number_of_temporal_positions", "VOXEL,MATRIX")
DYNAMIC_NEXT = _enum("EX_DYN_fast_next_enable", "number_of_temporal_positions", _YES)
DYNAMIC_MOTION = _enum("EX_DYN_pro_motion_corr", "number_of_temporal_positions", _YES)
DYNAMIC_KEYHOLE = _enum("EX_DYN_keyh_enable", "number_of_temporal_positions", _YES)
MAGNET_FRAME = _enum("EX_DIFF_use_magnet_frame", "diffusion_scheme", _YES, "0=NO 1=YES")
SHIM = _enum("EX_AS_shim", "", proved="0=DEFAULT 2=VOLUME")
SHIM_VOLUMES = _int("EX_AS_vols", "")
FILTER = _enum("EX_PROC_recon_filter", "")
COMPRESSED_HYBRID = _float("EX_ACQ_cs_factor_hybrid", "compressed_sensing_factor")
OFFCENTRES = {
    axis: _float(f"EX_GEO_stacks_{axis}_offcentres", "", size=20) for axis in ("ap", "lr", "fh")
}
# fmt: on
UNSET_POSITION = 2.1e9

# R5.9 and later: one set of records a stack, here with the index left open.
SET_SLICES = "EX_STACKS_{}__slices"
SET_PLANE = "EX_STACKS_{}__orientation"
SET_PHASE = "EX_STACKS_{}__prep_dir"
SET_SHIFT = "EX_STACKS_{}__fat_shift_dir"
SET_GAP = "EX_STACKS_{}__slice_gap"
SET_FOV = "EX_STACKS_{}__fov_s"
SET_ANGLES = {axis: f"EX_STACKS_{{}}__{axis}_angulation" for axis in ("ap", "lr", "fh")}
SET_OFFCENTRES = {axis: f"EX_STACKS_{{}}__{axis}_offcentre" for axis in ("ap", "lr", "fh")}
SET_BAND_TYPE = "EX_RESTSLABS_{}__type"
SET_BAND_POSITION = "EX_RESTSLABS_{}__position"
MAX_STACKS = 20
for _stack in range(MAX_STACKS):
    _enum(SET_PLANE.format(_stack), "", proved="0=TRANSVERSAL 1=SAGITTAL 2=CORONAL")
    _enum(SET_PHASE.format(_stack), "", proved="0=AP 1=LR 2=FH")
    _enum(SET_SHIFT.format(_stack), "", proved="1=L 2=A 3=P 4=F")

# Meaning of the bare enum numbers of R11.1.
PROVED_R11: dict[str, dict[int, str]] = {name: key.proved for name, key in ALL.items() if key.kind == ENUM}


class Partner(NamedTuple):
    """Records that exist exactly while a switch has one of some texts.

    Attributes
    ----------
    switch : str
    texts : frozenset of str
        With these the records are there.
    records : mapping of str to Any
        Name to the value of a new record; ``None`` where no neutral value is known, so that a scan gets the
        record of another scan of its card or keeps its switch.
    files, scans : int
        Cards and scans of the corpus that have the switch on; all scans agree, on or off.
    family : tuple of str
        Further records, by the beginning of their name, that go when the switch goes.
    spares : tuple of str
        Records of the family that are there without the switch too.
    extra : mapping of str to Any
        Records that come with the switch in the corpus, but not in every scan that the format notes count.
    is_held : bool
        Whether what is written is held to it; not where the notes know an exception or the corpus no scan.
    """

    switch: str
    texts: frozenset[str]
    records: Mapping[str, Any]
    files: int
    scans: int
    family: tuple[str, ...] = ()
    spares: tuple[str, ...] = ()
    extra: Mapping[str, Any] = MappingProxyType({})
    is_held: bool = True


def _with(*texts: str) -> frozenset[str]:
    return frozenset(texts)


_COMPRESSED_RECORDS = (
    COMPRESSED_FACTOR, COMPRESSED_HYBRID, "EX_ACQ_cs_p_factor", "EX_PROC_cs_auto_calibration",
    "EX_PROC_cs_denoise_level", "EX_PROC_cs_ena_cycle_spin", "EX_PROC_cs_iterations",
    "EX_PROC_cs_min_iterations", "EX_PROC_cs_regul_factor", "EX_PROC_cs_stop_cond_thr",
    "EX_PROC_cs_wavelet_type",
)  # fmt: skip
_CS = ("EX_ACQ_cs_", "EX_PROC_cs_")

# Measured over the 56 scans of five cards (R5.3 to R11.1); tests count them again.
PARTNERS = (
    Partner(SE_TR_MODE, _with("USER_DEF", "BETWEEN"), {SE_TR: None}, 5, 24),
    Partner(FFE_TR_MODE, _with("USER_DEF"), {FFE_TR: None}, 3, 10),
    Partner(IR_TR_MODE, _with("USER_DEF", "BETWEEN"), {IR_TR: None}, 1, 1),
    Partner(ECHO_STEP_MODE, _with("USER_DEF"), {ECHO_STEP: None}, 3, 5),
    Partner(PREPULSE_DELAY_MODE, _with("USER_DEF"), {PREPULSE_DELAY: None}, 2, 2),
    Partner(SHOT_INTERVAL_MODE, _with("USER_DEF"), {SHOT_INTERVAL: None}, 1, 1),
    Partner(SHIFT_MODE, _with("USER_DEF"), {SHIFT: None}, 4, 16),
    Partner(FOLDOVER, _with("USER_DEF"), {FOLDOVER_POSITIVE: None, FOLDOVER_NEGATIVE: None}, 3, 18),
    Partner(SLICE_OVERSAMPLING, _with("USER_DEF"), {SLICE_OVERSAMPLING_FACTOR: None}, 2, 3),
    Partner(REFOCUSING, _with("YES", "PSS", "PSS_FAST"), {REFOCUSING_ANGLE: None}, 3, 19),
    Partner(HALF_SCAN, _with("YES", "DEFAULT"), {HALF_SCAN_FACTOR: None}, 4, 9),
    Partner(SENSE, _with("YES"), {SENSE_PHASE: None}, 3, 20, ("EX_GEO_sense_s_red_factor",)),
    Partner(COMPRESSED, _with("YES"), {COMPRESSED_FACTOR: None}, 0, 0, _CS,
            (COMPRESSED, "EX_ACQ_cs_expert_mode"), is_held=False),
    Partner(ACCELERATION, _with("CS", "CS_AI"), dict.fromkeys(_COMPRESSED_RECORDS), 2, 25, _CS,
            ("EX_ACQ_cs_expert_mode",)),
    Partner(MULTIBAND, _with("YES"), {MULTIBAND_FACTOR: None, MULTIBAND_SHIFT: "DEFAULT"}, 1, 8,
            ("EX_MB_multiband_",)),
    Partner(FAT, _with("SPIR", "SPAIR"), {FAT_OFFSET_MODE: "DEFAULT"}, 4, 19, (FAT_OFFSET,)),
    Partner(FAT, _with("SPIR"), {FAT_STRENGTH: "STRONG"}, 4, 13),
    Partner(FAT, _with("SPAIR"),
            {FAT_STRENGTH_SPAIR: "1", SPAIR_DELAY: "DEFAULT"}, 2, 6, extra={SPAIR_LEVEL: "STRONG"}),
    Partner(HEART, _with("TRIG", "GATE", "RETRO"), {HEART_DEVICE: "PPU"}, 1, 1, ("EX_CARD_",),
            ("EX_CARD_sync", "EX_CARD_high_heart_rate")),
    Partner(DYNAMIC, _with("INDIVIDUAL", "BLOCK", "CONTRASTPHASES"),
            {DYNAMICS: None, DUMMIES: 0, DYNAMIC_BEGIN: "SHORTEST", DYNAMIC_MOTION: "NO"}, 3, 9,
            extra={DYNAMIC_PLAN: "VOXEL", DYNAMIC_NEXT: "NO", DYNAMIC_KEYHOLE: "NO"}),
    Partner(DIFFUSION, _with("DTI"), {DIRECTIONS: None}, 2, 3, (
        "EX_DIFF_array_", "EX_DIFF_direction_ix_array", "EX_DIFF_weighting_ix_array", "EX_DIFF_nr_dti_",
        "EX_DIFF_dti_scheme_name", "EX_DIFF_grad_factor", "EX_DIFF_ud_nr_weightings",
    )),
    Partner(DIFFUSION, _with("DWI", "DTI"), {MAGNET_FRAME: "NO"}, 3, 4),
    Partner(B_AVERAGING, _with("USER_DEF"), {B_AVERAGES: None}, 1, 1),
    Partner(B_ORDER, _with("USER_DEF"), {B_LIST: None}, 0, 0, is_held=False),
    Partner(SHIM, _with("VOLUME", "HOS_VOLUME", "IBS_VOLUME"), {SHIM_VOLUMES: None}, 3, 10, (
        "EX_AS_vols", "EX_ASVOLS_", "EX_AS_shim_align", "EX_AS_volumePrepDir",
        "EX_AS_adapt_rf_shim_plan_vol_ix",
    ), is_held=False),
)  # fmt: skip
# Software bits of what a scan requires: each is set exactly in the scans that have the feature, in 56 of 56
# (multiband 8, DWI 1, DTI 3, compressed SENSE with AI 21, MultiVane 2, compressed SENSE of an EPI 1).
LICENCES: Mapping[int, Callable[[Callable[[str], Any]], bool]] = {
    94: lambda get: bool(get(MULTIBAND) == "YES"),
    22: lambda get: bool(get(DIFFUSION) == "DWI"),
    23: lambda get: bool(get(DIFFUSION) == "DTI"),
    206: lambda get: bool(get(ACCELERATION) == "CS_AI"),
    210: lambda get: bool(get(TRAJECTORY) == "PROPELLER"),
    212: lambda get: bool(get(ACCELERATION) == "CS" and get(FAST_MODE) == "EPI"),
}
# With a number of REST slabs above 0, and never without.
BAND_RECORDS = ("EX_REST_slabs_", "EX_RESTSLABS_", "EX_REST_in_segm", "EX_REST_timed", "EX_REST_delay")

# Fields that one record says: read and written by the same row.
ROWS = (
    Row("flip_angle", (FLIP,), Number()),
    Row("magnetization_transfer", (TRANSFER,), Codes(
        {False: "NO", True: "OFF_RES"},
        read_as=dict.fromkeys(("ON_RES", "OFF_RES_MULTI_PULSE", "OFF_RES_INHOMOGENEOUS"), True),
    )),
    Row("flow_compensation", (FLOW,), Codes(
        {"none": "NO", "yes": "YES"},
        read_as=dict.fromkeys(("FIRST_ECHO", "SECOND_ECHO", "BOTH_ECHOES", "ALL_ECHOES"), "yes"),
        nearest={"readout": "yes", "slice": "yes", "all": "yes"},
    ), reason="the console has one switch for all axes"),
    Row("slice_order", (SLICE_ORDER,), Codes(
        {"ascending": "ASCEND", "descending": "DESCEND", "interleaved": "INTERLEAVED"},
    )),
    Row("distortion_correction", (GEOMETRY_CORRECTION,), Codes({"none": "NONE", "2D": "2D", "3D": "3D"})),
    Row("intensity_normalization", (UNIFORMITY,), Codes(
        {True: "CLEAR", False: "CLAS_SYN"}, read_as={"BT_CLEAR": True, "SYN": False},
    )),
    Row("gradient_mode", (GRADIENT_MODE,), Codes({text: text for text in GRADIENT_MODE.texts})),
    Row("specific_absorption_rate_mode", (SAR_MODE,), Codes({text: text for text in SAR_MODE.texts})),
    Row("post_labelling_delay", (LABEL_DELAY,), Number()),
)  # fmt: skip
# Texts of an enum that say what the console chooses: no value, and no surprise.
CHOSEN = frozenset({"DEFAULT", "USER_DEF", "CENTRAL", "REV_CENTRAL", "OBSOLETE"})

# Side of a scan by the word of its object, which also says unpaired.
SIDES_OF_BODY = {"left": "L", "right": "R"}
# Field strength of a scanner by the system code of a card (WA: wide bore), and the code a template carries.
FIELD_STRENGTHS = {"AWASW_MST_T15": 1.5, "AWASW_MST_WA15": 1.5, "AWASW_MST_T30": 3.0, "AWASW_MST_WA30": 3.0}
# Region of a protocol as a code of the card and its anatomy.
REGIONS = {"brain": ("SRT.T-A0100.Brain", "Head"), "spine": ("SRT.T-D0146.Spine", "Spine")}
SYSTEMS = {1.5: "AWASW_MST_T15", 3.0: "AWASW_MST_T30"}

COMPUTED = "the console computes it"
PLANNED = "planned or chosen on the console, for each patient"
NO_PARAMETER = "no parameter of an ExamCard is known for it"
IN_NOTE = "no parameter, so it is in the note of the scan"
AS_NOTE = {"plane_reference": "Plane", "coverage": "Coverage", "station": "Station", "branch": "Branch"}
"""Fields without a parameter, and how a note of this program begins the line that says one."""
# Why a field may not come back from a card, by field.
REASONS = {
    "repetition_time": "this console shows the time between excitations of a prepared train",
    "repetition_time_preparation": "only a turbo field echo or an inversion recovery has one here",
    "repetition_time_excitation": "not a parameter of this technique here",
    "echo_times": "echoes have equal steps here, and a scan of one echo or of several stays one",
    "inversion_time": "this technique has no inversion here",
    "second_inversion_time": "no parameter for a second inversion is known",
    "refocusing_flip_angle": "only a turbo spin echo has a refocusing angle to set",
    "echo_train_length": COMPUTED,
    "echo_spacing": COMPUTED,
    "echo_train_duration": COMPUTED,
    "number_of_shots": COMPUTED,
    "pixel_bandwidth": "set as a water-fat shift, shown to 0.1 Hz; that of an EPI is computed",
    "phase_encoding_direction": "the format holds the axis; that the fat shift gives the side is not proved",
    "plane": "the format holds one of three main planes",
    "fat_suppression": "the nearest suppression this console has; STIR is an inversion time",
    "reference_scan": "SENSE has a reference scan of its own here; without SENSE there is none",
    "reference_lines": "the reference is a scan of its own here",
    "reference_lines_out_of_plane": "the reference is a scan of its own here",
    "parallel_reduction_factor_in_plane": "not with compressed SENSE, and no R11.1 scan with SENSE is known",
    "compressed_sensing_factor": "not with SENSE; compressed SENSE is switched on on the console",
    "multiband_factor": "multiband is a licence and a matter of coils: it is switched on on the console",
    "phase_oversampling": "this scan suppresses fold-over otherwise (zoom, REST slabs), which stays",
    "slice_oversampling": "the scanner chooses it here",
    "acquisition_matrix": COMPUTED,
    "concatenations": COMPUTED,
    "magnetization_transfer": "its pulses are set up on the console",
    "parallel_reduction_factor_out_of_plane": "a factor in slice direction needs a 3D scan and SENSE",
    "output_maps": "the list of images holds magnitude and phase; maps are processing steps",
    "diffusion_directions": "no scheme of this number, or its table is made on the console; DWI names none",
    "b_value_averages": "counted in the table of volumes, which is made on the console",
    "b_values": "counted in the table of volumes, which is made on the console",
    **dict.fromkeys(("oblique_angles", "patient_position", "table_position", "receive_coils"), PLANNED),
    **dict.fromkeys(("body_part", "laterality", "saturation_band_positions"), PLANNED),
    **dict.fromkeys(("slab_overlap", "magnetization_transfer_offset"), NO_PARAMETER),
    **dict.fromkeys(("deep_learning_reconstruction", "diffusion_scheme"), NO_PARAMETER),
    **dict.fromkeys(("interpolation", "number_of_slabs"), COMPUTED),
    "gradient_mode": "the words of another console",
    "specific_absorption_rate_mode": "the words of another console",
    "breath_hold": "a scan that is triggered by breath is in none",
    "elliptical_scanning": COMPUTED,
    "readout": "only cartesian scans are made from templates, and a donor keeps its trajectory",
    **dict.fromkeys(AS_NOTE, IN_NOTE),
    "technique": "the parameters of this method are not known",
    **dict.fromkeys(("slice_order", "distortion_correction"), "a donor's scan keeps its own"),
    "gating": "gating is set up on the console",
    "rr_intervals": "gating is set up on the console",
    "saturation_bands": "a band has a place, which is planned on the console",
    "number_of_volumes_discarded_by_scanner": "only dynamic scans have dummies here",
    "slab_thickness": "the height of the stack, its slices and their thickness hang together here",
    "voxel_size": "voxel size, field of view and slice thickness hang together here",
    "acquisition_duration": "shown to 0.1 s",
}
