"""How long the fuzz tests run: briefly as a rule, longer with ``SYMNN_FUZZ=5000 pytest tests/notes/fuzz``."""

import os

from hypothesis import HealthCheck, settings

EXAMPLES = int(os.environ.get("SYMNN_FUZZ", "40"))
settings.register_profile(
    "verify",
    max_examples=EXAMPLES,
    deadline=None,  # the bounds are those of the program, which the tests look at; a busy machine fails nothing
    derandomize=EXAMPLES <= 100,
    suppress_health_check=list(HealthCheck),
)
