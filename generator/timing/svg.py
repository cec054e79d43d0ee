"""The exam drawn as SVG: bars on a minute axis, the injection, the wait, the delay and the limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import ceil
from xml.sax.saxutils import escape, quoteattr

from generator.text import clock
from generator.timing.estimate import UNPROVEN, with_interval
from generator.timing.timeline import Row, Timeline

_WIDTH, _LEFT, _RIGHT = 960, 248, 104
_TOP, _PITCH, _BAR = 84, 26, 16
_FOOT = 96
_GAP = 8

_STYLE = """
.tl{font:13px system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;fill:#1f2933}
.tl .title{font-size:17px;font-weight:600}
.tl .sub,.tl .tick,.tl .time{fill:#52606d;font-size:12px}
.tl .time{font-variant-numeric:tabular-nums;paint-order:stroke;stroke:#fff;stroke-width:3px}
.tl .grid{stroke:#e4e7eb;stroke-width:1}
.tl .paper{fill:#fff}
.tl .counted{fill:#2b6cb0}
.tl .post{fill:#276749}
.tl .setup{fill:#9aa5b1}
.tl .optional{fill:#fff;stroke:#2b6cb0;stroke-width:1.5;stroke-dasharray:4 3}
.tl .wait{fill:#fbd38d;stroke:#b7791f;stroke-width:1}
.tl .unknown{fill:none;stroke:#9aa5b1;stroke-width:1;stroke-dasharray:2 3}
.tl .margin{stroke:#1f2933;stroke-width:1}
.tl .needle{stroke:#b83280;stroke-width:1.5}
.tl .needle-text{fill:#97266d;font-weight:600;font-size:12px}
.tl .limit{stroke:#c53030;stroke-width:1.5}
.tl .limit-text{fill:#c53030;font-size:12px}
.tl .track{fill:#e4e7eb}
"""

_LEGEND = (
    ("counted", "counts towards the limit"),
    ("post", "after contrast"),
    ("optional", "optional"),
    ("setup", "set-up"),
    ("wait", "wait"),
)


_TIMES = "acquisition time {time}, in the room about {minutes} min"
_TIMES_AT_LEAST = "acquisition time at least {time}, in the room about {minutes} min"
_SCANS = "Scans: {number}, {times}."
_INJECTION_AT = "Injection at {time}."
_DELAY_AT_LEAST = "First contrast T1 at least {time} after it."
_LIMIT_IS = "Limit {time}."
_INJECTION = "injection {time}"
_DELAY = "at least {time}"
_DELAY_ASKED = "at least {time} ({asked} asked)"
_TOTAL = "Acquisition time"
_LIMIT = "limit {time}"
_OPERATOR = "operator"
_UNKNOWN = "time unknown"

WORDS = (
    UNPROVEN,
    *(label for _, label in _LEGEND),
    *(_TIMES, _TIMES_AT_LEAST, _SCANS, _INJECTION_AT, _DELAY_AT_LEAST, _LIMIT_IS),
    *(_INJECTION, _DELAY, _DELAY_ASKED, _TOTAL, _LIMIT, _OPERATOR, _UNKNOWN),
)
"""The fixed words of a drawing, which a catalogue of texts translates; names of steps are not among them."""

Say = Callable[[str], str]
"""From fixed words in English, with their places in braces, to the same in another language."""


def timeline_svg(
    timeline: Timeline, title: str, limit: float | None = None, say: Say = str, language: str = "en"
) -> str:
    """Draw an exam.

    Parameters
    ----------
    timeline : Timeline
        From :func:`generator.timing.timeline.build_timeline`.
    title : str
        Heading of the drawing and its accessible name.
    limit : float, optional
        Seconds the counted scans may take; drawn on the bar of the total.
    say : callable
        Translates the fixed words, :data:`WORDS`; the names of the steps and the title are drawn as given.
    language : str
        The language that ``say`` speaks, as a page names it: ``fr``.

    Returns
    -------
    str
        An ``svg`` element, a file of its own or a part of a page; the same input gives the same text.
    """
    height = _TOP + _PITCH * len(timeline.rows) + _FOOT
    scale = _Scale(max(timeline.end, timeline.counted + timeline.counted_uncertainty, limit or 0.0, 60.0))
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="tl" role="img" lang={quoteattr(language)} '
        f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        'aria-labelledby="tl-title tl-desc">',
        f'<title id="tl-title">{escape(title)}</title>',
        f'<desc id="tl-desc">{escape(describe(timeline, limit, say))}</desc>',
        f"<style>{_STYLE}</style>",
        f'<rect class="paper" width="{_WIDTH}" height="{height}" rx="8"/>',
        _text(24, 32, title, "title"),
        _text(24, 52, _subtitle(timeline, say), "sub"),
        *_axis(scale, height - _FOOT),
        *_contrast(timeline, scale, height - _FOOT, say),
        *(part for row in timeline.rows for part in _row(row, timeline, scale, say)),
        *_total(timeline, limit, height - _FOOT + 20, scale, say),
        *_legend(height - 16, say),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def describe(timeline: Timeline, limit: float | None = None, say: Say = str) -> str:
    """Say in words what the drawing shows."""
    scans = sum(row.kind == "acquisition" for row in timeline.rows)
    said = [say(_SCANS).format(number=scans, times=_subtitle(timeline, say))]
    if timeline.injection is not None:
        said.append(say(_INJECTION_AT).format(time=clock(timeline.injection)))
    if timeline.delay is not None:
        said.append(say(_DELAY_AT_LEAST).format(time=clock(timeline.delay)))
    if limit is not None:
        said.append(say(_LIMIT_IS).format(time=clock(limit)))
    said += [f"{clock(row.start)} {row.name}." for row in timeline.rows]
    return " ".join(said)


class _Scale:
    """Seconds to pixels, and the minutes to mark."""

    def __init__(self, end: float) -> None:
        minutes = ceil(end / 60)
        self.step = next(step for step in (1, 2, 5, 10, 20, 60, 10**6) if minutes / step <= 16)
        self.minutes = self.step * ceil(minutes / self.step)
        self._per_second = (_WIDTH - _LEFT - _RIGHT) / (60 * self.minutes)

    def at(self, seconds: float) -> float:
        return _LEFT + seconds * self._per_second

    def marks(self) -> range:
        return range(0, self.minutes + 1, self.step)


def _subtitle(timeline: Timeline, say: Say) -> str:
    total = clock(timeline.counted)
    if timeline.counted_uncertainty:
        total = with_interval(timeline.counted, timeline.interval, say)
    words = say(_TIMES if timeline.complete else _TIMES_AT_LEAST)
    return words.format(time=total, minutes=ceil(timeline.room_time / 60))


def _text(x: float, y: float, text: str, style: str = "", anchor: str = "start", note: str = "") -> str:
    css = f' class="{style}"' if style else ""
    where = "" if anchor == "start" else f' text-anchor="{anchor}"'
    inner = f"<title>{escape(note)}</title>" if note else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{css}{where}>{inner}{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class={quoteattr(style)}/>'


def _bar(x: float, y: float, width: float, height: float, style: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1.5):.1f}" height="{height:.1f}" rx="3" '
        f"class={quoteattr(style)}/>"
    )


def _axis(scale: _Scale, bottom: float) -> Iterator[str]:
    for minute in scale.marks():
        x = scale.at(60 * minute)
        yield _line(x, _TOP - 8, x, bottom, "grid")
        yield _text(x, _TOP - 14, f"{minute} min" if minute == 0 else str(minute), "tick", "middle")


def _row(row: Row, timeline: Timeline, scale: _Scale, say: Say) -> Iterator[str]:
    top = _TOP + _PITCH * row.step
    middle = top + _BAR / 2 + 4.5
    yield _text(_LEFT - 12, middle, _shortened(row.name), "", "end", row.name)
    if row.kind in ("contrast", "reformat"):
        return
    x, width = scale.at(row.start), scale.at(row.end) - scale.at(row.start)
    yield _bar(x, top, width, _BAR, _class(row, timeline))
    if row.uncertainty and row.duration:
        low, high = (scale.at(max(row.start, row.start + end)) for end in _ends(row.duration, row))
        yield _line(low, top + _BAR / 2, high, top + _BAR / 2, "margin")
    right = max(x + width, scale.at(row.start + _ends(row.duration or 0.0, row)[1]))
    words = f"{_time(row, say)} {say('optional')}" if row.optional else _time(row, say)
    yield _text(right + _GAP, middle, words, "time")


def _ends(seconds: float, row: Row) -> tuple[float, float]:
    """Between which times something ends: its interval where there is one, else as far to both sides."""
    return row.interval or (seconds - row.uncertainty, seconds + row.uncertainty)


def _time(row: Row, say: Say) -> str:
    if row.duration is None:
        return say(_OPERATOR if row.kind == "pause" else _UNKNOWN)
    return (
        with_interval(row.duration, row.interval) if row.uncertainty and row.interval else clock(row.duration)
    )


def _class(row: Row, timeline: Timeline) -> str:
    if row.duration is None:
        return "unknown"
    if row.kind == "pause":
        return "wait"
    if row.optional:
        return "optional"
    if row.set_up:
        return "setup"
    after = timeline.injection is not None and timeline.image is not None and row.start >= timeline.image
    return "post" if after else "counted"


def _shortened(name: str, length: int = 30) -> str:
    return name if len(name) <= length else name[: length - 1].rstrip() + "…"


def _contrast(timeline: Timeline, scale: _Scale, bottom: float, say: Say) -> Iterator[str]:
    """The injection as a line through the exam, and the delay as a bracket under the bars."""
    if timeline.injection is None:
        return
    x = scale.at(timeline.injection)
    row = next(row for row in timeline.rows if row.kind == "contrast")
    yield _line(x, _TOP - 8, x, bottom, "needle")
    text = say(_INJECTION).format(time=clock(timeline.injection))
    yield _text(x + _GAP, _TOP + _PITCH * row.step + _BAR / 2 + 4.5, text, "needle-text")
    if timeline.image is None or timeline.delay is None:
        return
    y, end = bottom - 4, scale.at(timeline.image)
    yield _line(x, y, end, y, "needle")
    yield _line(end, y - 5, end, y + 5, "needle")
    words = say(_DELAY_ASKED if timeline.minimum_delay else _DELAY)
    text = words.format(time=clock(timeline.delay), asked=clock(timeline.minimum_delay or 0.0))
    yield _text((x + end) / 2, y + 15, text, "needle-text", "middle")


def _total(timeline: Timeline, limit: float | None, top: float, scale: _Scale, say: Say) -> Iterator[str]:
    """The counted time as one bar against the limit, on the axis of the exam."""
    counted, wide = timeline.counted, timeline.counted_uncertainty
    yield _text(_LEFT - 12, top + 16, say(_TOTAL), "sub", "end")
    yield _bar(_LEFT, top + 6, _WIDTH - _LEFT - _RIGHT, 12, "track")
    yield _bar(_LEFT, top + 6, scale.at(counted) - _LEFT, 12, "counted")
    if wide:
        low, high = timeline.interval or (counted - wide, counted + wide)
        yield _line(scale.at(low), top + 12, scale.at(high), top + 12, "margin")
    yield _text(_WIDTH - _RIGHT + _GAP, top + 16, clock(timeline.counted), "time")
    if limit is not None:
        x = scale.at(limit)
        yield _line(x, top + 1, x, top + 23, "limit")
        yield _text(x, top + 36, say(_LIMIT).format(time=clock(limit)), "limit-text", "middle")


def _legend(y: float, say: Say) -> Iterator[str]:
    x = 24.0
    for style, words in _LEGEND:
        label = say(words)
        yield _bar(x, y - 10, 18, 12, style)
        yield _text(x + 24, y, label, "sub")
        x += 44 + 6.6 * len(label)
