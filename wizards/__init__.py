from . import account_collection_plan_change
from . import account_dunning_exclude
from . import account_dunning_forecast
from . import account_dunning_import
from . import account_dunning_move_level
from . import account_dunning_print
from . import account_dunning_settings
from . import account_dunning_why
