"""Rows as spreadsheets read them: CSV in which no text is ever run as a formula.

It must not know what the rows are about.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from io import StringIO

Value = str | int | float | None
# With one of these a spreadsheet takes a text for a formula. https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(heads: Iterable[str], rows: Iterable[Iterable[Value]]) -> str:
    """Heads and rows as one file (RFC 4180); nothing becomes an empty cell."""
    text = StringIO()
    writer = csv.writer(text)
    for row in (heads, *rows):
        writer.writerow(["" if cell is None else guarded(cell) for cell in row])
    return text.getvalue()


def guarded(cell: str | int | float) -> str | int | float:
    """The cell, a text that looks like a formula behind an apostrophe: spreadsheets show it and run nothing."""
    if isinstance(cell, str) and cell.lstrip(" ").startswith(_FORMULA):
        return f"'{cell}"
    return cell
