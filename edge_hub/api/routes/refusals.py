"""What ringing up can refuse, in groups that endpoints declare."""

from edge_hub.devices.causes import DeviceAway
from edge_hub.domain.completion import BasketEmpty
from edge_hub.domain.gtin import BarcodeInvalid, CheckDigitWrong
from edge_hub.domain.money import CurrencyMismatch
from edge_hub.domain.ringing import (
    BasketBeingPaid,
    BasketClosed,
    BasketParked,
    DiscountInvalid,
    DiscountTooLarge,
    LineFixed,
    LineNotFound,
    PriceOutOfRange,
    QuantityOutOfRange,
    TooManyLines,
    VersionMismatch,
)
from edge_hub.domain.settlement import NotPaid, TenderOutOfRange, TenderTooLarge, TooManyTenders
from edge_hub.domain.tax import TaxCodeUnknown
from edge_hub.services.catalogue.lookup import ProductNotFound
from edge_hub.services.checkout.goods import ProductInactive, ProductUnnamed
from edge_hub.services.checkout.records import BasketNotFound
from edge_hub.services.checkout.selling import TillUnknown
from edge_hub.services.checkout.service import TenderUnknown, TillNeeded
from edge_hub.services.payments.desk import DeskBusy, DeskClosed
from edge_hub.services.payments.handlers_opening import PaymentRequestTooLong
from edge_hub.services.payments.model import (
    PaymentAmountInvalid,
    PaymentMethodOff,
    PaymentTerminalBusy,
    PaymentTerminalLocked,
)
from edge_hub.services.payments.terminals import ProviderNotFound
from edge_hub.services.printing.job import QueueFull
from edge_hub.services.printing.service import DeviceCannot

BASKET = (BasketNotFound, BasketClosed, BasketParked, BasketBeingPaid, BasketEmpty, VersionMismatch)
GOODS = (
    ProductNotFound, ProductInactive, ProductUnnamed, BarcodeInvalid, CheckDigitWrong, TaxCodeUnknown,
    QuantityOutOfRange, PriceOutOfRange, TooManyLines,
)  # fmt: skip
LINE = (LineNotFound, LineFixed, QuantityOutOfRange, PriceOutOfRange, DiscountInvalid, DiscountTooLarge)
DISCOUNT = (DiscountInvalid, DiscountTooLarge)
TILL = (TillNeeded, TillUnknown)
PAYING = (TenderUnknown, TenderOutOfRange, TenderTooLarge, TooManyTenders, CurrencyMismatch, NotPaid, QueueFull)
STARTING = (
    ProviderNotFound, DeviceAway, DeviceCannot, DeskBusy, DeskClosed, PaymentTerminalBusy, PaymentTerminalLocked,
    PaymentMethodOff, PaymentAmountInvalid, PaymentRequestTooLong,
)  # fmt: skip
"""A payment that was not begun."""
