"""The guests: six hundred people in ten scripts, with doubles, people merged into others and people who were erased."""

from dataclasses import dataclass
from functools import lru_cache
from random import Random

from domain.guests.merge_queries import ERASED_NAME
from domain.guests.models import ConsentChange
from domain.guests.models import DuplicateSuggestion
from domain.guests.models import GuestMerge
from domain.guests.models import GuestTag
from domain.guests.models import SegmentMembership
from domain.guests.names import join_name
from domain.guests.rows import append_guests
from kit.documents import append
from kit.scope import Scope
from sandbox.worlds.minimal_regulars import SEGMENTS
from sandbox.worlds.seeds import DAY_US
from sandbox.worlds.seeds import Seeds
from sandbox.worlds.standard.names import ALLERGIES
from sandbox.worlds.standard.names import ODD_NAMES
from sandbox.worlds.standard.names import TAGS
from sandbox.worlds.standard.names import TONGUES
from sandbox.worlds.standard.names import Tongue
from sandbox.worlds.standard.places import PLACES
from sandbox.worlds.standard.setting import Row
from sandbox.worlds.standard.setting import Setting
from sandbox.worlds.standard.setting import dealt

GUESTS, DOUBLES, MERGED, ERASED, INCOGNITO, ALLERGIC = 600, 15, 6, 3, 4, 40
LARGEST_GROUP = "loc_ala_01"  # where a list of guests has several pages
IN_LARGEST_GROUP = 430
CONSENTS = {"granted": 330, "denied": 150, "unknown": 120}
NO_PHONE, NO_EMAIL, TWO_OF_EACH = 72, 54, 30
SHARED_CHANNELS = ("email_marketing", "sms_marketing", "direct_mail", "surveys")
BIRTHDAYS = 150
APART = ("labels", "double_of")  # of a row, but no column


@dataclass(slots=True)
class Known:
    """A guest as orders, bookings and cards need to know them."""

    id: str
    name: str
    locale: str
    phone: str | None
    email: str | None
    home: str  # the location that looks after them


@lru_cache(maxsize=4)
def guest_rows(setting: Setting) -> list[Row]:
    """Every guest as append_guests takes them, except for tags (see `tags`); the last ones were merged or erased."""
    seeds = setting.seeds("guests")
    draw = seeds.choices
    tongues = dealt(draw, {tongue: GUESTS * tongue.share // 100 for tongue in TONGUES})
    homes = dealt(draw, {LARGEST_GROUP: IN_LARGEST_GROUP} | _elsewhere())
    consents = [dealt(draw, CONSENTS) for _ in SHARED_CHANNELS]
    rows = [
        _guest(seeds, setting, index, tongues[index], homes[index], [channel[index] for channel in consents])
        for index in range(GUESTS)
    ]
    _reach(draw, rows)
    _doubles(draw, rows)
    for row in draw.sample(rows[: GUESTS - DOUBLES - MERGED - ERASED], ALLERGIC):
        row["allergies"] = draw.sample(ALLERGIES, draw.randint(1, 2))
    for row in draw.sample(rows[20 : GUESTS - DOUBLES - MERGED - ERASED], INCOGNITO):
        row["is_incognito"] = True
    _birthdays(seeds, rows)
    _end(setting, draw, rows)
    return rows


@lru_cache(maxsize=4)
def known_guests(setting: Setting) -> list[Known]:
    """The guests that can be found: neither merged into another nor erased."""
    return [
        Known(
            row["id"], row["name"], row["locale"], _first(row["phones"]), _first(row["emails"]), row["parent_location_id"]
        )
        for row in guest_rows(setting)[: GUESTS - MERGED - ERASED]
    ]  # fmt: skip


def write_guests(scope: Scope, setting: Setting) -> None:
    """Write the guests with tags, consents, suggestions and finished merges, and put them into the fixtures' segments."""
    seeds, rows = setting.seeds("guests:around"), guest_rows(setting)
    stored = [{name: value for name, value in row.items() if name not in APART} for row in rows]
    append_guests(scope, stored)
    append(scope, GuestTag, [
        {"id": seeds.id("gtg"), "guest_id": row["id"], "tag": tag, "added_at": row["created_at"]}
        for row in rows
        for tag in row["labels"]
    ])  # fmt: skip
    append(scope, ConsentChange, [
        {
            "id": seeds.id("cns"), "guest_id": row["id"], "channel": channel, "old_status": "unknown",
            "new_status": consent["status"], "source": consent["source"], "actor_type": "guest", "actor_id": row["id"],
            "at": consent["at"],
        }
        for row in rows
        for channel, consent in row["consents"].items()
    ])  # fmt: skip
    _write_doubles(scope, setting, seeds, rows)
    _write_segments(scope, setting, seeds, rows)


def _elsewhere() -> dict[str, int]:
    others = [place.id for place in PLACES if place.id != LARGEST_GROUP]
    each, left = divmod(GUESTS - IN_LARGEST_GROUP, len(others))
    return {place_id: each + (index < left) for index, place_id in enumerate(others)}


def _guest(seeds: Seeds, setting: Setting, index: int, tongue: Tongue, home: str, consents: list[str]) -> Row:
    draw = seeds.choices
    first_at, last_at = draw.randrange(len(tongue.firsts)), draw.randrange(len(tongue.lasts))
    first, last = ODD_NAMES[index] if index < len(ODD_NAMES) else (tongue.firsts[first_at], tongue.lasts[last_at])
    created = setting.now_us - draw.randint(91 * DAY_US, 700 * DAY_US)
    row: Row = {
        "id": seeds.id("cus"), "name": join_name(first, last, locale=tongue.locale), "first_name": first,
        "last_name": last, "locale": tongue.locale, "country": tongue.country, "parent_location_id": home,
        "source": draw.choice(("website", "app", "pos", "phone", "import")), "gender": draw.choice(("female", "male", None)),
        "phones": [_contact(seeds, _phone(draw, tongue, index))],
        "emails": [_contact(seeds, f"guest{index:04d}@example.com")], "calendar_events": [], "allergies": [],
        "labels": draw.sample(TAGS, draw.choice((0, 0, 1, 1, 2, 3))), "created_at": created, "updated_at": created,
        "consents": {
            channel: {"status": status, "at": created, "source": "website", "proof": None}
            for channel, status in zip(SHARED_CHANNELS, consents, strict=True) if status != "unknown"
        },
    }  # fmt: skip
    if tongue.alpha_firsts and index >= len(ODD_NAMES):
        row |= {"alpha_first_name": tongue.alpha_firsts[first_at], "alpha_last_name": tongue.alpha_lasts[last_at]}
    return row


def _reach(draw: Random, rows: list[Row]) -> None:
    """Take phones and addresses from some and give others a second of each."""
    order = draw.sample(rows, len(rows))
    for row in order[:NO_PHONE]:
        row["phones"] = []
    for row in order[NO_PHONE : NO_PHONE + NO_EMAIL]:
        row["emails"] = []
    for row in order[-TWO_OF_EACH:]:
        for kind in ("phones", "emails"):
            [entry] = row[kind]
            value = f"2{entry['value']}" if kind == "emails" else f"{entry['value'][:-1]}{(int(entry['value'][-1]) + 5) % 10}"
            row[kind].append({"id": f"{entry['id']}2", "value": value, "original": value, "tag": "work"})


def _doubles(draw: Random, rows: list[Row]) -> None:
    """Some of the last living guests are somebody else's double: same phone or address, a shorter name."""
    last = len(rows) - MERGED - ERASED
    complete = [row for row in rows[: last - DOUBLES] if row["phones"] and row["emails"]]
    for number, (row, other) in enumerate(zip(rows[last - DOUBLES : last], draw.sample(complete, DOUBLES), strict=True)):
        kind = "phones" if number % 3 else "emails"
        row[kind] = [{**other[kind][0], "id": f"{other[kind][0]['id']}d"}]
        row |= {name: other.get(name) for name in ("last_name", "locale", "country", "parent_location_id")}
        row["first_name"] = (other["first_name"] or "")[:1] or None
        row["double_of"] = other["id"]
        row["name"] = join_name(row["first_name"], row["last_name"], locale=row["locale"])
        row |= {"alpha_first_name": None, "alpha_last_name": None}


def _birthdays(seeds: Seeds, rows: list[Row]) -> None:
    draw = seeds.choices
    for number, row in enumerate(draw.sample(rows[: -MERGED - ERASED], BIRTHDAYS)):
        month, day = (2, 29) if number < 3 else (draw.randint(1, 12), draw.randint(1, 28))
        year = None if number % 4 == 3 else draw.choice((1948, 1964, 1976, 1988, 1992, 2000, 2004))
        row["calendar_events"] = [{"id": seeds.id("gdt"), "month": month, "day": day, "year": year, "tag": "birthday"}]


def _end(setting: Setting, draw: Random, rows: list[Row]) -> None:
    """Merge some of the last guests into others and erase the very last."""
    victors = draw.sample(rows[len(ODD_NAMES) : 300], MERGED)
    for row, victor in zip(rows[-MERGED - ERASED : -ERASED], victors, strict=True):
        row |= {"merged_into_id": victor["id"], "updated_at": setting.now_us - 20 * DAY_US, "version": 2}
        victor |= {"updated_at": setting.now_us - 20 * DAY_US, "version": 2}
    for row in rows[-ERASED:]:
        gone = setting.now_us - 12 * DAY_US
        blank = dict.fromkeys(("first_name", "last_name", "alpha_first_name", "alpha_last_name", "locale", "country", "gender"))
        row |= blank | {"source": None, "parent_location_id": None, "phones": [], "emails": [], "calendar_events": []}
        row |= {"name": ERASED_NAME, "search_text": "", "labels": [], "consents": {}, "allergies": [], "version": 2}
        row |= {"deleted_at": gone, "updated_at": gone}


def _write_doubles(scope: Scope, setting: Setting, seeds: Seeds, rows: list[Row]) -> None:
    append(scope, DuplicateSuggestion, [
        {"id": seeds.id("dup"), "guest_id": row["double_of"], "other_id": row["id"], "seen_at": setting.now_us - 5 * DAY_US}
        for row in rows
        if "double_of" in row
    ])  # fmt: skip
    at = setting.now_us - 20 * DAY_US
    append(scope, GuestMerge, [
        {"id": seeds.id("mrg"), "victor_id": row["merged_into_id"], "victim_ids": [row["id"]], "state": "done",
         "moved_counts": {}, "finished_at": at, "created_at": at, "updated_at": at, "version": 2}
        for row in rows[-MERGED - ERASED : -ERASED]
    ])  # fmt: skip


def _write_segments(scope: Scope, setting: Setting, seeds: Seeds, rows: list[Row]) -> None:
    """The fixtures' segments ask for a tag or for consent to e-mail."""
    for segment_id, _, rule, _ in SEGMENTS:
        append(scope, SegmentMembership, [
            {"id": seeds.id("sgm"), "segment_id": segment_id, "guest_id": row["id"], "entered_at": setting.now_us - 30 * DAY_US}
            for row in rows[: -MERGED - ERASED]
            if _satisfies(row, rule)
        ])  # fmt: skip


def _satisfies(row: Row, rule: Row) -> bool:
    if "tags_any" in rule:
        return bool(set(rule["tags_any"]) & set(row["labels"]))
    return all(row["consents"].get(channel, {}).get("status") == status for channel, status in rule["consents"].items())


def _contact(seeds: Seeds, value: str) -> Row:
    return {"id": seeds.id("gct"), "value": value, "original": value, "tag": None}


def _phone(draw: Random, tongue: Tongue, index: int) -> str:
    return f"{tongue.calling}{draw.randint(10, 99)}{index:04d}{draw.randint(10, 99)}"


def _first(entries: list[Row]) -> str | None:
    return entries[0]["value"] if entries else None
