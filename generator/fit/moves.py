"""The moves: all that fitting may do to a scan, and what it costs beyond signal.

The price of a change is the logarithm of the signal it takes, so that prices add up; see
:mod:`generator.contrast.noise`. What signal does not show (blurring, fold-over, a smaller slab) is added as a
surcharge a step, in the same measure: 0.02 weighs as much as 2 % of the signal. The surcharges are an own
choice; they decide between changes of nearly the same signal, not against it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from generator.fit import ladders
from generator.model.scanner import Option, Scanner
from generator.model.tree import Acquisition

EVERYWHERE: frozenset[Option] = frozenset({"parallel_imaging", "parallel_imaging_3d"})
"""What every scanner is taken to have whose profile is not known."""

MAKE_OPTIONAL = 2.0
"""Price of not counting on a scan any more: that of six sevenths of its signal, a last resort."""


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that may be changed.

    Attributes
    ----------
    field : str
        The field of the scan that it is about; others may follow it.
    surcharge : float
        Price of one step of the ladder beyond the signal.
    loses : str
        What the surcharge is for.
    needs : str or None
        Ability of the scanner without which it is not offered.
    judged_by : tuple of str
        Rules of which one has to find the changed scan good; without a judge it is not made.
    cartesian : bool
        Whether it makes sense for lines only, not for spokes.
    """

    field: str
    label: str
    ladder: ladders.Ladder
    surcharge: float
    loses: str
    needs: Option | None = None
    judged_by: tuple[str, ...] = ()
    cartesian: bool = True

    def suits(self, scan: Acquisition, abilities: Collection[str]) -> bool:
        """Say whether it can be made to a scan on a scanner at all."""
        lines = scan.readout in (None, "cartesian") or not self.cartesian
        return lines and (self.needs is None or self.needs in abilities)


MOVES: tuple[Move, ...] = (
    Move("number_of_averages", "averages", ladders.averages, 0.0, "", cartesian=False),
    Move("b_value_averages", "averages of diffusion", ladders.diffusion_averages, 0.0, "", cartesian=False),
    Move(
        "phase_oversampling",
        "phase oversampling",
        ladders.phase_oversampling,
        0.01,
        "protection from fold-over",
        judged_by=("physics.nyquist-foldover", "physics.foldover-spine"),
    ),
    Move(
        "field_of_view",
        "field of view in phase",
        ladders.phase_field_of_view,
        0.02,
        "margin around the anatomy",
        judged_by=("physics.nyquist-foldover", "physics.coverage-spine"),
    ),
    Move(
        "number_of_slices",
        "slices",
        ladders.slices,
        0.02,
        "covered anatomy",
        judged_by=("physics.coverage-brain", "physics.coverage-spine"),
    ),
    Move(
        "partial_fourier_phase",
        "partial Fourier, phase",
        ladders.partial_fourier_phase,
        0.02,
        "sharpness",
    ),
    Move(
        "partial_fourier_slice",
        "partial Fourier, slice",
        ladders.partial_fourier_slice,
        0.02,
        "sharpness",
    ),
    Move(
        "parallel_reduction_factor_in_plane",
        "acceleration, phase",
        ladders.acceleration_in_plane,
        0.0,
        "",
        needs="parallel_imaging",
    ),
    Move(
        "parallel_reduction_factor_out_of_plane",
        "acceleration, slice",
        ladders.acceleration_out_of_plane,
        0.0,
        "",
        needs="parallel_imaging_3d",
    ),
    Move(
        "compressed_sensing_factor",
        "compressed sensing",
        ladders.compressed_sensing,
        0.05,
        "fine detail",
        needs="compressed_sensing",
    ),
)
"""Every move, the gentlest kind first; that order also decides between equals."""


def abilities(scanner: Scanner | None) -> frozenset[str]:
    """What a scanner can do; without a profile what every scanner can."""
    return EVERYWHERE if scanner is None else frozenset(scanner.options)
