from . import data, models, wizards
