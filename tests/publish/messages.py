"""Every text that a catalogue should have: of the templates, of the tables of labels, of the shipped data."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator import resources
from generator.contrast import svg as contrast_svg
from generator.model import words
from generator.publish import console, labels, pages, picture
from generator.publish.publication import load as load_publication
from generator.publish.render import environment
from generator.spec.load import find, load
from generator.timing import svg

_PLACE = re.compile(r"\{\w+\}")
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


PIECES = frozenset({
    "OFSEP 2020, Figure 3", "OFSEP 2020, General considerations", "OFSEP 2020, Brain MRI, diagnosis",
    "parallel imaging", "parallel imaging 3d", "compressed sensing", "multiband", "gadoterate", "nothing",
})  # fmt: skip
"""Words of data that fill places: sections of a source, options of scanners, a substance."""

_MODALS = ("must", "should")
_PHRASES = frozenset({
    "{place}: {text}", "{one}; {other}", "{one}, or {other}", "{one} or {other}",
    *(f"{{what}} {verb} {{value}}, {modal} {{demand}}" for verb in ("is", "are") for modal in _MODALS),
    *(f"there are no {{what}}, {modal} {{demand}}" for modal in _MODALS),
    *(f"{modal} {{demand}}" for modal in _MODALS), "{what} is missing",
    *(f"{{what}} {modal} {be} stated" for modal in _MODALS for be in ("be", "not be")),
    *(f"{no}{phrase}" for no in ("", "not ") for phrase in (
        "be at most {limit}", "be at least {limit}", "be below {limit}", "be above {limit}",
        "be near {limit}", "be {limit}", "include {limit}", "keep the order {limit}", "end with {limit}",
        "be between {limit} and {limit2}")),
    "{limit} in every entry", "{limit} (from the {fact})", "{limit} (the {fact})", "{limit} (as {owner})",
    "cannot be decided, {outcome}", "cannot be decided, the card does not state {lack}",
    "largest {what}", "smallest {what}", "2D {what}", "3D {what}", "single-shot {what}", "{label} ({reason})",
    "Canon's value is written as {text}",
    "{what} with inversion", "{what} with two inversions", "{what} of the {region}",
    "{what} before the injection", "{what} on the other scanner", "{what} in the earlier exam",
})  # fmt: skip
"""How findings are put together (``generator.rules.phrases``); a test says every rule's finding in French."""

PHRASES = frozenset(_PLACE.sub("{}", phrase) for phrase in _PHRASES)


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


def of_publication() -> Iterator[str]:
    """What the shipped publication says of itself."""
    made = load_publication(resources.specs("publication", "ofsep.yaml"))
    yield from (made.head.title, made.head.network, made.head.licence, made.contact.name)


THE_SAME_IN_FRENCH = frozenset({"injection", "Signature", "Date", "Dixon", "AC-PC"})
