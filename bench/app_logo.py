"""Draws the app's two logos: a feeling that swings and settles, as one white line on Zendesk's blue.

It must not be needed to run or test anything: the PNGs are kept in `manifest/assets`. Run `python -m bench.app_logo`.
"""

from __future__ import annotations

import math
import struct
import zlib
from pathlib import Path

ASSETS = Path(__file__).resolve().parent.parent / "manifest" / "assets"
TOP, BOTTOM, LINE = (31, 115, 183), (18, 73, 120), (255, 255, 255)
# All measures are shares of the picture's width.
MARGIN, CORNER, PEN = 0.04, 0.22, 0.034
FROM, TO, SWING = 0.18, 0.74, 0.25
DOT = 0.055
SAMPLES = 3  # a pixel is the mean of this many points, squared


def main() -> None:
    """Write both files."""
    for name, size in (("logo.png", 320), ("logo-small.png", 128)):
        (ASSETS / name).write_bytes(png(size))
        print(ASSETS / name)


def png(size: int) -> bytes:
    """The logo as a PNG with transparency, `size` pixels wide and high."""
    rows = b"".join(b"\x00" + b"".join(_pixel(x, y, size) for x in range(size)) for y in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in parts
    )


def _pixel(x: int, y: int, size: int) -> bytes:
    inside, light, every = 0, 0, SAMPLES * SAMPLES
    for i in range(every):
        px, py = (x + (i % SAMPLES + 0.5) / SAMPLES) / size, (y + (i // SAMPLES + 0.5) / SAMPLES) / size
        if _in_tile(px, py):
            inside += 1
            light += _on_line(px, py)
    if not inside:
        return bytes(4)
    share, down = light / inside, y / size
    ground = [a + (b - a) * down for a, b in zip(TOP, BOTTOM, strict=True)]
    colour = [round(g + (w - g) * share) for g, w in zip(ground, LINE, strict=True)]
    return bytes([*colour, round(255 * inside / every)])


def _in_tile(x: float, y: float) -> bool:
    reach = 0.5 - MARGIN - CORNER
    dx, dy = max(0.0, abs(x - 0.5) - reach), max(0.0, abs(y - 0.5) - reach)
    return math.hypot(dx, dy) <= CORNER


def _wave(x: float) -> float:
    """How high the line stands at x: a swing that loses its strength towards the right."""
    way = (x - FROM) / (TO - FROM)
    return 0.5 - SWING * math.exp(-2.6 * way) * math.sin(way * 5 * math.pi)


def _on_line(x: float, y: float) -> bool:
    if math.hypot(x - TO - DOT, y - 0.5) <= DOT:
        return True
    near = (FROM + (TO - FROM) * step / 240 for step in range(241))
    return any(abs(at - x) <= PEN and math.hypot(at - x, _wave(at) - y) <= PEN for at in near)


if __name__ == "__main__":
    main()
