"""The XProtocol blocks before the MrProt block: only the protocol's name and description are known.

A parameter is ``<ParamType."Name"> { <Attribute> value ... value }``; the compact form of XA has no
attributes. Source: formats/siemens.md section 2.7.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_OPEN = r'<ParamString\."{}">\s*\{{'
_TEXT = r'"(?:[^"]|"")*"'
_TOKEN = re.compile(
    rf'\s*(?:(?P<attribute><\w+>\s*(?:{_TEXT}|\{{[^{{}}]*\}}|[^\s<>{{}}"]+))|(?P<value>{_TEXT})|\}})'
)


def _values(text: str, name: str = "ProtocolName") -> Iterator[tuple[int, int]]:
    """Spans of the quoted values of a string parameter."""
    for opening in re.finditer(_OPEN.format(name), text):
        at = opening.end()
        while (token := _TOKEN.match(text, at)) and (token["attribute"] or token["value"]):
            if token["value"]:
                yield token.span("value")
            at = token.end()


def names(text: str) -> list[str]:
    """Every value of ``ProtocolName``; a parameter without a value gives none."""
    return [text[start + 1 : end - 1].replace('""', '"') for start, end in _values(text)]


def without_description(text: str) -> str:
    """The text without the free description of the protocol."""
    for start, end in reversed(list(_values(text, "Description"))):
        text = text[:start] + text[end:]
    return text


def set_names(text: str, name: str) -> str:
    """Set every ``ProtocolName`` that has a value; the rest of the text stays as it is."""
    doubled = name.replace('"', '""')
    for start, end in reversed(list(_values(text))):
        text = f'{text[:start]}"{doubled}"{text[end:]}'
    return text
