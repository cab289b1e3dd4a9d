"""What every room stands on: who may write what, records that a company has of its own, the names of states and groups.

Calls no other room.
"""

from . import account_dunning_guard
from . import account_dunning_dialog
from . import account_dunning_shipped_mixin
from . import ir_sequence
from . import ir_actions_actions
from . import res_users
from . import ir_cron
