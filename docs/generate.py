"""Write the pages that are made from the program's own data: `make docs`."""

from __future__ import annotations

import sys
from pathlib import Path

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
    architecture, fitting, language = "architecture.md", "fit.md", "spec-language.md"
    return {
        architecture: insert_rooms((DOCS / architecture).read_text(encoding="utf-8")),
        "checklist.md": checklist_page(),
        "decisions.md": decision_page(),
        fitting: insert_moves((DOCS / fitting).read_text(encoding="utf-8")),
        "rules.md": rules_reference(),
        language: insert((DOCS / language).read_text(encoding="utf-8")),
    }


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
