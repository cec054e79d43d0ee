"""How a page speaks: texts, numbers, values and dates in one language."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from typing import Any

from generator.model.fields import field_table
from generator.model.tree import Acquisition, Contrast
from generator.publish.labels import TIMES, label, word
from generator.publish.locale import SOURCE, known, patterns, translations
from generator.text import clock

_UNITS = {"s/mm2": "s/mm²", "deg": "°"}
_DIGITS = 6


@dataclass(frozen=True)
class Voice:
    """One language.

    Attributes
    ----------
    language : str
        Its code, such as ``fr``.
    """

    language: str

    def say(self, text: str) -> str:
        """Translate a text, or one that an entry with places fits; itself if the catalogue has neither."""
        if not text:
            return ""
        if self.language == SOURCE or text in known(self.language):
            return translations(self.language).gettext(text)
        return _composed(self, text)

    def count(self, one: str, many: str, number: int) -> str:
        """Translate a text with a number in it."""
        return translations(self.language).ngettext(one, many, number) % {"num": number}

    def knows(self, text: str) -> bool:
        """Say whether a text is in this language: always in English, else if the catalogue has it."""
        return self.language == SOURCE or not text or text in known(self.language) or self.say(text) != text

    def setting(self, context: str, default: str) -> str:
        """Return what the language does its own way: decimal sign, form of a date, its name."""
        return translations(self.language).pgettext(context, default)

    def number(self, value: float) -> str:
        """Write a number with the decimal sign of the language."""
        return f"{value:.{_DIGITS}g}".replace(".", self.setting("decimal sign", "."))

    def brief(self, value: float) -> str:
        """Write a number as a console shows it: four digits, two decimals at most."""
        exact = value * 8 == int(value * 8)  # eighths of partial Fourier are no rounded values
        decimals = 3 if exact else max(0, min(2, 4 - len(str(abs(int(value))))))
        return self.number(round(value, decimals))

    def entered(self, line: Any) -> str:
        """Write the value of a line of a sheet, in the unit of the console or in that of the tree."""
        value = line.value
        if isinstance(value, (str, bool)) or (line.unit is None and _is_plain(value)):
            return self.shown(value, line.field)
        numbers = value if isinstance(value, (list, tuple)) else (value,)
        between = " × " if line.field in TIMES else self.setting("between entries of a list", ", ")
        text = between.join("?" if one is None else self.brief(one) for one in numbers)
        if line.unit is None:
            return self._unit(line.field, text)
        return f"{text}\u00a0{line.unit}" if line.unit else text

    def day(self, value: str) -> str:
        """Write a day given as ``2024-03-01``."""
        return date.fromisoformat(value).strftime(self.setting("form of a date", "%Y-%m-%d"))

    def clock(self, seconds: float | None) -> str:
        """Write a duration as ``m:ss``, an unknown one as a question mark."""
        return "?" if seconds is None else clock(seconds)

    def size(self, octets: int) -> str:
        """Write the size of a file."""
        number, unit = (octets / 1e6, "MB") if octets >= 1e6 else (octets / 1e3, "kB")
        digits = f"{number:.0f}" if number >= 10 else f"{number:.1f}"
        return digits.replace(".", self.setting("decimal sign", ".")) + "\u00a0" + self.say(unit)

    def label(self, field: str | None) -> str:
        """Name a field."""
        return self.say(label(field))

    def shown(self, value: Any, field: str | None) -> str:
        """Write the value of a field with its unit; a dash if it is not stated."""
        return _shown(self, field, _frozen(value), isinstance(value, bool))

    def write(self, field: str | None, value: Any) -> str:
        """Write a value that is stated."""
        if isinstance(value, tuple):
            return self._unit(field, self._list(field, value))
        return self._unit(field, self._plain(value))

    def _list(self, field: str | None, values: Sequence[Any]) -> str:
        between = " × " if field in TIMES else self.setting("between entries of a list", ", ")
        return between.join("?" if one is None else self._plain(one) for one in values)

    def _plain(self, value: Any) -> str:
        if isinstance(value, bool):
            return self.say("yes") if value else self.say("no")
        if isinstance(value, (int, float)):
            return self.number(float(value))
        text = str(value)
        return self.say(word(text)) if text.islower() else text

    def _unit(self, field: str | None, text: str) -> str:
        unit = _unit_of(field)
        if unit is None:
            return text
        return text + "°" if unit == "deg" else f"{text}\u00a0{_UNITS.get(unit, unit)}"


@lru_cache(20_000)
def _composed(voice: Voice, text: str) -> str:
    """Translate a text that programs composed, by the first entry whose places can all be translated."""
    for colon in _COLON.finditer(text):
        if text[: colon.start()] in known(voice.language):  # a title, which may hold a colon itself
            start, rest = text[: colon.start()], _part(voice, text[colon.end() :], False)
            if rest is not None:
                return voice.say("{place}: {text}").format(place=voice.say(start), text=rest)
    fitting = [one for one in patterns(voice.language) if one.fixed in text]
    for form in range(3):
        for pattern in fitting:
            match = pattern.forms[form].fullmatch(text)
            said = (
                {name: _part(voice, part, pattern.vague) for name, part in match.groupdict().items()}
                if match
                else {}
            )
            if match and None not in said.values():
                return pattern.translation.format(**said)
    return text


_COLON = re.compile(": ")
_LISTED = re.compile(r"(\n  |, (?![^()]*\))| and | or | → )")
_DECIMAL = re.compile(r"(?<=\d)\.(?=\d)")
_WORD = re.compile(r"(?<![\w./])(?<!\d )[a-z]{2,}(?![\w./])")
_ENGLISH = re.compile(
    r"\b(the|is|are|was|of|not|with|which|that|this|to|from|has|have|it|for|an?|should|must|does|every)\b"
)
"""What a place must not be filled with untranslated: half a sentence in either language helps nobody."""


def _part(voice: Voice, text: str, strict: bool) -> str | None:
    """Translate what fills a place: a text, a list of texts, a name or a number; ``None`` if it is English.

    Parameters
    ----------
    strict : bool
        Whether any plain word without a translation counts as English, and not only a sentence.
    """
    whole = voice.say(text)
    if voice.knows(text) or text[:1] in "'\"":
        return whole
    parts = [(part, voice.say(part)) for part in _LISTED.split(text)]
    if any(not voice.knows(old) and _is_english(old, strict) for old, _ in parts[::2]):
        return None
    between = {" and ": voice.say("{one} and {other}"), " or ": voice.say("{one} or {other}")}
    said = (between[old].format(one="", other="") if old in between else new for old, new in parts)
    return _DECIMAL.sub(voice.setting("decimal sign", "."), "".join(said))


def _is_english(text: str, strict: bool) -> bool:
    named = "/" in text  # the path of a step, in the words of its site
    return bool((_WORD if strict and not named else _ENGLISH).search(text))


def _is_plain(value: Any) -> bool:
    """Say whether a value is no number, and no list of numbers."""
    entries = value if isinstance(value, (list, tuple)) else (value,)
    return any(isinstance(one, (str, bool, dict)) for one in entries)


def _frozen(value: Any) -> Any:
    """Make a value of JSON hashable; a mapping, which only a vendor's own value can be, becomes its text."""
    if isinstance(value, (list, tuple)):
        return tuple(_frozen(one) for one in value)
    return str(value) if isinstance(value, dict) else value


@lru_cache(20_000)
def _shown(voice: Voice, field: str | None, value: Any, _: bool) -> str:
    """Write a value once; sheets and pages repeat most of them. The last argument keeps 1 and True apart."""
    return "–" if value is None or value == () else voice.write(field, value)


@cache
def _unit_of(field: str | None) -> str | None:
    for model in (Acquisition, Contrast):
        if field in field_table(model):
            return field_table(model)[field].unit
    return None


@cache
def voice(language: str) -> Voice:
    """Return the voice of a language."""
    return Voice(language)
