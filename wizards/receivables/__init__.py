from . import account_dunning_hold_end
