"""A draft as the finders read it: the agent's own words in their places, everything else blanked out.

It must not change the length of anything: an offset into what is read is an offset into what was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Not the agent's own words: markup, quoted mail, signatures, addresses, placeholders, and what is put in quotation
# marks.
_MARKUP = re.compile(r"</?[A-Za-z][^<>]{0,500}>|&(?:#\d{1,6}|[a-zA-Z]{2,8});")
_BLOCK = re.compile(r"</?(?:p|div|br|li|ul|ol|tr|h\d|blockquote)\b", re.IGNORECASE)
_FOREIGN = re.compile(
    r"^[ \t]*>[^\n]*$|^-- ?\n[\s\S]*|^On [^\n]{5,120} wrote:[ \t]*$|https?://\S+|[\w.+\-]{1,64}@[\w\-.]{1,120}"
    r"|\{\{[^{}\n]{0,120}\}\}|“[^“”\n]{0,300}”|„[^„“”\n]{0,300}[“”]|«[^«»\n]{0,300}»|(?<!\w)\"[^\"\n]{0,300}\"",
    re.MULTILINE,
)
_SENTENCE = re.compile(r"\S[^\n]*?(?:[.!?…](?=\s)|$)", re.MULTILINE)
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence of a draft and where it begins."""

    text: str
    start: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft: as it was written, and as long again with only the agent's own words in it."""

    original: str
    text: str  # apostrophes written ’
    words: int

    @property
    def sentences(self) -> Iterator[Sentence]:
        """Its sentences in order; a line end ends one."""
        return (Sentence(text=hit[0], start=hit.start()) for hit in _SENTENCE.finditer(self.text))


def written(draft: str) -> Draft:
    """A draft as the finders read it."""
    bare = _MARKUP.sub(_blank, draft)
    text = _FOREIGN.sub(_blank, bare).replace("'", "’")
    return Draft(original=draft, text=text, words=len(_WORD.findall(text)))


def _blank(hit: re.Match[str]) -> str:
    """As many blanks; a line end where a paragraph ends, so that sentences stay apart."""
    if _BLOCK.match(hit[0]):
        return "\n" + " " * (len(hit[0]) - 1)
    return "".join("\n" if character == "\n" else " " for character in hit[0])
