"""Every shipped macro as a desk holds it, for tests that need a value and not a fixture.

It must not know what is decided with them.
"""

from integration import content
from integration.model import MacroRef

MACROS = tuple(
    MacroRef(key=text.key, id=100 + place, title=text.title)
    for place, text in enumerate((*content.answers(), *content.empathy()))
)
