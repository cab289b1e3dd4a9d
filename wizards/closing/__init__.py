from . import account_dunning_return
from . import account_dunning_write_off
