"""Small drawings as SVG text: lines with bands, bars, histograms, dots. Standard library alone, so
that the report needs nothing that a browser does not have."""

from __future__ import annotations

import html
import math
from typing import Callable, Sequence

WIDTH, HEIGHT = 400, 250
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 12, 36


class Axes:
    """A frame with two scales. Values go in, SVG comes out."""

    def __init__(self, x: tuple[float, float], y: tuple[float, float], log: bool = False):
        self.log = log
        self.xs, self.ys = x, y
        self.parts: list[str] = []

    def px(self, x: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * self._share(x, self.xs)

    def py(self, y: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * self._share(y, self.ys)

    def _share(self, value: float, scale: tuple[float, float]) -> float:
        low, high = scale
        if self.log:
            value, low, high = (math.log10(max(v, 1e-12)) for v in (value, low, high))
        return min(1.0, max(0.0, (value - low) / (high - low)))

    def grid(self, xs: Sequence[float], ys: Sequence[float], xname: str, yname: str) -> "Axes":
        bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
        for x in xs:
            at = self.px(x)
            self.parts.append(f'<line class="grid" x1="{at:.1f}" y1="{TOP}" x2="{at:.1f}" y2="{bottom}"/>')
            self.parts.append(f'<text x="{at:.1f}" y="{bottom + 14}" text-anchor="middle">{tick(x)}</text>')
        for y in ys:
            at = self.py(y)
            self.parts.append(f'<line class="grid" x1="{LEFT}" y1="{at:.1f}" x2="{right}" y2="{at:.1f}"/>')
            self.parts.append(f'<text x="{LEFT - 5}" y="{at + 3.5:.1f}" text-anchor="end">{tick(y)}</text>')
        middle = (LEFT + right) / 2
        self.parts.append(
            f'<text class="axis" x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{html.escape(xname)}</text>'
        )
        up = (TOP + bottom) / 2
        self.parts.append(
            f'<text class="axis" x="11" y="{up}" text-anchor="middle" '
            f'transform="rotate(-90 11 {up})">{html.escape(yname)}</text>'
        )
        return self

    def line(self, xs, ys, kind: str) -> "Axes":
        points = " ".join(f"{self.px(x):.1f},{self.py(y):.1f}" for x, y in zip(xs, ys))
        self.parts.append(f'<polyline class="line {kind}" points="{points}"/>')
        return self

    def band(self, xs, low, high, kind: str) -> "Axes":
        there = [f"{self.px(x):.1f},{self.py(y):.1f}" for x, y in zip(xs, high)]
        back = [f"{self.px(x):.1f},{self.py(y):.1f}" for x, y in zip(xs, low)]
        self.parts.append(f'<polygon class="band {kind}" points="{" ".join(there + back[::-1])}"/>')
        return self

    def dot(self, x: float, y: float, kind: str, said: str = "") -> "Axes":
        title = f"<title>{html.escape(said)}</title>" if said else ""
        self.parts.append(
            f'<circle class="dot {kind}" cx="{self.px(x):.1f}" cy="{self.py(y):.1f}" r="3.5">{title}</circle>'
        )
        return self

    def whisker(self, x: float, low: float, high: float, kind: str) -> "Axes":
        at = self.px(x)
        self.parts.append(
            f'<line class="line {kind}" x1="{at:.1f}" y1="{self.py(low):.1f}" x2="{at:.1f}" y2="{self.py(high):.1f}"/>'
        )
        return self

    def steps(self, edges, shares, kind: str) -> "Axes":
        """A histogram's outline, filled."""
        points = [f"{self.px(edges[0]):.1f},{self.py(0):.1f}"]
        for left, right, share in zip(edges, edges[1:], shares):
            points.append(f"{self.px(left):.1f},{self.py(share):.1f}")
            points.append(f"{self.px(right):.1f},{self.py(share):.1f}")
        points.append(f"{self.px(edges[-1]):.1f},{self.py(0):.1f}")
        self.parts.append(f'<polygon class="steps {kind}" points="{" ".join(points)}"/>')
        return self

    def svg(self, said: str) -> str:
        return (
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(said)}">'
            f"{''.join(self.parts)}</svg>"
        )


def bars(rows: Sequence[tuple[str, float, str]], said: str, kind: str = "a", most: float | None = None):
    """Horizontal bars with a name before and a number behind."""
    high = most or max((value for _, value, _ in rows), default=1) or 1
    step, label, room = 18, 190, 330
    parts = []
    for index, (name, value, text) in enumerate(rows):
        y = 4 + index * step
        width = max(1.0, room * min(value / high, 1.0))
        parts.append(f'<text x="{label - 6}" y="{y + 11}" text-anchor="end">{html.escape(name)}</text>')
        parts.append(f'<rect class="bar {kind}" x="{label}" y="{y + 1}" width="{width:.1f}" height="13" rx="2"/>')
        parts.append(f'<text x="{label + width + 5:.1f}" y="{y + 11}">{html.escape(text)}</text>')
    height = 8 + step * len(rows)
    return (
        f'<svg viewBox="0 0 620 {height}" role="img" aria-label="{html.escape(said)}">{"".join(parts)}</svg>'
    )


def tick(value: float) -> str:
    if value != 0 and (abs(value) < 0.001 or abs(value) >= 1e5):
        return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e")
    return f"{value:.4g}"


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers between two."""
    if high <= low:
        return [low]
    rough = (high - low) / about
    power = 10 ** math.floor(math.log10(rough))
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= rough)
    first = math.ceil(low / step)
    return [round(n * step, 12) for n in range(first, math.floor(high / step + 1e-9) + 1)]


def table(head: Sequence[str], rows: Sequence[Sequence[str]], mark: Callable | None = None) -> str:
    """An HTML table; all but the first column are numbers."""
    def cells(row, tag):
        return "".join(
            f"<{tag}{'' if index == 0 else ' class=n'}>{cell}</{tag}>" for index, cell in enumerate(row)
        )

    body = "".join(
        f"<tr{' class=mark' if mark and mark(row) else ''}>{cells(row, 'td')}</tr>" for row in rows
    )
    return f"<table><thead><tr>{cells(head, 'th')}</tr></thead><tbody>{body}</tbody></table>"
