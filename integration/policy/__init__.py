"""Decides what to do with a ticket that has been read: a Plan, and why.

It must not know Zendesk's field names, the network or the clock: everything it judges is an argument.
"""

from integration.model import Suggestion
from integration.policy import ladder, routing
from integration.policy.case import Case, attended, done, own_message, unread
from integration.policy.decide import decide, for_senior
from integration.policy.marks import WANTS_PERSON
from integration.policy.note import WORDS
from integration.policy.reply import faults as wording_faults
from integration.policy.silence import answer_key, may_answer, silence
from integration.policy.suggest import fitting
from integration.policy.undo import remarks, undo
from integration.policy.wayout import WayOut, story, story_told, way_out

__all__ = [
    "WANTS_PERSON",
    "WORDS",
    "Case",
    "Suggestion",
    "WayOut",
    "answer_key",
    "attended",
    "decide",
    "done",
    "fitting",
    "for_senior",
    "ladder",
    "may_answer",
    "own_message",
    "remarks",
    "routing",
    "silence",
    "story",
    "story_told",
    "undo",
    "unread",
    "way_out",
    "wording_faults",
]
