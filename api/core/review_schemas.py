"""Representations of reviews in the Core API."""

from marshmallow import Schema
from marshmallow import fields
from marshmallow import validate

from api.core.order_parts import RefOut
from api.core.schemas import PageQuery
from api.core.words import one_of
from api.fields import Body
from api.fields import CommaList
from api.fields import Flag
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.fields import Text
from api.fields import matching
from domain.reviews.machine import LABELS
from domain.reviews.machine import MOVES

STATUSES = tuple(MOVES)
STARS = validate.Range(1, 5)
LANGUAGE = matching(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,2}", error="Expected a language tag such as pl or pt-BR.")


class ReviewIn(Body):
    order_id = Identifier()
    reservation_id = Identifier()
    location_id = Identifier()
    customer_id = Identifier()
    author_name = Text(max_length=255, min_length=1, allow_none=True)
    source = Text(max_length=40, min_length=1, load_default="api")
    overall = Integer(required=True, validate=STARS)
    food = Integer(validate=STARS, allow_none=True)
    service = Integer(validate=STARS, allow_none=True)
    ambience = Integer(validate=STARS, allow_none=True)
    comment = Text(max_length=4000, allow_none=True)
    language = fields.String(validate=LANGUAGE, allow_none=True, metadata={"description": "Recognised when absent"})


class ReviewPatch(Body):
    status = fields.String(required=True, validate=one_of(*STATUSES))
    version = Integer(validate=validate.Range(min=1))


class ReviewResponseIn(Body):
    text = Text(max_length=2000, min_length=1, required=True)
    public = Flag(load_default=True)
    version = Integer(validate=validate.Range(min=1))


class ReviewQuery(PageQuery):
    location_id = fields.String()
    order_id = fields.String()
    reservation_id = fields.String()
    customer_id = fields.String()
    rating_min = fields.Integer(validate=STARS)
    rating_max = fields.Integer(validate=STARS)
    sentiment = fields.String(validate=one_of(*LABELS))
    status = CommaList(allowed=STATUSES)
    from_ = Instant(data_key="from")
    to = Instant()
    ref = fields.String()


class ReviewSummaryQuery(Body):
    location_id = fields.String()
    from_ = Instant(data_key="from")
    to = Instant()


class SentimentOut(Schema):
    score = fields.Float(metadata={"description": "From -1 to 1"})
    label = fields.String(validate=one_of(*LABELS))


class ReviewResponseOut(Schema):
    text = fields.String()
    public = fields.Boolean(attribute="is_public")
    responded_at = Instant()


class ReviewOut(Schema):
    id = fields.String()
    location_id = fields.String()
    order_id = fields.String(allow_none=True)
    reservation_id = fields.String(allow_none=True)
    customer_id = fields.String(allow_none=True)
    author_name = fields.String(allow_none=True)
    source = fields.String()
    overall = fields.Integer()
    food = fields.Integer(allow_none=True)
    service = fields.Integer(allow_none=True)
    ambience = fields.Integer(allow_none=True)
    comment = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    sentiment = fields.Nested(SentimentOut, allow_none=True, metadata={"description": "Of the comment; null without one"})
    response = fields.Nested(ReviewResponseOut, allow_none=True)
    status = fields.String(validate=one_of(*STATUSES))
    refs = fields.List(fields.Nested(RefOut))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class ReviewAveragesOut(Schema):
    overall = fields.Float(allow_none=True)
    food = fields.Float(allow_none=True)
    service = fields.Float(allow_none=True)
    ambience = fields.Float(allow_none=True)


class ReviewStarsOut(Schema):
    five = fields.Integer(data_key="5")
    four = fields.Integer(data_key="4")
    three = fields.Integer(data_key="3")
    two = fields.Integer(data_key="2")
    one = fields.Integer(data_key="1")


class ReviewSentimentsOut(Schema):
    positive = fields.Integer()
    neutral = fields.Integer()
    negative = fields.Integer()
    none = fields.Integer(metadata={"description": "Reviews without a comment"})


class ReviewSummaryOut(Schema):
    total = fields.Integer()
    average = fields.Nested(ReviewAveragesOut, metadata={"description": "Rounded half up to 2 decimals"})
    distribution = fields.Nested(ReviewStarsOut)
    sentiment = fields.Nested(ReviewSentimentsOut)
    responded = fields.Integer()
    response_rate = fields.Float(allow_none=True, metadata={"description": "Share of reviews with a response, 0 to 1"})
    response_needed = fields.Integer(metadata={"description": "Reviews that wait for a response"})
