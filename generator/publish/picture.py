"""The timeline of a card as a picture, in the language of the page that shows it."""

from __future__ import annotations

from dataclasses import replace

from generator.model.tree import Acquisition, Contrast, Pause, Protocol, Reformat, Target
from generator.pipeline import Card
from generator.publish.locale import SOURCE
from generator.publish.voice import Voice, voice
from generator.vendors.profile import profile

_INJECTION = "Injection"
_AGENT = "Injection: {agent}"
_REFORMAT = "Reformat of {source}"
_WAIT = "Wait {time}: contrast images not before {delay} after the injection"
STEP_WORDS = (_INJECTION, _AGENT, _REFORMAT, _WAIT)
"""The fixed words in the names of steps."""


def name(language: str) -> str:
    """File name of the picture in a language."""
    return f"timeline.{language}.svg"


def picture(card: Card, language: str, limit: float | None) -> str:
    """Draw the timeline of a card.

    A catalogue that lacks one of the fixed words gets an English picture, which says that it is English: half
    of a sentence in either language helps nobody.

    Parameters
    ----------
    language : str
        Of the page.
    limit : float, optional
        Seconds the counted scans may take.

    Returns
    -------
    str
        An ``svg`` element, see :func:`generator.timing.svg.timeline_svg`.
    """
    from generator.timing.svg import WORDS, timeline_svg

    speaker = voice(language)
    if not all(speaker.knows(text) for text in (*WORDS, *STEP_WORDS)):
        speaker = voice(SOURCE)
    rows = tuple(replace(row, name=_name(card, row.step, speaker)) for row in card.timeline.rows)
    title = f"{speaker.say(card.protocol.name)}, {_scanner(card.target, speaker)}"
    drawn = replace(card.timeline, rows=rows)
    return timeline_svg(drawn, title, limit, speaker.say, speaker.language)


def _scanner(target: Target, speaker: Voice) -> str:
    strength = f"{speaker.number(target.field_strength)} T"
    parts = (profile(target.vendor).title, strength, target.model, target.software)
    return " ".join(part for part in parts if part)


def _name(card: Card, index: int, speaker: Voice) -> str:
    step = card.protocol.steps[index]
    if isinstance(step, Acquisition):
        return step.name
    if isinstance(step, Reformat):
        return speaker.say(_REFORMAT).format(source=step.source)
    if isinstance(step, Contrast):
        return _injection(step, speaker)
    if card.origins[index] is None:
        return _wait(card.protocol, index, speaker)
    return speaker.say(step.text)


def _injection(step: Contrast, speaker: Voice) -> str:
    if step.agent:
        return speaker.say(_AGENT).format(agent=speaker.say(step.agent))
    return speaker.say(step.text or _INJECTION)


def _wait(protocol: Protocol, index: int, speaker: Voice) -> str:
    """Name a wait that was put in, by the injection that it belongs to."""
    pause = protocol.steps[index]
    injection = next(step for step in protocol.steps[index::-1] if isinstance(step, Contrast))
    assert isinstance(pause, Pause)
    delay = speaker.clock(injection.minimum_delay)
    return speaker.say(_WAIT).format(time=speaker.clock(pause.duration), delay=delay)
