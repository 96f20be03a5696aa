"""Draws small SVG charts: lines with bands, bars, histograms, dots. Standard library only, so that
the report needs no chart library, neither here nor in the browser."""

from __future__ import annotations

import html
import math
from typing import Callable, Sequence

WIDTH, HEIGHT = 400, 250
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 12, 36


class Axes:
    """A chart with two scales, linear or both logarithmic: takes values, returns SVG."""

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
        # A constant feature has a range of zero: divide by one instead.
        return min(1.0, max(0.0, (value - low) / ((high - low) or 1.0)))

    def grid(self, xs: Sequence[float], ys: Sequence[float], xname: str, yname: str) -> "Axes":
        bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
        for x in xs:
            at = self.px(x)
            self._rule("grid", at, TOP, at, bottom)
            self._text(at, bottom + 14, "middle", tick(x))
        for y in ys:
            at = self.py(y)
            self._rule("grid", LEFT, at, right, at)
            self._text(LEFT - 5, at + 3.5, "end", tick(y))
        middle, up = (LEFT + right) / 2, (TOP + bottom) / 2
        self._text(middle, HEIGHT - 6, "middle", xname, 'class="axis"')
        turned = f'class="axis" transform="rotate(-90 11 {up:.1f})"'
        self._text(11, up, "middle", yname, turned)
        return self

    def _rule(self, kind: str, x1: float, y1: float, x2: float, y2: float) -> None:
        ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
        self.parts.append(f'<line class="{kind}" {ends}/>')

    def _text(self, x: float, y: float, anchor: str, text: str, more: str = "") -> None:
        place = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
        self.parts.append(f"<text {place} {more}>{html.escape(text)}</text>")

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
        place = f'cx="{self.px(x):.1f}" cy="{self.py(y):.1f}" r="3.5"'
        self.parts.append(f'<circle class="dot {kind}" {place}>{title}</circle>')
        return self

    def whisker(self, x: float, low: float, high: float, kind: str) -> "Axes":
        at = self.px(x)
        self._rule(f"line {kind}", at, self.py(low), at, self.py(high))
        return self

    def steps(self, edges, shares, kind: str) -> "Axes":
        """A histogram as a filled outline."""
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


def figure(caption: str, drawing: str, kind: str = "") -> str:
    opened = f"<figure class={kind}>" if kind else "<figure>"
    return f"{opened}<figcaption>{caption}</figcaption>{drawing}</figure>"


def bars(rows: Sequence[tuple[str, float, str]], said: str, kind: str = "a") -> str:
    """Horizontal bars, each with a name on its left and a number on its right."""
    high = max((value for _, value, _ in rows), default=1) or 1
    step, label, room = 18, 190, 330
    parts = []
    for index, (name, value, text) in enumerate(rows):
        y = 4 + index * step
        width = max(1.0, room * value / high)
        size = f'width="{width:.1f}" height="13" rx="2"'
        place = f'x="{label - 6}" y="{y + 11}" text-anchor="end"'
        parts.append(f"<text {place}>{html.escape(name)}</text>")
        parts.append(f'<rect class="bar {kind}" x="{label}" y="{y + 1}" {size}/>')
        parts.append(f'<text x="{label + width + 5:.1f}" y="{y + 11}">{html.escape(text)}</text>')
    view = f'viewBox="0 0 620 {8 + step * len(rows)}"'
    return f'<svg {view} role="img" aria-label="{html.escape(said)}">{"".join(parts)}</svg>'


def tick(value: float) -> str:
    if value != 0 and (abs(value) < 0.001 or abs(value) >= 1e5):
        return f"{value:.0e}".replace("e-0", "e-").replace("e+0", "e")
    return f"{value:.4g}"


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """About `about` round numbers from `low` to `high`."""
    if high <= low:
        return [low]
    rough = (high - low) / about
    power = 10 ** math.floor(math.log10(rough))
    step = next(s * power for s in (1, 2, 5, 10) if s * power >= rough)
    first = math.ceil(low / step)
    return [round(n * step, 12) for n in range(first, math.floor(high / step + 1e-9) + 1)]


def table(head: Sequence[str], rows: Sequence[Sequence[str]], mark: Callable | None = None) -> str:
    """An HTML table whose columns are numbers, except for the first."""
    def cells(row, tag):
        first, *others = row
        return f"<{tag}>{first}</{tag}>" + "".join(
            f"<{tag} class=n>{cell}</{tag}>" for cell in others
        )

    body = "".join(
        f"<tr{' class=mark' if mark and mark(row) else ''}>{cells(row, 'td')}</tr>" for row in rows
    )
    return f"<table><thead><tr>{cells(head, 'th')}</tr></thead><tbody>{body}</tbody></table>"
