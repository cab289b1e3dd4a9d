"""What a level does besides its document: activities, tasks of people, server actions, payments with saved cards.

Hooks on to *plan*, which does not call it.
"""

from . import account_dunning_action
from . import account_collection_plan
from . import mail_activity
from . import payment_transaction
from . import account_dunning_level
from . import account_dunning_notice_line
from . import account_dunning_reader
