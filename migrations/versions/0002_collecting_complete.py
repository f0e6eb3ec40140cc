"""collecting complete: derived sources, secrets, streams, checks, push, announcements, erasure,
backfill.

Revision 0002, after 0001.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PARTIAL = {
    "ix_posts_course_id_announces_id": ("posts", ["course_id", "announces_id"]),
    "ix_posts_course_id_merged_into": ("posts", ["course_id", "merged_into"]),
    "ix_sightings_course_id_source_id_check_at": (
        "sightings",
        ["course_id", "source_id", "check_at"],
    ),
    "ix_sources_course_id_parent_id": ("sources", ["course_id", "parent_id"]),
}
"""Indexes of the rows whose last column is not NULL."""


def _post_id() -> sa.types.TypeEngine[str]:
    return sa.String(length=36).with_variant(sa.String(length=36, collation="C"), "postgresql")


def _time() -> sa.DateTime:
    return sa.DateTime(timezone=True)


def _json() -> sa.types.TypeEngine[Any]:
    return sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")


def _columns() -> dict[str, list[sa.Column[object]]]:
    """New columns by table. Those that are NOT NULL have a default for the rows there are."""
    return {
        "posts": [
            sa.Column("announces_id", _post_id(), nullable=True),
            sa.Column("merged_into", _post_id(), nullable=True),
            sa.Column("apart", sa.Boolean(), nullable=False, server_default=sa.false()),
        ],
        "sightings": [
            sa.Column("boosts", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("replies", sa.Integer(), nullable=False, server_default="0"),
            sa.Column("remote_id", sa.String(length=100), nullable=True),
            sa.Column("check_at", _time(), nullable=True),
            sa.Column("checks", sa.SmallInteger(), nullable=False, server_default="0"),
            sa.Column("answers_at", _time(), nullable=True),
            sa.Column("own_id", _post_id(), nullable=True),
            sa.Column("person_key", sa.String(length=32), nullable=True),
            sa.Column("participant_id", sa.String(length=16), nullable=True),
            sa.Column("reply_key", sa.String(length=32), nullable=True),
            sa.Column("text_length", sa.Integer(), nullable=False, server_default="0"),
        ],
        "sources": [
            sa.Column("parent_id", sa.String(length=16), nullable=True),
            sa.Column("secret", sa.Text(), nullable=True),
            sa.Column("delays", _json(), nullable=False, server_default="[]"),
            sa.Column("pushed_until", _time(), nullable=True),
            sa.Column("live_token", sa.String(length=32), nullable=True),
            sa.Column("live_until", _time(), nullable=True),
            sa.Column("live_since", _time(), nullable=True),
            sa.Column("live_error", sa.String(length=32), nullable=True),
        ],
    }


def upgrade() -> None:
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    for name, (table, keys) in PARTIAL.items():
        condition = sa.text(f"{keys[-1]} IS NOT NULL")
        op.create_index(name, table, keys, sqlite_where=condition, postgresql_where=condition)
    long_enough = sa.text("text_length >= 200")
    op.create_index(
        "ix_sightings_course_id_person_key_stated_at",
        "sightings",
        ["course_id", "person_key", "stated_at"],
        sqlite_where=long_enough,
        postgresql_where=long_enough,
    )
    _give_sightings_their_part()
    _create_ties()
    _create_erasures()
    _create_push()
    _create_tombstones()
    _create_backfills()


def _give_sightings_their_part() -> None:
    """Until now every sighting was a part of no other post, and its person that of the post."""
    op.execute("UPDATE sightings SET own_id = post_id WHERE post_id IS NOT NULL")
    for column in ("person_key", "participant_id"):
        op.execute(
            f"UPDATE sightings SET {column} = (SELECT posts.{column} FROM posts"
            " WHERE posts.course_id = sightings.course_id AND posts.id = sightings.post_id)"
            " WHERE post_id IS NOT NULL"
        )
    op.execute(
        "UPDATE sightings SET reply_key = (SELECT posts.reply_key FROM posts"
        " WHERE posts.course_id = sightings.course_id AND posts.id = sightings.post_id"
        " AND posts.shown_source_id = sightings.source_id"
        " AND posts.shown_entry_key = sightings.entry_key)"
        " WHERE post_id IS NOT NULL"
    )
    # As long as the text itself up to 300 characters: whether it is long enough to be compared.
    op.execute("UPDATE sightings SET text_length = length(excerpt) WHERE excerpt IS NOT NULL")
    with op.batch_alter_table("identities") as table:
        table.add_column(sa.Column("own_id", _post_id(), nullable=True))
    op.execute("UPDATE identities SET own_id = post_id")
    with op.batch_alter_table("identities", table_kwargs={"sqlite_with_rowid": False}) as table:
        table.alter_column("own_id", existing_type=_post_id(), nullable=False)


def _create_ties() -> None:
    op.create_table(
        "ties",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("own_id", _post_id(), nullable=False),
        sa.Column("other_id", _post_id(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("gap", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name="fk_ties_course_id_courses", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("course_id", "own_id", "other_id", name="pk_ties"),
    )


def _create_erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", _time(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name="fk_erasures_course_id_courses", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("course_id", "hash", name="pk_erasures"),
    )
    op.create_table(
        "opt_outs",
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", _time(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_opt_outs"),
    )


def _create_push() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("course_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.String(length=16), nullable=False),
        sa.Column("callback", sa.String(length=32), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("due_at", _time(), nullable=True),
        sa.Column("failures", sa.SmallInteger(), nullable=False),
        sa.Column("lease_until", _time(), nullable=True),
        sa.Column("delivered_at", _time(), nullable=True),
        sa.ForeignKeyConstraint(
            ["course_id", "source_id"],
            ["sources.course_id", "sources.id"],
            name="fk_subscriptions_course_id_source_id_sources",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", "source_id", name="pk_subscriptions"),
    )
    op.create_index("uq_subscriptions_callback", "subscriptions", ["callback"], unique=True)
    op.create_index("ix_subscriptions_due_at", "subscriptions", ["due_at"])
    op.create_table(
        "inbox",
        sa.Column("id", _post_id(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.String(length=16), nullable=True),
        sa.Column("headers", _json(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", _time(), nullable=False),
        sa.Column("due_at", _time(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_due_at", "inbox", ["due_at"])


def _create_tombstones() -> None:
    op.create_table(
        "tombstones",
        sa.Column("course_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.String(length=16), nullable=False),
        sa.Column("remote_id", sa.String(length=100), nullable=False),
        sa.Column("at", _time(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id", "source_id"],
            ["sources.course_id", "sources.id"],
            name="fk_tombstones_course_id_source_id_sources",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", "source_id", "remote_id", name="pk_tombstones"),
    )
    op.create_index("ix_tombstones_at", "tombstones", ["at"])


def _create_backfills() -> None:
    op.create_table(
        "backfills",
        sa.Column("course_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.String(length=16), nullable=False),
        sa.Column("rule_digest", sa.String(length=32), nullable=False),
        sa.Column("since", _time(), nullable=False),
        sa.Column("place", _json(), nullable=False),
        sa.Column("left_out", _json(), nullable=True),
        sa.Column("seen", _json(), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("oldest", _time(), nullable=True),
        sa.Column("updated_at", _time(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id", "source_id"],
            ["sources.course_id", "sources.id"],
            name="fk_backfills_course_id_source_id_sources",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", "source_id", name="pk_backfills"),
    )


def downgrade() -> None:
    tables = ("backfills", "tombstones", "inbox", "subscriptions", "opt_outs", "erasures", "ties")
    for table in tables:
        op.drop_table(table)
    op.drop_index("ix_sightings_course_id_person_key_stated_at", "sightings")
    op.drop_column("identities", "own_id")
    for name, (table, _) in PARTIAL.items():
        op.drop_index(name, table)
    for table, columns in _columns().items():
        for column in columns:
            op.drop_column(table, column.name)
