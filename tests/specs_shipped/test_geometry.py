"""The guideline's geometry, and that a patient gets the same pictures on every scanner."""

from __future__ import annotations

from tests.specs_shipped.cards import Scan, scans
from tests.support.each import each

ISOTROPIC = ("t1_3d_pre", "flair_3d", "dir_3d", "t2_3d")
THICKNESS = {"pdt2_2d": 3, "flair_2d": 3, "dwi": 3, "t2star_2d": 4}

every_scan = each(scans)


def edges(scan: Scan) -> tuple[float, float, float]:
    voxel = scan.acquisition.voxel_size
    assert voxel and voxel[0] and voxel[1] and voxel[2]
    return voxel[0], voxel[1], voxel[2]


@every_scan
def test_voxels_are_those_of_the_guideline(scan: Scan) -> None:
    role, (read, phase, depth) = str(scan.acquisition.role), edges(scan)
    if role in ISOTROPIC:
        assert read == phase == depth <= 1
    elif role == "dti":
        assert (read, phase, depth) == (2, 2, 2)
    elif role == "dwi":
        assert max(read, phase) <= 2
    else:
        assert max(read, phase) <= 1
    if role.startswith("spine"):
        assert depth <= 3
    assert depth <= THICKNESS.get(role, depth)


@every_scan
def test_slices_touch(scan: Scan) -> None:
    flat = scan.acquisition.mr_acquisition_type == "2D"
    assert scan.acquisition.slice_gap == (0 if flat else None)


def test_flair_and_dir_are_sagittal_and_reach_the_cervical_cord() -> None:
    for scan in scans():
        if scan.acquisition.role in ("flair_3d", "dir_3d"):
            assert scan.acquisition.plane == "sagittal"
            assert scan.acquisition.field_of_view and (scan.acquisition.field_of_view[0] or 0) >= 240


def test_dti_has_more_than_fifteen_directions() -> None:
    assert all((s.acquisition.diffusion_directions or 0) > 15 for s in scans() if s.acquisition.role == "dti")


SAME = (
    "voxel_size",
    "field_of_view",
    "acquisition_matrix",
    "number_of_slices",
    "slice_thickness",
    "plane",
    "technique",
    "mr_acquisition_type",
    "phase_encoding_direction",
    "b_values",
    "b_value_averages",
    "diffusion_directions",
    "flip_angle",
    "output_maps",
)


@each(SAME)
def test_a_sequence_is_the_same_on_every_vendor(field: str) -> None:
    seen: dict[tuple[str, float], set[object]] = {}
    for scan in scans():
        key = scan.definition, scan.target.field_strength
        value = getattr(scan.acquisition, field)
        if field == "diffusion_directions" and scan.definition == "dwi":
            # A trace: three axes, or on Siemens four directions of a tetrahedron; the mean is the same.
            value = value == (4 if scan.target.vendor == "siemens" else 3)
        seen.setdefault(key, set()).add(value)
    assert {key: values for key, values in seen.items() if len(values) > 1} == {}


COUNTED_OTHERWISE = {
    (
        "t1-3d",
        "ge",
        "inversion",
    ): "GE counts to the start of the train: 450 and 650 ms in the table of MS-SMART",
    ("t1-3d", "ge", "cycle"): "at 1.5 T the inversion time of GE and the train need 2190 ms",
    ("spine-stir-sag", "ge", "cycle"): "GE measures no other slice during a short inversion",
    ("dti", "canon", "cycle"): "no Canon profile has several slices at once",
}
"""Values that are not those of the other vendors, and why."""


def test_contrast_is_the_same_on_every_vendor() -> None:
    """Cycle and inversion within a tenth; echo times that consoles count alike within a tenth as well."""
    spread: dict[tuple[str, float, str], list[float]] = {}
    for scan in scans():
        a = scan.acquisition
        key = scan.definition, scan.target.field_strength
        cycle = a.repetition_time_preparation or a.repetition_time
        here = scan.definition, scan.target.vendor
        if scan.definition != "t2-3d" and (*here, "cycle") not in COUNTED_OTHERWISE:
            spread.setdefault((*key, "cycle"), []).append(float(cycle or 0))
        if a.inversion_time and (*here, "inversion") not in COUNTED_OTHERWISE:
            spread.setdefault((*key, "inversion"), []).append(a.inversion_time)
        echoes = a.echo_times or ()
        if not (a.technique == "turbo_spin_echo" and a.mr_acquisition_type == "3D"):
            spread.setdefault((*key, "echo"), []).append(sum(echoes) / len(echoes))
    wide = {key: values for key, values in spread.items() if max(values) > 1.1 * min(values)}
    assert wide == {}


def test_fat_is_suppressed_on_all_vendors_or_on_none() -> None:
    seen: dict[tuple[str, float], set[bool]] = {}
    for scan in scans():
        key = scan.definition, scan.target.field_strength
        seen.setdefault(key, set()).add(scan.acquisition.fat_suppression == "none")
    assert all(len(values) == 1 for values in seen.values())
