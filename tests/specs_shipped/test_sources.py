"""Every number of a shipped spec says where it comes from. Read from the YAML itself, not by the loader."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.specs_shipped.cards import PROTOCOLS, SCANNERS, SEQUENCES, TARGETS, card
from tests.support.each import each

NO_VALUES = {"when", "source", "sources", "variants", "steps", "version", "name", "title", "instruction"}
NO_VALUES |= {"text", "role", "protocol", "acquisition", "path", "scanner", "model", "aliases", "software"}
NO_VALUES |= {"guidelines", "field_strengths", "field_strength", "mr_acquisition_type", "situation"}

NUMBER = re.compile(r"\d")
PUBLISHED = re.compile(
    r"10\.\d{4,}/|GitHub [\w-]+/[\w.-]+|OFSEP 2020|BMJ Open 2018|Ann Neurol|PMID \d+|Westbrook|"
    r"owner's manual|recalled, not verified here"
)
OWN = re.compile(r"own choice: \S+(?: \S+){4,}")


def blocks(path: Path) -> Iterator[tuple[str, Mapping[str, Any], str | None]]:
    """Every mapping that gives values, with the source that holds for it from above."""
    root = yaml.safe_load(path.read_text("utf-8"))
    if "steps" not in root:
        yield from _with_variants(path.name, root, None)
        return
    for number, step in enumerate(root["steps"], 1):
        kind = next(iter(step))
        inner = step[kind] if isinstance(step[kind], dict) else {}
        own = {key: value for key, value in step.items() if key != kind}
        place = f"{path.name} step {number}"
        reads_source = kind != "reformat"
        outer = root.get("source")
        yield from _with_variants(
            place, own if reads_source else {**own, **_plain(inner)}, own.get("source", outer)
        )
        if reads_source:
            yield from _with_variants(place, inner, inner.get("source", own.get("source", outer)))


def _plain(inner: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in inner.items() if key != "source"}


def _with_variants(
    place: str, block: Mapping[str, Any], outer: str | None
) -> Iterator[tuple[str, Mapping[str, Any], str | None]]:
    yield place, block, outer
    for variant in block.get("variants", ()):
        cited = {key: variant[key] for key in ("source", "sources") if key in variant}
        yield f"{place} {variant['when']}", {**variant["set"], **cited}, None


def numbers(block: Mapping[str, Any]) -> list[str]:
    return [key for key, value in block.items() if key not in NO_VALUES and _has_number(value)]


def _has_number(value: Any) -> bool:
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, (list, tuple)):
        return any(map(_has_number, value))
    if isinstance(value, dict):
        return any(map(_has_number, value.values()))
    return isinstance(value, (int, float)) or bool(NUMBER.match(str(value)))


def citations(block: Mapping[str, Any]) -> list[str]:
    own = [block["source"]] if isinstance(block.get("source"), str) else []
    return [*own, *block.get("sources", {}).values()]


every_file = each((*PROTOCOLS, *SEQUENCES, *SCANNERS))


@every_file
def test_every_number_names_its_source(path: Path) -> None:
    nameless = []
    for place, block, outer in blocks(path):
        cited = block.get("source") or outer
        nameless += [
            f"{place}: {key}" for key in numbers(block) if not block.get("sources", {}).get(key, cited)
        ]
    assert not nameless


@every_file
def test_a_source_is_a_publication_or_a_reasoned_choice(path: Path) -> None:
    found = [text for _, block, _ in blocks(path) for text in citations(block)]
    assert found or path in PROTOCOLS
    vague = [text for text in found if not (PUBLISHED.search(text) or OWN.match(text))]
    assert not vague


@each(SEQUENCES)
def test_the_source_of_a_sequence_speaks_of_some_number(path: Path) -> None:
    """A source that every field overrides would be decoration."""
    _, block, _ = next(blocks(path))
    assert set(numbers(block)) - set(block["sources"])


def test_the_walk_sees_the_numbers() -> None:
    """A walk that found nothing would pass for the wrong reason."""
    counted = {path.stem: sum(len(numbers(block)) for _, block, _ in blocks(path)) for path in SEQUENCES}
    assert min(counted.values()) > 20
    assert all([len(numbers(block)) for _, block, _ in blocks(path)] == [3] for path in SCANNERS)
    assert numbers({"voxel_size": ["1 mm"], "name": "3D", "plane": "sagittal"}) == ["voxel_size"]


@each(PROTOCOLS)
def test_the_loader_sees_the_sources_too(path: Path) -> None:
    assert all(card(path, target).unsourced() == () for target in TARGETS)
