from . import receivables
from . import plan
from . import notice
from . import run
from . import charges
from . import closing
from . import desk
from . import figures
