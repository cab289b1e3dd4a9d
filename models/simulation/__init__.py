"""Simulation: what another policy would have sent, or would send, beside the one that is live; and experiments, in
which two dunning types take one half each of a group of customers.

Reads facts once and hands them to the engine as plain values: nothing is sent, and nothing stored but the result.
``engine/simulation.py`` plays the nights, ``engine/simulation_result.py`` compares. Calls all rooms below it.
"""

from . import account_dunning_experiment
from . import account_dunning_reader
from . import account_dunning_simulation
from . import account_dunning_simulation_level
from . import account_dunning_simulation_line
from . import account_dunning_simulation_reader
from . import account_dunning_simulation_type
from . import account_dunning_type
