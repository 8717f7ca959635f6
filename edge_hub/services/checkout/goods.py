"""From what was scanned or picked to a basket's line, at the price in effect (the writer's side)."""

from edge_hub.domain.basket import BasketLine
from edge_hub.domain.ids import LineId, ProductId
from edge_hub.domain.ringing import LineFixed
from edge_hub.errors import Invalid, Refused, at
from edge_hub.journal.commands import Tx
from edge_hub.services.catalogue.lookup import Found, Lookup


class ProductInactive(Refused):
    """Taken out of sale; `params["name"]`."""

    code = "product-inactive"
    title = "This product is no longer sold."


class ProductUnnamed(Invalid):
    """A line names its goods by bar code or by product: exactly one of them."""

    code = "product-unnamed"
    title = "Name a bar code or a product."


def lookup_of(tx: Tx) -> Lookup:
    """Products as this command sees them, out of the writer's cache."""
    return Lookup(tx.row, tx.rows, tx.settings, tx.cache)


def find(lookup: Lookup, barcode: str, product: ProductId | None, at_ms: int) -> Found:
    """Raises ProductNotFound, BarcodeInvalid, ProductUnnamed."""
    if bool(barcode) == bool(product):
        raise at("/barcode", "one-of", ProductUnnamed())
    return lookup.by_barcode(barcode, at_ms) if barcode else lookup.by_id(product or "", at_ms)


def on_sale(found: Found) -> Found:
    """Raises ProductInactive."""
    if not found.product.active:
        raise ProductInactive(name=found.name, product=found.product.id)
    return found


def rung_quantity(found: Found, quantity_milli: int | None) -> int:
    """How much goes on the line: a label that fixes it is not argued with. Raises LineFixed."""
    if quantity_milli is None or quantity_milli == found.quantity_milli:
        return found.quantity_milli
    if found.embedded is not None:
        raise LineFixed
    return quantity_milli


def line_of(found: Found, line_id: LineId, quantity_milli: int) -> BasketLine:
    """A line at the list price."""
    product = found.product
    return BasketLine(
        id=line_id,
        product=product.id,
        sku=product.sku,
        name=found.name,
        unit=product.unit,
        quantity_milli=quantity_milli,
        list_price=found.unit_price,
        tax_code=product.tax_code,
        barcode=found.code,
        price_embedded=found.embedded is not None,
        label_amount=found.label_amount,
        tracked=product.track_stock,
    )
