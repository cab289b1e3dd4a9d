"""Moving in from another dunning module: what became of each of its rows. Calls all rooms below it."""

from . import account_dunning_notice
from . import account_dunning_takeover_row
