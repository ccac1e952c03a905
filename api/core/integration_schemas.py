"""Representations of integrations, their mappings and runs in the Core API."""

from typing import Any

from marshmallow import Schema
from marshmallow import ValidationError
from marshmallow import fields
from marshmallow import validate
from marshmallow import validates_schema

from api.core.schemas import PageQuery
from api.core.schemas import one_of
from api.fields import Body
from api.fields import Flag
from api.fields import Identifier
from api.fields import Instant
from api.fields import Integer
from api.fields import Text
from domain.integrations.machine import ASKED_FOR
from domain.integrations.machine import KINDS
from domain.integrations.machine import MAPPED_KINDS
from domain.integrations.machine import STATES

SECRET_WORDS = ("secret", "password", "token", "api_key", "apikey", "private_key", "credential")
RUN_STATUSES = ("queued", "succeeded", "failed")


def _refuse_secrets(config: dict[str, str]) -> None:
    for name in config:
        if any(word in name.lower() for word in SECRET_WORDS):
            raise ValidationError(f"{name!r} looks like a secret: send it under `secrets`, where it is sealed.")


def _settings(**kwargs: Any) -> Any:
    """name→text pairs anyone who reads the integration sees."""
    return fields.Dict(
        keys=Text(max_length=40, min_length=1), values=Text(max_length=500),
        validate=[validate.Length(max=30), _refuse_secrets], **kwargs,
    )  # fmt: skip


def _secrets(is_removable: bool, **kwargs: Any) -> Any:
    """name→text pairs nobody sees again."""
    return fields.Dict(
        keys=Text(max_length=40, min_length=1), values=Text(max_length=2000, allow_none=is_removable),
        validate=validate.Length(max=10), **kwargs,
    )  # fmt: skip


class IntegrationIn(Body):
    name = Text(max_length=120, min_length=1, required=True)
    kind = fields.String(required=True, validate=one_of(*KINDS))
    provider = Text(max_length=80, min_length=1, allow_none=True)
    location_id = Identifier(allow_none=True)
    config = _settings(load_default=dict)
    secrets = _secrets(False, load_default=dict, metadata={"description": "Sealed; only their names are shown again"})


class IntegrationPatch(Body):
    name = Text(max_length=120, min_length=1)
    provider = Text(max_length=80, min_length=1, allow_none=True)
    config = _settings()
    secrets = _secrets(True, metadata={"description": "By name; null removes one"})
    state = fields.String(validate=one_of(*ASKED_FOR))
    version = Integer(validate=validate.Range(min=1))

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_: object) -> None:
        if not set(data) - {"version"}:
            raise ValidationError("Send at least one field to change.")


class IntegrationQuery(PageQuery):
    kind = fields.String(validate=one_of(*KINDS))
    state = fields.String(validate=one_of(*STATES))
    location_id = fields.String()


class IntegrationOut(Schema):
    id = fields.String()
    name = fields.String()
    kind = fields.String(validate=one_of(*KINDS))
    provider = fields.String(allow_none=True)
    location_id = fields.String(allow_none=True)
    state = fields.String(validate=one_of(*STATES))
    config = fields.Dict(keys=fields.String(), values=fields.String())
    secret_names = fields.List(fields.String())
    unmapped = fields.Integer(metadata={"description": "References nobody has given a meaning"})
    last_sync_at = Instant(allow_none=True)
    last_sync_status = fields.String(allow_none=True, validate=one_of(*RUN_STATUSES))
    version = fields.Integer()
    created_at = Instant()
    updated_at = Instant()


class MappingIn(Body):
    kind = fields.String(required=True, validate=one_of(*MAPPED_KINDS))
    external_ref = Text(max_length=120, min_length=1, required=True)
    external_name = Text(max_length=255, allow_none=True)
    object_id = Identifier(required=True, allow_none=True, metadata={"description": "null takes the meaning away"})


class MappingsIn(Body):
    mappings = fields.List(fields.Nested(MappingIn), required=True, validate=validate.Length(max=500))
    replace = Flag(load_default=False, metadata={"description": "Forget every reference that is not named"})


class MappingQuery(PageQuery):
    unresolved = fields.String(validate=one_of("true", "false"), metadata={"description": "true: only what needs a mapping"})


class MappingOut(Schema):
    kind = fields.String(validate=one_of(*MAPPED_KINDS))
    external_ref = fields.String()
    external_name = fields.String(allow_none=True)
    object_id = fields.String(allow_none=True)
    status = fields.String(validate=one_of("mapped", "unmapped", "missing"))
    last_seen_at = Instant(allow_none=True)
    created_at = Instant()
    updated_at = Instant()


class SyncCountsOut(Schema):
    mapped = fields.Integer()
    unmapped = fields.Integer()
    missing = fields.Integer(metadata={"description": "Mapped to something that is gone or switched off"})
    unmapped_items = fields.Integer(metadata={"description": "Menu items no reference stands for"})


class SyncFailureOut(Schema):
    kind = fields.String(allow_none=True)
    external_ref = fields.String(allow_none=True)
    object_id = fields.String(allow_none=True)
    reason = fields.String(validate=one_of("missing", "disconnected"))


class SyncRunOut(Schema):
    id = fields.String()
    integration_id = fields.String()
    status = fields.String(validate=one_of(*RUN_STATUSES))
    started_by = fields.String()
    counts = fields.Nested(SyncCountsOut, allow_none=True)
    failures = fields.List(fields.Nested(SyncFailureOut))
    created_at = Instant()
    finished_at = Instant(allow_none=True)


class OpenReferenceOut(Schema):
    kind = fields.String(validate=one_of(*MAPPED_KINDS))
    external_ref = fields.String()
    external_name = fields.String(allow_none=True)
    object_id = fields.String(allow_none=True)
    reason = fields.String(validate=one_of("unmapped", "missing"))


class MappingRequiredOut(Schema):
    """The object of integration.mapping_required."""

    id = fields.String()
    integration = fields.Nested(IntegrationOut)
    refs = fields.List(fields.Nested(OpenReferenceOut))


class StateCountsOut(Schema):
    connected = fields.Integer()
    degraded = fields.Integer()
    disconnected = fields.Integer()
    mapping_required = fields.Integer()


class IntegrationHealthOut(Schema):
    status = fields.String(validate=one_of("ok", "attention"))
    counts = fields.Nested(StateCountsOut)
    integrations = fields.List(fields.Nested(IntegrationOut))
