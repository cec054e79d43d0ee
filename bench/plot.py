"""Growth curves as an SVG: seconds and memory over the number of protocols."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import log10

from bench.bulk import Point

WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 360, 240, 52, 30, 16, 40
COLOURS = {"check": "#0b4f6c", "build": "#a01c1c"}

Curves = Mapping[str, Sequence[Point]]


def svg(curves: Curves) -> str:
    """Draw both panels side by side."""
    panels = (
        _panel(curves, "seconds on 2 cores", lambda one: one.seconds),
        _panel(curves, "MB of the largest process", lambda one: one.memory),
    )
    both = "".join(f'<g transform="translate({i * WIDTH} 0)">{panel}</g>' for i, panel in enumerate(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {HEIGHT}" role="img" '
        'font-family="sans-serif" font-size="11">'
        f'<title>Time and memory over the number of protocols</title><rect width="100%" height="100%" '
        f'fill="#fff"/>{both}</svg>\n'
    )


def _panel(curves: Curves, title: str, value: Callable[[Point], float]) -> str:
    points = [one for line in curves.values() for one in line]
    most_x, most_y = max(one.protocols for one in points), _round(max(map(value, points)))

    def place(x: float, y: float) -> tuple[float, float]:
        across = LEFT + x / most_x * (WIDTH - LEFT - RIGHT)
        return round(across, 1), round(HEIGHT - BOTTOM - y / most_y * (HEIGHT - TOP - BOTTOM), 1)

    lines = "".join(
        _line(name, [place(one.protocols, value(one)) for one in line], number)
        for number, (name, line) in enumerate(curves.items())
    )
    ticks_y = "".join(_text(LEFT - 6, place(0, y)[1] + 4, f"{y:g}", "end") for y in (0, most_y / 2, most_y))
    ticks_x = "".join(
        _text(place(x, 0)[0], HEIGHT - BOTTOM + 16, f"{x:g}", "middle") for x in (0, most_x / 2, most_x)
    )
    axes = (
        f'<path d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}" fill="none" stroke="#5b6875"/>'
        + _text(LEFT, TOP - 12, title, "start")
        + _text(WIDTH - RIGHT, HEIGHT - 8, "protocols, four vendors each", "end")
    )
    return axes + ticks_x + ticks_y + lines


def _line(name: str, places: Sequence[tuple[float, float]], number: int) -> str:
    path = " ".join(f"{x},{y}" for x, y in places)
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="2.5" fill="{COLOURS[name]}"/>' for x, y in places)
    label = _text(LEFT + 12, TOP + 14 + 14 * number, name, "start", COLOURS[name])
    return f'<polyline points="{path}" fill="none" stroke="{COLOURS[name]}" stroke-width="1.5"/>{dots}{label}'


def _text(x: float, y: float, said: str, anchor: str, colour: str = "#14202b") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}">{said}</text>'


def _round(value: float) -> float:
    """Round up to one, two or five times a power of ten."""
    unit = 10.0 ** int(log10(value)) if value >= 1 else 1.0
    return next(unit * step for step in (1, 2, 5, 10) if unit * step >= value)
