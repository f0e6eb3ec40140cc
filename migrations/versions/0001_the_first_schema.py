"""the first schema.

Revision 0001, after nothing.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# The words are stems already: nothing may split or fold them once more, so every character that is
# not ASCII belongs to a word, whatever Unicode an SQLite knows. Without positions and columns the
# index is half the size; phrases are not searched.
SQLITE_SEARCH = """
    CREATE VIRTUAL TABLE post_search USING fts5(
        terms, detail = none, columnsize = 0,
        tokenize = "ascii tokenchars '_'"
    )
"""
POSTGRESQL_SEARCH = """
    CREATE TABLE post_search (
        course_id integer NOT NULL REFERENCES courses (id) ON DELETE CASCADE,
        number bigint NOT NULL,
        terms tsvector NOT NULL,
        CONSTRAINT pk_post_search PRIMARY KEY (course_id, number)
    )
"""


def upgrade() -> None:
    op.create_table(
        "courses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column(
            "hashtags",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("homepage", sa.Text(), nullable=True),
        sa.Column("imprint", sa.Text(), nullable=True),
        sa.Column("privacy", sa.Text(), nullable=True),
        sa.Column("consent", sa.String(length=16), nullable=False),
        sa.Column("show", sa.String(length=16), nullable=False),
        sa.Column("moderation", sa.String(length=16), nullable=False),
        sa.Column("index", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("posts_numbered", sa.BigInteger(), nullable=False),
        sa.Column("posts_listed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_courses")),
        sa.UniqueConstraint("slug", name=op.f("uq_courses_slug")),
    )
    op.create_table(
        "hosts",
        sa.Column("host", sa.String(length=260), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lease_token", sa.String(length=32), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_hosts")),
    )
    op.create_index(op.f("ix_hosts_due_at"), "hosts", ["due_at"], unique=False)

    op.create_table(
        "changes",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("change", sa.String(length=8), nullable=False),
        sa.Column(
            "post_id",
            sa.String(length=36).with_variant(sa.String(length=36, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["courses.id"],
            name=op.f("fk_changes_course_id_courses"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", "revision", name=op.f("pk_changes")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_changes_course_id_post_id"), "changes", ["course_id", "post_id"], unique=False
    )
    op.create_index(
        "ix_changes_withdrawn",
        "changes",
        ["course_id", "revision"],
        unique=False,
        sqlite_where=sa.text("change = 'withdraw'"),
        postgresql_where=sa.text("change = 'withdraw'"),
    )

    op.create_table(
        "participants",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["courses.id"],
            name=op.f("fk_participants_course_id_courses"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", "id", name=op.f("pk_participants")),
    )
    op.create_table(
        "posts",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column(
            "id",
            sa.String(length=36).with_variant(sa.String(length=36, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_key", sa.String(length=32), nullable=False),
        sa.Column("participant_id", sa.String(length=16), nullable=True),
        sa.Column("reply_key", sa.String(length=32), nullable=True),
        sa.Column("responses", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("shown_source_id", sa.String(length=16), nullable=True),
        sa.Column("shown_entry_key", sa.String(length=32), nullable=True),
        sa.Column("visible", sa.Boolean(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("pinned", sa.Boolean(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["courses.id"],
            name=op.f("fk_posts_course_id_courses"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", "id", name=op.f("pk_posts")),
    )
    op.create_index(
        op.f("ix_posts_course_id_kind_visible_published_at_id"),
        "posts",
        ["course_id", "kind", "visible", "published_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_posts_course_id_language_listed_published_at_id"),
        "posts",
        ["course_id", "language", "listed", "published_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_posts_course_id_listed_published_at_id"),
        "posts",
        ["course_id", "listed", "published_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_posts_discussed",
        "posts",
        ["course_id", "visible", "responses", "published_at", "id", "listed", "kind"],
        unique=False,
    )
    op.create_index(
        op.f("ix_posts_course_id_participant_id_listed_published_at_id"),
        "posts",
        ["course_id", "participant_id", "listed", "published_at", "id"],
        unique=False,
        sqlite_where=sa.text("participant_id IS NOT NULL"),
        postgresql_where=sa.text("participant_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_posts_course_id_reply_key"),
        "posts",
        ["course_id", "reply_key"],
        unique=False,
        sqlite_where=sa.text("reply_key IS NOT NULL"),
        postgresql_where=sa.text("reply_key IS NOT NULL"),
    )
    op.create_index(
        "ix_posts_people",
        "posts",
        ["course_id", "person_key"],
        unique=False,
        sqlite_where=sa.text("visible = 1"),
        postgresql_where=sa.text("visible"),
    )
    op.create_index("uq_posts_course_id_number", "posts", ["course_id", "number"], unique=True)

    op.create_table(
        "sources",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("url_key", sa.String(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("homepage", sa.Text(), nullable=True),
        sa.Column("participant_id", sa.String(length=16), nullable=True),
        sa.Column("match", sa.String(length=16), nullable=False),
        sa.Column(
            "options",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("from_file", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("state_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("host", sa.String(length=260), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "cursor",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("last_modified", sa.Text(), nullable=True),
        sa.Column("body_digest", sa.String(length=32), nullable=True),
        sa.Column("rule_digest", sa.String(length=32), nullable=True),
        sa.Column("moving_to", sa.Text(), nullable=True),
        sa.Column("moves_seen", sa.Integer(), nullable=False),
        sa.Column(
            "hints",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_fetch_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_new_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("error_code", sa.String(length=32), nullable=True),
        sa.Column("interval", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["courses.id"],
            name=op.f("fk_sources_course_id_courses"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["host"], ["hosts.host"], name=op.f("fk_sources_host_hosts")),
        sa.PrimaryKeyConstraint("course_id", "id", name=op.f("pk_sources")),
    )
    op.create_index(op.f("ix_sources_host_due_at"), "sources", ["host", "due_at"], unique=False)
    op.create_index(
        "uq_sources_course_id_kind_url_key",
        "sources",
        ["course_id", "kind", "url_key"],
        unique=True,
    )

    op.create_table(
        "weeks",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["courses.id"],
            name=op.f("fk_weeks_course_id_courses"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", "number", name=op.f("pk_weeks")),
    )
    op.create_table(
        "accounts",
        sa.Column("course_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("participant_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id", "participant_id"],
            ["participants.course_id", "participants.id"],
            name=op.f("fk_accounts_course_id_participant_id_participants"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", "key", name=op.f("pk_accounts")),
    )
    op.create_index(
        op.f("ix_accounts_course_id_participant_id"),
        "accounts",
        ["course_id", "participant_id"],
        unique=False,
    )

    op.create_table(
        "curated_links",
        sa.Column("course_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("week", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id", "week"],
            ["weeks.course_id", "weeks.number"],
            name=op.f("fk_curated_links_course_id_week_weeks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", "week", "position", name=op.f("pk_curated_links")),
    )
    op.create_table(
        "edges",
        sa.Column("course_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "post_id",
            sa.String(length=36).with_variant(sa.String(length=36, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("target_key", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id", "post_id"],
            ["posts.course_id", "posts.id"],
            name=op.f("fk_edges_course_id_post_id_posts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "course_id", "post_id", "kind", "target_key", name=op.f("pk_edges")
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_edges_course_id_target_key_kind_post_id"),
        "edges",
        ["course_id", "target_key", "kind", "post_id"],
        unique=False,
    )

    op.create_table(
        "events",
        sa.Column("course_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("week", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id", "week"],
            ["weeks.course_id", "weeks.number"],
            name=op.f("fk_events_course_id_week_weeks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", "week", "position", name=op.f("pk_events")),
    )
    op.create_table(
        "fetches",
        sa.Column("course_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.String(length=16), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("withdrawn", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id", "source_id"],
            ["sources.course_id", "sources.id"],
            name=op.f("fk_fetches_course_id_source_id_sources"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", "source_id", "at", name=op.f("pk_fetches")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "identities",
        sa.Column("course_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column(
            "post_id",
            sa.String(length=36).with_variant(sa.String(length=36, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["course_id", "post_id"],
            ["posts.course_id", "posts.id"],
            name=op.f("fk_identities_course_id_post_id_posts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", "key", name=op.f("pk_identities")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_identities_course_id_post_id"),
        "identities",
        ["course_id", "post_id"],
        unique=False,
    )

    op.create_table(
        "post_links",
        sa.Column("course_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "post_id",
            sa.String(length=36).with_variant(sa.String(length=36, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("link_key", sa.String(length=32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id", "post_id"],
            ["posts.course_id", "posts.id"],
            name=op.f("fk_post_links_course_id_post_id_posts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", "post_id", "link_key", name=op.f("pk_post_links")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_post_links_course_id_link_key_post_id"),
        "post_links",
        ["course_id", "link_key", "post_id"],
        unique=False,
    )

    op.create_table(
        "post_tags",
        sa.Column("course_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "post_id",
            sa.String(length=36).with_variant(sa.String(length=36, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("tag", sa.String(length=200), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id", "post_id"],
            ["posts.course_id", "posts.id"],
            name=op.f("fk_post_tags_course_id_post_id_posts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", "post_id", "tag", name=op.f("pk_post_tags")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_post_tags_course_id_tag_listed_published_at_post_id"),
        "post_tags",
        ["course_id", "tag", "listed", "published_at", "post_id"],
        unique=False,
    )

    op.create_table(
        "sightings",
        sa.Column("course_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.String(length=16), nullable=False),
        sa.Column("entry_key", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column(
            "post_id",
            sa.String(length=36).with_variant(sa.String(length=36, collation="C"), "postgresql"),
            nullable=True,
        ),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("content_html", sa.Text(), nullable=True),
        sa.Column("excerpt", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=16), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dated", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("from_origin", sa.Boolean(), nullable=False),
        sa.Column("author_name", sa.Text(), nullable=True),
        sa.Column("author_url", sa.Text(), nullable=True),
        sa.Column("author_handle", sa.Text(), nullable=True),
        sa.Column("author_avatar_url", sa.Text(), nullable=True),
        sa.Column("author_key", sa.Text(), nullable=True),
        sa.Column(
            "hashtags",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "links",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "media",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column(
            "mentions",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("in_reply_to", sa.Text(), nullable=True),
        sa.Column("sensitive", sa.Boolean(), nullable=False),
        sa.Column("content_warning", sa.Text(), nullable=True),
        sa.Column("profile", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id", "post_id"],
            ["posts.course_id", "posts.id"],
            name=op.f("fk_sightings_course_id_post_id_posts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["course_id", "source_id"],
            ["sources.course_id", "sources.id"],
            name=op.f("fk_sightings_course_id_source_id_sources"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", "source_id", "entry_key", name=op.f("pk_sightings")),
    )
    op.create_index(
        op.f("ix_sightings_course_id_post_id"), "sightings", ["course_id", "post_id"], unique=False
    )
    op.create_index(
        op.f("ix_sightings_course_id_source_id_listed_published_at_post_id"),
        "sightings",
        ["course_id", "source_id", "listed", "published_at", "post_id"],
        unique=False,
    )
    if op.get_context().dialect.name == "postgresql":
        op.execute(POSTGRESQL_SEARCH)
        op.execute("CREATE INDEX ix_post_search_terms ON post_search USING gin (terms)")
    else:
        op.execute(SQLITE_SEARCH)


def downgrade() -> None:
    op.execute("DROP TABLE post_search")
    op.drop_table("sightings")
    op.drop_table("post_tags")
    op.drop_table("post_links")
    op.drop_table("identities")
    op.drop_table("fetches")
    op.drop_table("events")
    op.drop_table("edges")
    op.drop_table("curated_links")
    op.drop_table("accounts")
    op.drop_table("weeks")
    op.drop_table("sources")
    op.drop_table("posts")
    op.drop_table("participants")
    op.drop_table("changes")
    op.drop_table("hosts")
    op.drop_table("courses")
