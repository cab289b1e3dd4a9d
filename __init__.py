from . import data, models, wizards
from .hooks import uninstall_hook
