"""Makes a browser's picture small: the 256 colours that it needs most, and one byte a point.

It must not know what is in the picture. The format: https://www.w3.org/TR/png-3/
"""

from __future__ import annotations

import struct
import zlib

import numpy as np

COLOURS = 256  # as many as one byte can name
_HEAD = b"\x89PNG\r\n\x1a\n"
# Colours are told apart by so many bits of red, green and blue while they are counted: more would not be seen.
_BITS = 6


def shrunk(picture: bytes) -> bytes:
    """The same picture with a palette; takes what Chromium writes: 8 bits, RGB or RGBA, not interlaced."""
    points = _points(picture)
    height, width, _ = points.shape
    coarse = points.reshape(-1, 3) >> (8 - _BITS)
    keys = (coarse[:, 0].astype(np.uint32) << (2 * _BITS)) | (coarse[:, 1].astype(np.uint32) << _BITS) | coarse[:, 2]
    _found, first, place, often = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
    shades = points.reshape(-1, 3)[first].astype(np.int32)
    most = np.argsort(-often)[:COLOURS]
    palette = shades[most]
    nearest = np.array([int(((palette - shade) ** 2).sum(axis=1).argmin()) for shade in shades], dtype=np.uint8)
    rows = nearest[place.reshape(-1)].reshape(height, width)
    body = b"".join(b"\x00" + row.tobytes() for row in rows)
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    colours = palette.astype(np.uint8).tobytes()
    return (
        _HEAD
        + _chunk(b"IHDR", head)
        + _chunk(b"PLTE", colours)
        + _chunk(b"IDAT", zlib.compress(body, 9))
        + _chunk(b"IEND", b"")
    )


def _points(picture: bytes) -> np.ndarray:
    """Rows of points of red, green and blue."""
    at, packed, width, height, kind = len(_HEAD), b"", 0, 0, 0
    while at < len(picture):
        size, name = struct.unpack(">I4s", picture[at : at + 8])
        content = picture[at + 8 : at + 8 + size]
        if name == b"IHDR":
            width, height, _depth, kind = struct.unpack(">IIBB", content[:10])
        elif name == b"IDAT":
            packed += content
        at += 12 + size
    each = 4 if kind == 6 else 3  # a point's bytes: RGBA or RGB
    lines = np.frombuffer(zlib.decompress(packed), dtype=np.uint8).reshape(height, 1 + width * each)
    rows = np.zeros((height, width * each), dtype=np.uint8)
    above = np.zeros(width * each, dtype=np.uint8)
    for number, line in enumerate(lines):
        above = rows[number] = _unfiltered(int(line[0]), line[1:], above, each)
    return rows.reshape(height, width, each)[:, :, :3]


def _unfiltered(kind: int, line: np.ndarray, above: np.ndarray, each: int) -> np.ndarray:
    """One row as it was before the encoder wrote differences: none, left, up, mean, or Paeth's choice of the three."""
    if kind == 0:
        return line.copy()
    if kind == 2:
        return line + above
    if kind == 1:
        return np.cumsum(line.reshape(-1, each), axis=0, dtype=np.uint8).reshape(-1)
    row = bytearray(len(line))
    for at, (value, up) in enumerate(zip(line.tolist(), above.tolist(), strict=True)):
        left, corner = (row[at - each], int(above[at - each])) if at >= each else (0, 0)
        row[at] = (value + ((left + up) // 2 if kind == 3 else _paeth(left, up, corner))) & 255
    return np.frombuffer(bytes(row), dtype=np.uint8)


def _paeth(left: int, up: int, corner: int) -> int:
    guess = left + up - corner
    return min((left, up, corner), key=lambda one: abs(guess - one))


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
