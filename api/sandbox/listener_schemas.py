"""Bodies and answers of listeners."""

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from accounts.webhooks.listeners import LONGEST_NAME
from api.core.schemas import one_of
from api.fields import Body
from api.fields import Integer
from api.fields import Text

DAY_S = 86_400
MAX_ANSWER_CHARS = 16 * 1024
MAX_HEADERS = 40
NO_ANSWER = ("connection", "timeout", "tls", "dns", "protocol")


class ListenerIn(Body):
    machine = Text(
        required=True, max_length=LONGEST_NAME, min_length=1,
        metadata={"description": "One listener a machine: the same name is the same listener with the same secret"},
    )  # fmt: skip
    events = fields.List(
        Text(max_length=64, min_length=1), load_default=lambda: ["*"], validate=validate.Length(1, 100),
        metadata={"description": "Event types; `*` for all the plan and the credential allow"},
    )  # fmt: skip
    since_seconds = Integer(
        load_default=0, validate=validate.Range(0, 90 * DAY_S),
        metadata={"description": "Send the events of so long before now as well, by the sandbox's clock"},
    )  # fmt: skip


class ListenerOut(Schema):
    id = fields.String(metadata={"description": "Id of the webhook endpoint it is"})
    url = fields.String()
    machine = fields.String()
    events = fields.List(fields.String())
    api_version = fields.String()
    secret = fields.String(metadata={"description": "Signs what is sent here; stays the same for this machine"})
    backfilled = fields.Integer(metadata={"description": "Events that are sent again because of `since_seconds`"})


class ListenerMessageOut(Schema):
    id = fields.String()
    delivery_id = fields.String()
    attempt = fields.Integer()
    headers = fields.Dict(keys=fields.String(), values=fields.String())
    body = fields.String(metadata={"description": "Exactly the text that is signed; send it on as UTF-8"})
    created_at = fields.DateTime()
    expires_at = fields.DateTime(metadata={"description": "Without an answer until then the attempt is a timeout"})


class ListenerMessagesOut(Schema):
    data = fields.List(fields.Nested(ListenerMessageOut))
    has_more = fields.Boolean()
    next_cursor = fields.String(allow_none=True)
    state = fields.String(validate=one_of("enabled", "disabled"))
    disabled_reason = fields.String(
        allow_none=True, metadata={"description": "listener_away: nobody had asked for a while; open it again"}
    )


class ListenerAnswerIn(Body):
    status = Integer(
        load_default=None, allow_none=True, validate=validate.Range(200, 599),
        metadata={"description": "HTTP status of your receiver; null when it did not answer"},
    )  # fmt: skip
    reason = fields.String(
        load_default=None, allow_none=True, validate=one_of(*NO_ANSWER), metadata={"description": "Why there is no status"}
    )
    headers = fields.Dict(
        keys=Text(max_length=500, min_length=1), values=Text(max_length=500), load_default=dict,
        validate=validate.Length(max=MAX_HEADERS),
    )  # fmt: skip
    body = Text(load_default="", max_length=MAX_ANSWER_CHARS)

    @validates_schema
    def says_one_thing(self, data: dict[str, object], **_: object) -> None:
        if (data.get("status") is None) == (data.get("reason") is None):
            raise ValidationError("Send exactly one of status and reason.")


class AnsweredOut(Schema):
    is_counted = fields.Boolean(metadata={"description": "False: it was answered before, or the attempt is over"})
