"""Write the pages that are made from the program's own data: `make docs`."""

from __future__ import annotations

from pathlib import Path

from generator.followup.render import decision_page
from generator.rules.checklist import checklist_page
from generator.rules.reference import rules_reference
from generator.spec.reference import insert

DOCS = Path(__file__).resolve().parent


def pages() -> dict[str, str]:
    """Return every generated page by its name in docs/."""
    language = "spec-language.md"
    return {
        "checklist.md": checklist_page(),
        "decisions.md": decision_page(),
        "rules.md": rules_reference(),
        language: insert((DOCS / language).read_text(encoding="utf-8")),
    }


if __name__ == "__main__":
    for name, text in pages().items():
        (DOCS / name).write_text(text, encoding="utf-8")
