"""The tree: a protocol, its steps in exam order, and where it came from.

Every field of an acquisition is declared here and nowhere else: its type, its canonical unit
(:class:`Quantity`) and what it means. The spec loader, the JSON Schema, the JSON of ``examcard read``
and the readers' tables all look here. Values are plain numbers in the canonical unit; ``None`` means
"not stated" and never a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SkipValidation

from generator.model import words


@dataclass(frozen=True, slots=True)
class Quantity:
    """Marks a field as a physical quantity kept in one canonical unit."""

    unit: str


@dataclass(frozen=True, slots=True)
class Known:
    """Marks a field with an open list of words: those that are known, among others that a site may have."""

    words: tuple[str, ...]


class Node(BaseModel):
    """Base of everything in the tree: immutable, no unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


# Physical types, each with its unit.
Milliseconds = Annotated[float, Quantity("ms"), Field(ge=0)]
Seconds = Annotated[float, Quantity("s"), Field(ge=0)]
Millimetres = Annotated[float, Quantity("mm"), Field(gt=0)]
Gap = Annotated[float, Quantity("mm")]
Angle = Annotated[float, Quantity("deg"), Field(ge=-360, le=360)]
Hertz = Annotated[float, Quantity("Hz")]
Degrees = Annotated[float, Quantity("deg"), Field(ge=0, le=360)]
HertzPerPixel = Annotated[float, Quantity("Hz/px"), Field(gt=0)]
DiffusionWeighting = Annotated[float, Quantity("s/mm2"), Field(ge=0)]
Tesla = Annotated[float, Quantity("T"), Field(gt=0)]
Dose = Annotated[float, Quantity("mmol/kg"), Field(gt=0)]
Concentration = Annotated[float, Quantity("mmol/ml"), Field(gt=0)]
VolumePerWeight = Annotated[float, Quantity("ml/kg"), Field(gt=0)]
Millilitres = Annotated[float, Quantity("ml"), Field(gt=0)]
FlowRate = Annotated[float, Quantity("ml/s"), Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
Number = Annotated[int, Field(ge=0)]
Factor = Annotated[float, Field(ge=1)]
Fraction = Annotated[float, Field(gt=0, le=1)]
Oversampling = Annotated[float, Field(ge=0)]


class Acquisition(Node):
    """One scan. Field names are DICOM keywords in snake_case wherever DICOM has one."""

    kind: Literal["acquisition"] = "acquisition"
    name: str = Field(description="SeriesDescription as the console shows it")
    definition: str | None = Field(None, description="id of the sequence definition it was made from")
    role: words.Role | None = Field(None, description="what the scan is for")
    optional: bool = Field(False, description="not counted in the total acquisition time")

    technique: words.Technique | None = Field(None, description="pulse-sequence family")
    mr_acquisition_type: words.AcquisitionType | None = Field(None, description="MRAcquisitionType")
    plane: words.Plane | None = Field(None, description="nearest main plane")
    plane_reference: words.PlaneReference | None = Field(
        None, description="anatomical line the plane follows"
    )
    coverage: tuple[words.SpineRegion, ...] | None = Field(None, description="spine regions of this station")
    oblique_angles: tuple[Angle | None, Angle | None] | None = Field(
        None, description="first and second angle from the nearest plane"
    )
    patient_position: words.PatientPosition | None = Field(None, description="PatientPosition")
    body_part: str | None = Field(None, description="BodyPartExamined, a defined term in lower case")
    laterality: words.Laterality | None = Field(None, description="Laterality")
    table_position: Gap | None = Field(None, description="where the file or the author states one")
    station: str | None = Field(None, description="label of the station group the scan belongs to")
    branch: str | None = Field(None, description="label of the strategy branch the scan belongs to")
    receive_coils: tuple[str, ...] | None = Field(
        None, description="ReceiveCoilName, as the console shows them"
    )

    repetition_time: Milliseconds | None = Field(None, description="RepetitionTime as the console shows it")
    repetition_time_preparation: Milliseconds | None = Field(
        None, description="BIDS RepetitionTimePreparation: from one preparation (inversion, shot) to the next"
    )
    repetition_time_excitation: Milliseconds | None = Field(
        None, description="BIDS RepetitionTimeExcitation: from one excitation to the next inside the train"
    )
    echo_times: tuple[Milliseconds, ...] | None = Field(
        None, description="EchoTime of every echo that is recorded"
    )
    inversion_time: Milliseconds | None = Field(None, description="InversionTime")
    second_inversion_time: Milliseconds | None = Field(None, description="second inversion of DIR or MP2RAGE")
    flip_angle: Degrees | None = Field(None, description="FlipAngle as the console shows it")
    refocusing_flip_angle: Degrees | None = Field(
        None, description="nominal refocusing angle of a spin-echo train"
    )
    echo_train_length: Count | None = Field(None, description="turbo factor, ETL or EPI factor")
    echo_spacing: Milliseconds | None = Field(
        None, description="time between echoes of a train (EPI: EffectiveEchoSpacing before acceleration)"
    )
    echo_train_duration: Milliseconds | None = Field(None, description="duration of one echo train")
    pixel_bandwidth: HertzPerPixel | None = Field(None, description="PixelBandwidth, full, per pixel")

    field_of_view: tuple[Millimetres | None, Millimetres | None] | None = Field(
        None, description="[read, phase]"
    )
    acquisition_matrix: tuple[Count | None, Count | None] | None = Field(
        None, description="[read, phase] measured points, before interpolation"
    )
    voxel_size: tuple[Millimetres | None, Millimetres | None, Millimetres | None] | None = Field(
        None, description="[read, phase, slice] acquired, before interpolation"
    )
    slice_thickness: Millimetres | None = Field(None, description="SliceThickness (3D: partition thickness)")
    slice_gap: Gap | None = Field(None, description="between slice edges, 0 = contiguous; null for 3D")
    number_of_slices: Count | None = Field(None, description="2D slices; 3D partitions of all slabs")
    slab_thickness: Millimetres | None = Field(
        None, description="SlabThickness of a 3D scan, all slabs together, without slice oversampling"
    )
    number_of_slabs: Count | None = Field(None, description="slabs of a 3D scan")
    slab_overlap: Oversampling | None = Field(None, description="fraction of a slab that two share")
    slice_order: words.SliceOrder | None = Field(None, description="order in which slices are excited")
    phase_encoding_direction: words.PhaseDirection | None = Field(
        None, description="axis, or axis with polarity"
    )
    phase_oversampling: Oversampling | None = Field(None, description="fraction of the phase field of view")
    slice_oversampling: Oversampling | None = Field(None, description="fraction of the slab")

    number_of_averages: Annotated[float, Field(gt=0)] | None = Field(None, description="NumberOfAverages")
    concatenations: Count | None = Field(None, description="packages the slices of one TR are split into")
    number_of_shots: Count | None = Field(
        None, description="excitation trains: TFE shots, segments of an EPI"
    )
    number_of_temporal_positions: Count | None = Field(None, description="NumberOfTemporalPositions")
    number_of_volumes_discarded_by_scanner: Number | None = Field(
        None, description="BIDS NumberOfVolumesDiscardedByScanner: repetitions before the first image"
    )
    parallel_reduction_factor_in_plane: Factor | None = Field(None, description="1 = none")
    parallel_reduction_factor_out_of_plane: Factor | None = Field(None, description="1 = none")
    multiband_factor: Count | None = Field(None, description="slices excited at once, 1 = none")
    compressed_sensing_factor: Factor | None = Field(None, description="1 = none")
    reference_scan: words.ReferenceScan | None = Field(
        None, description="how the calibration lines are measured"
    )
    reference_lines: Number | None = Field(None, description="calibration lines in phase")
    reference_lines_out_of_plane: Number | None = Field(
        None, description="calibration lines in the partition direction"
    )
    partial_fourier_phase: Fraction | None = Field(None, description="1 = off")
    partial_fourier_slice: Fraction | None = Field(None, description="1 = off")
    elliptical_scanning: bool | None = Field(None, description="corners of k-space left out")
    readout: words.Readout | None = Field(None, description="k-space trajectory")

    fat_suppression: words.FatSuppression | None = Field(None, description="fat suppression")
    saturation_bands: Number | None = Field(None, description="regional saturation slabs")
    saturation_band_positions: tuple[words.BandPosition, ...] | None = Field(
        None, description="side on which each saturation slab lies"
    )
    magnetization_transfer: bool | None = Field(None, description="magnetization-transfer pulse")
    magnetization_transfer_offset: Hertz | None = Field(
        None, description="frequency of the magnetization-transfer pulse from water"
    )
    flow_compensation: words.FlowCompensation | None = Field(None, description="FlowCompensation")
    gating: words.Gating | None = Field(None, description="physiological gating")
    breath_hold: bool | None = Field(None, description="measured while the patient holds the breath")
    rr_intervals: Count | None = Field(
        None, description="heart beats from one repetition of a triggered scan to the next"
    )
    b_values: tuple[DiffusionWeighting, ...] | None = Field(None, description="DiffusionBValue")
    b_value_averages: tuple[Count, ...] | None = Field(
        None, description="repetitions of each entry of b_values (b=0: number of b=0 volumes)"
    )
    diffusion_directions: Count | None = Field(None, description="distinct diffusion directions")
    diffusion_scheme: words.DiffusionScheme | None = Field(
        None, description="how the diffusion directions are chosen"
    )
    post_labelling_delay: Milliseconds | None = Field(None, description="of arterial spin labelling")
    output_maps: tuple[words.OutputMap, ...] | None = Field(None, description="images the console makes")

    distortion_correction: words.DistortionCorrection | None = Field(
        None, description="correction of gradient non-linearity"
    )
    intensity_normalization: bool | None = Field(None, description="prescan normalise, CLEAR, PURE, SCIC")
    interpolation: Factor | None = Field(None, description="reconstructed over acquired matrix in plane")
    deep_learning_reconstruction: str | None = Field(
        None, description="name and level as the console shows it, none if it is off"
    )
    gradient_mode: str | None = Field(None, description="as the console shows it")
    specific_absorption_rate_mode: str | None = Field(None, description="as the console shows it")

    instruction: str | None = Field(None, description="what the operator has to do or to check")
    acquisition_duration: Seconds | None = Field(None, description="time of the scan on the console")
    vendor: Annotated[Mapping[str, Any], SkipValidation] = Field(
        default_factory=dict, description="vendor parameters without a neutral field, verbatim"
    )  # as it is: readers hand over thousands of pairs, and the spec loader checks what people write


class Contrast(Node):
    """A gadolinium injection."""

    kind: Literal["contrast"] = "contrast"
    agent: str | None = Field(
        None, description="substance, see words.Agent; vendor files may hold other text"
    )
    dose: Dose | None = Field(None, description="amount of gadolinium per kg of body weight")
    volume: VolumePerWeight | None = Field(
        None, description="product per kg of body weight; volume times concentration is the dose"
    )
    concentration: Concentration | None = Field(
        None, description="amount in a millilitre of the product; left out, that of the agent counts"
    )
    flow_rate: FlowRate | None = Field(None, description="ContrastFlowRate")
    flush_volume: Millilitres | None = Field(None, description="saline after the agent")
    minimum_delay: Seconds | None = Field(None, description="injection to the first post-contrast scan")
    during: str | None = Field(
        None, description="definition, role or name of the scan that runs while it is given"
    )
    start_volume: Count | None = Field(None, description="volume of that scan with which it begins")
    optional: bool = False
    text: str | None = Field(None, description="what the vendor file or the author says of it")


class Pause(Node):
    """A wait, or an instruction to the operator."""

    kind: Literal["pause"] = "pause"
    text: str
    duration: Seconds | None = Field(None, description="length of the wait, if it is a timed one")
    optional: bool = False


class Reformat(Node):
    """A reconstruction of an earlier acquisition."""

    kind: Literal["reformat"] = "reformat"
    source: str = Field(description="definition or role of the acquisition that is reformatted")
    plane: words.Plane | None = Field(None, description="plane of the new images")
    plane_reference: words.PlaneReference | None = Field(
        None, description="anatomical line the plane follows"
    )
    method: words.ReformatMethod | None = Field(None, description="what is made of it; left out: mpr")
    slice_thickness: Millimetres | None = Field(None, description="SliceThickness of the new images")
    slice_gap: Gap | None = Field(None, description="between slice edges, 0 = contiguous")
    optional: bool = Field(False, description="may be left out")


Step = Annotated[Acquisition | Contrast | Pause | Reformat, Field(discriminator="kind")]


class Situation(Node):
    """What is known of the examination beyond its kind; ``None`` = not stated."""

    first_diagnosis: bool | None = Field(None, description="the exam is made at the first diagnosis")
    prior_available: bool | None = Field(None, description="there is an earlier exam to compare with")
    lesion_present: bool | None = Field(None, description="a lesion of the spinal cord is known or seen")
    pml_suspected: bool | None = Field(None, description="there is a suspicion of PML")
    optic_nerve_question: bool | None = Field(None, description="the optic nerves are asked about")
    spine_after_brain: bool | None = Field(None, description="the spine follows the brain in one session")
    flair_3d_available: bool | None = Field(None, description="the scanner has a 3D FLAIR")
    gadolinium_reason: str | None = Field(None, description="why contrast is given where it is not due")


class Protocol(Node):
    """One exam card: an ordered list of steps."""

    name: str = Field(description="title as shown to people")
    id: str | None = Field(None, description="stable id of a spec; null when read from a vendor file")
    version: str | None = None
    path: tuple[str, ...] = Field((), description="region / exam / program tree of a vendor file")
    kind: Annotated[str, Known(words.KINDS)] | None = Field(
        None, description="kind of exam: an open list, to which packs of a site add theirs"
    )
    region: Annotated[str, Known(words.REGIONS)] | None = Field(
        None, description="part of the body: an open list, as for `kind`"
    )
    field_strengths: tuple[Tesla, ...] = ()
    guidelines: tuple[str, ...] = Field((), description="guideline packs the protocol claims to follow")
    situation: Situation = Situation()
    acquisition_duration: Seconds | None = Field(None, description="total time the file states")
    steps: tuple[Step, ...] = ()

    @property
    def acquisitions(self) -> tuple[Acquisition, ...]:
        """The scans, in exam order."""
        return tuple(step for step in self.steps if isinstance(step, Acquisition))


class Target(Node):
    """The scanner a protocol is made for."""

    vendor: words.Vendor
    field_strength: Tesla
    model: str | None = None
    software: str | None = None
    scanner: str | None = Field(None, description="id of the scanner in its site")

    def __str__(self) -> str:
        parts = [
            self.vendor,
            f"{self.field_strength:g} T" if self.field_strength else None,
            self.model,
            self.software,
            self.scanner,
        ]
        return " ".join(part for part in parts if part)


class Note(Node):
    """A remark of a reader or a writer: what a value does not say by itself."""

    code: str
    message: str
    protocol: int | None = Field(None, description="index of the protocol in the file")
    step: int | None = Field(None, description="index of the step in its protocol")
    field: str | None = None


class ReadResult(Node):
    """What one vendor file holds."""

    format: str = Field(description="one of the formats that the dialect declares")
    vendor: str
    software: str | None = None
    field_strength: Tesla | None = None
    protocols: tuple[Protocol, ...] = ()
    notes: tuple[Note, ...] = ()


class Loss(Node):
    """A value of the spec that an export could not carry unchanged."""

    kind: words.LossKind
    severity: words.LossSeverity = "image"
    reason: str
    step: int | None = None
    step_name: str | None = None
    field: str | None = None
    wanted: Any = None
    got: Any = None
