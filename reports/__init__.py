from . import account_dunning_analysis
