"""What is left of a message when markup, quoted mail, signatures and disclaimers are gone.

It must not test what the words mean.
"""

from __future__ import annotations

import pytest

from integration.analysis.clean import LONGEST_TEXT, clean


@pytest.mark.parametrize(
    ("body", "left", "cut"),
    [
        ("<p>Hi,</p><p>where is <b>it</b>?</p>", "Hi,\n\nwhere is it?", ()),
        ("<div>one<br>two &amp; three</div>", "one\ntwo & three", ()),
        ("I <3 this, a < b and c > d", "I <3 this, a < b and c > d", ()),
        ("<style>p {color: red}</style><p>hello</p>", "hello", ()),
        ("<p>mine</p><blockquote><p>yours</p></blockquote>", "mine", ("quoted mail",)),
        ('<p>mine</p><div class="gmail_quote"><div>a</div>b</div>', "mine", ("quoted mail",)),
        ("Thanks!\n\nOn Mon, 3 Mar 2025 at 10:12, Desk <a@b.example> wrote:\nold", "Thanks!", ("quoted mail",)),
        ("Thanks!\n\nOn Mon, 3 Mar 2025 at 10:12, Desk <a@b.example>\nwrote:\nold", "Thanks!", ("quoted mail",)),
        ("Danke!\n\nAm 3. März 2025 um 10:12 schrieb Desk:\nalt", "Danke!", ("quoted mail",)),
        ("Merci\n\nLe lun. 3 mars 2025 à 10:12, Desk a écrit :\nvieux", "Merci", ("quoted mail",)),
        ("Yes\n\n-----Original Message-----\nold", "Yes", ("quoted mail",)),
        ("Yes\n\nFrom: Desk\nSent: Monday\nTo: Eva\nold", "Yes", ("quoted mail",)),
        ("Yes\n##- Please type your reply above this line -##\nold", "Yes", ("quoted mail",)),
        ("> old\nnew", "new", ("quoted lines",)),
        ("On Mon, 3 Mar 2025, Desk wrote:\n> old\n\nnew", "new", ("quoted lines",)),
        ("From: my point of view it is fine", "From: my point of view it is fine", ()),
        ("Hi\n-- \nEva Holm\nWidgets Ltd", "Hi", ("signature",)),
        ("Hi\n--\nEva\nPS: it is urgent", "Hi\nPS: it is urgent", ("signature",)),
        ("Hi\nSent from my iPhone", "Hi", ("device line",)),
        ("Hi\n\nThis email is confidential and intended only for X.\nDelete it.", "Hi", ("disclaimer",)),
        ("he\u200bllo\u202e wor\u00adld\x07", "hello world", ()),
    ],
)
def test_leaves_what_the_customer_wrote(body: str, left: str, cut: tuple[str, ...]) -> None:
    """Only the customer's newest words are left, and what was cut is named."""
    cleaned = clean("", body)
    assert (cleaned.text, tuple(cleaned.cut)) == (left, cut)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Order 12", "Order 12\n\nhello"),
        ("", "hello"),
        ("Re:", "hello"),
        ("RE: AW: Fwd: Order 12", "Order 12\n\nhello"),
        ("(no subject)", "hello"),
        ("hello", "hello"),
        ("hel...", "hello"),
    ],
)
def test_puts_the_subject_in_front(subject: str, text: str) -> None:
    """A subject that says something stands in front; an empty, formal or repeated one does not."""
    assert clean(subject, "hello").text == text


def test_keeps_a_long_text_after_a_signature_mark() -> None:
    """What follows "--" is kept when it is too long to be a signature."""
    story = "--\n" + "This is the second half of my story. " * 40
    assert "second half" in clean("", "Hello\n" + story).text


def test_bounds_the_text() -> None:
    """An over-long text is cut at the named length, and says so."""
    cleaned = clean("", "word " * LONGEST_TEXT)
    assert len(cleaned.text) <= LONGEST_TEXT
    assert cleaned.too_long
    assert "over-long text" in cleaned.cut


@pytest.mark.parametrize(
    ("body", "name", "kept"),
    [
        ("<p>mine</p><blockquote><p>yours</p></blockquote>", "quoted mail", "yours"),
        ("Thanks!\n\nOn Mon, 3 Mar 2025 at 10:12, Desk <a@b.example> wrote:\nold", "quoted mail", "old"),
        ("> old\nnew", "quoted lines", "old"),
        ("Hi\n-- \nEva Holm\nWidgets Ltd", "signature", "Widgets Ltd"),
    ],
)
def test_keeps_what_was_cut(body: str, name: str, kept: str) -> None:
    """What is not read as the customer's words is still there for who looks for it."""
    assert kept in clean("", body).cut[name]
