from . import account_dunning_waive
from . import account_dunning_why
