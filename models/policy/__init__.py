"""How a company duns: types with their levels, reasons, invoice types, customer balances, settings.

Calls *base*. Hooks: see the docstrings that end with *Hook*.
"""

from . import account_dunning_reason
from . import account_dunning_invoice_type
from . import account_dunning_level
from . import account_dunning_type
from . import account_chart_template
from . import account_dunning_settings
from . import account_dunning_contact_days
from . import res_company
from . import res_config_settings
from . import ir_module_module
from . import res_partner, res_partner_category, res_users
