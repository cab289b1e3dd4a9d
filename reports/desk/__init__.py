from . import account_dunning_desk_figures
