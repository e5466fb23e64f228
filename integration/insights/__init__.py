"""Counts how tickets went: one by one into a course, all together into the panel of figures.

It must not know where tickets and outcomes come from, the clock, or how a figure is shown.
"""

from integration.insights.counting import share, spread
from integration.insights.course import course
from integration.insights.panel import panel
from integration.insights.sheet import TOO_FEW, Line, as_csv, sheet

__all__ = ["TOO_FEW", "Line", "as_csv", "course", "panel", "share", "sheet", "spread"]
