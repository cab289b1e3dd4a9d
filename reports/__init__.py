from . import notice
from . import analysis
from . import desk
from . import figures
