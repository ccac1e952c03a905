"""Reviews on a real database: what a visit gives them, their machine, events, lists and the summary."""

from typing import Any

import pytest

from domain.reviews.machine import MOVES
from domain.reviews.service import ReviewDraft
from domain.reviews.service import change_status
from domain.reviews.service import get_review
from domain.reviews.service import list_reviews
from domain.reviews.service import move_customer
from domain.reviews.service import respond
from domain.reviews.service import submit_review
from domain.reviews.service import summarise
from kit.documents import Document
from kit.errors import DuplicateReference
from kit.errors import Invalid
from kit.errors import InvalidTransition
from kit.errors import NotFound
from kit.scope import Scope
from kit.unit import unit_of_work
from tests.domain.recorded import recorded_events
from tests.domain.recorded import recorded_types
from tests.domain.together import at_once
from tests.factories.guests import create_guest
from tests.factories.locations import create_location
from tests.factories.orders import create_order


def make_review(scope: Scope, **changes: Any) -> Document:
    """A review of a new location, five stars without words."""
    if not {"location_id", "order_id"} & changes.keys():
        changes["location_id"] = create_location(scope)
    return submit_review(scope, draft=ReviewDraft(**{"overall": 5, **changes}))


def test_review_when_bad_is_told_in_three_steps(scope: Scope):
    with unit_of_work(scope):
        location_id, customer_id = create_location(scope), create_guest(scope)
        order_id = create_order(scope, location_id=location_id, customer_id=customer_id)
        review = make_review(scope, order_id=order_id, overall=1, comment="Cold food, very rude staff")
    assert review == {
        "id": review["id"], "location_id": location_id, "order_id": order_id, "reservation_id": None,
        "customer_id": customer_id, "author_name": None, "source": "api", "overall": 1, "food": None, "service": None,
        "ambience": None, "comment": "Cold food, very rude staff", "language": "en",
        "sentiment": {"score": -0.859, "label": "negative"}, "response": None, "status": "response_needed", "refs": [],
        "version": 3, "created_at": review["created_at"], "updated_at": review["created_at"],
    }  # fmt: skip
    submitted, judged, needed = recorded_events(scope)
    fresh = review | {"status": "new", "sentiment": None, "version": 1}
    assert (submitted.type, submitted.body) == ("review.submitted", {"object": fresh, "previous": None})
    assert (judged.type, judged.body) == ("review.sentiment.updated", {
        "object": fresh | {"sentiment": review["sentiment"], "version": 2}, "previous": {"sentiment": None},
    })  # fmt: skip
    assert (needed.type, needed.body) == ("review.response_needed", {"object": review, "previous": {"status": "new"}})
    assert {event.location_id for event in (submitted, judged, needed)} == {location_id}


@pytest.mark.parametrize(
    ("overall", "comment", "status", "types"),
    [
        (5, None, "new", ["review.submitted"]),
        (2, None, "response_needed", ["review.submitted", "review.response_needed"]),
        (3, "Nothing to say", "new", ["review.submitted", "review.sentiment.updated"]),
        (5, "The soup was disgusting", "response_needed",
         ["review.submitted", "review.sentiment.updated", "review.response_needed"]),
    ],
    ids=["stars-only", "two-stars", "neutral", "five-stars-but-negative"],
)  # fmt: skip
def test_review_needs_a_response_by_its_stars_or_its_words(
    scope: Scope, overall: int, comment: str | None, status: str, types: list[str]
):
    with unit_of_work(scope):
        assert make_review(scope, overall=overall, comment=comment)["status"] == status
    assert recorded_types(scope) == types


def test_visit_when_reviewed_twice_by_one_customer_is_refused(scope: Scope):
    with unit_of_work(scope):
        customer_id = create_guest(scope)
        order_id = create_order(scope, location_id=create_location(scope), customer_id=customer_id)
        make_review(scope, order_id=order_id)
        make_review(scope, order_id=order_id, customer_id=create_guest(scope))
    with pytest.raises(DuplicateReference), unit_of_work(scope):
        make_review(scope, order_id=order_id, overall=1)
    assert len(recorded_types(scope)) == 2


def test_visit_when_reviewed_many_times_at_once_has_one_review(scope: Scope):
    with unit_of_work(scope):
        order_id = create_order(scope, location_id=create_location(scope), customer_id=create_guest(scope))
    results = at_once(scope, 5, lambda _: make_review(scope, order_id=order_id)["status"])
    assert sorted(results) == [*["duplicate_reference"] * 4, "new"]


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"order_id": "ord_none"}, ["order_id"]),
        ({"location_id": "loc_none"}, ["location_id"]),
        ({"reservation_id": "res_none"}, ["reservation_id"]),
        ({"customer_id": "cus_none"}, ["customer_id"]),
        ({"overall": 6, "food": 0}, ["overall", "food"]),
    ],
    ids=["order", "location", "reservation", "customer", "stars"],
)
def test_review_when_a_value_is_wrong_is_refused_without_trace(scope: Scope, changes: dict, fields: list[str]):
    with pytest.raises(Invalid) as refused, unit_of_work(scope):
        make_review(scope, **changes)
    assert [error.field for error in refused.value.errors] == fields
    assert recorded_types(scope) == []


def test_review_when_its_location_contradicts_its_order_is_refused(scope: Scope):
    with unit_of_work(scope):
        elsewhere = create_location(scope, slug="elsewhere")
        order_id = create_order(scope, location_id=create_location(scope))
    with pytest.raises(Invalid), unit_of_work(scope):
        make_review(scope, order_id=order_id, location_id=elsewhere)


@pytest.mark.parametrize("target", list(MOVES))
@pytest.mark.parametrize("current", list(MOVES))
def test_review_moves_only_as_its_machine_says(scope: Scope, current: str, target: str):
    path = {"new": (), "response_needed": ("response_needed",), "responded": ("response_needed", "responded"),
            "resolved": ("resolved",)}  # fmt: skip
    with unit_of_work(scope):
        review = make_review(scope)
        for status in path[current]:
            review = change_status(scope, review_id=review["id"], status=status)
    before = len(recorded_types(scope))
    if target != current and target not in MOVES[current]:
        with pytest.raises(InvalidTransition) as refused, unit_of_work(scope):
            change_status(scope, review_id=review["id"], status=target)
        assert refused.value.data == {"from": current, "to": target, "allowed": list(MOVES[current])}
    else:
        with unit_of_work(scope):
            after = change_status(scope, review_id=review["id"], status=target)
        assert after["version"] == review["version"] + (target != current)
    told = target in MOVES[current] and target != "responded"
    events = recorded_events(scope)[before:]
    assert [(event.type, event.body["previous"]) for event in events] == (
        [(f"review.{target}", {"status": current})] if told else []
    )


def test_response_when_given_twice_replaces_the_first_and_none_comes_after_the_end(scope: Scope):
    with unit_of_work(scope):
        review_id = make_review(scope)["id"]
        respond(scope, review_id=review_id, text="Thank you")
        after = respond(scope, review_id=review_id, text="Thank you, Anna", is_public=False)
    expected = {"text": "Thank you, Anna", "is_public": False, "responded_at": after["updated_at"]}
    assert (after["status"], after["response"]) == ("responded", expected)
    assert recorded_types(scope) == ["review.submitted"]
    with unit_of_work(scope):
        change_status(scope, review_id=review_id, status="resolved")
    with pytest.raises(InvalidTransition), unit_of_work(scope):
        respond(scope, review_id=review_id, text="Again")
    with unit_of_work(scope):
        assert get_review(scope, review_id=review_id)["response"] == expected
    with pytest.raises(NotFound), unit_of_work(scope):
        respond(scope, review_id="rev_none", text="Hello")


def test_reviews_when_listed_follow_their_filters_and_pages(scope: Scope):
    with unit_of_work(scope):
        here, there, anna = create_location(scope), create_location(scope, slug="there"), create_guest(scope)
        bad = make_review(scope, location_id=here, overall=1, comment="Awful")
        fair = make_review(scope, location_id=here, overall=3)
        good = make_review(scope, location_id=there, overall=5, customer_id=anna, comment="Delicious")
        found = {
            "location": list_reviews(scope, limit=5, location_id=here),
            "stars": list_reviews(scope, limit=5, rating_min=2, rating_max=4),
            "sentiment": list_reviews(scope, limit=5, sentiment="positive"),
            "status": list_reviews(scope, limit=5, status=("response_needed", "resolved")),
            "customer": list_reviews(scope, limit=5, customer_id=anna),
            "rest": list_reviews(scope, limit=5, after=[good["created_at"], good["id"]]),
            "time": list_reviews(scope, limit=5, to_us=bad["created_at"]),
        }
        assert move_customer(scope, victim_id=anna, victor_id=create_guest(scope)) == 1
        assert list_reviews(scope, limit=5, customer_id=anna) == []
    names = {bad["id"]: "bad", fair["id"]: "fair", good["id"]: "good"}
    assert {key: [names[row["id"]] for row in rows] for key, rows in found.items()} == {
        "location": ["fair", "bad"], "stars": ["fair"], "sentiment": ["good"], "status": ["bad"], "customer": ["good"],
        "rest": ["fair", "bad"], "time": [],
    }  # fmt: skip


def test_summary_counts_what_the_reviews_say(scope: Scope):
    with unit_of_work(scope):
        here = create_location(scope)
        for overall, food in ((5, 4), (4, None), (4, 5), (1, 1)):
            make_review(scope, location_id=here, overall=overall, food=food, comment="Great" if overall == 5 else None)
        make_review(scope)
        answered = list_reviews(scope, limit=1, rating_max=1)[0]
        respond(scope, review_id=answered["id"], text="Sorry")
        summary, nothing = summarise(scope, location_id=here), summarise(scope, location_id="loc_none")
    assert (summary.total, summary.responded, summary.response_needed) == (4, 1, 0)
    assert summary.sums == {"overall": (14, 4), "food": (10, 3), "service": (0, 0), "ambience": (0, 0)}
    assert summary.stars == {5: 1, 4: 2, 3: 0, 2: 0, 1: 1}
    assert summary.labels == {"negative": 0, "neutral": 0, "positive": 1}
    assert (nothing.total, nothing.sums["overall"]) == (0, (0, 0))
