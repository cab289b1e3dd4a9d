"""A plugin of pytest: tests of properties try the same examples each time.

``--hypothesis-profile=random`` has them try others, and ``--hypothesis-seed=N`` those of one random run again.
"""

import pytest
from hypothesis import HealthCheck, settings

PATIENT = {"database": None, "deadline": None, "suppress_health_check": [HealthCheck.too_slow]}  # on a busy machine
settings.register_profile("same", derandomize=True, **PATIENT)
settings.register_profile("random", derandomize=False, **PATIENT)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """The tests are read afterwards, and take what holds then; Hypothesis' own plugin loads what is asked for."""
    settings.load_profile("same" if config.getoption("--hypothesis-seed") is None else "random")
