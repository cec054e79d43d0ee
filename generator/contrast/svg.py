"""Contrast drawn as SVG: every tissue as bright as in the image, every contrast as a bar with its range."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from generator.contrast.comparison import Comparison, View
from generator.model.tree import Target
from generator.vendors.profile import profile

_WIDTH, _LEFT, _PATCH, _PITCH = 960, 150, 74, 30
_BAR_LEFT, _BAR_WIDTH = 600, 250

_STYLE = """
.ct{font:13px system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;fill:#1f2933}
.ct .title{font-size:17px;font-weight:600}
.ct .head{font-weight:600}
.ct .sub{fill:#52606d;font-size:12px}
.ct .paper{fill:#fff}
.ct .frame{stroke:#9aa5b1;stroke-width:1}
.ct .bar{fill:#2b6cb0}
.ct .unlike{fill:#c53030}
.ct .range{stroke:#1f2933;stroke-width:1}
"""

PARTS = {
    "white": "white",
    "grey": "grey",
    "lesion": "lesion",
    "fluid": "CSF",
    "fat": "fat",
    "vein": "vein",
}
"""Parts of a role and what a drawing calls them."""


_LEGEND = "patch: tissue as bright as in the image; bar: contrast, most likely, with its range"
_HEADING = "{scan}, {field} T: {one} over {other}"
_SPREAD = "spread {spread} % (limit {limit} %)"
_NOT_SIMULATED = "not simulated"

WORDS = (*PARTS.values(), _LEGEND, _HEADING, _SPREAD, _NOT_SIMULATED)
"""The fixed words of a drawing, which a catalogue of texts translates; names of scans are not among them."""


@dataclass(frozen=True)
class Language:
    """How a drawing speaks: from fixed words in English to its own, numbers with its decimal sign."""

    code: str = "en"
    say: Callable[[str], str] = str
    number: Callable[[float], str] = "{:g}".format


ENGLISH = Language()


def contrast_svg(comparisons: Sequence[Comparison], title: str, language: Language = ENGLISH) -> str:
    """Draw comparisons one below the other.

    Returns
    -------
    str
        An ``svg`` element, a file of its own or a part of a page; the same input gives the same text.
    """
    parts, top = [], 64.0
    for comparison in comparisons:
        parts += list(_comparison(comparison, top, language))
        top += _PITCH * (len(comparison.views) + 2)
    label = escape(title, {'"': "&quot;"})
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ct" role="img" lang="{language.code}" '
        f'viewBox="0 0 {_WIDTH} {top:.0f}" width="{_WIDTH}" height="{top:.0f}" aria-label="{label}">'
    )
    paper = f'<rect class="paper" width="{_WIDTH}" height="{top:.0f}" rx="8"/>'
    texts = [_text(24, 32, title, "title"), _text(24, 50, language.say(_LEGEND), "sub")]
    return "\n".join([head, f"<style>{_STYLE}</style>", paper, *texts, *parts, "</svg>"]) + "\n"


def heading(comparison: Comparison, language: Language = ENGLISH) -> str:
    """Say what is compared and how alike it is."""
    one, other = (language.say(PARTS[part]) for part in comparison.role.pair)
    field = language.number(comparison.field_strength)
    said = language.say(_HEADING).format(scan=comparison.name, field=field, one=one, other=other)
    if comparison.spread is None:
        return said
    spread, limit = (f"{100 * value:.0f}" for value in (comparison.spread, comparison.role.spread))
    return f"{said}, {language.say(_SPREAD).format(spread=spread, limit=limit)}"


def _comparison(comparison: Comparison, top: float, language: Language) -> Iterator[str]:
    yield _text(24, top + 14, heading(comparison, language), "head")
    widest = max((view.high for view in comparison.known), default=1.0)
    for number, view in enumerate(comparison.views, start=1):
        yield from _view(view, top + _PITCH * number - 6, widest, comparison.alike, language)


def _view(view: View, top: float, widest: float, alike: bool, language: Language) -> Iterator[str]:
    yield _text(24, top + 18, _scanner(view.target))
    if view.missing or not view.signals:
        yield _text(
            _LEFT, top + 18, f"{language.say(_NOT_SIMULATED)}: {view.missing.replace('_', ' ')}", "sub"
        )
        return
    brightest = max(abs(value) for value in view.signals.values())
    for place, (part, value) in enumerate(view.signals.items()):
        yield from _patch(_LEFT + place * (_PATCH + 6), top, language, PARTS[part], abs(value) / brightest)
    scale, colour = _BAR_WIDTH / widest, "bar" if alike else "unlike"
    size = f'width="{view.contrast * scale:.1f}" height="12"'
    yield f'<rect x="{_BAR_LEFT}" y="{top + 6:.0f}" {size} class="{colour}"/>'
    low, high = (_BAR_LEFT + value * scale for value in (view.low, view.high))
    yield f'<line x1="{low:.1f}" y1="{top + 12:.0f}" x2="{high:.1f}" y2="{top + 12:.0f}" class="range"/>'
    yield _text(_BAR_LEFT + _BAR_WIDTH + 12, top + 17, _two(view.contrast, language))


def _scanner(target: Target) -> str:
    """Name a scanner by the first word of its maker; its field strength is in the heading."""
    parts = (profile(target.vendor).title.split()[0], target.model, target.software)
    return " ".join(part for part in parts if part)


def _patch(x: float, top: float, language: Language, part: str, share: float) -> Iterator[str]:
    level = round(255 * share)
    text = f"{language.say(part)} {_two(share, language)}"
    ink = "#fff" if level < 128 else "#1f2933"
    yield (
        f'<rect x="{x:.0f}" y="{top:.0f}" width="{_PATCH}" height="24" class="frame" '
        f'fill="rgb({level},{level},{level})"/>'
    )
    yield f'<text x="{x + 6:.0f}" y="{top + 16:.0f}" fill="{ink}" font-size="12">{text}</text>'


def _two(value: float, language: Language) -> str:
    """Write two decimals with the decimal sign of the language, which only its numbers tell."""
    return f"{value:.2f}".replace(".", language.number(0.5)[1])


def _text(x: float, y: float, text: str, style: str = "") -> str:
    css = f' class="{style}"' if style else ""
    return f'<text x="{x:.0f}" y="{y:.0f}"{css}>{escape(text)}</text>'
