"""The collector's desk: whom to call now, what was agreed, what happened since (rules §11 and §12).

Calls all rooms; none calls it. A case is the customer's one conversation: contacts, promises and disputes belong to it,
while collection plans stay the pursuit of each debt.
"""

from . import account_collection_case
from . import account_dunning_score_rule
from . import account_dunning_outcome
from . import account_dunning_contact
from . import account_dunning_contact_days
from . import account_dunning_promise
from . import account_dunning_promise_part
from . import account_dunning_promise_item
from . import account_dunning_reason
from . import account_dunning_return_code
from . import account_dunning_target
from . import account_dunning_level
from . import account_dunning_notice
from . import account_dunning_hold
from . import account_dunning_settings
from . import account_dunning_sms
from . import account_dunning_run
from . import account_collection_plan
from . import account_move
from . import account_move_line
from . import account_payment
from . import mail_activity
from . import res_partner
from . import res_users
