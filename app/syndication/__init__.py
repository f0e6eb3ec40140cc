"""The combined feed for feed readers, homepages and calendars."""
