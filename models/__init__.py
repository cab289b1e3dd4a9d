"""The rooms of the house, lowest first: a room calls only those before it; those after it hook on (``make lint``)."""

from . import base
from . import policy
from . import receivables
from . import plan
from . import notice
from . import run
from . import law
from . import charges
from . import actions
from . import consequences
from . import closing
from . import desk
from . import portal
from . import figures
from . import simulation
from . import start
from . import takeover
