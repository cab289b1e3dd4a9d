from . import account_dunning_log
from . import account_dunning_log_part
from . import account_dunning_more
from . import account_dunning_remind
from . import account_dunning_send
from . import account_dunning_skip
