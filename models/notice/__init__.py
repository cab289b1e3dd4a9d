"""Dunning notices: review, issuing, delivery, their lines, and the letter.

Calls *plan* and the rooms below it.
"""

from . import account_collection_plan
from . import account_dunning_notice
from . import account_dunning_sms
from . import bounce
from . import info
from . import account_dunning_notice_line
from . import ir_actions_report
from . import ir_attachment
from . import mail_mail
from . import mail_message
from . import res_partner_bank
from . import res_partner
from . import account_dunning_level
from . import account_dunning_type
from . import account_dunning_reader
from . import account_dunning_statement
from . import account_dunning_item
from . import account_dunning_hold
