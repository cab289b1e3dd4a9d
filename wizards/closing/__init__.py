from . import account_dunning_return
from . import account_dunning_return_file
from . import account_dunning_write_off
