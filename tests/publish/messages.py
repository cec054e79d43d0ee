"""Every text that a catalogue should have: of the templates, of the tables of labels, of the shipped data."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

import generator
from generator import resources
from generator.contrast import svg as contrast_svg
from generator.model import words
from generator.publish import console, labels, pages, picture
from generator.publish.render import environment
from generator.spec.load import find, load
from generator.timing import svg

_COUNTED = re.compile(r'v\.count\("([^"]+)"')


def of_templates() -> Iterator[str]:
    """Texts marked for translation in the templates; of a plural its first form."""
    made = environment("en")
    for path in sorted(
        p for name in ("site", "sheets", "app") for p in resources.templates(name).rglob("*.j2")
    ):
        text = path.read_text(encoding="utf-8")
        for _, _, message in made.extract_translations(text):
            yield message if isinstance(message, str) else message[0]
        yield from _COUNTED.findall(text)


def of_labels() -> Iterator[str]:
    """Texts that the tables of labels hold."""
    yield from (title for title, _ in labels.GROUPS)
    yield from labels.LABELS.values()
    for texts in (
        labels.KINDS,
        labels.KIND_MEANINGS,
        labels.GADOLINIUM,
        labels.LOSSES,
        labels.MATTERS,
        labels.OTHER_LABELS,
        labels.STEPS,
        labels.STATUSES,
        labels.NOTES,
        labels.RESULTS,
        labels.SEVERITIES,
        labels.PROTOCOL_KINDS,
    ):
        yield from texts.values()
    yield console.OTHERS
    yield from ("answer", "with gadolinium", "once a year", "one reading", "yes", "no", "kB", "MB", "brain")


def of_pictures() -> Iterator[str]:
    """Fixed words of the timeline as a picture."""
    yield from svg.WORDS
    yield from contrast_svg.WORDS
    yield pages.CONTRAST_TITLE
    yield from picture.STEP_WORDS


def of_words() -> Iterator[str]:
    """The closed lists whose words stand in tables."""
    for listed in (
        words.Technique,
        words.Plane,
        words.FatSuppression,
        words.PlaneReference,
        words.Gating,
        words.OutputMap,
        words.SpineRegion,
        words.ReferenceScan,
        words.Readout,
    ):
        yield from (labels.word(word) for word in listed.__args__)  # type: ignore[attr-defined]
    yield from map(labels.word, words.REGIONS)


def of_program() -> Iterator[str]:
    """Texts that dialects, pipeline and rules compose: constants as they are, of others the fixed form."""
    package = Path(generator.__file__).parent
    for path in [*package.glob("*.py"), *package.glob("vendors/**/*.py"), *package.glob("rules/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value
            elif isinstance(node, ast.JoinedStr):
                yield "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
    for path in [*resources.specs("guidelines").rglob("*.yaml"), *resources.specs("agents").rglob("*.yaml")]:
        yield from _scalars(yaml.safe_load(path.read_text(encoding="utf-8")))


def _scalars(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _scalars(one)


COMPOSED = re.compile(r"\{(title|what|limit|demand)\}")
"""Forms of findings: ``generator.rules.phrases`` puts them together from smaller pieces."""

PIECES = frozenset({
    "anisotropy", "technique", "prepared gradient echo", "scans that are not optional",
    "3D T1 after gadolinium", "OFSEP 2020, Figure 3", "OFSEP 2020, General considerations",
    "OFSEP 2020, Brain MRI, diagnosis", "MPV (FASE3D_mpv) with two inversions",
})  # fmt: skip
"""What fills them: labels of facts and words, which are made of several texts."""


def of_decisions() -> Iterator[str]:
    """Titles and reasons of the decision table."""
    for entry in pages._entries():
        yield from (entry.title, entry.why, *(reading.why for reading in entry.readings.values()))


def of_protocols() -> Iterator[str]:
    """Titles of the shipped protocols and what they tell the operator."""
    for path in find(str(resources.specs("protocols"))):
        spec = load(path)
        yield spec.title
        for step in spec.steps:
            field = {"acquisition": "instruction", "contrast": "text"}.get(step.kind)
            yield from (given.value for given in step.given(field) if given.value) if field else ()


THE_SAME_IN_FRENCH = frozenset({"injection", "Signature", "Date", "Dixon", "AC-PC"})
