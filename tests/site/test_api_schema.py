"""The API keeps what its description says, whatever is sent (schemathesis)."""

from collections.abc import Iterator

import pytest
import schemathesis
import time_machine
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.awards.worlds import NOW, World, event, found_world
from tests.site.test_api import Caller
from tests.tenancy.matrix import API


@pytest.fixture
def api(live_database: str) -> Iterator[schemathesis.BaseSchema]:
    """The description, and a company with a person, a rule and an event behind the key."""
    with time_machine.travel(NOW, tick=True):
        world: World = found_world("acme", "示例公司")
        world.hire("001", "李雷", world.department("销售部"))
        code = world.rule("S1", "签合同", points="10").rule.code
        world.record(event("C-1", code), source="default")
        schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
        schema.config.update(headers=Caller(world).headers)
        yield schema


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def test_every_endpoint_keeps_its_word(api: schemathesis.BaseSchema) -> None:
    asked = 0
    for found in api.get_all_operations():
        operation = found.ok()

        @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy())
        def keeps_its_word(case: schemathesis.Case) -> None:
            case.call_and_validate(checks=CHECKS, headers=api.config.headers)

        keeps_its_word()
        asked += 1
    assert asked == len(API) + 1  # and health
