"""The disease-modifying drugs by generic name and class, and whether the JC virus counts under them."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Literal

from generator.model.tree import Node
from generator.resources import specs
from generator.text import did_you_mean

JcvDrug = Literal["counts", "ask", "silent"]
WITHOUT = ("none", "other")
"""What is said instead of a drug: no treatment, or one that the list does not have."""


class Drug(Node):
    """One drug.

    Attributes
    ----------
    named : tuple of str
        Lines of the sources that name it or its class.
    outside : str or None
        What is known of PML under it from elsewhere; it never changes an answer.
    """

    name: str
    name_fr: str | None = None
    drug_class: str
    jcv: JcvDrug
    named: tuple[str, ...] = ()
    outside: str | None = None


@cache
def drugs() -> Mapping[str, Drug]:
    """Return the shipped drugs by their generic name."""
    import yaml

    text = specs("followup", "drugs.yaml").read_text(encoding="utf-8")
    found = [Drug.model_validate(entry) for entry in yaml.safe_load(text)["drugs"]]
    return {drug.name: drug for drug in found}


@cache
def _spellings() -> Mapping[str, str]:
    """Every way to name a treatment; a class means each of its drugs, which all count alike."""
    known = {name: name for name in WITHOUT}
    sizes = Counter(drug.drug_class for drug in drugs().values())
    for drug in drugs().values():
        known[_plain(drug.drug_class)] = drug.name if sizes[drug.drug_class] == 1 else drug.drug_class
        for name in (drug.name, drug.name_fr):
            if name:
                known[_plain(name)] = drug.name
    return known


def canonical(name: str) -> str | None:
    """Return the generic name or class of a treatment, whatever its case and accents; ``None`` if unknown."""
    return _spellings().get(_plain(name))


def near(name: str) -> str | None:
    """Return the name that was probably meant."""
    return did_you_mean(_plain(name), _spellings())


def counts(name: str) -> JcvDrug:
    """Say whether the JC virus counts under a treatment, by its canonical name."""
    if name in drugs():
        return drugs()[name].jcv
    return next((drug.jcv for drug in drugs().values() if drug.drug_class == name), "silent")


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.strip().casefold())
    return "".join(char for char in folded if not unicodedata.combining(char))
