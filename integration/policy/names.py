"""Finds the names a customer gives of people, places and things: “Dr Mbeki-Hall”, “Manila”, “from Faro to Bristol”.

It must not know the world: a name is what stands capitalised inside a sentence, word for word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# A language that capitalises its nouns tells no name by a capital. Our choice: two of its commonest words are enough.
_GERMAN = re.compile(
    r"\b(?:der|die|das|und|ich|nicht|ist|ein|eine|einen|mit|mein|meine|wir|sie|auf|für|den|dem|seit|bitte|keine?r?)\b",
    re.IGNORECASE,
)
_FEWEST_GERMAN = 2

_TITLE = r"(?:Drs?|Mrs?|Ms|Prof|Miss|Sister|Herr|Frau|Sr|Sra|Mme|Sig)\.?"
_WORD = r"[A-ZÀ-ÖØ-Þ](?:[a-zß-öø-ÿ]{2,}|['’][A-Z][a-zß-öø-ÿ]{2,})(?:[A-Z][a-zß-öø-ÿ]+)?"
_NAME = rf"{_WORD}(?:[ \-–]{_WORD}){{0,3}}"
# Inside a sentence: after a word in small letters, or with a title, or as the two ends of a way.
_NAMED = re.compile(
    rf"(?<![\w@#/.])(?:(?:{_TITLE})\s{_NAME}"
    rf"|(?:[Ff]rom\s)?{_NAME}\s(?:to|nach|a|à|para)\s{_NAME}"
    rf"|(?<=\s)[\"“](?:{_WORD})(?:\s[\w.]{{1,14}}){{0,3}}[\"”]"
    rf"|[A-Z]{{3}}\s?[–\-/>→]\s?[A-Z]{{3}}(?!\w)"
    rf"|(?P<alone>(?<=[a-zß-öø-ÿ] ){_NAME}))"
)
# Whoever is greeted or thanked is named to be polite, and a day, month or language has a kind of its own or none.
_POLITE = re.compile(
    r"\b(?:hi|hello|hey|dear|hallo|beste|gentile|cher|chère|thanks?|thank\syou|thankyou|ty|cheers|bless|ok|sorry|yes|no|hola"
    r"|ciao|obrigad[oa]|merci|gracias|grazie|bedankt|dank|regards|groet|saluti|cordialement|saludos|love|best)[\s,!]*$",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"(?:(?:mon|tues|wednes|thurs|fri|satur|sun)days?|jan(?:uary)?|feb(?:ruary)?|march|april|may|june|july|august|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|mon|tues?|weds?|thur?s?|fri|sat|sun"
    r"|english|german|french|spanish|dutch|italian|portuguese|internet|wifi|please|thanks?|god|jesus|christ"
    r"|sir|madam|team|but|and|the|then|that|this|what|why|how|when|where|can|could|not|now|also|just|well|yes|they|you"
    r"|support|customer|service|re)",
    re.IGNORECASE,
)
_LOWER_BEFORE = re.compile(r"(?:^|[^\w'’])[a-zß-öø-ÿ'’]+ $")
# A text of capitals names nothing by one. Our choice: more than a third of more than six longer words.
_MOST_CAPITALISED, _FEW_WORDS = 1 / 3, 6
_BEFORE = 20  # characters looked at before a name


def named(text: str) -> Iterator[re.Match[str]]:
    """Where names stand in a masked text, in order; none where capitals say nothing."""
    if len({word.casefold() for word in _GERMAN.findall(text)}) >= _FEWEST_GERMAN or _shouted(text):
        return
    for hit in _NAMED.finditer(text):
        before = text[max(0, hit.start() - _BEFORE) : hit.start()]
        alone = hit["alone"] is not None
        if (alone and not _LOWER_BEFORE.search(before)) or _POLITE.search(before) or _names_nothing(hit[0]):
            continue
        yield hit


def _names_nothing(text: str) -> bool:
    """Whether a day, a month or the like is among the words: “from Tuesday to Monday”."""
    return any(_NO_NAME.fullmatch(word) for word in re.split(r"[ \-–/]", text) if word[:1].isupper())


def _shouted(text: str) -> bool:
    words = [word for word in re.findall(r"[^\W\d_]{3,}", text) if not word.isupper()]
    return len(words) > _FEW_WORDS and sum(word[0].isupper() for word in words) > _MOST_CAPITALISED * len(words)
