"""The texts that Attune ships: answers, empathy macros, fixed phrases, and the lint that every one of them must pass.

It must not know Zendesk, tickets or plans: files of this package in, texts out.
"""

from integration.content.lint import lint
from integration.content.texts import Fits, MacroText, answers, empathy, facts, fill, macro, phrases, unfilled

__all__ = ["Fits", "MacroText", "answers", "empathy", "facts", "fill", "lint", "macro", "phrases", "unfilled"]
