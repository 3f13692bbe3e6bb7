"""Writing to the outbox."""

from collections.abc import Mapping
from datetime import datetime

from meritbook.notices.models import OutboxMessage


def tell(
    *, company_id: int, topic: str, payload: Mapping[str, object], happened_at: datetime
) -> OutboxMessage:
    """Put a message into the outbox, in the caller's transaction.

    ``payload`` holds ids and codes only; the sender looks up names when it delivers.
    """
    return OutboxMessage.objects.create(
        company_id=company_id, topic=topic, payload=dict(payload), created_at=happened_at
    )
