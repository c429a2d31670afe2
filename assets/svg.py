"""A page to draw on: boxes, arrows and words as SVG that is read in light, dark and gray."""

from html import escape
from pathlib import Path

# Colours differ in brightness as well as in hue, so that a gray print keeps the difference.
STYLE = """
  text { font: 14px system-ui, sans-serif; fill: #1c1c1c; text-anchor: middle; }
  .small { font-size: 12px; fill: #444; } .title { font-size: 16px; font-weight: 600; }
  .left { text-anchor: start; } .code { font-family: ui-monospace, monospace; }
  .page { fill: #ffffff; } .plain { fill: #f3f3f3; stroke: #555; } .dark { fill: #30343b; }
  .first { fill: #f4a261; stroke: #8a4b14; } .second { fill: #a8d1f0; stroke: #1f5f8b; }
  .both { fill: #c9e4c5; stroke: #35682d; } .mark { fill: #d55e00; stroke: #7a3600; }
  .none { fill: none; stroke: #999; } .line { stroke: #444; fill: none; stroke-width: 1.6; }
  .ondark { stroke: #e8e8e8; fill: none; stroke-width: 1.4; }
  .dashed { stroke-dasharray: 6 4; } .glow { fill: #ffd9a8; }
  @media (prefers-color-scheme: dark) {
    text { fill: #ececec; } .small { fill: #bdbdbd; } .page { fill: #16181c; }
    .plain { fill: #2a2d33; stroke: #aaa; } .line { stroke: #c8c8c8; } .none { stroke: #777; }
    .first { fill: #8a4b14; stroke: #f4a261; } .second { fill: #1f5f8b; stroke: #a8d1f0; }
    .both { fill: #35682d; stroke: #c9e4c5; } .dark { fill: #000000; }
  }
"""
HEAD = (
    '<marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" '
    'orient="auto-start-reverse"><path d="M0 0 L10 5 L0 10 z" class="arrowhead"/></marker>'
)
HEAD_STYLE = (
    "  .arrowhead { fill: #444; }\n"
    "  @media (prefers-color-scheme: dark) { .arrowhead { fill: #c8c8c8; } }\n"
)


class Drawing:
    """An SVG that is filled piece by piece; all lengths are pixels.

    Args:
        width, height: of the page.
        description: what the drawing shows, for those who cannot see it.
    """

    def __init__(self, width: int, height: int, description: str) -> None:
        self.width, self.height, self.description = width, height, description
        self.pieces = [f'<rect class="page" width="{width}" height="{height}" rx="8"/>']

    def add(self, piece: str) -> None:
        """Add raw SVG."""
        self.pieces.append(piece)

    def rect(self, x: float, y: float, w: float, h: float, kind: str, radius: float = 5) -> None:
        """Add a rectangle by its upper left corner."""
        self.add(f'<rect class="{kind}" x="{x}" y="{y}" width="{w}" height="{h}" rx="{radius}"/>')

    def circle(self, x: float, y: float, r: float, kind: str) -> None:
        """Add a circle by its centre."""
        self.add(f'<circle class="{kind}" cx="{x}" cy="{y}" r="{r}"/>')

    def text(self, x: float, y: float, words: str, kind: str = "") -> None:
        """Write words around x, on the base line y."""
        self.add(f'<text class="{kind}" x="{x}" y="{y}">{escape(words)}</text>')

    def box(self, x: float, y: float, w: float, h: float, kind: str, *lines: str) -> None:
        """Add a rectangle with lines of words in its middle, the first one larger."""
        self.rect(x, y, w, h, kind)
        top = y + h / 2 + 5 - 8.5 * (len(lines) - 1)
        for number, line in enumerate(lines):
            self.text(x + w / 2, top + 17 * number, line, "" if number == 0 else "small")

    def line(self, *points: tuple[float, float], kind: str = "line", head: bool = False) -> None:
        """Add a line through points, with an arrow head at its end if asked for."""
        path = " ".join(f"{'L' if i else 'M'}{x} {y}" for i, (x, y) in enumerate(points))
        marker = ' marker-end="url(#head)"' if head else ""
        self.add(f'<path class="{kind}" d="{path}"{marker}/>')

    def arrow(self, *points: tuple[float, float], kind: str = "line") -> None:
        """Add a line with an arrow head."""
        self.line(*points, kind=kind, head=True)

    def save(self, path: Path) -> None:
        """Write the file."""
        body = "\n".join(self.pieces)
        path.write_text(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" '
            f'width="{self.width}" role="img" aria-label="{escape(self.description)}">\n'
            f"<title>{escape(self.description)}</title>\n"
            f"<style>{STYLE}{HEAD_STYLE}</style>\n<defs>{HEAD}</defs>\n{body}\n</svg>\n",
            encoding="utf-8",
        )
