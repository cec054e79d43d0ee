"""Blocks: the fields and variants that definitions, steps and acquisitions in place have in common."""

from __future__ import annotations

from functools import cache

from generator.model.fields import field_table
from generator.model.tree import Node
from generator.spec.mappings import Citations, Layout, check_keys, read_fields
from generator.spec.nodes import MappingNode
from generator.spec.source import Report
from generator.spec.spec import Block
from generator.spec.variants import read_variants


@cache
def layout(model: type[Node], *extra: str, labelled: bool = False) -> Layout:
    """Make the layout of a block.

    Parameters
    ----------
    model : type
        The class of the step.
    *extra : str
        Keys that may stand beside the fields, such as the word for the step itself.
    labelled : bool
        Admits ``definition``: the name of a definition that the acquisition was made from, written in place.
    """
    hidden = {"kind"} if labelled else {"kind", "definition"}
    fields = {name: spec for name, spec in field_table(model).items() if name not in hidden}
    cites = "source" not in fields
    own = ("variants", "source", "sources") if cites else ("variants", "sources")
    return Layout(model, fields, (*extra, *own), cites)


def read_block(node: MappingNode, form: Layout, report: Report, cited: Citations) -> Block:
    """Read the fields and the variants of a mapping.

    Parameters
    ----------
    cited : Citations
        Where the numbers were published. Variants never inherit it: they are there because their numbers
        are others.
    """
    check_keys(node, form.keys, report)
    fields = read_fields(node, form, report, cited)
    return Block(fields, read_variants(node, layout(form.model), report), node.position)
