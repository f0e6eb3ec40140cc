"""What a post is (`domain`), how it is kept (`tables`) and how it is read and written (`store`)."""
