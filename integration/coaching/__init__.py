"""An agent's draft and what is known of the conversation in, advice on the wording out; pure and deterministic.

It must not know Zendesk, the store or who the agent is, and keeps nothing of a draft.
"""

from integration.coaching.advising import MOST, READ_CHARACTERS, advise

__all__ = ["MOST", "READ_CHARACTERS", "advise"]
