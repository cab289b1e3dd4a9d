from . import account_dunning_dispute
from . import account_dunning_hold_end
