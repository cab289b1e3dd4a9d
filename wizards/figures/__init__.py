from . import account_dunning_credit_loss
