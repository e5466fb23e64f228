"""Decides what to do with a ticket that has been read: a Plan, and why.

It must not know Zendesk's field names, the network or the clock: everything it judges is an argument.
"""

from integration.policy.case import done
from integration.policy.decide import decide
from integration.policy.note import WORDS
from integration.policy.silence import answer_key, may_answer, silence
from integration.policy.suggest import Suggestion, fitting

__all__ = ["WORDS", "Suggestion", "answer_key", "decide", "done", "fitting", "may_answer", "silence"]
