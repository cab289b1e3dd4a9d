from . import notice
from . import analysis
