from . import account_dunning_takeover
