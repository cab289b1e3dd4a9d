"""Figures: the ledger as of any day, key figures, when customers will pay, and what is kept for each month.

Reads, and decides nothing: ``engine/ledger.py``, ``engine/figures.py`` and ``engine/payment_forecast.py`` do. Calls all
rooms below it.
"""

from . import account_dunning_ledger
from . import account_dunning_payment_forecast
from . import account_dunning_settings
from . import account_dunning_snapshot
from . import account_dunning_snapshot_item
from . import account_dunning_figure_item
from . import account_dunning_dashboard
from . import account_collection_case
from . import account_move
from . import account_partial_reconcile
