"""TextBlob's word list as evidence, without any download.

It must not test how the words are weighed.
"""

from __future__ import annotations

import subprocess
import sys

from integration.analysis.phrases import words
from integration.analysis.words import feelings


def test_shows_the_words_that_count() -> None:
    """A good and a bad word are found where they stand, negation minded."""
    text = "I am not happy with this awful box"
    polarity, found = feelings(text, words(text))
    assert polarity < 0
    assert [text[f.start : f.end] for f in found] == ["happy", "awful"]
    assert all(f.polarity < 0 for f in found)


def test_leaves_a_desks_flat_words_out() -> None:
    """Words that the list hears a feeling in, though a help desk uses them plainly, are left out."""
    text = "my new order is late, the old one was the right size"
    assert feelings(text, words(text))[1] == []


def test_needs_no_corpus() -> None:
    """A process without any NLTK data reads all the same."""
    code = "from tests.analysis.tickets import read; print(read('I hate this awful box').evidence[0].signal)"
    empty = {"NLTK_DATA": "/nonexistent", "HOME": "/nonexistent", "PATH": "/usr/bin"}
    run = subprocess.run([sys.executable, "-c", code], env=empty, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr


def test_is_not_imported_before_it_is_needed() -> None:
    """Importing the reader does not bring in TextBlob, which every command would wait for."""
    code = "import integration.analysis, sys; sys.exit('textblob' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
