"""Bodies of requests, which strangers may make as long as they like."""

from fastapi import Request


async def read_body(request: Request, limit: int) -> bytes | None:
    """The whole body; None where it has more than `limit` bytes, of which none are held then."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            return None
    return bytes(body)
