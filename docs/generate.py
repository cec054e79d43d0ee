"""Write the pages that are made from the program's own data: `make docs`."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from generator import pipeline, resources
from generator.contrast.comparison import Comparison, compare
from generator.contrast.reference import insert as insert_contrasts
from generator.fit.reference import insert as insert_moves
from generator.followup.render import decision_page
from generator.rules.checklist import checklist_page
from generator.rules.reference import rules_reference
from generator.spec.reference import insert

DOCS = Path(__file__).resolve().parent
sys.path.insert(0, str(DOCS))


def insert_rooms(page: str) -> str:
    """Write the imports of every room into docs/architecture.md."""
    import rooms

    return rooms.insert(page)


def pages() -> dict[str, str]:
    """Return every generated page by its name in docs/."""
    architecture, contrasts = "architecture.md", "contrast.md"
    fitting, language = "fit.md", "spec-language.md"
    return {
        architecture: insert_rooms((DOCS / architecture).read_text(encoding="utf-8")),
        "checklist.md": checklist_page(),
        contrasts: insert_contrasts((DOCS / contrasts).read_text(encoding="utf-8"), every_contrast()),
        "decisions.md": decision_page(),
        fitting: insert_moves((DOCS / fitting).read_text(encoding="utf-8")),
        "rules.md": rules_reference(),
        language: insert((DOCS / language).read_text(encoding="utf-8")),
    }


EVERY_SEQUENCE = """\
protocol: every-sequence
title: Every shipped sequence
version: "1"
kind: follow-up
region: brain
field_strengths: [1.5 T, 3 T]
source: own choice
steps:
  - acquisition: t1-3d
  - {acquisition: t1-3d, name: 3D T1 Gd, role: t1_3d_post}
"""


def every_card() -> list[pipeline.Card]:
    """Make one card of all sequences for each target: also of those that no protocol uses."""
    names = sorted(path.stem for path in resources.specs("sequences").glob("*.yaml"))
    rest = "".join(f"  - acquisition: {name}\n" for name in names if name != "t1-3d")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "every.yaml")
        path.write_text(EVERY_SEQUENCE + rest, encoding="utf-8")
        return pipeline.gather([path], pipeline.Choice())[0]


def every_contrast() -> list[Comparison]:
    """Compare every sequence over all vendors."""
    return compare((card.target, card.protocol) for card in every_card())


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
