"""The strict model of one import row. Imported when a file is imported, not before: pydantic is heavy."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

BARCODES_PER_PRODUCT_MAX = 50
ATTRIBUTES_PER_PRODUCT_MAX = 32
NAMES_PER_PRODUCT_MAX = 16

_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
Sku = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_PRINTABLE, strip_whitespace=True)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_PRINTABLE)]
Short = Annotated[str, StringConstraints(max_length=64, pattern=_PRINTABLE)]
Barcode = Annotated[str, StringConstraints(min_length=1, max_length=48, pattern=r"^[\x21-\x7e]+$")]
Locale = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
AttributeKey = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_PRINTABLE)]


class Item(BaseModel):
    """A product (`list` empty) or a price in a list. What is not set stays as it is in the catalogue."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)

    sku: Sku
    name: Name | None = None
    names: Annotated[dict[Locale, Name], Field(max_length=NAMES_PER_PRODUCT_MAX)] | None = None
    price: Short | None = None
    tax_code: Short | None = None
    unit: Literal["piece", "kilogram"] | None = None
    category: Name | Literal[""] | None = None
    barcodes: Annotated[list[Barcode], Field(max_length=BARCODES_PER_PRODUCT_MAX)] | None = None
    variant_of: Short | None = None
    attributes: Annotated[dict[AttributeKey, Short], Field(max_length=ATTRIBUTES_PER_PRODUCT_MAX)] | None = None
    track_stock: bool | None = None
    active: bool | None = None
    on_hand: Short | None = None
    price_list: Annotated[Short, Field(alias="list")] = ""
    from_: Annotated[Short, Field(alias="from")] = ""
    until: Short = ""
