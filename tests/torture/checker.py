"""Whether a history and what a server holds in the end agree with what Lethe promises.

An operation whose outcome is unknown may have taken effect at any time after its beginning, or never: it excuses
what others see, and is never blamed itself.
"""

from tests.torture.end import End
from tests.torture.history import History
from tests.torture.past import Past, Rule, Violation
from tests.torture.promises_of_rest import REMAINS
from tests.torture.promises_of_tasks import TASKS
from tests.torture.promises_to_readers import READS

RULES: tuple[Rule, ...] = (*READS, *TASKS, *REMAINS)
"""What must hold."""


def check(history: History, end: End) -> list[Violation]:
    """All broken promises."""
    past = Past(history)
    return [violation for rule in RULES for violation in rule(past, end)]
