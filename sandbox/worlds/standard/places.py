"""Where the restaurants of the standard world are. Data only."""

from typing import NamedTuple

from sandbox.worlds.standard.dishes import DISHES
from sandbox.worlds.standard.dishes import Dish

MONDAY = 0


class Place(NamedTuple):
    """One location. rate: prices per euro. step: minor units prices are rounded to. taxes: (food, alcohol) rates or None."""

    id: str
    name: str
    slug: str
    country: str
    city: str
    currency: str
    zone: str
    price_mode: str
    rate: float
    step: int
    taxes: tuple[str | None, str | None]
    tax_name: str
    tables: int
    menus: int = 1
    opens: str = "11:00"
    closes: str = "23:00"
    closed_on: int | None = None
    status: str = "online"
    has_special_hours: bool = False
    phone: str = ""
    tax_rounding: str = "bucket"
    has_service_charge: bool = False
    has_charges: bool = True
    has_banquets: bool = False
    dishes: tuple[Dish, ...] = DISHES

    @property
    def key(self) -> str:
        """The part of the id that the ids of what is there share."""
        return self.id.removeprefix("loc_").removesuffix("_01")


WARSAW = "loc_waw_01"  # the fixture of every world; here it gets a history
PLACES = (
    Place(WARSAW, "Bistro Warszawa", "bistro-warszawa", "PL", "Warszawa", "PLN", "Europe/Warsaw", "exclusive", 4.3, 50,
          ("0.08", "0.23"), "VAT", 8, 1, "00:00", "24:00", phone="+4822555"),
    Place("loc_vno_01", "Senamiesčio virtuvė", "senamiescio-virtuve", "LT", "Vilnius", "EUR", "Europe/Vilnius", "inclusive",
          1.0, 10, ("0.21", "0.21"), "PVM", 12, 2, phone="+3705255"),
    Place("loc_nyc_01", "Mulberry Street Kitchen", "mulberry-street-kitchen", "US", "New York", "USD", "America/New_York",
          "exclusive", 1.25, 25, ("0.08875", "0.08875"), "Sales tax", 24, 3, phone="+1212555", has_special_hours=True,
          has_banquets=True),
    Place("loc_phx_01", "Cactus Grill", "cactus-grill", "US", "Phoenix", "USD", "America/Phoenix", "exclusive", 1.1, 25,
          ("0.086", "0.086"), "Sales tax", 16, 1, phone="+1602555"),
    Place("loc_lax_01", "Pacific Table", "pacific-table", "US", "Los Angeles", "USD", "America/Los_Angeles", "exclusive", 1.3,
          25, ("0.095", "0.095"), "Sales tax", 20, 2, phone="+1213555"),
    Place("loc_lon_01", "The Late Lamp", "the-late-lamp", "GB", "London", "GBP", "Europe/London", "inclusive", 1.05, 25,
          ("0.20", "0.20"), "VAT", 18, 2, "12:00", "02:00", phone="+44207946", has_service_charge=True),
    Place("loc_tyo_01", "青山キッチン", "aoyama-kitchen", "JP", "東京", "JPY", "Asia/Tokyo", "inclusive", 150.0, 10,
          ("0.08", "0.10"), "消費税", 14, 2, phone="+8135550"),
    Place("loc_kwi_01", "مطعم الديوانية", "diwaniya", "KW", "Kuwait City", "KWD", "Asia/Kuwait", "inclusive", 0.33, 50,
          (None, None), "", 16, 1, phone="+9652255"),
    Place("loc_ala_01", "Медеу", "medeu", "KZ", "Алматы", "KZT", "Asia/Almaty", "inclusive", 480.0, 5000, ("0.12", "0.12"),
          "НДС", 12, 1, phone="+7727255"),
    Place("loc_bom_01", "Marine Drive Canteen", "marine-drive-canteen", "IN", "Mumbai", "INR", "Asia/Kolkata", "exclusive",
          55.0, 1000, ("0.05", "0.18"), "GST", 20, 2, phone="+9122555", tax_rounding="line"),
    Place("loc_ktm_01", "Thamel Bhanchha", "thamel-bhanchha", "NP", "Kathmandu", "NPR", "Asia/Kathmandu", "inclusive", 70.0,
          1000, ("0.13", "0.13"), "VAT", 10, 1, closed_on=MONDAY, phone="+9771555"),
    Place("loc_adl_01", "Hutt Street Diner", "hutt-street-diner", "AU", "Adelaide", "AUD", "Australia/Adelaide", "inclusive",
          1.7, 50, ("0.10", "0.10"), "GST", 14, 1, status="offline", phone="+6188555"),
    Place("loc_sao_01", "Boteco Vila Madalena", "boteco-vila-madalena", "BR", "São Paulo", "BRL", "America/Sao_Paulo",
          "inclusive", 5.4, 50, ("0.032", "0.18"), "ICMS", 18, 2, status="paused", phone="+5511555"),
)  # fmt: skip
