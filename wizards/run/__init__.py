from . import account_dunning_first
from . import account_dunning_forecast
from . import account_dunning_reset_day
from . import base_partner_merge
