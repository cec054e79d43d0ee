"""A scanner: what a make and model can do, where it matters to a protocol."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from generator.model import words
from generator.model.tree import Count, Node, Quantity, Tesla

GradientStrength = Annotated[float, Quantity("mT/m"), Field(gt=0)]
SlewRate = Annotated[float, Quantity("T/m/s"), Field(gt=0)]

Option = Literal[
    "parallel_imaging",
    "parallel_imaging_3d",
    "compressed_sensing",
    "multiband",
    "spin_echo_3d",
    "susceptibility_weighted",
]
"""What a scanner may be able to do; ``parallel_imaging_3d`` accelerates in two directions at once."""


class Scanner(Node):
    """One model of one maker. Values hold for the weakest version that is sold under the name."""

    id: str = Field(description="stable id, equal to the name of its file")
    vendor: words.Vendor
    model: str = Field(description="name of the model, as the maker writes it")
    aliases: tuple[str, ...] = Field((), description="other names by which a target may call it")
    field_strength: Tesla
    maximum_gradient: GradientStrength = Field(description="amplitude of one axis")
    maximum_slew_rate: SlewRate = Field(description="slew rate of one axis")
    software: tuple[str, ...] = Field((), description="releases it is known to run, oldest first")
    options: tuple[Option, ...] = Field((), description="abilities, licences included")
    head_coil_channels: tuple[Count, ...] = Field((), description="receive elements of its head coils")

    def is_called(self, name: str) -> bool:
        """Say whether a name means this model; case and surrounding blanks do not matter."""
        wanted = name.strip().casefold()
        return wanted in (known.casefold() for known in (self.id, self.model, *self.aliases))
