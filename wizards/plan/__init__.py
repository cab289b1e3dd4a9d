from . import account_dunning_plans_dialog
from . import account_collection_plan_change
from . import account_dunning_import
from . import account_dunning_why
