"""Feeds and calendars by their addresses."""

from fastapi import APIRouter

router = APIRouter(tags=["feeds"])
