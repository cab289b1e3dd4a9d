"""Dunning runs: proposing in chunks, workers, what was left out, the report, and the nightly job.

Calls *notice* and the rooms below it.
"""

from . import account_dunning_run
from . import account_dunning_run_chunk
from . import account_dunning_skipped
from . import account_dunning_settings
from . import customer_change
from . import res_company
from . import account_dunning_notice
from . import account_dunning_reader
from . import account_dunning_change
from . import account_dunning_look
from . import account_dunning_backlog
