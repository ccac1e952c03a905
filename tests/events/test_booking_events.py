"""Events of reservations, holds and reviews: each by exactly its change, with the old values of what changed."""

from typing import Any

import pytest

from tests.events.conftest import Do
from tests.events.feed import Feed

TABLE = {"location_id": "loc_waw_01", "start_at": "2030-01-14T12:00:00Z", "party_size": 2}


def book(do: Do, feed: Feed, *statuses: str) -> str:
    """The path of a reservation moved through statuses, with the feed read up to here."""
    body = {**TABLE, "customer": {"name": "Jane Doe", "phone": "+37060012345"}}
    path = f"/v1/reservations/{do('POST', '/v1/reservations', body)['id']}"
    for status in statuses:
        do("PATCH", path, {"status": status})
    feed.read()
    return path


@pytest.mark.emits("reservation.created", "reservation.updated")
def test_reservation_tells_its_start_and_its_changes(do: Do, feed: Feed) -> None:
    reservation = do("POST", "/v1/reservations", {**TABLE, "customer": {"name": "Jane Doe", "phone": "+37060012345"}})
    created = feed.read("reservation.")
    assert [(event["type"], event["data"]) for event in created] == [("reservation.created", {"object": reservation})]
    path = f"/v1/reservations/{reservation['id']}"
    do("PATCH", path, {"memo": "Window", "party_size": 3})
    [(type_, previous)] = feed.told()
    assert (type_, previous["memo"], previous["party_size"]) == ("reservation.updated", None, 2)
    do("PATCH", path, {"status": "cancelled"})


@pytest.mark.parametrize(
    ("statuses", "status", "previous"),
    [
        pytest.param((), "cancelled", {"status": "confirmed", "cancel": None},
                     marks=pytest.mark.emits("reservation.updated", "reservation.cancelled")),
        pytest.param(("arrived", "seated"), "completed", {"status": "seated"},
                     marks=pytest.mark.emits("reservation.updated", "reservation.completed")),
        pytest.param((), "no_show", {"status": "confirmed"},
                     marks=pytest.mark.emits("reservation.updated", "reservation.no_show")),
    ],
    ids=["cancelled", "completed", "no_show"],
)  # fmt: skip
def test_end_of_a_reservation_is_a_change_and_an_event_of_its_own(
    do: Do, feed: Feed, statuses: tuple[str, ...], status: str, previous: dict[str, Any]
) -> None:
    path = book(do, feed, *statuses)
    do("PATCH", path, {"status": status})
    assert feed.told() == [("reservation.updated", previous), (f"reservation.{status}", previous)]
    do("PATCH", path, {"status": status})
    assert feed.told() == []


@pytest.mark.emits("reservation.updated")
def test_arriving_and_sitting_down_are_changes_only(do: Do, feed: Feed) -> None:
    path = book(do, feed)
    for status in ("arrived", "seated"):
        do("PATCH", path, {"status": status})
    assert feed.told() == [("reservation.updated", {"status": "confirmed"}), ("reservation.updated", {"status": "arrived"})]
    do("PATCH", path, {"status": "completed"})


@pytest.mark.emits("reservation.hold_expired")
def test_hold_is_silent_until_it_runs_out(do: Do, feed: Feed) -> None:
    hold = do("POST", "/v1/holds", {**TABLE, "ttl_seconds": 60})
    assert feed.types() == []
    do("POST", "/sandbox/v1/clock", {"advance_seconds": 61})
    [event] = feed.read("reservation.hold_expired")
    assert (event["data"]["object"]["id"], event["data"]["previous"]) == (hold["id"], {"status": "active"})
    assert event["actor"]["type"] == "system"


@pytest.mark.emits("review.submitted", "review.sentiment.updated", "review.response_needed", "review.resolved")
def test_bad_review_tells_its_mood_the_need_of_an_answer_and_its_end(do: Do, feed: Feed) -> None:
    body = {"overall": 1, "location_id": "loc_waw_01", "comment": "Terrible, cold and awful soup"}
    review = do("POST", "/v1/reviews", body)
    submitted, felt, needed = feed.read()
    assert (submitted["type"], "previous" in submitted["data"]) == ("review.submitted", False)
    assert (felt["type"], felt["data"]["previous"]) == ("review.sentiment.updated", {"sentiment": None})
    assert felt["data"]["object"]["sentiment"] == review["sentiment"]
    assert (needed["type"], needed["data"]) == ("review.response_needed", {"object": review, "previous": {"status": "new"}})
    do("POST", f"/v1/reviews/{review['id']}/response", {"text": "We are sorry"})
    assert feed.told() == []
    do("PATCH", f"/v1/reviews/{review['id']}", {"status": "resolved"})
    assert feed.told() == [("review.resolved", {"status": "responded"})]


@pytest.mark.emits("review.submitted")
def test_good_review_needs_no_answer(do: Do, feed: Feed) -> None:
    do("POST", "/v1/reviews", {"overall": 5, "location_id": "loc_waw_01"})
    assert feed.told() == [("review.submitted", None)]
