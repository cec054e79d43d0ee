"""Small protocols of our own making, written in the ways that people write them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from generator import resources
from generator.fit import Fit, fit
from generator.model.tree import Acquisition, Protocol, Target
from generator.spec.load import load, load_text
from generator.spec.scanners import find_scanner
from generator.spec.spec import Spec

SIEMENS = Target(vendor="siemens", field_strength=3.0)
GE = Target(vendor="ge", field_strength=3.0)
PHILIPS = Target(vendor="philips", field_strength=3.0)
ELITION = Target(vendor="philips", field_strength=3.0, model="Ingenia Elition X")

TSE = """\
      technique: turbo_spin_echo
      mr_acquisition_type: 2D
      plane: sagittal
      phase_encoding_direction: AP
      field_of_view: [240 mm, 240 mm]
      acquisition_matrix: [240, 240]
      voxel_size: [1 mm, 1 mm, 4 mm]
      slice_thickness: 4 mm
      slice_gap: 0 mm
      number_of_slices: 20
      concatenations: 1
      repetition_time: 4000 ms
      echo_times: [96 ms]
      echo_train_length: 16
      echo_spacing: 9.6 ms
      pixel_bandwidth: 220 Hz/px
      number_of_averages: 2
      parallel_reduction_factor_in_plane: 1
      partial_fourier_phase: 1
      readout: cartesian
"""
GRE = """\
      technique: gradient_echo
      mr_acquisition_type: 3D
      plane: transverse
      phase_encoding_direction: LR
      field_of_view: [240 mm, 204 mm]
      acquisition_matrix: [240, 204]
      voxel_size: [1 mm, 1 mm, 2 mm]
      slice_thickness: 2 mm
      number_of_slices: 40
      repetition_time: 28 ms
      echo_times: [20 ms]
      flip_angle: 15 deg
      pixel_bandwidth: 120 Hz/px
      number_of_averages: 1
      parallel_reduction_factor_in_plane: 2
      reference_scan: integrated
      reference_lines: 24
      partial_fourier_phase: 1
      partial_fourier_slice: 1
      readout: cartesian
"""

SMALL = f"""\
# Two scans of no guideline: what may be saved is between them.
protocol: small
title: Two small scans
field_strengths: [3 T]
steps:
  # the turbo spin echo
  - acquisition:
      name: T2
{TSE}\
  - acquisition:
      name: GRE   # the gradient echo
{GRE}\
"""


@cache
def shipped(name: str) -> Spec:
    return load(resources.specs("protocols", "ofsep", f"{name}.yaml"))


def protocol_of(text: str, target: Target = SIEMENS) -> Protocol:
    return load_text(text, "case.yaml").resolve(target).protocol


def fit_text(text: str, budget: float, target: Target = SIEMENS) -> Fit:
    return fit(protocol_of(text, target), target, budget, find_scanner(target))


def fit_shipped(name: str, budget: float, target: Target) -> Fit:
    return fit(shipped(name).resolve(target).protocol, target, budget, find_scanner(target))


def scan(protocol: Protocol, name: str) -> Acquisition:
    return next(one for one in protocol.acquisitions if one.name == name)


def acquisition(text: str = TSE, **changes: Any) -> Acquisition:
    """Make one scan of a text above, with some fields changed."""
    loaded = protocol_of(f"protocol: one\ntitle: one\nsteps:\n  - acquisition:\n      name: one\n{text}")
    return loaded.acquisitions[0].model_copy(update=changes)


def longest(found: Fit) -> float:
    return found.after.counted + found.after.counted_uncertainty


HERE = Path(__file__).resolve().parent
