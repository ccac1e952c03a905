"""Reservations and holds, and the tables they take."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle
from hypothesis.stateful import invariant
from hypothesis.stateful import precondition
from hypothesis.stateful import rule

from tests.machine.calls import Calls
from tests.machine.model import BLOCKING
from tests.machine.model import BOOKING_ENDS
from tests.machine.model import BOOKING_MOVES
from tests.machine.model import MOST_SEATS
from tests.machine.model import SEATS
from tests.machine.model import STARTS
from tests.machine.model import STAY
from tests.machine.model import Booking

MOST_BOOKINGS = 8
starts = st.integers(0, STARTS - 1)
parties = st.integers(1, MOST_SEATS + 1)
maybe_table = st.sampled_from([None, None, *SEATS])


def instant(start: int) -> str:
    """Half hours from 15:00 UTC on."""
    return f"2026-01-12T{15 + start // 2}:{start % 2 * 30:02d}:00Z"


class Booked(Calls):
    """Does what callers do, says beforehand what must come of it, and compares."""

    bookings = Bundle("bookings")
    holds = Bundle("holds")

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.seen: Booking | None = None
        self.is_floor_touched = False

    @precondition(lambda self: len(self.floor.bookings) < MOST_BOOKINGS)
    @rule(target=bookings, start=starts, party=parties, table=maybe_table)
    def book(self, start: int, party: int, table: str | None) -> Any:
        body = self._wish(start, party, table) | {"customer_id": self.shop.guest_id}
        return self._taken("/v1/reservations", body, Booking("", "", start, party, "confirmed"), table)

    @precondition(lambda self: len(self.floor.bookings) < MOST_BOOKINGS)
    @rule(target=holds, start=starts, party=parties, table=maybe_table)
    def hold(self, start: int, party: int, table: str | None) -> Any:
        return self._taken("/v1/holds", self._wish(start, party, table), Booking("", "", start, party, "held"), table)

    @rule(target=bookings, hold=holds)
    def use(self, hold: Booking) -> Any:
        body = {"hold_id": hold.id, "customer_id": self.shop.guest_id}
        answer = self.send("POST", "/v1/reservations", body)
        self.is_floor_touched = True
        if hold.status != "held":
            return self.refused(answer, 410, "hold_expired")
        assert answer.status_code == 201, answer.text
        hold.status = "used"
        self.tell("reservation.created")
        self.seen = Booking(answer.json["id"], hold.table, hold.start, hold.party, "confirmed")
        self.floor.bookings.append(self.seen)
        return self.seen

    @rule(hold=holds)
    def release(self, hold: Booking) -> None:
        answer = self.send("DELETE", f"/v1/holds/{hold.id}")
        self.is_floor_touched = True
        if hold.status == "used":
            self.refused(answer, 410, "hold_expired")
            return
        assert answer.status_code == 204, answer.text
        hold.status = "released"

    @rule(booking=bookings, status=st.sampled_from(["seated", "no_show", *BOOKING_MOVES]))
    def move_booking(self, booking: Booking, status: str) -> None:
        answer = self.send("PATCH", f"/v1/reservations/{booking.id}", {"status": status})
        self.seen, self.is_floor_touched = booking, True
        if status == booking.status:
            assert answer.status_code == 200, answer.text
            return
        if status not in BOOKING_MOVES[booking.status]:
            self.refused(answer, 409, "invalid_transition")
            assert (answer.json["from"], set(answer.json["allowed"])) == (booking.status, BOOKING_MOVES[booking.status])
            return
        if booking.status not in BLOCKING:  # came late: the table may be somebody else's by now
            table = self.floor.table_for(booking.start, booking.party, stays=booking)
            if table is None:
                self.refused(answer, 409, "table_unavailable")
                return
            booking.table = table
        assert answer.status_code == 200, answer.text
        booking.status = status
        self.tell("reservation.updated", *([BOOKING_ENDS[status]] if status in BOOKING_ENDS else []))

    @rule(booking=bookings, start=starts, party=st.one_of(st.none(), parties))
    def change_plan(self, booking: Booking, start: int, party: int | None) -> None:
        body = {"start_at": instant(start)} | ({} if party is None else {"party_size": party})
        answer = self.send("PATCH", f"/v1/reservations/{booking.id}", body)
        self.seen, self.is_floor_touched = booking, True
        wanted = booking.party if party is None else party
        if (start, wanted) == (booking.start, booking.party):
            assert answer.status_code == 200, answer.text
            return
        if booking.status not in BLOCKING:
            self.refused(answer, 409, "invalid_transition")
            return
        if wanted > MOST_SEATS:
            self.refused(answer, 422, "party_too_large")
            return
        table = self.floor.table_for(start, wanted, stays=booking)
        if table is None:
            self.refused(answer, 409, "table_unavailable")
            return
        assert answer.status_code == 200, answer.text
        booking.table, booking.start, booking.party = table, start, wanted
        self.tell("reservation.updated")

    @invariant()
    def booking_is_as_the_model_says(self) -> None:
        """Of the reservation that was touched last."""
        booking, self.seen = self.seen, None
        if booking is None:
            return
        shown = self.send("GET", f"/v1/reservations/{booking.id}").json
        assert (shown["status"], shown["start_at"], shown["party_size"], shown["table_ids"]) == (
            booking.status, instant(booking.start), booking.party, [self.tables[booking.table]],
        )  # fmt: skip
        assert shown["status_history"][-1]["status"] == booking.status

    @invariant()
    def free_tables_are_as_the_model_says(self) -> None:
        if not self.is_floor_touched:
            return
        self.is_floor_touched = False
        asked = f"location_id={self.location_id}&date=2026-01-12&party_size=1&duration_minutes={STAY * 30}"
        slots = {row["start_at"]: row for row in self.send("GET", f"/v1/availability?{asked}").json["slots"]}
        for start in range(STARTS):
            options = slots.get(instant(start), {"table_options": []})["table_options"]
            shown = {table_id for option in options for table_id in option["table_ids"]}
            assert shown == {self.tables[name] for name in self.floor.free(start)}, instant(start)

    def _wish(self, start: int, party: int, table: str | None) -> dict[str, Any]:
        wish = {
            "location_id": self.location_id, "start_at": instant(start), "party_size": party,
            "duration_minutes": STAY * 30,
        }  # fmt: skip
        return wish if table is None else {**wish, "table_ids": [self.tables[table]]}

    def _taken(self, path: str, body: dict[str, Any], booking: Booking, wanted: str | None) -> Any:
        """Take a table for a reservation or a hold, or be refused."""
        answer = self.send("POST", path, body)
        self.is_floor_touched = True
        if booking.party > (MOST_SEATS if wanted is None else SEATS[wanted]):
            return self.refused(answer, 422, "party_too_large")
        table = self.floor.table_for(booking.start, booking.party, wanted=wanted)
        if table is None:
            return self.refused(answer, 409, "table_unavailable")
        assert answer.status_code == 201, answer.text
        booking.id, booking.table = answer.json["id"], table
        assert answer.json["table_ids"] == [self.tables[table]]
        self.floor.bookings.append(booking)
        if booking.status != "held":
            self.seen = booking
            self.tell("reservation.created")
        return booking
