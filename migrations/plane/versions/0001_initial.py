"""Migration 0001: initial."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.roles import secure

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.String(length=64), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=True),
        sa.Column("body", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("actor_type", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("application_id", sa.String(length=64), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("is_synthetic", sa.Boolean(), nullable=False),
        sa.Column("only_endpoint_id", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("committed_at", sa.BigInteger(), nullable=False),
        sa.Column("relayed_at", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_events")),
    )
    op.create_index(
        "ix_events_unrelayed",
        "events",
        ["committed_at"],
        unique=False,
        sqlite_where=sa.text("relayed_at IS NULL"),
        postgresql_where=sa.text("relayed_at IS NULL"),
    )
    op.create_index("uq_events_sequence", "events", ["tenant_id", "sequence"], unique=True)
    op.create_table(
        "extra_charges",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("order_types", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("tax_id", sa.String(length=64), nullable=True),
        sa.Column("auto_apply", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("kind IN ('percent', 'fixed')", name=op.f("ck_extra_charges_kind")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_extra_charges")),
    )
    op.create_table(
        "guests",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("first_name", sa.String(length=255), nullable=True),
        sa.Column("last_name", sa.String(length=255), nullable=True),
        sa.Column("locale", sa.String(length=20), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("memo", sa.String(length=2000), nullable=True),
        sa.Column("tags", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("allergies", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("consents", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("is_temporary", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.Column("merged_into_id", sa.String(length=64), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_guests")),
    )
    op.create_index("uq_guests_external_id", "guests", ["tenant_id", "external_id"], unique=True)
    op.create_table(
        "idempotency_records",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("lease_until_us", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_idempotency_records")),
    )
    op.create_index(op.f("ix_idempotency_records_created_us"), "idempotency_records", ["created_us"], unique=False)
    op.create_table(
        "inboxes",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_inboxes")),
    )
    op.create_table(
        "locations",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("internal_name", sa.String(length=255), nullable=True),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("address", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("price_mode", sa.String(length=10), nullable=False),
        sa.Column("tax_rounding", sa.String(length=10), nullable=False),
        sa.Column("cash_rounding_minor", sa.Integer(), nullable=False),
        sa.Column("default_tax_id", sa.String(length=64), nullable=True),
        sa.Column("day_cutover", sa.String(length=5), nullable=False),
        sa.Column("auto_accept", sa.Boolean(), nullable=False),
        sa.Column("prep_minutes", sa.Integer(), nullable=False),
        sa.Column("turn_minutes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("deposit_policy", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("no_show_grace_min", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("price_mode IN ('inclusive', 'exclusive')", name=op.f("ck_locations_price_mode")),
        sa.CheckConstraint("tax_rounding IN ('bucket', 'line')", name=op.f("ck_locations_tax_rounding")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_locations")),
        sa.UniqueConstraint("tenant_id", "slug", name=op.f("uq_locations_tenant_id_slug")),
    )
    op.create_table(
        "modifier_groups",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("min_selections", sa.Integer(), nullable=False),
        sa.Column("max_selections", sa.Integer(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_modifier_groups")),
    )
    op.create_table(
        "order_counters",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_order_counters")),
    )
    op.create_table(
        "request_logs",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("application_id", sa.String(length=40), nullable=False),
        sa.Column("credential_id", sa.String(length=40), nullable=False),
        sa.Column("product", sa.String(length=10), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("query", sa.String(length=1000), nullable=False),
        sa.Column("route", sa.String(length=200), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("error_code", sa.String(length=40), nullable=True),
        sa.Column("duration_us", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ip", sa.String(length=45), nullable=False),
        sa.Column("request_headers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("request_body", sa.Text(), nullable=False),
        sa.Column("response_headers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("response_body", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_request_logs")),
    )
    op.create_index("ix_request_logs_at", "request_logs", ["tenant_id", "at", "id"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("application_id", sa.String(length=40), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("event_types", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("api_version", sa.String(length=10), nullable=False),
        sa.Column("exclude_own", sa.Boolean(), nullable=False),
        sa.Column("scopes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("retry_schedule", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.String(length=80), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("sealed_previous_secret", sa.Text(), nullable=True),
        sa.Column("previous_secret_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_subscriptions")),
    )
    op.create_table(
        "taxes",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("rate", sa.String(length=16), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_taxes")),
    )
    op.create_table(
        "tenant_state",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("event_sequence", sa.BigInteger(), nullable=False),
        sa.Column("clock_frozen_at", sa.BigInteger(), nullable=True),
        sa.Column("clock_offset_us", sa.BigInteger(), nullable=False),
        sa.Column("profile", sa.String(length=20), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_tenant_state")),
    )
    op.create_table(
        "deliveries",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("event_id", sa.String(length=64), nullable=False),
        sa.Column("event_type", sa.String(length=64), nullable=False),
        sa.Column("endpoint_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("lease_id", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_reason", sa.String(length=80), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "event_id"],
            ["events.tenant_id", "events.id"],
            name=op.f("fk_deliveries_tenant_id_event_id_events"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_deliveries")),
    )
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("ix_deliveries_endpoint", "deliveries", ["tenant_id", "endpoint_id", "created_at"], unique=False)
    op.create_index(
        "ix_deliveries_ready",
        "deliveries",
        ["tenant_id", "endpoint_id", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index("uq_deliveries_event_endpoint", "deliveries", ["tenant_id", "event_id", "endpoint_id"], unique=True)
    op.create_table(
        "dining_tables",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("seats_min", sa.Integer(), nullable=False),
        sa.Column("seats_max", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "kind IN ('indoor', 'outdoor', 'bar', 'private', 'counter', 'tatami')", name=op.f("ck_dining_tables_kind")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["locations.tenant_id", "locations.id"],
            name=op.f("fk_dining_tables_tenant_id_location_id_locations"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_dining_tables")),
        sa.UniqueConstraint(
            "tenant_id", "location_id", "name", name=op.f("uq_dining_tables_tenant_id_location_id_name")
        ),
    )
    op.create_table(
        "guest_contacts",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("guest_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=254), nullable=False),
        sa.Column("original", sa.String(length=254), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "guest_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_guest_contacts_tenant_id_guest_id_guests"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_guest_contacts")),
    )
    op.create_index("ix_guest_contacts_guest", "guest_contacts", ["tenant_id", "guest_id"], unique=False)
    op.create_index("ix_guest_contacts_value", "guest_contacts", ["tenant_id", "kind", "value"], unique=False)
    op.create_table(
        "inbox_messages",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("inbox_id", sa.String(length=64), nullable=False),
        sa.Column("headers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("is_signature_valid", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "inbox_id"],
            ["inboxes.tenant_id", "inboxes.id"],
            name=op.f("fk_inbox_messages_tenant_id_inbox_id_inboxes"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_inbox_messages")),
    )
    op.create_index("ix_inbox_messages_inbox", "inbox_messages", ["tenant_id", "inbox_id", "received_at"], unique=False)
    op.create_table(
        "menu_items",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("base_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_id", sa.String(length=64), nullable=True),
        sa.Column("image_url", sa.String(length=1000), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=True),
        sa.Column("allergens", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("diets", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("calories", sa.Integer(), nullable=True),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("schedule", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("stock_count", sa.Integer(), nullable=True),
        sa.Column("is_suspended", sa.Boolean(), nullable=False),
        sa.Column("suspended_until", sa.BigInteger(), nullable=True),
        sa.Column("suspend_reason", sa.String(length=20), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("kind IN ('food', 'drink', 'alcohol')", name=op.f("ck_menu_items_kind")),
        sa.CheckConstraint("base_price_minor >= 0", name=op.f("ck_menu_items_price_not_negative")),
        sa.CheckConstraint("stock_count IS NULL OR stock_count >= 0", name=op.f("ck_menu_items_stock_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["locations.tenant_id", "locations.id"],
            name=op.f("fk_menu_items_tenant_id_location_id_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tax_id"], ["taxes.tenant_id", "taxes.id"], name=op.f("fk_menu_items_tenant_id_tax_id_taxes")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_menu_items")),
    )
    op.create_index("ix_menu_items_location", "menu_items", ["tenant_id", "location_id"], unique=False)
    op.create_index("ix_menu_items_tax", "menu_items", ["tenant_id", "tax_id"], unique=False)
    op.create_index("ix_menu_items_updated", "menu_items", ["tenant_id", "updated_at", "id"], unique=False)
    op.create_table(
        "menus",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("subtitle", sa.String(length=255), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("schedule", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("service_types", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["locations.tenant_id", "locations.id"],
            name=op.f("fk_menus_tenant_id_location_id_locations"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_menus")),
    )
    op.create_index("ix_menus_location", "menus", ["tenant_id", "location_id"], unique=False)
    op.create_table(
        "modifiers",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("group_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("max_quantity", sa.Integer(), nullable=False),
        sa.Column("allergens", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("stock_count", sa.Integer(), nullable=True),
        sa.Column("is_suspended", sa.Boolean(), nullable=False),
        sa.Column("suspended_until", sa.BigInteger(), nullable=True),
        sa.Column("suspend_reason", sa.String(length=20), nullable=True),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("stock_count IS NULL OR stock_count >= 0", name=op.f("ck_modifiers_stock_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "group_id"],
            ["modifier_groups.tenant_id", "modifier_groups.id"],
            name=op.f("fk_modifiers_tenant_id_group_id_modifier_groups"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_modifiers")),
    )
    op.create_index("ix_modifiers_group", "modifiers", ["tenant_id", "group_id"], unique=False)
    op.create_table(
        "opening_hours",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.String(length=5), nullable=False),
        sa.Column("closes", sa.String(length=5), nullable=False),
        sa.Column("service", sa.String(length=10), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["locations.tenant_id", "locations.id"],
            name=op.f("fk_opening_hours_tenant_id_location_id_locations"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_opening_hours")),
    )
    op.create_index("ix_opening_hours_location", "opening_hours", ["tenant_id", "location_id"], unique=False)
    op.create_table(
        "special_hours",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("is_closed", sa.Boolean(), nullable=False),
        sa.Column("opens", sa.String(length=5), nullable=True),
        sa.Column("closes", sa.String(length=5), nullable=True),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["locations.tenant_id", "locations.id"],
            name=op.f("fk_special_hours_tenant_id_location_id_locations"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_special_hours")),
    )
    op.create_index("ix_special_hours_location", "special_hours", ["tenant_id", "location_id"], unique=False)
    op.create_table(
        "store_statuses",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("status IN ('online', 'paused', 'offline')", name=op.f("ck_store_statuses_status")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["locations.tenant_id", "locations.id"],
            name=op.f("fk_store_statuses_tenant_id_location_id_locations"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_store_statuses")),
        sa.UniqueConstraint("tenant_id", "location_id", name=op.f("uq_store_statuses_tenant_id_location_id")),
    )
    op.create_table(
        "delivery_attempts",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("delivery_id", sa.String(length=64), nullable=False),
        sa.Column("endpoint_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("request_headers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("request_body", sa.Text(), nullable=False),
        sa.Column("response_headers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("response_body", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "delivery_id"],
            ["deliveries.tenant_id", "deliveries.id"],
            name=op.f("fk_delivery_attempts_tenant_id_delivery_id_deliveries"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_delivery_attempts")),
    )
    op.create_index(
        "ix_delivery_attempts_delivery", "delivery_attempts", ["tenant_id", "delivery_id", "number"], unique=False
    )
    op.create_table(
        "group_placements",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("group_id", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=True),
        sa.Column("modifier_id", sa.String(length=64), nullable=True),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("(item_id IS NULL) <> (modifier_id IS NULL)", name=op.f("ck_group_placements_one_parent")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "group_id"],
            ["modifier_groups.tenant_id", "modifier_groups.id"],
            name=op.f("fk_group_placements_tenant_id_group_id_modifier_groups"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["menu_items.tenant_id", "menu_items.id"],
            name=op.f("fk_group_placements_tenant_id_item_id_menu_items"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "modifier_id"],
            ["modifiers.tenant_id", "modifiers.id"],
            name=op.f("fk_group_placements_tenant_id_modifier_id_modifiers"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_group_placements")),
        sa.UniqueConstraint(
            "tenant_id", "item_id", "group_id", name=op.f("uq_group_placements_tenant_id_item_id_group_id")
        ),
        sa.UniqueConstraint(
            "tenant_id", "modifier_id", "group_id", name=op.f("uq_group_placements_tenant_id_modifier_id_group_id")
        ),
    )
    op.create_index("ix_group_placements_group", "group_placements", ["tenant_id", "group_id"], unique=False)
    op.create_table(
        "menu_categories",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("menu_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("subtitle", sa.String(length=255), nullable=True),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "menu_id"],
            ["menus.tenant_id", "menus.id"],
            name=op.f("fk_menu_categories_tenant_id_menu_id_menus"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_menu_categories")),
    )
    op.create_index("ix_menu_categories_menu", "menu_categories", ["tenant_id", "menu_id"], unique=False)
    op.create_table(
        "orders",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("business_date", sa.String(length=10), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=False),
        sa.Column("table_id", sa.String(length=64), nullable=True),
        sa.Column("reservation_id", sa.String(length=64), nullable=True),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("fulfillment", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("payment_status", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("price_mode", sa.String(length=10), nullable=False),
        sa.Column("discounts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("charges", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("tax_lines", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("charges_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_included_minor", sa.BigInteger(), nullable=False),
        sa.Column("tip_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("deposit_applied_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("due_minor", sa.BigInteger(), nullable=False),
        sa.Column("notes", sa.String(length=2000), nullable=True),
        sa.Column("allergy_notes", sa.String(length=500), nullable=True),
        sa.Column("metadata", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("cancel_reason", sa.String(length=40), nullable=True),
        sa.Column("reason_detail", sa.String(length=500), nullable=True),
        sa.Column("content_digest", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("due_minor >= 0", name=op.f("ck_orders_due_not_negative")),
        sa.CheckConstraint("refunded_minor <= paid_minor", name=op.f("ck_orders_refunds_within_payments")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_orders_tenant_id_customer_id_guests"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["locations.tenant_id", "locations.id"],
            name=op.f("fk_orders_tenant_id_location_id_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "table_id"],
            ["dining_tables.tenant_id", "dining_tables.id"],
            name=op.f("fk_orders_tenant_id_table_id_dining_tables"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_orders")),
        sa.UniqueConstraint(
            "tenant_id",
            "location_id",
            "business_date",
            "number",
            name=op.f("uq_orders_tenant_id_location_id_business_date_number"),
        ),
    )
    op.create_index("ix_orders_created", "orders", ["tenant_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_orders_customer",
        "orders",
        ["tenant_id", "customer_id"],
        unique=False,
        sqlite_where=sa.text("customer_id IS NOT NULL"),
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index(
        "ix_orders_table",
        "orders",
        ["tenant_id", "table_id"],
        unique=False,
        sqlite_where=sa.text("table_id IS NOT NULL"),
        postgresql_where=sa.text("table_id IS NOT NULL"),
    )
    op.create_index("ix_orders_updated", "orders", ["tenant_id", "updated_at", "id"], unique=False)
    op.create_index("uq_orders_external_id", "orders", ["tenant_id", "source", "external_id"], unique=True)
    op.create_table(
        "variations",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=True),
        sa.Column("stock_count", sa.Integer(), nullable=True),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("stock_count IS NULL OR stock_count >= 0", name=op.f("ck_variations_stock_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["menu_items.tenant_id", "menu_items.id"],
            name=op.f("fk_variations_tenant_id_item_id_menu_items"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_variations")),
    )
    op.create_index("ix_variations_item", "variations", ["tenant_id", "item_id"], unique=False)
    op.create_table(
        "category_items",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("category_id", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "category_id"],
            ["menu_categories.tenant_id", "menu_categories.id"],
            name=op.f("fk_category_items_tenant_id_category_id_menu_categories"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["menu_items.tenant_id", "menu_items.id"],
            name=op.f("fk_category_items_tenant_id_item_id_menu_items"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_category_items")),
        sa.UniqueConstraint(
            "tenant_id", "category_id", "item_id", name=op.f("uq_category_items_tenant_id_category_id_item_id")
        ),
    )
    op.create_index("ix_category_items_item", "category_items", ["tenant_id", "item_id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=True),
        sa.Column("variation_id", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("unit_minor", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("modifiers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("gross_minor", sa.BigInteger(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_id", sa.String(length=64), nullable=True),
        sa.Column("tax_name", sa.String(length=80), nullable=True),
        sa.Column("tax_rate", sa.String(length=16), nullable=True),
        sa.Column("allergens", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("notes", sa.String(length=500), nullable=True),
        sa.Column("guest_name", sa.String(length=80), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.id"],
            name=op.f("fk_order_lines_tenant_id_order_id_orders"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_order_lines")),
        sa.UniqueConstraint(
            "tenant_id", "order_id", "position", name=op.f("uq_order_lines_tenant_id_order_id_position")
        ),
    )
    op.create_index("ix_order_lines_item", "order_lines", ["tenant_id", "item_id"], unique=False)
    op.create_table(
        "order_status_changes",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_type", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.id"],
            name=op.f("fk_order_status_changes_tenant_id_order_id_orders"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_order_status_changes")),
        sa.UniqueConstraint(
            "tenant_id", "order_id", "position", name=op.f("uq_order_status_changes_tenant_id_order_id_position")
        ),
    )
    op.create_table(
        "payments",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=True),
        sa.Column("reservation_id", sa.String(length=64), nullable=True),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("method", sa.String(length=12), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tip_minor", sa.BigInteger(), nullable=False),
        sa.Column("tendered_minor", sa.BigInteger(), nullable=True),
        sa.Column("change_minor", sa.BigInteger(), nullable=True),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("decline_code", sa.String(length=40), nullable=True),
        sa.Column("provider_ref", sa.String(length=80), nullable=True),
        sa.Column("payer_label", sa.String(length=60), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "refunded_minor <= amount_minor + tip_minor", name=op.f("ck_payments_refunds_within_payment")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.id"],
            name=op.f("fk_payments_tenant_id_order_id_orders"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_payments")),
    )
    op.create_index("ix_payments_created", "payments", ["tenant_id", "created_at", "id"], unique=False)
    op.create_index("ix_payments_order", "payments", ["tenant_id", "order_id"], unique=False)
    op.create_table(
        "refunds",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("payment_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("line_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refunds_amount_positive")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "payment_id"],
            ["payments.tenant_id", "payments.id"],
            name=op.f("fk_refunds_tenant_id_payment_id_payments"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_refunds")),
    )
    op.create_index("ix_refunds_created", "refunds", ["tenant_id", "created_at", "id"], unique=False)
    op.create_index("ix_refunds_payment", "refunds", ["tenant_id", "payment_id"], unique=False)
    secure(op, "events", ops="write")
    secure(op, "extra_charges")
    secure(op, "guests")
    secure(op, "idempotency_records", ops="write")
    secure(op, "inboxes")
    secure(op, "locations")
    secure(op, "modifier_groups")
    secure(op, "order_counters")
    secure(op, "request_logs", ops="write")
    secure(op, "subscriptions", ops="write")
    secure(op, "taxes")
    secure(op, "tenant_state", ops="read")
    secure(op, "deliveries", ops="write")
    secure(op, "dining_tables")
    secure(op, "guest_contacts")
    secure(op, "inbox_messages")
    secure(op, "menu_items")
    secure(op, "menus")
    secure(op, "modifiers")
    secure(op, "opening_hours")
    secure(op, "special_hours")
    secure(op, "store_statuses")
    secure(op, "delivery_attempts", ops="write")
    secure(op, "group_placements")
    secure(op, "menu_categories")
    secure(op, "orders")
    secure(op, "variations")
    secure(op, "category_items")
    secure(op, "order_lines")
    secure(op, "order_status_changes")
    secure(op, "payments")
    secure(op, "refunds")


def downgrade() -> None:
    op.drop_index("ix_refunds_payment", table_name="refunds")
    op.drop_index("ix_refunds_created", table_name="refunds")
    op.drop_table("refunds")
    op.drop_index("ix_payments_order", table_name="payments")
    op.drop_index("ix_payments_created", table_name="payments")
    op.drop_table("payments")
    op.drop_table("order_status_changes")
    op.drop_index("ix_order_lines_item", table_name="order_lines")
    op.drop_table("order_lines")
    op.drop_index("ix_category_items_item", table_name="category_items")
    op.drop_table("category_items")
    op.drop_index("ix_variations_item", table_name="variations")
    op.drop_table("variations")
    op.drop_index("uq_orders_external_id", table_name="orders")
    op.drop_index("ix_orders_updated", table_name="orders")
    op.drop_index(
        "ix_orders_table",
        table_name="orders",
        sqlite_where=sa.text("table_id IS NOT NULL"),
        postgresql_where=sa.text("table_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_orders_customer",
        table_name="orders",
        sqlite_where=sa.text("customer_id IS NOT NULL"),
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.drop_index("ix_orders_created", table_name="orders")
    op.drop_table("orders")
    op.drop_index("ix_menu_categories_menu", table_name="menu_categories")
    op.drop_table("menu_categories")
    op.drop_index("ix_group_placements_group", table_name="group_placements")
    op.drop_table("group_placements")
    op.drop_index("ix_delivery_attempts_delivery", table_name="delivery_attempts")
    op.drop_table("delivery_attempts")
    op.drop_table("store_statuses")
    op.drop_index("ix_special_hours_location", table_name="special_hours")
    op.drop_table("special_hours")
    op.drop_index("ix_opening_hours_location", table_name="opening_hours")
    op.drop_table("opening_hours")
    op.drop_index("ix_modifiers_group", table_name="modifiers")
    op.drop_table("modifiers")
    op.drop_index("ix_menus_location", table_name="menus")
    op.drop_table("menus")
    op.drop_index("ix_menu_items_updated", table_name="menu_items")
    op.drop_index("ix_menu_items_tax", table_name="menu_items")
    op.drop_index("ix_menu_items_location", table_name="menu_items")
    op.drop_table("menu_items")
    op.drop_index("ix_inbox_messages_inbox", table_name="inbox_messages")
    op.drop_table("inbox_messages")
    op.drop_index("ix_guest_contacts_value", table_name="guest_contacts")
    op.drop_index("ix_guest_contacts_guest", table_name="guest_contacts")
    op.drop_table("guest_contacts")
    op.drop_table("dining_tables")
    op.drop_index("uq_deliveries_event_endpoint", table_name="deliveries")
    op.drop_index(
        "ix_deliveries_ready",
        table_name="deliveries",
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.drop_index("ix_deliveries_endpoint", table_name="deliveries")
    op.drop_index(
        "ix_deliveries_due",
        table_name="deliveries",
        sqlite_where=sa.text("due_at IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.drop_table("deliveries")
    op.drop_table("tenant_state")
    op.drop_table("taxes")
    op.drop_table("subscriptions")
    op.drop_index("ix_request_logs_at", table_name="request_logs")
    op.drop_table("request_logs")
    op.drop_table("order_counters")
    op.drop_table("modifier_groups")
    op.drop_table("locations")
    op.drop_table("inboxes")
    op.drop_index(op.f("ix_idempotency_records_created_us"), table_name="idempotency_records")
    op.drop_table("idempotency_records")
    op.drop_index("uq_guests_external_id", table_name="guests")
    op.drop_table("guests")
    op.drop_table("extra_charges")
    op.drop_index("uq_events_sequence", table_name="events")
    op.drop_index(
        "ix_events_unrelayed",
        table_name="events",
        sqlite_where=sa.text("relayed_at IS NULL"),
        postgresql_where=sa.text("relayed_at IS NULL"),
    )
    op.drop_table("events")
