"""Dunning runs: proposing in chunks, workers, what was left out, the report, and the nightly job.

Calls *notice* and the rooms below it.
"""

from . import account_dunning_run
from . import account_dunning_run_chunk
from . import clock
from . import jobs
from . import report
from . import work
from . import account_dunning_left_out
from . import money
from . import retry
from . import neighbours
from . import first
from . import customer_change
