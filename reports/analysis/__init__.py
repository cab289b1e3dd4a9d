from . import account_dunning_analysis
from . import account_dunning_analysis_charges
from . import account_dunning_analysis_plans
