from . import account_dunning_waive
