from . import account_dunning_exclude
from . import account_dunning_move_level
from . import account_dunning_print
from . import account_dunning_print_export
from . import account_dunning_resend
