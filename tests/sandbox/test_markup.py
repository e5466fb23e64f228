"""What a comment's HTML becomes before it stands on a page: clean, with links, without pictures from elsewhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.markup import shown

REL = 'target="_blank" rel="noopener noreferrer"'


@pytest.mark.parametrize(
    ("stored", "page"),
    [
        ("<p>plain</p>", "<p>plain</p>"),
        ("see http://a.b/c.", f'see <a href="http://a.b/c" {REL}>http://a.b/c</a>.'),
        ("(https://a.b/?x=1&amp;y=2)", f'(<a href="https://a.b/?x=1&amp;y=2" {REL}>https://a.b/?x=1&amp;y=2</a>)'),
        ('<a href="http://z/">http://z/</a>', f'<a href="http://z/" {REL}>http://z/</a>'),
        ("<a href='javascript:x()'>l</a>", f"<a {REL}>l</a>"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ('<img src="http://t/x.png" alt="a &lt;b&gt;">', "<em>[Picture: a &lt;b&gt;, not loaded]</em>"),
        ("<img src=x onerror=alert(1)>", "<em>[Picture, not loaded]</em>"),
        ("<p onclick='x()' style='color:red'>p</p><script>x()</script>", "<p>p</p>"),
    ],
)
def test_what_is_shown(stored: str, page: str) -> None:
    """Addresses can be opened, pictures are named and not fetched, and nothing can run."""
    assert shown(stored) == page


@given(st.text(alphabet=st.sampled_from(list("<>\"'& =/ahimgscrptonel:.;!-")), max_size=120))
def test_nothing_runs_whatever_is_stored(stored: str) -> None:
    """No text, however it is broken, brings a picture, a script or a handler onto the page."""
    page = shown(f'<img alt="{stored}">{stored} http://x.y/{stored}').lower()
    assert "<img" not in page
    assert "<script" not in page
    assert " on" not in "".join(part.split(">")[0] for part in page.split("<")[1:])
