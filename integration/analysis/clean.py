"""Turns what a mail client or browser sent into what the customer wrote now: no markup, quoted mail or signature.

It must not know what the words mean; it only says which parts it cut.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import unescape

from integration.analysis.markup import looks_like_markup, plain

# Characters of raw text that are looked at: three times the 64 kB over which Zendesk refuses a comment.
LONGEST_RAW = 200_000
# Characters of cleaned text that are read. The longest letter of our corpus has 1,450; nobody types 10,000 by hand.
LONGEST_TEXT = 10_000
# A signature is short: what follows a "--" line is kept when it is longer than this (lines, characters).
LONGEST_SIGNATURE = (12, 700)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """The text that is read, and what was cut from it, by what it is."""

    text: str
    cut: Mapping[str, str] = field(default_factory=dict)
    too_long: bool = False


def clean(subject: str, body: str) -> Cleaned:
    """The subject and the newest words of `body`, an empty line between them.

    The subject stands in front because many customers say the whole matter there. It is left out where it is empty, is
    nothing but "Re:" and the like, or only repeats the body's beginning, as the subjects of chats do.
    """
    cut: dict[str, list[str]] = {}
    text = _newest_words(body[:LONGEST_RAW], cut)
    title = _title(subject[:LONGEST_RAW])
    if title and not text.startswith(title.rstrip(".…")):
        text = f"{title}\n\n{text}".strip()
    too_long = len(body) > LONGEST_RAW or len(text) > LONGEST_TEXT
    if too_long:
        cut["over-long text"] = [text[LONGEST_TEXT:]]
    return Cleaned(
        text=text[:LONGEST_TEXT].rstrip(),
        cut={name: "\n".join(parts) for name, parts in cut.items()},
        too_long=too_long,
    )


# Zero-width and direction characters, soft hyphens, tag characters; the joiners stay, emoji and Persian need them.
_INVISIBLE = re.compile("[\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SPACES = re.compile("[\u00a0\u2000-\u200a\u202f\u3000\t]")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});")
_PREFIX = re.compile(r"^(?:(?:re|aw|antw|antwort|fwd?|wg|sv|vs|rv|res|enc|tr|rif|r|i)\s?(?:\[\d{1,3}\])?\s?:\s*)", re.I)
_NO_SUBJECT = frozenset({"no subject", "kein betreff", "sans objet", "sin asunto", "sem assunto", "nessun oggetto"})


def _title(subject: str) -> str:
    title = " ".join(_visible(subject).split())[:LONGEST_TEXT]
    for _ in range(20):  # "Re: Re: Re:"; nobody stacks more
        shorter = _PREFIX.sub("", title)
        if shorter == title:
            break
        title = shorter
    return "" if _PREFIX.fullmatch(title + ":") or title.strip("<()> ").lower() in _NO_SUBJECT else title


# Joiners and selectors between plain letters join nothing: they only hide a word.
_HIDING = re.compile("(?<=[A-Za-z])[\u034f\u180e\u200c\u200d\ufe00-\ufe0f]+(?=[A-Za-z])")
# Cyrillic and Greek letters that look Latin, in a word that also has Latin letters.
_WORD = re.compile(r"[^\W\d_]+")
_OTHER_ALPHABET = re.compile("[\u0370-\u052f]")
_LATIN = str.maketrans(
    "аеорсухіјѕһԁԛԝАВЕКМНОРСТУХІЈЅαενορτυικΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aeopcyxijshdqwABEKMHOPCTYXIJSaevoptuikABEZHIKMNOPTYX"
)


def _visible(text: str) -> str:
    text = _SURROGATE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = text.replace("\u2028", "\n").replace("\u2029", "\n")
    text = _SPACES.sub(" ", _CONTROL.sub("", _INVISIBLE.sub("", text)))
    text = _HIDING.sub("", unicodedata.normalize("NFC", text))
    return _WORD.sub(_in_one_alphabet, text) if _OTHER_ALPHABET.search(text) else text


def _in_one_alphabet(word: re.Match[str]) -> str:
    mixed = any(letter.isascii() for letter in word[0]) and _OTHER_ALPHABET.search(word[0])
    return word[0].translate(_LATIN) if mixed else word[0]


def _newest_words(body: str, cut: dict[str, list[str]]) -> str:
    if looks_like_markup(body):
        body, quoted = plain(body)
        if quoted.strip():
            cut["quoted mail"] = [_visible(quoted)]
    elif _ENTITY.search(body):
        body = unescape(body)
    # A pattern such as " +\n" was refused: on a body of blanks alone its searching grows with the square of the length.
    text = "\n".join(line.rstrip() for line in _visible(body).split("\n"))
    lines = re.sub(r"\n{3,}", "\n\n", text).split("\n")
    lines = _without_disclaimers(_without_signature(_without_quotes(lines, cut), cut), cut)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


# How mail programs introduce the mail they quote, in the languages we read; every part is bounded.
_WROTE = re.compile(
    r"^\W{0,3}(?:on|am|le|el|il|op|em|in data|vào|den|w dniu)\b.{6,200}"
    r"\b(?:wrote|schrieb|a écrit|escribió|ha scritto|schreef|escreveu|napisał\w?|skrev)\b.{0,80}:\s{0,3}$",
    re.I,
)
_DASHED = re.compile(
    r"^\s{0,3}[-_]{2,20}\s{0,3}(?:original message|forwarded message|begin forwarded|ursprüngliche nachricht|"
    r"weitergeleitete nachricht|message d'origine|message transféré|mensaje original|mensaje reenviado|"
    r"messaggio originale|messaggio inoltrato|oorspronkelijk bericht|mensagem original|mensagem encaminhada)\b",
    re.I,
)
_ABOVE = re.compile(r"##-.{0,200}-##|^\s{0,3}(?:please )?(?:type|write) your reply above this line", re.I)
_FROM = re.compile(r"^\W{0,3}(?:from|von|de|da|van)\s?:\s.{0,300}$", re.I)
_SENT = re.compile(
    r"^\W{0,3}(?:sent|date|to|subject|gesendet|datum|an|betreff|envoyé|à|objet|enviado|para|asunto|inviato|a|"
    r"oggetto|verzonden|aan|onderwerp|assunto)\s?:\s.{0,300}$",
    re.I,
)


def _without_quotes(lines: list[str], cut: dict[str, list[str]]) -> list[str]:
    """Leave the newest words: "> " lines go, and everything after the header of a quoted mail.

    An answer written between or under the quoted lines stays: there the header is followed by "> " lines.
    """
    kept: list[str] = []
    position = 0
    while position < len(lines):
        length = _header_length(lines, position)
        if length and not any(line.startswith(">") for line in lines[position + length : position + length + 3]):
            cut.setdefault("quoted mail", []).extend(lines[position:])
            break
        if length:
            position += length
        elif lines[position].lstrip().startswith(">"):
            cut.setdefault("quoted lines", []).extend([lines[position].lstrip("> ")])
            position += 1
        else:
            kept.append(lines[position])
            position += 1
    return kept


def _header_length(lines: list[str], position: int) -> int:
    """How many lines the header of a quoted mail takes at `position`; 0 where there is none."""
    line = lines[position][:400]
    if _WROTE.match(line) or _DASHED.match(line) or _ABOVE.search(line):
        return 1
    pair = line + " " + (lines[position + 1][:200] if position + 1 < len(lines) else "")
    if not line.rstrip().endswith(":") and _WROTE.match(pair):
        return 2  # mail programs break "On … <address>" and "wrote:" over two lines
    following = [following[:400] for following in lines[position + 1 : position + 5]]
    if _FROM.match(line) and sum(bool(_SENT.match(follow)) for follow in following) >= 2:
        return 1
    return 0


_DEVICE = re.compile(
    r"^\W{0,3}(?:sent from (?:my|the|mail|outlook|yahoo)|get outlook for|von meinem .{0,40}gesendet|"
    r"gesendet (?:von|mit)|"
    r"envoyé (?:de|depuis) (?:mon|ma)|enviado desde|enviado (?:do|de) meu|inviato da|verzonden vanaf|verstuurd vanaf)\b"
    r".{0,80}$",
    re.I,
)
_POSTSCRIPT = re.compile(r"^\W{0,3}p\.?\s?s\b", re.I)


def _without_signature(lines: list[str], cut: dict[str, list[str]]) -> list[str]:
    kept = [line for line in lines if not _DEVICE.match(line[:200])]
    if len(kept) < len(lines):
        cut.setdefault("device line", []).extend([line for line in lines if _DEVICE.match(line[:200])])
    first = max(1, len(kept) - LONGEST_SIGNATURE[0] - 1)
    start = next((i for i in range(first, len(kept)) if kept[i].strip() in {"--", "—"}), None)
    if start is None or sum(map(len, kept[start:])) > LONGEST_SIGNATURE[1] or not any(map(str.strip, kept[:start])):
        return kept
    after = next((i for i in range(start, len(kept)) if _POSTSCRIPT.match(kept[i])), len(kept))
    cut.setdefault("signature", []).extend(kept[start:after])
    return kept[:start] + kept[after:]


_DISCLAIMER = re.compile(
    r"^\W{0,3}(?:confidentiality notice|legal disclaimer|disclaimer\b|please consider the environment|"
    r"(?:this|the information in this) (?:e-?mail|message|communication|transmission)\b.{0,120}"
    r"\b(?:confidential|privileged|intended (?:only|solely|for)|sole use)\b|"
    r"if you (?:are not the intended recipient|have received this (?:e-?mail|message) in error)|"
    r"diese (?:e-?mail|nachricht)\b.{0,80}\bvertraulich|ce (?:message|courriel)\b.{0,80}\bconfidentiel|"
    r"este (?:correo|mensaje|e-?mail)\b.{0,80}\bconfidencia|questo messaggio\b.{0,80}\briservat|"
    r"dit (?:bericht|e-?mailbericht)\b.{0,80}\bvertrouwelijk)",
    re.I,
)


def _without_disclaimers(lines: list[str], cut: dict[str, list[str]]) -> list[str]:
    """Drop the paragraphs in which a company's mail server speaks, not the customer."""
    kept: list[str] = []
    dropping = False
    for line in lines:
        dropping = bool(line.strip()) and (dropping or bool(_DISCLAIMER.match(line[:400])))
        if dropping:
            cut.setdefault("disclaimer", []).extend([line])
        else:
            kept.append(line)
    return kept
