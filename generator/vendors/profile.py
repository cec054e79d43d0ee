"""What other rooms need to know of a vendor: the ``profile.yaml`` in its folder.

Fitting, rules, timing, publishing and specs ask here and import no dialect. A fact of a vendor that one of
them needs is a key of this class and a line of the vendor's file; no other module names a vendor.
"""

from __future__ import annotations

import pkgutil
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import Field

from generator import yaml
from generator.model.tree import Node, Seconds


class Rasters(Node):
    """Values that the console takes, least to most accelerated; empty where none can be written."""

    parallel_reduction_factor_in_plane: tuple[float, ...] = (2, 3, 4)
    parallel_reduction_factor_out_of_plane: tuple[float, ...] = (2,)
    compressed_sensing_factor: tuple[float, ...] = ()
    partial_fourier_phase: tuple[float, ...] = (0.75,)
    partial_fourier_slice: tuple[float, ...] = ()


class Profile(Node):
    """One vendor as the other rooms see it; the defaults hold for a vendor of which nothing is known."""

    title: str = Field("", description="name of the vendor for people")
    exports: str = Field("files", description="sheet: for entry by hand, nothing that could be cloned")
    software: tuple[str, ...] = Field((), description="releases that can be written, oldest first")
    templates: tuple[str, ...] = Field((), description="releases that exports without a donor are made of")
    manufacturers: tuple[str, ...] = Field((), description="spellings in the DICOM attribute Manufacturer")
    shows_inversion_cycle: bool = Field(
        False, description="RepetitionTime of a prepared scan is the time from inversion to inversion"
    )
    compressed_sensing_replaces_coils: bool = Field(
        False, description="compressed sensing and parallel imaging exclude each other"
    )
    partial_fourier_is_an_average: bool = Field(
        False, description="partial Fourier is a fraction of one average"
    )
    phase_points_cover_square: bool = Field(
        False, description="AcquisitionMatrix in phase counts over the square of the readout field of view"
    )
    meanings: Mapping[str, tuple[str, ...]] = Field(
        {}, description="what a number may mean, the likeliest first; specs/contrast.yaml says of which"
    )
    calibration: Seconds = Field(
        0.0, description="coil survey and reference scan, where the scanner needs them"
    )
    name_limits: Mapping[str, int] = Field({}, description="longest name of a protocol and of a step")
    rasters: Rasters = Rasters()
    timing: Mapping[str, Any] = Field(
        {}, description="measured overheads; generator.timing says what they mean"
    )


def names() -> tuple[str, ...]:
    """Name the vendors there are, in alphabetical order, without importing them."""
    return _packages(*_folders())


@cache
def _packages(*folders: str) -> tuple[str, ...]:
    return tuple(sorted(module.name for module in pkgutil.iter_modules(folders) if module.ispkg))


@cache
def profile(vendor: str | None) -> Profile:
    """Return the profile of a vendor; that of one without a file, or of none, is made of the defaults."""
    found = beside(vendor, "profile.yaml") if vendor else None
    if found is None:
        return Profile(title=vendor or "", manufacturers=(vendor,) if vendor else ())
    return Profile.model_validate(yaml.load(found))


def beside(vendor: str, name: str) -> Path | None:
    """Find a data file in the folder of a vendor; ``None`` if it has none of that name."""
    places = (Path(folder, vendor, name) for folder in _folders())
    return next((path for path in places if path.is_file()), None)


def _folders() -> list[str]:
    """Folders that vendors may be in: those of the package around this module, which others may extend."""
    return list(sys.modules[__package__].__path__)
