"""the hub: who subscribed to our feeds, and what is yet to be verified.

Revision 0004, after 0003.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _course(table: str) -> tuple[sa.Column[int], sa.ForeignKeyConstraint]:
    return (
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["courses.id"],
            name=f"fk_{table}_course_id_courses",
            ondelete="CASCADE",
        ),
    )


def _time(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=False)


def _who() -> list[sa.Column[str]]:
    return [
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("callback", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=True),
    ]


def upgrade() -> None:
    op.create_table(
        "subscribers",
        *_course("subscribers"),
        *_who(),
        _time("lease_until"),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=True),
        _time("due_at"),
        sa.Column("failures", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("course_id", "id", name="pk_subscribers"),
    )
    op.create_index(
        "ix_subscribers_course_id_revision", "subscribers", ["course_id", "revision"]
    )
    op.create_index("ix_subscribers_host", "subscribers", ["host"])
    op.create_table(
        "intents",
        *_course("intents"),
        *_who(),
        sa.Column("mode", sa.String(length=16), nullable=False),
        sa.Column("lease_seconds", sa.Integer(), nullable=False),
        _time("due_at"),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("course_id", "id", name="pk_intents"),
    )
    op.create_index("ix_intents_due_at", "intents", ["due_at"])
    op.create_index("ix_intents_host", "intents", ["host"])


def downgrade() -> None:
    op.drop_table("intents")
    op.drop_table("subscribers")
