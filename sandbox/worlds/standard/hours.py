"""When guests come: busy lunches and dinners, full weekends, in local time."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

from kit.clock import from_us
from kit.clock import to_us
from sandbox.worlds.seeds import HOUR_US
from sandbox.worlds.standard.places import WARSAW
from sandbox.worlds.standard.places import Place
from sandbox.worlds.standard.setting import Setting

WEEKDAY_WEIGHTS = (8, 9, 10, 12, 18, 20, 14)  # Monday first
PEAKS = ((12 * 60 + 50, 45), (19 * 60 + 40, 70))  # minute of the day, spread
LUNCH_SHARE = 0.38
QUARTER = 15
FIRST_DAY = -89
FIXTURES_DAYS = 2  # at the fixtures' location the last days belong to the fixtures: their numbers are as documented


class Calendar:
    """Draws instants at which guests come to one place, in microseconds."""

    def __init__(self, setting: Setting, place: Place, draw: Random) -> None:
        self._draw = draw
        self._zone = ZoneInfo(place.zone)
        self._today = from_us(setting.now_us).astimezone(self._zone).date()
        self._last = setting.now_us - 3 * HOUR_US
        self._until = -FIXTURES_DAYS - 1 if place.id == WARSAW else 0
        self._closed_on = place.closed_on
        self._weights = [0 if day == place.closed_on else weight for day, weight in enumerate(WEEKDAY_WEIGHTS)]

    def past(self) -> int:
        """An instant of the last ninety days, three hours ago at the latest."""
        while True:
            instant = self._instant(range(FIRST_DAY, self._until + 1))
            if instant <= self._last:
                return instant

    def future(self) -> int:
        """An instant of the coming thirty days, on a quarter of an hour, tomorrow at the earliest."""
        return self.quarter(self._instant(range(2, 30)))

    @staticmethod
    def quarter(instant_us: int) -> int:
        """The quarter of an hour before an instant; every zone's offset is a multiple of it."""
        return instant_us - instant_us % (QUARTER * 60_000_000)

    def _instant(self, days: range) -> int:
        today = self._today.weekday()
        weights = [self._weights[(today + day) % 7] for day in days]
        day = self._today + timedelta(days=self._draw.choices(days, weights=weights)[0])
        middle, spread = PEAKS[self._draw.random() >= LUNCH_SHARE]
        minute = min(max(int(self._draw.gauss(middle, spread)), 11 * 60 + 30), 22 * 60)
        local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, self._draw.randrange(60), tzinfo=self._zone)
        return to_us(local.astimezone(UTC))


def local_instant(setting: Setting, place: Place, *, days: int, minute: int) -> int:
    """The instant of a minute of a local day, counted from today."""
    zone = ZoneInfo(place.zone)
    day = from_us(setting.now_us).astimezone(zone).date() + timedelta(days=days)
    return to_us(datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone).astimezone(UTC))


def clock_changes(setting: Setting, place: Place) -> list[int]:
    """The instants at which the place's clocks change, from ninety days ago to thirty days ahead."""
    zone = ZoneInfo(place.zone)
    hours = range(-90 * 24, 30 * 24)
    start = setting.now_us - setting.now_us % HOUR_US
    offsets = [from_us(start + hour * HOUR_US).astimezone(zone).utcoffset() for hour in hours]
    return [
        start + hour * HOUR_US
        for hour, before, after in zip(hours[1:], offsets, offsets[1:], strict=False)
        if before != after
    ]  # fmt: skip
