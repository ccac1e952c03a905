"""The codes guests enter. Data only; the fixtures' codes come on top."""

from sandbox.worlds.seeds import DAY_US
from sandbox.worlds.standard.setting import Row

AUTUMN, STAFF_PICK, ONCE, FIRST_FORTY, SUMMER, EURO, DOLLAR = (
    "AUTUMN15", "STAFFPICK10", "ONCE10", "FIRST40", "SUMMER20", "FIVEOFF", "BIGTABLE20",
)  # fmt: skip
FIRST_USES = 40
SUMMER_ENDED_DAYS = 30
EURO_FROM_MINOR, DOLLAR_FROM_MINOR = 2000, 6000
# In order: days from now at which it begins and ends, where it does.
OFFERS: tuple[tuple[Row, int | None, int | None], ...] = (
    ({"code": AUTUMN, "kind": "percent", "value": 1500, "description": "15 % off everything", "campaign_id": "cam_autumn"},
     -120, None),
    ({"code": STAFF_PICK, "kind": "percent", "value": 1000, "description": "10 % off, picked by our staff"}, None, None),
    ({"code": ONCE, "kind": "percent", "value": 1000, "per_customer": 1, "description": "10 % off, once a guest"}, None, None),
    ({"code": FIRST_FORTY, "kind": "percent", "value": 2500, "max_uses": FIRST_USES,
      "description": "25 % off for the first forty"}, None, None),
    ({"code": SUMMER, "kind": "percent", "value": 2000, "description": "20 % off all summer"}, -200, -SUMMER_ENDED_DAYS),
    ({"code": EURO, "kind": "fixed", "value": 500, "currency": "EUR", "min_subtotal_minor": EURO_FROM_MINOR,
      "description": "5.00 off from 20.00"}, None, None),
    ({"code": DOLLAR, "kind": "percent", "value": 2000, "currency": "USD", "min_subtotal_minor": DOLLAR_FROM_MINOR,
      "description": "20 % off from 60.00"}, None, None),
    ({"code": "SPRING25", "kind": "percent", "value": 2500, "description": "25 % off, soon"}, 20, 60),
    ({"code": "RETIRED", "kind": "percent", "value": 500, "is_active": False, "description": "No longer given"}, None, None),
)  # fmt: skip


def promo_id(code: str) -> str:
    """The id of an offer."""
    return f"prm_{code.lower()}"


def discount_of(code: str) -> Row:
    """The discount of an order that used a code, without its amount."""
    offer = next(offer for offer, _, _ in OFFERS if offer["code"] == code)
    return {"type": "promo", "kind": offer["kind"], "value": offer["value"], "code": code, "promo_id": promo_id(code)}


def offer_rows(now_us: int) -> list[Row]:
    """The rows of the codes; how often each was used is counted when the orders are written."""
    dated = {"created_at": now_us - 210 * DAY_US, "updated_at": now_us - 100 * DAY_US}
    return [
        {
            "id": promo_id(offer["code"]), **offer, **dated,
            "starts_at": None if begins is None else now_us + begins * DAY_US,
            "ends_at": None if ends is None else now_us + ends * DAY_US,
        }
        for offer, begins, ends in OFFERS
    ]  # fmt: skip
