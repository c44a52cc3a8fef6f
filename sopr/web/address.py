"""Where a request came from."""

from django.conf import settings


def client_address(request) -> str:
    """Return the caller's address, as the outermost of our own proxies (`SOPR_PROXIES` of them) saw it.

    Each proxy appends the address it was called from, so what stands before ours is the caller's own invention.
    """
    if settings.SOPR_PROXIES:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
        if len(hops) >= settings.SOPR_PROXIES:
            return hops[-settings.SOPR_PROXIES]
    return request.META.get("REMOTE_ADDR", "")
