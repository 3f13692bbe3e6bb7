"""What every page's shell needs."""

from django.http import HttpRequest


def navigation(request: HttpRequest) -> dict[str, object]:
    """The member at hand, for the shell."""
    return {"member": getattr(request, "member", None)}
