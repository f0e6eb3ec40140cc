"""links and people's posts are counted along.

Revision 0003, after 0002.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_PEOPLE = (
    "INSERT INTO shares (course_id, link_key, person_key, posts)"
    " SELECT post_links.course_id, post_links.link_key, posts.person_key, count(*)"
    " FROM post_links JOIN posts"
    " ON posts.course_id = post_links.course_id AND posts.id = post_links.post_id"
    " WHERE posts.visible GROUP BY 1, 2, 3"
)
_LINKS = (
    "INSERT INTO shared_links (course_id, link_key, people, posts)"
    " SELECT course_id, link_key, count(*), sum(posts) FROM shares GROUP BY 1, 2"
)
_POSTS = (
    "UPDATE participants SET posts = (SELECT count(*) FROM posts"
    " WHERE posts.course_id = participants.course_id AND posts.participant_id = participants.id"
    " AND posts.listed)"
)
_MANY = sa.text("people >= 2")


def upgrade() -> None:
    op.create_table(
        "shares",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("link_key", sa.String(length=32), nullable=False),
        sa.Column("person_key", sa.String(length=32), nullable=False),
        sa.Column("posts", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"], ["courses.id"], name="fk_shares_course_id_courses", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("course_id", "link_key", "person_key", name="pk_shares"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "shared_links",
        sa.Column("course_id", sa.Integer(), nullable=False),
        sa.Column("link_key", sa.String(length=32), nullable=False),
        sa.Column("people", sa.BigInteger(), nullable=False),
        sa.Column("posts", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["course_id"],
            ["courses.id"],
            name="fk_shared_links_course_id_courses",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("course_id", "link_key", name="pk_shared_links"),
        sqlite_with_rowid=False,
    )
    op.add_column(
        "participants", sa.Column("posts", sa.BigInteger(), nullable=False, server_default="0")
    )
    op.execute(_POSTS)
    op.execute(_PEOPLE)
    op.execute(_LINKS)
    op.create_index(
        "ix_shared_links_most",
        "shared_links",
        ["course_id", "people", "posts", "link_key"],
        sqlite_where=_MANY,
        postgresql_where=_MANY,
    )


def downgrade() -> None:
    op.drop_column("participants", "posts")
    op.drop_table("shared_links")
    op.drop_table("shares")
