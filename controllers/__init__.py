"""What customers reach over HTTP: translated here, decided in ``models/portal``."""

from . import receivables
from . import receivables_pay
