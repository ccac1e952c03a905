"""Migration 0001: initial."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.partitions import partition
from migrations.roles import secure

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "analytics_records",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("metric", sa.String(length=80), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("location_id", sa.String(length=64), nullable=True),
        sa.Column("dimensions", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_analytics_records")),
    )
    op.create_index("ix_analytics_records_at", "analytics_records", ["tenant_id", "at", "id"], unique=False)
    op.create_index(
        "ix_analytics_records_metric", "analytics_records", ["tenant_id", "metric", "at", "id"], unique=False
    )
    op.create_table(
        "credential_counts",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("application_id", sa.String(length=40), nullable=False),
        sa.Column("credential_id", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("limited", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("duration_us", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_credential_counts")),
    )
    op.create_index(
        "ix_credential_counts_day", "credential_counts", ["tenant_id", "application_id", "day"], unique=False
    )
    op.create_table(
        "endpoint_health",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=True),
        sa.Column("failing_reason", sa.String(length=80), nullable=True),
        sa.Column("paused_until", sa.BigInteger(), nullable=True),
        sa.Column("pause_reason", sa.String(length=80), nullable=True),
        sa.Column("pauses", sa.Integer(), nullable=False),
        sa.Column("judged_from", sa.BigInteger(), nullable=True),
        sa.Column("recovered_at", sa.BigInteger(), nullable=True),
        sa.Column("warned_percent", sa.Integer(), nullable=False),
        sa.Column("told_percent", sa.Integer(), nullable=False),
        sa.Column("next_send_at", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_endpoint_health")),
    )
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
        "export_counts",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_export_counts")),
    )
    op.create_table(
        "export_jobs",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("application_id", sa.String(length=40), nullable=False),
        sa.Column("schedule_id", sa.String(length=64), nullable=True),
        sa.Column("dataset", sa.String(length=30), nullable=False),
        sa.Column("format", sa.String(length=5), nullable=False),
        sa.Column("has_bom", sa.Boolean(), nullable=False),
        sa.Column("from_date", sa.String(length=10), nullable=False),
        sa.Column("to_date", sa.String(length=10), nullable=False),
        sa.Column("location_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("is_masked", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("failure", sa.String(length=40), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("(status = 'ready') <= (sha256 IS NOT NULL)", name=op.f("ck_export_jobs_ready_has_file")),
        sa.CheckConstraint("format IN ('csv', 'json', 'jsonl')", name=op.f("ck_export_jobs_format")),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'ready', 'failed', 'expired')", name=op.f("ck_export_jobs_status")
        ),
        sa.CheckConstraint("from_date <= to_date", name=op.f("ck_export_jobs_window")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_export_jobs")),
    )
    op.create_index(
        "ix_export_jobs_created", "export_jobs", ["tenant_id", "application_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "export_schedules",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("application_id", sa.String(length=40), nullable=False),
        sa.Column("dataset", sa.String(length=30), nullable=False),
        sa.Column("format", sa.String(length=5), nullable=False),
        sa.Column("has_bom", sa.Boolean(), nullable=False),
        sa.Column("location_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("frequency", sa.String(length=10), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=True),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("is_masked", sa.Boolean(), nullable=False),
        sa.Column("last_export_id", sa.String(length=64), nullable=True),
        sa.Column("next_run_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("(hour IS NULL) = (frequency = 'hourly')", name=op.f("ck_export_schedules_hour_of_daily")),
        sa.CheckConstraint("frequency IN ('daily', 'hourly')", name=op.f("ck_export_schedules_frequency")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_export_schedules")),
    )
    op.create_index(
        "ix_export_schedules_created",
        "export_schedules",
        ["tenant_id", "application_id", "created_at", "id"],
        unique=False,
    )
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
        sa.CheckConstraint("value >= 0", name=op.f("ck_extra_charges_value_not_negative")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_extra_charges")),
    )
    op.create_table(
        "faults",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("product", sa.String(length=20), nullable=True),
        sa.Column("method", sa.String(length=10), nullable=True),
        sa.Column("path", sa.String(length=200), nullable=True),
        sa.Column("effect", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("permille", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=True),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.Column("struck", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("permille BETWEEN 0 AND 1000", name=op.f("ck_faults_permille")),
        sa.CheckConstraint("times IS NULL OR struck <= times", name=op.f("ck_faults_struck_at_most")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_faults")),
    )
    op.create_table(
        "franchises",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("name_translations", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("default_currency", sa.String(length=3), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = tenant_id", name=op.f("ck_franchises_one_each")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_franchises")),
    )
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
        "listener_messages",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("endpoint_id", sa.String(length=64), nullable=False),
        sa.Column("delivery_id", sa.String(length=64), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("answer", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_listener_messages")),
    )
    op.create_index(
        "ix_listener_messages_endpoint", "listener_messages", ["tenant_id", "endpoint_id", "created_at"], unique=False
    )
    op.create_table(
        "locations",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("name_translations", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
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
        "loyalty_programs",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("rate_millionths", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("callback_url", sa.String(length=2000), nullable=True),
        sa.Column("sealed_callback_secret", sa.String(length=2000), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "kind <> 'cashback' OR currency IS NOT NULL", name=op.f("ck_loyalty_programs_cashback_has_currency")
        ),
        sa.CheckConstraint("kind IN ('points', 'stamps', 'cashback')", name=op.f("ck_loyalty_programs_kind_known")),
        sa.CheckConstraint("rate_millionths >= 0", name=op.f("ck_loyalty_programs_rate_not_negative")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_loyalty_programs")),
    )
    op.create_index("ix_loyalty_programs_created", "loyalty_programs", ["tenant_id", "created_at", "id"], unique=False)
    op.create_table(
        "modifier_groups",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("translations", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("min_selections", sa.Integer(), nullable=False),
        sa.Column("max_selections", sa.Integer(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "min_selections >= 0 AND min_selections <= max_selections", name=op.f("ck_modifier_groups_selections")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_modifier_groups")),
    )
    op.create_table(
        "object_references",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("product", sa.String(length=20), nullable=False),
        sa.Column("noun", sa.String(length=20), nullable=False),
        sa.Column("value", sa.String(length=100), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_object_references")),
    )
    op.create_index("ix_object_references_object", "object_references", ["tenant_id", "object_id"], unique=False)
    op.create_table(
        "order_counters",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_order_counters")),
    )
    op.create_table(
        "request_counts",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("application_id", sa.String(length=40), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("area", sa.String(length=20), nullable=False),
        sa.Column("bucket", sa.String(length=10), nullable=False),
        sa.Column("calls", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("limited", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("duration_us", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_request_counts")),
    )
    op.create_index("ix_request_counts_day", "request_counts", ["tenant_id", "application_id", "day"], unique=False)
    op.create_index("ix_request_counts_today", "request_counts", ["day"], unique=False)
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
        sa.Column("expires_on", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", "expires_on", name=op.f("pk_request_logs")),
        postgresql_partition_by="RANGE (expires_on)",
    )
    op.create_index("ix_request_logs_at", "request_logs", ["tenant_id", "at", "id"], unique=False)
    op.create_table(
        "segments",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=True),
        sa.Column("rule", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("evaluated_at", sa.BigInteger(), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_segments")),
    )
    op.create_index("ix_segments_created", "segments", ["tenant_id", "created_at", "id"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("application_id", sa.String(length=40), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("event_types", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("api_version", sa.String(length=10), nullable=False),
        sa.Column("exclude_own", sa.Boolean(), nullable=False),
        sa.Column("location_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("filters", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("header_names", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("sealed_headers", sa.Text(), nullable=True),
        sa.Column("dialect", sa.String(length=10), nullable=False),
        sa.Column("dialect_options", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("signature", sa.String(length=4), nullable=False),
        sa.Column("public_key", sa.String(length=64), nullable=True),
        sa.Column("max_in_flight", sa.Integer(), nullable=False),
        sa.Column("max_per_second", sa.Integer(), nullable=True),
        sa.Column("scopes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("retry_schedule", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("timeout_s", sa.Integer(), nullable=False),
        sa.Column("kept_days", sa.Integer(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("disabled_reason", sa.String(length=80), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("sealed_previous_secret", sa.Text(), nullable=True),
        sa.Column("previous_secret_expires_at", sa.BigInteger(), nullable=True),
        sa.Column("listened_at", sa.BigInteger(), nullable=True),
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
        "timers",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("wakes_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_timers")),
    )
    op.create_index("ix_timers_due", "timers", ["tenant_id", "due_at"], unique=False)
    op.create_index("ix_timers_wakes", "timers", ["wakes_at"], unique=False)
    op.create_table(
        "traffic_runs",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("per_minute", sa.Integer(), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=True),
        sa.Column("starts_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("attempted", sa.Integer(), nullable=False),
        sa.Column("placed", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("open_order_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_traffic_runs")),
    )
    op.create_table(
        "world_builds",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("profile", sa.String(length=20), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("application_id", sa.String(length=40), nullable=False),
        sa.Column("parts_done", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("dated_at", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "parts_done >= 0 AND parts_done <= parts", name=op.f("ck_world_builds_parts_done_within_parts")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_world_builds")),
        sa.UniqueConstraint("tenant_id", name=op.f("uq_world_builds_tenant_id")),
    )
    op.create_table(
        "areas",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["locations.tenant_id", "locations.id"],
            name=op.f("fk_areas_tenant_id_location_id_locations"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_areas")),
        sa.UniqueConstraint("tenant_id", "location_id", "name", name=op.f("uq_areas_tenant_id_location_id_name")),
    )
    op.create_table(
        "campaigns",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("segment_id", sa.String(length=64), nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.Column("body", sa.String(length=10000), nullable=False),
        sa.Column("link", sa.String(length=2000), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("scheduled_at", sa.BigInteger(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("cancelled_at", sa.BigInteger(), nullable=True),
        sa.Column("reached_to", sa.String(length=64), nullable=True),
        sa.Column("recipients", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("suppressed", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("clicked", sa.Integer(), nullable=False),
        sa.Column("redeemed", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("channel IN ('email', 'sms', 'push')", name=op.f("ck_campaigns_channel_known")),
        sa.CheckConstraint(
            "status <> 'scheduled' OR scheduled_at IS NOT NULL", name=op.f("ck_campaigns_scheduled_has_an_instant")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'scheduled', 'sending', 'sent', 'cancelled')", name=op.f("ck_campaigns_status_known")
        ),
        sa.CheckConstraint(
            "recipients = sent + suppressed + failed", name=op.f("ck_campaigns_every_recipient_counted_once")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "segment_id"],
            ["segments.tenant_id", "segments.id"],
            name=op.f("fk_campaigns_tenant_id_segment_id_segments"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_campaigns")),
    )
    op.create_index("ix_campaigns_created", "campaigns", ["tenant_id", "created_at", "id"], unique=False)
    op.create_index("ix_campaigns_segment", "campaigns", ["tenant_id", "segment_id"], unique=False)
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
        sa.Column("replay_id", sa.String(length=64), nullable=True),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "event_id"],
            ["events.tenant_id", "events.id"],
            name=op.f("fk_deliveries_tenant_id_event_id_events"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_deliveries")),
    )
    op.create_index(
        "ix_deliveries_dead",
        "deliveries",
        ["tenant_id", "endpoint_id", "state", "created_at"],
        unique=False,
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index("ix_deliveries_endpoint", "deliveries", ["tenant_id", "endpoint_id", "created_at"], unique=False)
    op.create_index(
        "ix_deliveries_leased",
        "deliveries",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("lease_id IS NOT NULL"),
        postgresql_where=sa.text("lease_id IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_of_replay",
        "deliveries",
        ["tenant_id", "replay_id"],
        unique=False,
        sqlite_where=sa.text("replay_id IS NOT NULL"),
        postgresql_where=sa.text("replay_id IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_ready",
        "deliveries",
        ["tenant_id", "endpoint_id", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL AND replay_id IS NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL AND replay_id IS NULL"),
    )
    op.create_index(
        "ix_deliveries_replays",
        "deliveries",
        ["tenant_id", "endpoint_id", "due_at", "id"],
        unique=False,
        sqlite_where=sa.text("due_at IS NOT NULL AND replay_id IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL AND replay_id IS NOT NULL"),
    )
    op.create_index(
        "uq_deliveries_event_endpoint",
        "deliveries",
        ["tenant_id", "event_id", "endpoint_id"],
        unique=True,
        sqlite_where=sa.text("replay_id IS NULL"),
        postgresql_where=sa.text("replay_id IS NULL"),
    )
    op.create_index(
        "uq_deliveries_replay",
        "deliveries",
        ["tenant_id", "event_id", "replay_id"],
        unique=True,
        sqlite_where=sa.text("replay_id IS NOT NULL"),
        postgresql_where=sa.text("replay_id IS NOT NULL"),
    )
    op.create_table(
        "guests",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=True),
        sa.Column("parent_location_id", sa.String(length=64), nullable=True),
        sa.Column("name_prefix", sa.String(length=40), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("first_name", sa.String(length=255), nullable=True),
        sa.Column("last_name", sa.String(length=255), nullable=True),
        sa.Column("alt_first_name", sa.String(length=255), nullable=True),
        sa.Column("alt_last_name", sa.String(length=255), nullable=True),
        sa.Column("alpha_first_name", sa.String(length=255), nullable=True),
        sa.Column("alpha_last_name", sa.String(length=255), nullable=True),
        sa.Column("display_name", sa.String(length=255), nullable=True),
        sa.Column("company_name", sa.String(length=255), nullable=True),
        sa.Column("company_title", sa.String(length=255), nullable=True),
        sa.Column("company_division", sa.String(length=255), nullable=True),
        sa.Column("gender", sa.String(length=10), nullable=True),
        sa.Column("locale", sa.String(length=20), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("memo", sa.String(length=2000), nullable=True),
        sa.Column("location_memos", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("likes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("dislikes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("allergies", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("consents", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("is_incognito", sa.Boolean(), nullable=False),
        sa.Column("is_temporary", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("content_digest", sa.String(length=64), nullable=True),
        sa.Column("merged_into_id", sa.String(length=64), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("merged_into_id <> id", name=op.f("ck_guests_not_merged_into_itself")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "merged_into_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_guests_tenant_id_merged_into_id_guests"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_location_id"],
            ["locations.tenant_id", "locations.id"],
            name=op.f("fk_guests_tenant_id_parent_location_id_locations"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_guests")),
    )
    op.create_index("ix_guests_created", "guests", ["tenant_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_guests_merged_into",
        "guests",
        ["tenant_id", "merged_into_id"],
        unique=False,
        sqlite_where=sa.text("merged_into_id IS NOT NULL"),
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.create_index(
        "ix_guests_parent_location",
        "guests",
        ["tenant_id", "parent_location_id"],
        unique=False,
        sqlite_where=sa.text("parent_location_id IS NOT NULL"),
        postgresql_where=sa.text("parent_location_id IS NOT NULL"),
    )
    op.create_index("ix_guests_updated", "guests", ["tenant_id", "updated_at", "id"], unique=False)
    op.create_index("uq_guests_external_id", "guests", ["tenant_id", "external_id"], unique=True)
    op.create_table(
        "holds",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=False),
        sa.Column("table_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("party_size", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("reservation_id", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("status IN ('active', 'used', 'released', 'expired')", name=op.f("ck_holds_status")),
        sa.CheckConstraint("end_at > start_at", name=op.f("ck_holds_ends_after_start")),
        sa.CheckConstraint("party_size > 0", name=op.f("ck_holds_party")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["locations.tenant_id", "locations.id"],
            name=op.f("fk_holds_tenant_id_location_id_locations"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_holds")),
    )
    op.create_index("ix_holds_expiry", "holds", ["tenant_id", "location_id", "status", "expires_at"], unique=False)
    op.create_table(
        "inbox_messages",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("inbox_id", sa.String(length=64), nullable=False),
        sa.Column("method", sa.String(length=10), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("headers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("webhook_id", sa.String(length=80), nullable=True),
        sa.Column("is_signature_valid", sa.Boolean(), nullable=False),
        sa.Column("is_replay", sa.Boolean(), nullable=False),
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
    op.create_index(
        "ix_inbox_messages_webhook", "inbox_messages", ["tenant_id", "inbox_id", "webhook_id"], unique=False
    )
    op.create_table(
        "integrations",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("provider", sa.String(length=80), nullable=True),
        sa.Column("location_id", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("config", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("secret_names", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("sealed_secrets", sa.Text(), nullable=True),
        sa.Column("last_sync_at", sa.BigInteger(), nullable=True),
        sa.Column("last_sync_status", sa.String(length=10), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "kind IN ('pos', 'delivery', 'accounting', 'hotel', 'bi', 'crm')", name=op.f("ck_integrations_kind")
        ),
        sa.CheckConstraint(
            "state IN ('connected', 'degraded', 'disconnected', 'mapping_required')", name=op.f("ck_integrations_state")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["locations.tenant_id", "locations.id"],
            name=op.f("fk_integrations_tenant_id_location_id_locations"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_integrations")),
    )
    op.create_index("ix_integrations_created", "integrations", ["tenant_id", "created_at", "id"], unique=False)
    op.create_index("ix_integrations_location", "integrations", ["tenant_id", "location_id"], unique=False)
    op.create_table(
        "loyalty_tiers",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("program_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("multiplier_hundredths", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("multiplier_hundredths >= 0", name=op.f("ck_loyalty_tiers_multiplier_not_negative")),
        sa.CheckConstraint("threshold >= 0", name=op.f("ck_loyalty_tiers_threshold_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "program_id"],
            ["loyalty_programs.tenant_id", "loyalty_programs.id"],
            name=op.f("fk_loyalty_tiers_tenant_id_program_id_loyalty_programs"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_loyalty_tiers")),
        sa.UniqueConstraint("tenant_id", "program_id", "code", name=op.f("uq_loyalty_tiers_tenant_id_program_id_code")),
        sa.UniqueConstraint(
            "tenant_id", "program_id", "threshold", name=op.f("uq_loyalty_tiers_tenant_id_program_id_threshold")
        ),
        sa.UniqueConstraint("tenant_id", "program_id", "tier", name=op.f("uq_loyalty_tiers_tenant_id_program_id_tier")),
    )
    op.create_table(
        "menu_items",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=True),
        sa.Column("translations", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("base_price_minor", sa.BigInteger(), nullable=False),
        sa.Column("cost_minor", sa.BigInteger(), nullable=True),
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
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("kind IN ('food', 'drink', 'alcohol')", name=op.f("ck_menu_items_kind")),
        sa.CheckConstraint("base_price_minor >= 0", name=op.f("ck_menu_items_price_not_negative")),
        sa.CheckConstraint("cost_minor IS NULL OR cost_minor >= 0", name=op.f("ck_menu_items_cost_not_negative")),
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
        sa.Column("translations", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("sort", sa.Integer(), nullable=False),
        sa.Column("version_hash", sa.String(length=32), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
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
        sa.Column("translations", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
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
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_modifiers_price_not_negative")),
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
        sa.CheckConstraint("service IN ('dine_in', 'pickup', 'delivery')", name=op.f("ck_opening_hours_service")),
        sa.CheckConstraint("weekday >= 0 AND weekday <= 6", name=op.f("ck_opening_hours_weekday")),
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
        sa.CheckConstraint(
            "is_closed = (opens IS NULL) AND is_closed = (closes IS NULL)",
            name=op.f("ck_special_hours_closed_or_hours"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["locations.tenant_id", "locations.id"],
            name=op.f("fk_special_hours_tenant_id_location_id_locations"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_special_hours")),
    )
    op.create_index("ix_special_hours_location", "special_hours", ["tenant_id", "location_id"], unique=False)
    op.create_table(
        "staff_notifications",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("body", sa.String(length=2000), nullable=False),
        sa.Column("is_read", sa.Boolean(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("is_read = (read_at IS NOT NULL)", name=op.f("ck_staff_notifications_read_at_when_read")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["locations.tenant_id", "locations.id"],
            name=op.f("fk_staff_notifications_tenant_id_location_id_locations"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_staff_notifications")),
    )
    op.create_index(
        "ix_staff_notifications_created", "staff_notifications", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_staff_notifications_location", "staff_notifications", ["tenant_id", "location_id"], unique=False
    )
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
        "campaign_recipients",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("campaign_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("message_id", sa.String(length=64), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("clicked_at", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "clicked_at IS NULL OR status = 'sent'", name=op.f("ck_campaign_recipients_only_the_reached_click")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["campaigns.tenant_id", "campaigns.id"],
            name=op.f("fk_campaign_recipients_tenant_id_campaign_id_campaigns"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_campaign_recipients_tenant_id_customer_id_guests"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_campaign_recipients")),
        sa.UniqueConstraint(
            "tenant_id",
            "campaign_id",
            "customer_id",
            name=op.f("uq_campaign_recipients_tenant_id_campaign_id_customer_id"),
        ),
    )
    op.create_index(
        "ix_campaign_recipients_customer", "campaign_recipients", ["tenant_id", "customer_id"], unique=False
    )
    op.create_table(
        "consent_changes",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("guest_id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("old_status", sa.String(length=10), nullable=False),
        sa.Column("new_status", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=True),
        sa.Column("proof", sa.String(length=500), nullable=True),
        sa.Column("actor_type", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "new_status IN ('granted', 'denied', 'unknown')", name=op.f("ck_consent_changes_new_status")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "guest_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_consent_changes_tenant_id_guest_id_guests"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_consent_changes")),
    )
    op.create_index("ix_consent_changes_guest", "consent_changes", ["tenant_id", "guest_id", "at"], unique=False)
    op.create_table(
        "delivery_attempts",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("delivery_id", sa.String(length=64), nullable=False),
        sa.Column("endpoint_id", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("timings", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("request_method", sa.String(length=8), nullable=False),
        sa.Column("request_url", sa.String(length=1200), nullable=False),
        sa.Column("request_headers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("request_body", sa.Text(), nullable=False),
        sa.Column("response_headers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("response_body", sa.Text(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("expires_on", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "delivery_id"],
            ["deliveries.tenant_id", "deliveries.id"],
            name=op.f("fk_delivery_attempts_tenant_id_delivery_id_deliveries"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", "expires_on", name=op.f("pk_delivery_attempts")),
        postgresql_partition_by="RANGE (expires_on)",
    )
    op.create_index(
        "ix_delivery_attempts_delivery", "delivery_attempts", ["tenant_id", "delivery_id", "number"], unique=False
    )
    op.create_table(
        "dining_tables",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("seats_min", sa.Integer(), nullable=False),
        sa.Column("seats_max", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("area_id", sa.String(length=64), nullable=True),
        sa.Column("x", sa.Double(), nullable=True),
        sa.Column("y", sa.Double(), nullable=True),
        sa.Column("combinable_with", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("cleaned_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "kind IN ('indoor', 'outdoor', 'bar', 'private', 'counter', 'tatami')", name=op.f("ck_dining_tables_kind")
        ),
        sa.CheckConstraint("seats_min >= 1 AND seats_min <= seats_max", name=op.f("ck_dining_tables_seats")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "area_id"],
            ["areas.tenant_id", "areas.id"],
            name=op.f("fk_dining_tables_tenant_id_area_id_areas"),
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
    op.create_index("ix_dining_tables_area", "dining_tables", ["tenant_id", "area_id"], unique=False)
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
        "guest_addresses",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("guest_id", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=True),
        sa.Column("line1", sa.String(length=255), nullable=True),
        sa.Column("line2", sa.String(length=255), nullable=True),
        sa.Column("city", sa.String(length=120), nullable=True),
        sa.Column("region", sa.String(length=120), nullable=True),
        sa.Column("postal_code", sa.String(length=20), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("instructions", sa.String(length=500), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lng", sa.Double(), nullable=True),
        sa.Column("tag", sa.String(length=40), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "guest_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_guest_addresses_tenant_id_guest_id_guests"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_guest_addresses")),
    )
    op.create_index("ix_guest_addresses_guest", "guest_addresses", ["tenant_id", "guest_id"], unique=False)
    op.create_table(
        "guest_contacts",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("guest_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.String(length=254), nullable=False),
        sa.Column("original", sa.String(length=254), nullable=False),
        sa.Column("tag", sa.String(length=40), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("kind IN ('phone', 'email')", name=op.f("ck_guest_contacts_kind")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "guest_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_guest_contacts_tenant_id_guest_id_guests"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_guest_contacts")),
    )
    op.create_index("ix_guest_contacts_value", "guest_contacts", ["tenant_id", "kind", "value"], unique=False)
    op.create_index(
        "uq_guest_contacts_value", "guest_contacts", ["tenant_id", "guest_id", "kind", "value"], unique=True
    )
    op.create_table(
        "guest_dates",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("guest_id", sa.String(length=64), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("memo", sa.String(length=500), nullable=True),
        sa.Column("tag", sa.String(length=40), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("month BETWEEN 1 AND 12 AND day BETWEEN 1 AND 31", name=op.f("ck_guest_dates_calendar_day")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "guest_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_guest_dates_tenant_id_guest_id_guests"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_guest_dates")),
    )
    op.create_index("ix_guest_dates_guest", "guest_dates", ["tenant_id", "guest_id"], unique=False)
    op.create_table(
        "guest_duplicates",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("guest_id", sa.String(length=64), nullable=False),
        sa.Column("other_id", sa.String(length=64), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "guest_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_guest_duplicates_tenant_id_guest_id_guests"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "other_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_guest_duplicates_tenant_id_other_id_guests"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_guest_duplicates")),
        sa.UniqueConstraint(
            "tenant_id", "guest_id", "other_id", name=op.f("uq_guest_duplicates_tenant_id_guest_id_other_id")
        ),
    )
    op.create_index("ix_guest_duplicates_other", "guest_duplicates", ["tenant_id", "other_id"], unique=False)
    op.create_table(
        "guest_merges",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("victor_id", sa.String(length=64), nullable=False),
        sa.Column("victim_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("moved_counts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("state IN ('queued', 'moving', 'done', 'failed')", name=op.f("ck_guest_merges_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "victor_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_guest_merges_tenant_id_victor_id_guests"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_guest_merges")),
    )
    op.create_index("ix_guest_merges_victor", "guest_merges", ["tenant_id", "victor_id"], unique=False)
    op.create_table(
        "guest_socials",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("guest_id", sa.String(length=64), nullable=False),
        sa.Column("service", sa.String(length=40), nullable=False),
        sa.Column("username", sa.String(length=255), nullable=False),
        sa.Column("tag", sa.String(length=40), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "guest_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_guest_socials_tenant_id_guest_id_guests"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_guest_socials")),
    )
    op.create_index("ix_guest_socials_guest", "guest_socials", ["tenant_id", "guest_id"], unique=False)
    op.create_table(
        "guest_tags",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("guest_id", sa.String(length=64), nullable=False),
        sa.Column("tag", sa.String(length=80), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "guest_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_guest_tags_tenant_id_guest_id_guests"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_guest_tags")),
        sa.UniqueConstraint("tenant_id", "guest_id", "tag", name=op.f("uq_guest_tags_tenant_id_guest_id_tag")),
    )
    op.create_index("ix_guest_tags_tag", "guest_tags", ["tenant_id", "tag", "guest_id"], unique=False)
    op.create_table(
        "integration_mappings",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("integration_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("external_ref", sa.String(length=120), nullable=False),
        sa.Column("external_name", sa.String(length=255), nullable=True),
        sa.Column("object_id", sa.String(length=64), nullable=True),
        sa.Column("last_seen_at", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "kind IN ('menu_item', 'modifier', 'tax', 'table', 'folio')", name=op.f("ck_integration_mappings_kind")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "integration_id"],
            ["integrations.tenant_id", "integrations.id"],
            name=op.f("fk_integration_mappings_tenant_id_integration_id_integrations"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_integration_mappings")),
        sa.UniqueConstraint(
            "tenant_id",
            "integration_id",
            "kind",
            "external_ref",
            name=op.f("uq_integration_mappings_tenant_id_integration_id_kind_external_ref"),
        ),
    )
    op.create_index("ix_integration_mappings_object", "integration_mappings", ["tenant_id", "object_id"], unique=False)
    op.create_table(
        "integration_runs",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("integration_id", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("started_by", sa.String(length=10), nullable=False),
        sa.Column("counts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("failures", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("(status = 'queued') = (finished_at IS NULL)", name=op.f("ck_integration_runs_finished")),
        sa.CheckConstraint("status IN ('queued', 'succeeded', 'failed')", name=op.f("ck_integration_runs_status")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "integration_id"],
            ["integrations.tenant_id", "integrations.id"],
            name=op.f("fk_integration_runs_tenant_id_integration_id_integrations"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_integration_runs")),
    )
    op.create_index(
        "ix_integration_runs_created",
        "integration_runs",
        ["tenant_id", "integration_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_integration_runs_open",
        "integration_runs",
        ["tenant_id", "integration_id"],
        unique=True,
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "loyalty_rewards",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("program_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.String(length=2000), nullable=True),
        sa.Column("points_cost", sa.BigInteger(), nullable=False),
        sa.Column("benefit", sa.String(length=10), nullable=False),
        sa.Column("benefit_value", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("item_id", sa.String(length=64), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "benefit <> 'fixed' OR currency IS NOT NULL", name=op.f("ck_loyalty_rewards_fixed_has_currency")
        ),
        sa.CheckConstraint("benefit <> 'item' OR item_id IS NOT NULL", name=op.f("ck_loyalty_rewards_item_named")),
        sa.CheckConstraint("benefit = 'item' OR benefit_value > 0", name=op.f("ck_loyalty_rewards_value_positive")),
        sa.CheckConstraint("points_cost > 0", name=op.f("ck_loyalty_rewards_cost_positive")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["menu_items.tenant_id", "menu_items.id"],
            name=op.f("fk_loyalty_rewards_tenant_id_item_id_menu_items"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "program_id"],
            ["loyalty_programs.tenant_id", "loyalty_programs.id"],
            name=op.f("fk_loyalty_rewards_tenant_id_program_id_loyalty_programs"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_loyalty_rewards")),
    )
    op.create_index("ix_loyalty_rewards_item", "loyalty_rewards", ["tenant_id", "item_id"], unique=False)
    op.create_index(
        "ix_loyalty_rewards_program", "loyalty_rewards", ["tenant_id", "program_id", "points_cost", "id"], unique=False
    )
    op.create_table(
        "memberships",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("program_id", sa.String(length=64), nullable=False),
        sa.Column("code", sa.String(length=64), nullable=False),
        sa.Column("tier_id", sa.String(length=64), nullable=True),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("lifetime_points", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("start_date", sa.String(length=10), nullable=True),
        sa.Column("expiry_date", sa.String(length=10), nullable=True),
        sa.Column("deleted_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "status IN ('pre_enrollment', 'active', 'cancelled')", name=op.f("ck_memberships_status_known")
        ),
        sa.CheckConstraint("lifetime_points >= points", name=op.f("ck_memberships_lifetime_covers_points")),
        sa.CheckConstraint("points >= 0", name=op.f("ck_memberships_points_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "program_id"],
            ["loyalty_programs.tenant_id", "loyalty_programs.id"],
            name=op.f("fk_memberships_tenant_id_program_id_loyalty_programs"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "tier_id"],
            ["loyalty_tiers.tenant_id", "loyalty_tiers.id"],
            name=op.f("fk_memberships_tenant_id_tier_id_loyalty_tiers"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_memberships")),
        sa.UniqueConstraint("tenant_id", "program_id", "code", name=op.f("uq_memberships_tenant_id_program_id_code")),
    )
    op.create_index("ix_memberships_created", "memberships", ["tenant_id", "created_at", "id"], unique=False)
    op.create_index("ix_memberships_tier", "memberships", ["tenant_id", "tier_id"], unique=False)
    op.create_table(
        "menu_categories",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("menu_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("subtitle", sa.String(length=255), nullable=True),
        sa.Column("translations", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
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
        "menu_jobs",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("menu_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("document", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("counts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("errors", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("notes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_menu_jobs_state")),
        sa.CheckConstraint("position >= 0 AND position <= total", name=op.f("ck_menu_jobs_position_within_total")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "menu_id"], ["menus.tenant_id", "menus.id"], name=op.f("fk_menu_jobs_tenant_id_menu_id_menus")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_menu_jobs")),
    )
    op.create_index("ix_menu_jobs_menu", "menu_jobs", ["tenant_id", "menu_id", "created_at"], unique=False)
    op.create_table(
        "outgoing_messages",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("campaign_id", sa.String(length=64), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("channel IN ('email', 'sms', 'push')", name=op.f("ck_outgoing_messages_channel")),
        sa.CheckConstraint(
            "status IN ('queued', 'sent', 'failed', 'suppressed')", name=op.f("ck_outgoing_messages_status")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_outgoing_messages_tenant_id_customer_id_guests"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_outgoing_messages")),
    )
    op.create_index("ix_outgoing_messages_campaign", "outgoing_messages", ["tenant_id", "campaign_id"], unique=False)
    op.create_index(
        "ix_outgoing_messages_created", "outgoing_messages", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_outgoing_messages_customer", "outgoing_messages", ["tenant_id", "customer_id"], unique=False)
    op.create_table(
        "promo_codes",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("description", sa.String(length=255), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("min_subtotal_minor", sa.BigInteger(), nullable=True),
        sa.Column("starts_at", sa.BigInteger(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("max_uses", sa.Integer(), nullable=True),
        sa.Column("per_customer", sa.Integer(), nullable=True),
        sa.Column("used_count", sa.Integer(), nullable=False),
        sa.Column("location_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("campaign_id", sa.String(length=64), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "currency IS NOT NULL OR (kind = 'percent' AND min_subtotal_minor IS NULL)",
            name=op.f("ck_promo_codes_amounts_have_a_currency"),
        ),
        sa.CheckConstraint(
            "value > 0 AND (kind <> 'percent' OR value <= 10000)", name=op.f("ck_promo_codes_value_in_range")
        ),
        sa.CheckConstraint("code = upper(code)", name=op.f("ck_promo_codes_code_in_capitals")),
        sa.CheckConstraint(
            "max_uses IS NULL OR used_count <= max_uses", name=op.f("ck_promo_codes_uses_within_maximum")
        ),
        sa.CheckConstraint("used_count >= 0", name=op.f("ck_promo_codes_uses_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "campaign_id"],
            ["campaigns.tenant_id", "campaigns.id"],
            name=op.f("fk_promo_codes_tenant_id_campaign_id_campaigns"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_promo_codes")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_promo_codes_tenant_id_code")),
    )
    op.create_index("ix_promo_codes_campaign", "promo_codes", ["tenant_id", "campaign_id"], unique=False)
    op.create_index("ix_promo_codes_created", "promo_codes", ["tenant_id", "created_at", "id"], unique=False)
    op.create_table(
        "reservations",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=True),
        sa.Column("location_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("contact_name", sa.String(length=255), nullable=True),
        sa.Column("contact_phone", sa.String(length=40), nullable=True),
        sa.Column("contact_email", sa.String(length=254), nullable=True),
        sa.Column("start_at", sa.BigInteger(), nullable=False),
        sa.Column("end_at", sa.BigInteger(), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("local_date", sa.String(length=10), nullable=False),
        sa.Column("party_size", sa.Integer(), nullable=False),
        sa.Column("party", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("sub_status", sa.String(length=40), nullable=True),
        sa.Column("seat_kind", sa.String(length=10), nullable=True),
        sa.Column("special_request", sa.String(length=1000), nullable=True),
        sa.Column("memo", sa.String(length=2000), nullable=True),
        sa.Column("flags", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("deposit_required_minor", sa.BigInteger(), nullable=False),
        sa.Column("deposit_paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("deposit_refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("deposit_pending_minor", sa.BigInteger(), nullable=False),
        sa.Column("deposit_refund_ends_at", sa.BigInteger(), nullable=True),
        sa.Column("is_on_request", sa.Boolean(), nullable=False),
        sa.Column("is_import", sa.Boolean(), nullable=False),
        sa.Column("cancel", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("content_digest", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "status IN ('requested', 'confirmed', 'arrived', 'seated', 'completed', 'cancelled', 'rejected', 'no_show')",
            name=op.f("ck_reservations_status"),
        ),
        sa.CheckConstraint(
            "deposit_refunded_minor BETWEEN 0 AND deposit_paid_minor", name=op.f("ck_reservations_deposit_refunds")
        ),
        sa.CheckConstraint(
            "deposit_required_minor >= 0 AND deposit_pending_minor >= 0", name=op.f("ck_reservations_deposit")
        ),
        sa.CheckConstraint("end_at > start_at", name=op.f("ck_reservations_ends_after_start")),
        sa.CheckConstraint("party_size > 0", name=op.f("ck_reservations_party")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_reservations_tenant_id_customer_id_guests"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["locations.tenant_id", "locations.id"],
            name=op.f("fk_reservations_tenant_id_location_id_locations"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_reservations")),
        sa.UniqueConstraint("tenant_id", "ref", name=op.f("uq_reservations_tenant_id_ref")),
    )
    op.create_index("ix_reservations_created", "reservations", ["tenant_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_reservations_customer",
        "reservations",
        ["tenant_id", "customer_id"],
        unique=False,
        sqlite_where=sa.text("customer_id IS NOT NULL"),
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index(
        "ix_reservations_location", "reservations", ["tenant_id", "location_id", "local_date"], unique=False
    )
    op.create_index("ix_reservations_start", "reservations", ["tenant_id", "start_at", "id"], unique=False)
    op.create_index("ix_reservations_updated", "reservations", ["tenant_id", "updated_at", "id"], unique=False)
    op.create_index("uq_reservations_external_id", "reservations", ["tenant_id", "source", "external_id"], unique=True)
    op.create_table(
        "segment_memberships",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("segment_id", sa.String(length=64), nullable=False),
        sa.Column("guest_id", sa.String(length=64), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "guest_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_segment_memberships_tenant_id_guest_id_guests"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "segment_id"],
            ["segments.tenant_id", "segments.id"],
            name=op.f("fk_segment_memberships_tenant_id_segment_id_segments"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_segment_memberships")),
        sa.UniqueConstraint(
            "tenant_id", "segment_id", "guest_id", name=op.f("uq_segment_memberships_tenant_id_segment_id_guest_id")
        ),
    )
    op.create_index("ix_segment_memberships_guest", "segment_memberships", ["tenant_id", "guest_id"], unique=False)
    op.create_table(
        "sms_alerts",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("segment_id", sa.String(length=64), nullable=True),
        sa.Column("text", sa.String(length=480), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("reached_to", sa.String(length=64), nullable=True),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("suppressed", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("(customer_id IS NULL) <> (segment_id IS NULL)", name=op.f("ck_sms_alerts_one_audience")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_sms_alerts_tenant_id_customer_id_guests"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "segment_id"],
            ["segments.tenant_id", "segments.id"],
            name=op.f("fk_sms_alerts_tenant_id_segment_id_segments"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_sms_alerts")),
    )
    op.create_index("ix_sms_alerts_customer", "sms_alerts", ["tenant_id", "customer_id"], unique=False)
    op.create_index("ix_sms_alerts_segment", "sms_alerts", ["tenant_id", "segment_id"], unique=False)
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
        sa.CheckConstraint("price_minor >= 0", name=op.f("ck_variations_price_not_negative")),
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
        "membership_customers",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("membership_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_membership_customers_tenant_id_customer_id_guests"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "membership_id"],
            ["memberships.tenant_id", "memberships.id"],
            name=op.f("fk_membership_customers_tenant_id_membership_id_memberships"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_membership_customers")),
        sa.UniqueConstraint(
            "tenant_id",
            "membership_id",
            "customer_id",
            name=op.f("uq_membership_customers_tenant_id_membership_id_customer_id"),
        ),
    )
    op.create_index(
        "ix_membership_customers_customer", "membership_customers", ["tenant_id", "customer_id"], unique=False
    )
    op.create_table(
        "orders",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("business_date", sa.String(length=10), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=True),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=True),
        sa.Column("collected_by", sa.String(length=10), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=False),
        sa.Column("table_id", sa.String(length=64), nullable=True),
        sa.Column("reservation_id", sa.String(length=64), nullable=True),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("pax", sa.Integer(), nullable=True),
        sa.Column("fulfillment", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("payment_status", sa.String(length=20), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("price_mode", sa.String(length=10), nullable=False),
        sa.Column("tax_rounding", sa.String(length=10), nullable=False),
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
        sa.Column("delivery", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("cancellation_request", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("content_digest", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("collected_by IN ('restaurant', 'channel')", name=op.f("ck_orders_collected_by")),
        sa.CheckConstraint(
            "status IN ('draft', 'scheduled', 'pending', 'accepted', 'preparing', 'ready', 'picked_up', 'completed', 'rejected', 'cancelled', 'failed')",
            name=op.f("ck_orders_status"),
        ),
        sa.CheckConstraint(
            "deposit_applied_minor >= 0 AND deposit_applied_minor <= total_minor",
            name=op.f("ck_orders_deposit_within_total"),
        ),
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
            "business_date",
            "location_id",
            "number",
            name=op.f("uq_orders_tenant_id_business_date_location_id_number"),
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
        "ix_orders_reservation",
        "orders",
        ["tenant_id", "reservation_id"],
        unique=False,
        sqlite_where=sa.text("reservation_id IS NOT NULL"),
        postgresql_where=sa.text("reservation_id IS NOT NULL"),
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
    op.create_index(
        "uq_orders_external_id",
        "orders",
        ["tenant_id", "source", "external_id"],
        unique=True,
        sqlite_where=sa.text("external_id IS NOT NULL"),
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.create_table(
        "reservation_slots",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("table_id", sa.String(length=64), nullable=False),
        sa.Column("slot_at", sa.BigInteger(), nullable=False),
        sa.Column("reservation_id", sa.String(length=64), nullable=True),
        sa.Column("hold_id", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "(reservation_id IS NULL) <> (hold_id IS NULL)", name=op.f("ck_reservation_slots_one_owner")
        ),
        sa.CheckConstraint("slot_at % 300000000 = 0", name=op.f("ck_reservation_slots_grid")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "hold_id"],
            ["holds.tenant_id", "holds.id"],
            name=op.f("fk_reservation_slots_tenant_id_hold_id_holds"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reservation_id"],
            ["reservations.tenant_id", "reservations.id"],
            name=op.f("fk_reservation_slots_tenant_id_reservation_id_reservations"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "table_id"],
            ["dining_tables.tenant_id", "dining_tables.id"],
            name=op.f("fk_reservation_slots_tenant_id_table_id_dining_tables"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "table_id", "slot_at", name=op.f("pk_reservation_slots")),
    )
    op.create_index(
        "ix_reservation_slots_hold",
        "reservation_slots",
        ["tenant_id", "hold_id"],
        unique=False,
        sqlite_where=sa.text("hold_id IS NOT NULL"),
        postgresql_where=sa.text("hold_id IS NOT NULL"),
    )
    op.create_index(
        "ix_reservation_slots_reservation",
        "reservation_slots",
        ["tenant_id", "reservation_id"],
        unique=False,
        sqlite_where=sa.text("reservation_id IS NOT NULL"),
        postgresql_where=sa.text("reservation_id IS NOT NULL"),
    )
    op.create_table(
        "reservation_status_changes",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("reservation_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_type", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reservation_id"],
            ["reservations.tenant_id", "reservations.id"],
            name=op.f("fk_reservation_status_changes_tenant_id_reservation_id_reservations"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_reservation_status_changes")),
        sa.UniqueConstraint(
            "tenant_id",
            "reservation_id",
            "position",
            name=op.f("uq_reservation_status_changes_tenant_id_reservation_id_position"),
        ),
    )
    op.create_table(
        "reservation_tables",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("reservation_id", sa.String(length=64), nullable=False),
        sa.Column("table_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reservation_id"],
            ["reservations.tenant_id", "reservations.id"],
            name=op.f("fk_reservation_tables_tenant_id_reservation_id_reservations"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "table_id"],
            ["dining_tables.tenant_id", "dining_tables.id"],
            name=op.f("fk_reservation_tables_tenant_id_table_id_dining_tables"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_reservation_tables")),
        sa.UniqueConstraint(
            "tenant_id",
            "reservation_id",
            "table_id",
            name=op.f("uq_reservation_tables_tenant_id_reservation_id_table_id"),
        ),
    )
    op.create_index(
        "ix_reservation_tables_table", "reservation_tables", ["tenant_id", "table_id", "reservation_id"], unique=False
    )
    op.create_table(
        "table_locks",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("table_id", sa.String(length=64), nullable=False),
        sa.Column("locked_by", sa.String(length=64), nullable=False),
        sa.Column("locked_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("expires_at > locked_at", name=op.f("ck_table_locks_ends_later")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "table_id"],
            ["dining_tables.tenant_id", "dining_tables.id"],
            name=op.f("fk_table_locks_tenant_id_table_id_dining_tables"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_table_locks")),
        sa.UniqueConstraint("tenant_id", "table_id", name=op.f("uq_table_locks_tenant_id_table_id")),
    )
    op.create_table(
        "waitlist_entries",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("contact_name", sa.String(length=255), nullable=True),
        sa.Column("contact_phone", sa.String(length=40), nullable=True),
        sa.Column("contact_email", sa.String(length=254), nullable=True),
        sa.Column("party_size", sa.Integer(), nullable=False),
        sa.Column("seat_kind", sa.String(length=10), nullable=True),
        sa.Column("notes", sa.String(length=1000), nullable=True),
        sa.Column("quoted_minutes", sa.Integer(), nullable=True),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("called_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("reservation_id", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "(status = 'seated') = (reservation_id IS NOT NULL)",
            name=op.f("ck_waitlist_entries_seated_with_reservation"),
        ),
        sa.CheckConstraint(
            "status IN ('waiting', 'called', 'seated', 'removed')", name=op.f("ck_waitlist_entries_status")
        ),
        sa.CheckConstraint("party_size > 0", name=op.f("ck_waitlist_entries_party")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_waitlist_entries_tenant_id_customer_id_guests"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["locations.tenant_id", "locations.id"],
            name=op.f("fk_waitlist_entries_tenant_id_location_id_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reservation_id"],
            ["reservations.tenant_id", "reservations.id"],
            name=op.f("fk_waitlist_entries_tenant_id_reservation_id_reservations"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_waitlist_entries")),
    )
    op.create_index("ix_waitlist_entries_created", "waitlist_entries", ["tenant_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_waitlist_entries_customer",
        "waitlist_entries",
        ["tenant_id", "customer_id"],
        unique=False,
        sqlite_where=sa.text("customer_id IS NOT NULL"),
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index(
        "ix_waitlist_entries_location",
        "waitlist_entries",
        ["tenant_id", "location_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_waitlist_entries_reservation",
        "waitlist_entries",
        ["tenant_id", "reservation_id"],
        unique=False,
        sqlite_where=sa.text("reservation_id IS NOT NULL"),
        postgresql_where=sa.text("reservation_id IS NOT NULL"),
    )
    op.create_table(
        "carts",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("external_id", sa.String(length=64), nullable=True),
        sa.Column("fulfillment", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("table_id", sa.String(length=64), nullable=True),
        sa.Column("table_less", sa.Boolean(), nullable=False),
        sa.Column("reservation_id", sa.String(length=64), nullable=True),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("customer", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("discounts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("promo_code", sa.String(length=40), nullable=True),
        sa.Column("charge_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("tip_minor", sa.BigInteger(), nullable=False),
        sa.Column("notes", sa.String(length=2000), nullable=True),
        sa.Column("allergy_notes", sa.String(length=500), nullable=True),
        sa.Column("metadata", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "(status = 'checked_out') = (order_id IS NOT NULL)", name=op.f("ck_carts_checked_out_into_an_order")
        ),
        sa.CheckConstraint("status IN ('open', 'checked_out', 'expired')", name=op.f("ck_carts_status_known")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_carts_tenant_id_customer_id_guests"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["locations.tenant_id", "locations.id"],
            name=op.f("fk_carts_tenant_id_location_id_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.id"],
            name=op.f("fk_carts_tenant_id_order_id_orders"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "table_id"],
            ["dining_tables.tenant_id", "dining_tables.id"],
            name=op.f("fk_carts_tenant_id_table_id_dining_tables"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_carts")),
    )
    op.create_index(
        "ix_carts_customer",
        "carts",
        ["tenant_id", "customer_id"],
        unique=False,
        sqlite_where=sa.text("customer_id IS NOT NULL"),
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.create_index("ix_carts_location", "carts", ["tenant_id", "location_id"], unique=False)
    op.create_index(
        "ix_carts_table",
        "carts",
        ["tenant_id", "table_id"],
        unique=False,
        sqlite_where=sa.text("table_id IS NOT NULL"),
        postgresql_where=sa.text("table_id IS NOT NULL"),
    )
    op.create_index(
        "uq_carts_order",
        "carts",
        ["tenant_id", "order_id"],
        unique=True,
        sqlite_where=sa.text("order_id IS NOT NULL"),
        postgresql_where=sa.text("order_id IS NOT NULL"),
    )
    op.create_table(
        "order_lines",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
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
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.Column("replaces_id", sa.String(length=64), nullable=True),
        sa.CheckConstraint("state IN ('active', 'voided', 'substituted')", name=op.f("ck_order_lines_state")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_lines_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.id"],
            name=op.f("fk_order_lines_tenant_id_order_id_orders"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "order_id", "position", name=op.f("pk_order_lines")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "order_status_changes",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor_type", sa.String(length=20), nullable=False),
        sa.Column("actor_id", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.id"],
            name=op.f("fk_order_status_changes_tenant_id_order_id_orders"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "order_id", "position", name=op.f("pk_order_status_changes")),
        sqlite_with_rowid=False,
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
            "status IN ('created', 'confirmed', 'failed', 'cancelled', 'partially_refunded', 'refunded')",
            name=op.f("ck_payments_status"),
        ),
        sa.CheckConstraint("amount_minor >= 0 AND tip_minor >= 0", name=op.f("ck_payments_amounts_not_negative")),
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
    op.create_index("ix_payments_reservation", "payments", ["tenant_id", "reservation_id"], unique=False)
    op.create_table(
        "points_calculations",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("membership_id", sa.String(length=64), nullable=False),
        sa.Column("program_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("order_facts", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("default_points", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("default_points >= 0", name=op.f("ck_points_calculations_default_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "membership_id"],
            ["memberships.tenant_id", "memberships.id"],
            name=op.f("fk_points_calculations_tenant_id_membership_id_memberships"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.id"],
            name=op.f("fk_points_calculations_tenant_id_order_id_orders"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "program_id"],
            ["loyalty_programs.tenant_id", "loyalty_programs.id"],
            name=op.f("fk_points_calculations_tenant_id_program_id_loyalty_programs"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_points_calculations")),
        sa.UniqueConstraint(
            "tenant_id", "program_id", "order_id", name=op.f("uq_points_calculations_tenant_id_program_id_order_id")
        ),
    )
    op.create_index(
        "ix_points_calculations_membership", "points_calculations", ["tenant_id", "membership_id"], unique=False
    )
    op.create_index("ix_points_calculations_order", "points_calculations", ["tenant_id", "order_id"], unique=False)
    op.create_table(
        "promo_uses",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("promo_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=False),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.Column("redeemed_at", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_promo_uses_tenant_id_customer_id_guests"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.id"],
            name=op.f("fk_promo_uses_tenant_id_order_id_orders"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "promo_id"],
            ["promo_codes.tenant_id", "promo_codes.id"],
            name=op.f("fk_promo_uses_tenant_id_promo_id_promo_codes"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_promo_uses")),
        sa.UniqueConstraint(
            "tenant_id", "order_id", "promo_id", name=op.f("uq_promo_uses_tenant_id_order_id_promo_id")
        ),
    )
    op.create_index("ix_promo_uses_customer", "promo_uses", ["tenant_id", "customer_id"], unique=False)
    op.create_index("ix_promo_uses_promo", "promo_uses", ["tenant_id", "promo_id", "customer_id"], unique=False)
    op.create_table(
        "reviews",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("location_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=True),
        sa.Column("reservation_id", sa.String(length=64), nullable=True),
        sa.Column("customer_id", sa.String(length=64), nullable=True),
        sa.Column("author_id", sa.String(length=64), nullable=True),
        sa.Column("author_name", sa.String(length=255), nullable=True),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("overall", sa.Integer(), nullable=False),
        sa.Column("food", sa.Integer(), nullable=True),
        sa.Column("service", sa.Integer(), nullable=True),
        sa.Column("ambience", sa.Integer(), nullable=True),
        sa.Column("comment", sa.String(length=4000), nullable=True),
        sa.Column("language", sa.String(length=20), nullable=True),
        sa.Column("sentiment_thousandths", sa.Integer(), nullable=True),
        sa.Column("sentiment_label", sa.String(length=10), nullable=True),
        sa.Column("response_text", sa.String(length=2000), nullable=True),
        sa.Column("response_is_public", sa.Boolean(), nullable=True),
        sa.Column("responded_at", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "sentiment_label IN ('negative', 'neutral', 'positive')", name=op.f("ck_reviews_label_known")
        ),
        sa.CheckConstraint(
            "status IN ('new', 'response_needed', 'responded', 'resolved')", name=op.f("ck_reviews_status_known")
        ),
        sa.CheckConstraint("ambience BETWEEN 1 AND 5", name=op.f("ck_reviews_ambience_in_range")),
        sa.CheckConstraint("food BETWEEN 1 AND 5", name=op.f("ck_reviews_food_in_range")),
        sa.CheckConstraint("overall BETWEEN 1 AND 5", name=op.f("ck_reviews_overall_in_range")),
        sa.CheckConstraint("sentiment_thousandths BETWEEN -1000 AND 1000", name=op.f("ck_reviews_sentiment_in_range")),
        sa.CheckConstraint("service BETWEEN 1 AND 5", name=op.f("ck_reviews_service_in_range")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "customer_id"],
            ["guests.tenant_id", "guests.id"],
            name=op.f("fk_reviews_tenant_id_customer_id_guests"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "location_id"],
            ["locations.tenant_id", "locations.id"],
            name=op.f("fk_reviews_tenant_id_location_id_locations"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.id"],
            name=op.f("fk_reviews_tenant_id_order_id_orders"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reservation_id"],
            ["reservations.tenant_id", "reservations.id"],
            name=op.f("fk_reviews_tenant_id_reservation_id_reservations"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("tenant_id", "order_id", "author_id", name=op.f("uq_reviews_tenant_id_order_id_author_id")),
        sa.UniqueConstraint(
            "tenant_id", "reservation_id", "author_id", name=op.f("uq_reviews_tenant_id_reservation_id_author_id")
        ),
    )
    op.create_index("ix_reviews_created", "reviews", ["tenant_id", "created_at", "id"], unique=False)
    op.create_index("ix_reviews_customer", "reviews", ["tenant_id", "customer_id"], unique=False)
    op.create_index("ix_reviews_location", "reviews", ["tenant_id", "location_id", "created_at"], unique=False)
    op.create_table(
        "reward_redemptions",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("membership_id", sa.String(length=64), nullable=False),
        sa.Column("reward_id", sa.String(length=64), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=True),
        sa.Column("points_cost", sa.BigInteger(), nullable=False),
        sa.Column("reward", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("state IN ('redeemed', 'reversed')", name=op.f("ck_reward_redemptions_state_known")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "membership_id"],
            ["memberships.tenant_id", "memberships.id"],
            name=op.f("fk_reward_redemptions_tenant_id_membership_id_memberships"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.id"],
            name=op.f("fk_reward_redemptions_tenant_id_order_id_orders"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reward_id"],
            ["loyalty_rewards.tenant_id", "loyalty_rewards.id"],
            name=op.f("fk_reward_redemptions_tenant_id_reward_id_loyalty_rewards"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_reward_redemptions")),
    )
    op.create_index(
        "ix_reward_redemptions_membership", "reward_redemptions", ["tenant_id", "membership_id"], unique=False
    )
    op.create_index("ix_reward_redemptions_order", "reward_redemptions", ["tenant_id", "order_id"], unique=False)
    op.create_index("ix_reward_redemptions_reward", "reward_redemptions", ["tenant_id", "reward_id"], unique=False)
    op.create_table(
        "cart_lines",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("cart_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.String(length=64), nullable=True),
        sa.Column("variation_id", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=True),
        sa.Column("price_minor", sa.BigInteger(), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("modifiers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("notes", sa.String(length=500), nullable=True),
        sa.Column("guest_name", sa.String(length=80), nullable=True),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "item_id IS NOT NULL OR (name IS NOT NULL AND price_minor IS NOT NULL)",
            name=op.f("ck_cart_lines_item_or_open"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_cart_lines_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "cart_id"],
            ["carts.tenant_id", "carts.id"],
            name=op.f("fk_cart_lines_tenant_id_cart_id_carts"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_cart_lines")),
        sa.UniqueConstraint("tenant_id", "cart_id", "position", name=op.f("uq_cart_lines_tenant_id_cart_id_position")),
    )
    op.create_table(
        "points_transactions",
        sa.Column("tenant_id", sa.String(length=40), nullable=False),
        sa.Column("membership_id", sa.String(length=64), nullable=False),
        sa.Column("program_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("delta", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("order_id", sa.String(length=64), nullable=True),
        sa.Column("redemption_id", sa.String(length=64), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("balance_after", sa.BigInteger(), nullable=False),
        sa.Column("base_minor", sa.BigInteger(), nullable=True),
        sa.Column("refunded_before_minor", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.CheckConstraint("balance_after >= 0", name=op.f("ck_points_transactions_balance_not_negative")),
        sa.CheckConstraint("delta <> 0", name=op.f("ck_points_transactions_delta_moves")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "membership_id"],
            ["memberships.tenant_id", "memberships.id"],
            name=op.f("fk_points_transactions_tenant_id_membership_id_memberships"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "order_id"],
            ["orders.tenant_id", "orders.id"],
            name=op.f("fk_points_transactions_tenant_id_order_id_orders"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "program_id"],
            ["loyalty_programs.tenant_id", "loyalty_programs.id"],
            name=op.f("fk_points_transactions_tenant_id_program_id_loyalty_programs"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "redemption_id"],
            ["reward_redemptions.tenant_id", "reward_redemptions.id"],
            name=op.f("fk_points_transactions_tenant_id_redemption_id_reward_redemptions"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_points_transactions")),
        sa.UniqueConstraint(
            "tenant_id",
            "membership_id",
            "position",
            name=op.f("uq_points_transactions_tenant_id_membership_id_position"),
        ),
    )
    op.create_index(
        "ix_points_transactions_created", "points_transactions", ["tenant_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_points_transactions_order", "points_transactions", ["tenant_id", "order_id"], unique=False)
    op.create_index("ix_points_transactions_program", "points_transactions", ["tenant_id", "program_id"], unique=False)
    op.create_index(
        "ix_points_transactions_redemption", "points_transactions", ["tenant_id", "redemption_id"], unique=False
    )
    op.create_index(
        "uq_points_transactions_earned",
        "points_transactions",
        ["tenant_id", "program_id", "order_id"],
        unique=True,
        sqlite_where=sa.text("reason = 'earn'"),
        postgresql_where=sa.text("reason = 'earn'"),
    )
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
        sa.CheckConstraint("status IN ('pending', 'succeeded', 'failed')", name=op.f("ck_refunds_status")),
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
    secure(op, "analytics_records")
    secure(op, "credential_counts", ops="write")
    secure(op, "endpoint_health", ops="write")
    secure(op, "events", ops="write")
    secure(op, "export_counts")
    secure(op, "export_jobs")
    secure(op, "export_schedules")
    secure(op, "extra_charges")
    secure(op, "faults")
    secure(op, "franchises")
    secure(op, "idempotency_records", ops="write")
    secure(op, "inboxes")
    secure(op, "listener_messages")
    secure(op, "locations")
    secure(op, "loyalty_programs")
    secure(op, "modifier_groups")
    secure(op, "object_references")
    secure(op, "order_counters")
    secure(op, "request_counts", ops="write")
    secure(op, "request_logs", ops="write")
    secure(op, "segments")
    secure(op, "subscriptions", ops="write")
    secure(op, "taxes")
    secure(op, "tenant_state", ops="read")
    secure(op, "timers", ops="read")
    secure(op, "traffic_runs")
    secure(op, "world_builds")
    secure(op, "areas")
    secure(op, "campaigns")
    secure(op, "deliveries", ops="write")
    secure(op, "guests")
    secure(op, "holds")
    secure(op, "inbox_messages")
    secure(op, "integrations")
    secure(op, "loyalty_tiers")
    secure(op, "menu_items")
    secure(op, "menus")
    secure(op, "modifiers")
    secure(op, "opening_hours")
    secure(op, "special_hours")
    secure(op, "staff_notifications")
    secure(op, "store_statuses")
    secure(op, "campaign_recipients")
    secure(op, "consent_changes")
    secure(op, "delivery_attempts", ops="write")
    secure(op, "dining_tables")
    secure(op, "group_placements")
    secure(op, "guest_addresses")
    secure(op, "guest_contacts")
    secure(op, "guest_dates")
    secure(op, "guest_duplicates")
    secure(op, "guest_merges")
    secure(op, "guest_socials")
    secure(op, "guest_tags")
    secure(op, "integration_mappings")
    secure(op, "integration_runs")
    secure(op, "loyalty_rewards")
    secure(op, "memberships")
    secure(op, "menu_categories")
    secure(op, "menu_jobs")
    secure(op, "outgoing_messages")
    secure(op, "promo_codes")
    secure(op, "reservations")
    secure(op, "segment_memberships")
    secure(op, "sms_alerts")
    secure(op, "variations")
    secure(op, "category_items")
    secure(op, "membership_customers")
    secure(op, "orders")
    secure(op, "reservation_slots")
    secure(op, "reservation_status_changes")
    secure(op, "reservation_tables")
    secure(op, "table_locks")
    secure(op, "waitlist_entries")
    secure(op, "carts")
    secure(op, "order_lines")
    secure(op, "order_status_changes")
    secure(op, "payments")
    secure(op, "points_calculations")
    secure(op, "promo_uses")
    secure(op, "reviews")
    secure(op, "reward_redemptions")
    secure(op, "cart_lines")
    secure(op, "points_transactions")
    secure(op, "refunds")
    partition(op, "request_logs")
    partition(op, "delivery_attempts")


def downgrade() -> None:
    op.drop_index("ix_refunds_payment", table_name="refunds")
    op.drop_index("ix_refunds_created", table_name="refunds")
    op.drop_table("refunds")
    op.drop_index(
        "uq_points_transactions_earned",
        table_name="points_transactions",
        sqlite_where=sa.text("reason = 'earn'"),
        postgresql_where=sa.text("reason = 'earn'"),
    )
    op.drop_index("ix_points_transactions_redemption", table_name="points_transactions")
    op.drop_index("ix_points_transactions_program", table_name="points_transactions")
    op.drop_index("ix_points_transactions_order", table_name="points_transactions")
    op.drop_index("ix_points_transactions_created", table_name="points_transactions")
    op.drop_table("points_transactions")
    op.drop_table("cart_lines")
    op.drop_index("ix_reward_redemptions_reward", table_name="reward_redemptions")
    op.drop_index("ix_reward_redemptions_order", table_name="reward_redemptions")
    op.drop_index("ix_reward_redemptions_membership", table_name="reward_redemptions")
    op.drop_table("reward_redemptions")
    op.drop_index("ix_reviews_location", table_name="reviews")
    op.drop_index("ix_reviews_customer", table_name="reviews")
    op.drop_index("ix_reviews_created", table_name="reviews")
    op.drop_table("reviews")
    op.drop_index("ix_promo_uses_promo", table_name="promo_uses")
    op.drop_index("ix_promo_uses_customer", table_name="promo_uses")
    op.drop_table("promo_uses")
    op.drop_index("ix_points_calculations_order", table_name="points_calculations")
    op.drop_index("ix_points_calculations_membership", table_name="points_calculations")
    op.drop_table("points_calculations")
    op.drop_index("ix_payments_reservation", table_name="payments")
    op.drop_index("ix_payments_order", table_name="payments")
    op.drop_index("ix_payments_created", table_name="payments")
    op.drop_table("payments")
    op.drop_table("order_status_changes")
    op.drop_table("order_lines")
    op.drop_index(
        "uq_carts_order",
        table_name="carts",
        sqlite_where=sa.text("order_id IS NOT NULL"),
        postgresql_where=sa.text("order_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_carts_table",
        table_name="carts",
        sqlite_where=sa.text("table_id IS NOT NULL"),
        postgresql_where=sa.text("table_id IS NOT NULL"),
    )
    op.drop_index("ix_carts_location", table_name="carts")
    op.drop_index(
        "ix_carts_customer",
        table_name="carts",
        sqlite_where=sa.text("customer_id IS NOT NULL"),
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.drop_table("carts")
    op.drop_index(
        "ix_waitlist_entries_reservation",
        table_name="waitlist_entries",
        sqlite_where=sa.text("reservation_id IS NOT NULL"),
        postgresql_where=sa.text("reservation_id IS NOT NULL"),
    )
    op.drop_index("ix_waitlist_entries_location", table_name="waitlist_entries")
    op.drop_index(
        "ix_waitlist_entries_customer",
        table_name="waitlist_entries",
        sqlite_where=sa.text("customer_id IS NOT NULL"),
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.drop_index("ix_waitlist_entries_created", table_name="waitlist_entries")
    op.drop_table("waitlist_entries")
    op.drop_table("table_locks")
    op.drop_index("ix_reservation_tables_table", table_name="reservation_tables")
    op.drop_table("reservation_tables")
    op.drop_table("reservation_status_changes")
    op.drop_index(
        "ix_reservation_slots_reservation",
        table_name="reservation_slots",
        sqlite_where=sa.text("reservation_id IS NOT NULL"),
        postgresql_where=sa.text("reservation_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_reservation_slots_hold",
        table_name="reservation_slots",
        sqlite_where=sa.text("hold_id IS NOT NULL"),
        postgresql_where=sa.text("hold_id IS NOT NULL"),
    )
    op.drop_table("reservation_slots")
    op.drop_index(
        "uq_orders_external_id",
        table_name="orders",
        sqlite_where=sa.text("external_id IS NOT NULL"),
        postgresql_where=sa.text("external_id IS NOT NULL"),
    )
    op.drop_index("ix_orders_updated", table_name="orders")
    op.drop_index(
        "ix_orders_table",
        table_name="orders",
        sqlite_where=sa.text("table_id IS NOT NULL"),
        postgresql_where=sa.text("table_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_orders_reservation",
        table_name="orders",
        sqlite_where=sa.text("reservation_id IS NOT NULL"),
        postgresql_where=sa.text("reservation_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_orders_customer",
        table_name="orders",
        sqlite_where=sa.text("customer_id IS NOT NULL"),
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.drop_index("ix_orders_created", table_name="orders")
    op.drop_table("orders")
    op.drop_index("ix_membership_customers_customer", table_name="membership_customers")
    op.drop_table("membership_customers")
    op.drop_index("ix_category_items_item", table_name="category_items")
    op.drop_table("category_items")
    op.drop_index("ix_variations_item", table_name="variations")
    op.drop_table("variations")
    op.drop_index("ix_sms_alerts_segment", table_name="sms_alerts")
    op.drop_index("ix_sms_alerts_customer", table_name="sms_alerts")
    op.drop_table("sms_alerts")
    op.drop_index("ix_segment_memberships_guest", table_name="segment_memberships")
    op.drop_table("segment_memberships")
    op.drop_index("uq_reservations_external_id", table_name="reservations")
    op.drop_index("ix_reservations_updated", table_name="reservations")
    op.drop_index("ix_reservations_start", table_name="reservations")
    op.drop_index("ix_reservations_location", table_name="reservations")
    op.drop_index(
        "ix_reservations_customer",
        table_name="reservations",
        sqlite_where=sa.text("customer_id IS NOT NULL"),
        postgresql_where=sa.text("customer_id IS NOT NULL"),
    )
    op.drop_index("ix_reservations_created", table_name="reservations")
    op.drop_table("reservations")
    op.drop_index("ix_promo_codes_created", table_name="promo_codes")
    op.drop_index("ix_promo_codes_campaign", table_name="promo_codes")
    op.drop_table("promo_codes")
    op.drop_index("ix_outgoing_messages_customer", table_name="outgoing_messages")
    op.drop_index("ix_outgoing_messages_created", table_name="outgoing_messages")
    op.drop_index("ix_outgoing_messages_campaign", table_name="outgoing_messages")
    op.drop_table("outgoing_messages")
    op.drop_index("ix_menu_jobs_menu", table_name="menu_jobs")
    op.drop_table("menu_jobs")
    op.drop_index("ix_menu_categories_menu", table_name="menu_categories")
    op.drop_table("menu_categories")
    op.drop_index("ix_memberships_tier", table_name="memberships")
    op.drop_index("ix_memberships_created", table_name="memberships")
    op.drop_table("memberships")
    op.drop_index("ix_loyalty_rewards_program", table_name="loyalty_rewards")
    op.drop_index("ix_loyalty_rewards_item", table_name="loyalty_rewards")
    op.drop_table("loyalty_rewards")
    op.drop_index(
        "uq_integration_runs_open",
        table_name="integration_runs",
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.drop_index("ix_integration_runs_created", table_name="integration_runs")
    op.drop_table("integration_runs")
    op.drop_index("ix_integration_mappings_object", table_name="integration_mappings")
    op.drop_table("integration_mappings")
    op.drop_index("ix_guest_tags_tag", table_name="guest_tags")
    op.drop_table("guest_tags")
    op.drop_index("ix_guest_socials_guest", table_name="guest_socials")
    op.drop_table("guest_socials")
    op.drop_index("ix_guest_merges_victor", table_name="guest_merges")
    op.drop_table("guest_merges")
    op.drop_index("ix_guest_duplicates_other", table_name="guest_duplicates")
    op.drop_table("guest_duplicates")
    op.drop_index("ix_guest_dates_guest", table_name="guest_dates")
    op.drop_table("guest_dates")
    op.drop_index("uq_guest_contacts_value", table_name="guest_contacts")
    op.drop_index("ix_guest_contacts_value", table_name="guest_contacts")
    op.drop_table("guest_contacts")
    op.drop_index("ix_guest_addresses_guest", table_name="guest_addresses")
    op.drop_table("guest_addresses")
    op.drop_index("ix_group_placements_group", table_name="group_placements")
    op.drop_table("group_placements")
    op.drop_index("ix_dining_tables_area", table_name="dining_tables")
    op.drop_table("dining_tables")
    op.drop_index("ix_delivery_attempts_delivery", table_name="delivery_attempts")
    op.drop_table("delivery_attempts")
    op.drop_index("ix_consent_changes_guest", table_name="consent_changes")
    op.drop_table("consent_changes")
    op.drop_index("ix_campaign_recipients_customer", table_name="campaign_recipients")
    op.drop_table("campaign_recipients")
    op.drop_table("store_statuses")
    op.drop_index("ix_staff_notifications_location", table_name="staff_notifications")
    op.drop_index("ix_staff_notifications_created", table_name="staff_notifications")
    op.drop_table("staff_notifications")
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
    op.drop_table("loyalty_tiers")
    op.drop_index("ix_integrations_location", table_name="integrations")
    op.drop_index("ix_integrations_created", table_name="integrations")
    op.drop_table("integrations")
    op.drop_index("ix_inbox_messages_webhook", table_name="inbox_messages")
    op.drop_index("ix_inbox_messages_inbox", table_name="inbox_messages")
    op.drop_table("inbox_messages")
    op.drop_index("ix_holds_expiry", table_name="holds")
    op.drop_table("holds")
    op.drop_index("uq_guests_external_id", table_name="guests")
    op.drop_index("ix_guests_updated", table_name="guests")
    op.drop_index(
        "ix_guests_parent_location",
        table_name="guests",
        sqlite_where=sa.text("parent_location_id IS NOT NULL"),
        postgresql_where=sa.text("parent_location_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_guests_merged_into",
        table_name="guests",
        sqlite_where=sa.text("merged_into_id IS NOT NULL"),
        postgresql_where=sa.text("merged_into_id IS NOT NULL"),
    )
    op.drop_index("ix_guests_created", table_name="guests")
    op.drop_table("guests")
    op.drop_index(
        "uq_deliveries_replay",
        table_name="deliveries",
        sqlite_where=sa.text("replay_id IS NOT NULL"),
        postgresql_where=sa.text("replay_id IS NOT NULL"),
    )
    op.drop_index(
        "uq_deliveries_event_endpoint",
        table_name="deliveries",
        sqlite_where=sa.text("replay_id IS NULL"),
        postgresql_where=sa.text("replay_id IS NULL"),
    )
    op.drop_index(
        "ix_deliveries_replays",
        table_name="deliveries",
        sqlite_where=sa.text("due_at IS NOT NULL AND replay_id IS NOT NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL AND replay_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_deliveries_ready",
        table_name="deliveries",
        sqlite_where=sa.text("due_at IS NOT NULL AND replay_id IS NULL"),
        postgresql_where=sa.text("due_at IS NOT NULL AND replay_id IS NULL"),
    )
    op.drop_index(
        "ix_deliveries_of_replay",
        table_name="deliveries",
        sqlite_where=sa.text("replay_id IS NOT NULL"),
        postgresql_where=sa.text("replay_id IS NOT NULL"),
    )
    op.drop_index(
        "ix_deliveries_leased",
        table_name="deliveries",
        sqlite_where=sa.text("lease_id IS NOT NULL"),
        postgresql_where=sa.text("lease_id IS NOT NULL"),
    )
    op.drop_index("ix_deliveries_endpoint", table_name="deliveries")
    op.drop_index(
        "ix_deliveries_dead",
        table_name="deliveries",
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.drop_table("deliveries")
    op.drop_index("ix_campaigns_segment", table_name="campaigns")
    op.drop_index("ix_campaigns_created", table_name="campaigns")
    op.drop_table("campaigns")
    op.drop_table("areas")
    op.drop_table("world_builds")
    op.drop_table("traffic_runs")
    op.drop_index("ix_timers_wakes", table_name="timers")
    op.drop_index("ix_timers_due", table_name="timers")
    op.drop_table("timers")
    op.drop_table("tenant_state")
    op.drop_table("taxes")
    op.drop_table("subscriptions")
    op.drop_index("ix_segments_created", table_name="segments")
    op.drop_table("segments")
    op.drop_index("ix_request_logs_at", table_name="request_logs")
    op.drop_table("request_logs")
    op.drop_index("ix_request_counts_today", table_name="request_counts")
    op.drop_index("ix_request_counts_day", table_name="request_counts")
    op.drop_table("request_counts")
    op.drop_table("order_counters")
    op.drop_index("ix_object_references_object", table_name="object_references")
    op.drop_table("object_references")
    op.drop_table("modifier_groups")
    op.drop_index("ix_loyalty_programs_created", table_name="loyalty_programs")
    op.drop_table("loyalty_programs")
    op.drop_table("locations")
    op.drop_index("ix_listener_messages_endpoint", table_name="listener_messages")
    op.drop_table("listener_messages")
    op.drop_table("inboxes")
    op.drop_index(op.f("ix_idempotency_records_created_us"), table_name="idempotency_records")
    op.drop_table("idempotency_records")
    op.drop_table("franchises")
    op.drop_table("faults")
    op.drop_table("extra_charges")
    op.drop_index("ix_export_schedules_created", table_name="export_schedules")
    op.drop_table("export_schedules")
    op.drop_index("ix_export_jobs_created", table_name="export_jobs")
    op.drop_table("export_jobs")
    op.drop_table("export_counts")
    op.drop_index("uq_events_sequence", table_name="events")
    op.drop_index(
        "ix_events_unrelayed",
        table_name="events",
        sqlite_where=sa.text("relayed_at IS NULL"),
        postgresql_where=sa.text("relayed_at IS NULL"),
    )
    op.drop_table("events")
    op.drop_table("endpoint_health")
    op.drop_index("ix_credential_counts_day", table_name="credential_counts")
    op.drop_table("credential_counts")
    op.drop_index("ix_analytics_records_metric", table_name="analytics_records")
    op.drop_index("ix_analytics_records_at", table_name="analytics_records")
    op.drop_table("analytics_records")
