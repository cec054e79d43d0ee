"""The JSON of a site keeps to the schemas that lie beside it, by the judgement of jsonschema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.publish.conftest import Network
from tests.support.oracles import Oracles


def judged(oracles: Oracles, schema: Any, documents: dict[str, Any], folder: Path) -> list[list[str]]:
    given = folder / "given.json"
    given.write_text(json.dumps([schema, documents]), "utf-8")
    found: list[list[str]] = oracles.run("json_schema", given)
    return found


def test_the_index_and_every_card_keep_to_their_schemas(
    published: Network, oracles: Oracles, tmp_path: Path
) -> None:
    files = {name: content for name, content in published.files().items() if name.endswith(".json")}
    index, card = (json.loads(files[f"schemas/{name}.schema.json"]) for name in ("index", "card"))
    cards = {name: json.loads(content) for name, content in files.items() if name.endswith("card.json")}
    assert len(cards) == 2
    assert judged(oracles, card, cards, tmp_path) == []
    assert judged(oracles, index, {"index.json": json.loads(files["index.json"])}, tmp_path) == []
    broken = {name: {**one, "slug": 3, "losses": [{}]} for name, one in cards.items()}
    assert len(judged(oracles, card, broken, tmp_path)) >= 2 * len(cards)
