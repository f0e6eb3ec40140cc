"""The course file: TOML that describes a course, its weeks and its sources.

`parse` checks everything and raises `Invalid`, whose text names the key and the mend; `dump` writes
a file that `parse` reads back to the same value.
"""

from models.domain.coursefile.content import CourseFile, SourceEntry
from models.domain.coursefile.dumping import dump
from models.domain.coursefile.parsing import RESERVED, parse

__all__ = ["RESERVED", "CourseFile", "SourceEntry", "dump", "parse"]
