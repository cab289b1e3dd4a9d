"""The first hour: what a company needs before its first letters, one step after the other.

Calls all rooms; none calls it. What is done is found out from the facts; only what nobody can find out is noted.
"""

from . import account_dunning_start
from . import account_dunning_settings
from . import account_collection_case
