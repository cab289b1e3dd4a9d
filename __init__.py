from . import controllers, data, models, reports, wizards
from .hooks import uninstall_hook
