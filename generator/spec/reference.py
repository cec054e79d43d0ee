"""The tables of fields in docs/spec-language.md, made from the tree.

``python -m generator.spec.reference docs/spec-language.md`` brings the page up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path

from generator.model.fields import FieldSpec
from generator.model.tree import Acquisition
from generator.spec.blocks import layout
from generator.spec.document import head_layout
from generator.spec.mappings import Layout
from generator.spec.schema import SITUATION
from generator.spec.steps import MODELS

BEGIN, END = "<!-- fields: made by generator.spec.reference -->", "<!-- end of fields -->"

_KINDS = {float: "number", int: "whole number", bool: "true or false", str: "text", dict: "mapping"}


def render() -> str:
    """Write every field of every mapping of the language as Markdown tables."""
    steps = [(word, layout(model, labelled=model is Acquisition)) for word, model in MODELS.items()]
    parts = [_table("protocol", head_layout()), _table("situation", SITUATION)]
    return "\n\n".join([*parts, *(_table(word, form) for word, form in steps)])


def insert(page: str) -> str:
    """Put the tables between the marks of a page.

    Raises
    ------
    ValueError
        If the page has no marks.
    """
    before, after = page.index(BEGIN) + len(BEGIN), page.index(END)
    return f"{page[:before]}\n{render()}\n{page[after:]}"


def _table(word: str, form: Layout) -> str:
    rows = [f"| `{key}` | {_kind(spec)} | {_about(spec)} |" for key, spec in form.fields.items()]
    return "\n".join([f"### `{word}`", "", "| field | value | meaning |", "|---|---|---|", *rows])


def _kind(spec: FieldSpec) -> str:
    """Say what is written: a unit, words, a type; for lists how many."""
    one = spec.unit or _KINDS[spec.type]
    if spec.choices:
        one = ", ".join(f"`{word}`" for word in spec.choices)
    if spec.shape == "scalar":
        return one
    return f"list: {one}" if spec.length is None else f"{spec.length} × {one}"


def _about(spec: FieldSpec) -> str:
    return (f"{spec.description}; required" if spec.required else spec.description).strip("; ")


def main() -> None:
    """Bring the page named on the command line up to date."""
    page = Path(sys.argv[1])
    page.write_text(insert(page.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
