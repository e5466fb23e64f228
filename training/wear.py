"""Makes written text look typed: what thumbs, haste and platforms do to words, drawn from a seeded source.

It must not change what is meant: no word that carries a label is put in, and none but the first few is taken out.
"""

from __future__ import annotations

import random
import re

_SHORT = {
    "you": ("u",), "your": ("ur", "yr"), "are": ("r",), "please": ("pls", "plz"), "thanks": ("thx", "ta", "tnx"),
    "because": ("cos", "bc", "cuz"), "though": ("tho",), "about": ("abt",), "before": ("b4",), "with": ("w/", "wiv"),
    "without": ("w/o",), "people": ("ppl",), "to": ("2",), "for": ("4",), "tomorrow": ("tmrw", "tomoz"),
    "today": ("2day",), "message": ("msg",), "messages": ("msgs",), "customer service": ("cs", "cust serv"),
    "i do not know": ("idk",), "to be honest": ("tbh",), "right now": ("rn",), "account": ("acc", "acct"),
    "information": ("info",), "number": ("no.", "num"), "delivery": ("del",), "minutes": ("mins",), "hours": ("hrs",),
    "going to": ("gonna",), "want to": ("wanna",), "have to": ("gotta",), "cannot": ("cant",), "okay": ("ok", "k"),
    "and": ("n", "&"), "really": ("rly",), "what": ("wat",), "have": ("hv",), "weeks": ("wks",), "days": ("dys",),
    "been": ("bn",), "address": ("addy",), "password": ("pw", "pword"), "application": ("app",),
}  # fmt: skip
_KEYS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et", "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip
_HANDLES = ("@support", "@help", "@acme", "@team", "@115858", "@care")


def wear(text: str, draw: random.Random) -> str:
    """`text` as it might have been typed; about half of the texts stay as they are."""
    if draw.random() < 0.5:
        return text
    if draw.random() < 0.35:
        text = _shorten(text, draw)
    if draw.random() < 0.4:
        text = re.sub(r"['’]", "", text)
    if draw.random() < 0.3:
        text = re.sub(r"[.,;:!](?=\s|$)", "" if draw.random() < 0.7 else " ", text)
    if draw.random() < 0.4:
        text = " ".join(_slip(word, draw) if draw.random() < 0.06 else word for word in text.split(" "))
    words = text.split(" ")
    if len(words) > 12 and draw.random() < 0.12:
        text = ("... " if draw.random() < 0.5 else "") + " ".join(words[draw.randint(1, 4) :])
    if draw.random() < 0.05:
        text = text.upper()
    if draw.random() < 0.2:
        text = f"{draw.choice(_HANDLES)} {text}"
    if draw.random() < 0.06:
        text = f"{text} https://t.co/{draw.randrange(16**8):08x}"
    if draw.random() < 0.05:
        text = f"{text} {draw.choice(('(1/2)', '1/2', '2/2', '^JB', 'DM sent', '#help'))}"
    return text


def _shorten(text: str, draw: random.Random) -> str:
    for word, forms in _SHORT.items():
        if draw.random() < 0.6:
            text = re.sub(rf"\b{word}\b", draw.choice(forms), text, flags=re.I)
    return text


def _slip(word: str, draw: random.Random) -> str:
    """A slip of the thumb in a longer word of letters: swapped, dropped, doubled or neighbouring key."""
    if len(word) < 4 or not word.isalpha():
        return word
    i = draw.randrange(1, len(word) - 1)
    kind = draw.randrange(4)
    if kind == 0:
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    if kind == 1:
        return word[:i] + word[i + 1 :]
    if kind == 2:
        return word[:i] + word[i] + word[i:]
    return word[:i] + draw.choice(_KEYS.get(word[i].lower(), word[i])) + word[i + 1 :]
