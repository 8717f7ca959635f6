"""Every handler of the writer, under the name that `Journal.open` is given. Loaded by the writer's process: lean."""

from edge_hub.journal.commands import Handlers
from edge_hub.services.access.handlers import HANDLERS as ACCESS
from edge_hub.services.catalogue.handlers import HANDLERS as CATALOGUE
from edge_hub.services.checkout.handlers import HANDLERS as CHECKOUT
from edge_hub.services.mail.handlers import HANDLERS as MAIL
from edge_hub.services.payments.handlers import HANDLERS as PAYMENTS
from edge_hub.services.printing.handlers import HANDLERS as PRINTING
from edge_hub.services.routing.handlers import HANDLERS as ROUTING
from edge_hub.services.stock.handlers import HANDLERS as STOCK
from edge_hub.services.upkeep.handlers import HANDLERS as UPKEEP

HANDLERS = Handlers().merge(ACCESS, CATALOGUE, CHECKOUT, MAIL, PAYMENTS, PRINTING, ROUTING, STOCK, UPKEEP)
