"""A table as it is shown and as it is saved: the same heads, the same rows.

It must not know what a table is about.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response

from integration.content import spreadsheet


@dataclass(frozen=True, slots=True)
class Shown:
    """A value that people read otherwise than a spreadsheet: 5400 as 90 min."""

    value: float | None
    said: str

    def __str__(self) -> str:
        return self.said


Cell = str | int | float | Shown | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under heads; a number stays a number, so that it is aligned and can be counted on."""

    name: str  # of the file: small letters and dashes
    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def saved(table: Table) -> Response:
    """The table as a CSV file for any spreadsheet (RFC 4180, UTF-8 with the mark that Excel asks for)."""
    plain = ([cell.value if isinstance(cell, Shown) else cell for cell in row] for row in table.rows)
    response = Response(spreadsheet.as_csv(table.heads, plain).encode("utf-8-sig"), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="attune-{table.name}.csv"'
    return response


def is_number(cell: Cell) -> bool:
    """Whether a cell stands at the right of its column."""
    return isinstance(cell, Shown | int | float)
