"""A contrast agent: what of it matters to a dose."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from generator.model.tree import Concentration, Dose, Node

Structure = Literal["macrocyclic", "linear"]


class Agent(Node):
    """One gadolinium agent.

    Attributes
    ----------
    dose : float
        Dose of its label for the central nervous system, mmol per kg of body weight.
    """

    substance: str = Field(description="name of the substance, one of words.Agent")
    structure: Structure = Field(description="what holds the gadolinium")
    concentration: Concentration = Field(description="amount in a millilitre of the product")
    dose: Dose = Field(description="dose of the label")
    names: tuple[str, ...] = Field((), description="other names of the substance, and trade names")

    def is_called(self, name: str) -> bool:
        """Whether a name means this agent; case and surrounding blanks do not matter."""
        return name.strip().casefold() in (known.casefold() for known in (self.substance, *self.names))
