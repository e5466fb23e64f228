"""The text of an automated reply: what must be said first, then the answer.

It must not decide whether a reply is sent.
"""

from __future__ import annotations

from integration import content
from integration.model import Answer, Rules


def text(answer: Answer, language: str, rules: Rules) -> str:
    """That it is automatic and how to reach a person, then how long a person takes, then the rendered macro.

    Raises KeyError where no wording exists for `language` (the silence contract keeps such a reply away).
    """
    phrases: dict[str, str] = content.phrases()["reply"][language]
    word = rules.person_word.strip() or Rules().person_word
    within = rules.human_reply_within.strip()
    first = [phrases["automatic"], phrases["way"].format(word=word)]
    if within:
        first.append(phrases["within"].format(within=within))
    return " ".join(first) + "\n\n" + answer.text.strip()
