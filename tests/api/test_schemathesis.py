"""Requests made up from the OpenAPI document, sent to a real server."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.api.conftest import Service

#: A request may keep to its shape and still be wrong: an unknown name, too short a history.
SHAPE_IS_NOT_ALL = [positive_data_acceptance]
#: How a request that is wrong may be refused: the grammar nests, so that some are too large.
REFUSALS = [400, 401, 403, 404, 405, 406, 409, 413, 415, 422]
CONFIG = SchemathesisConfig.from_dict(
    {"checks": {"negative_data_rejection": {"expected-statuses": REFUSALS}}}
)
EXAMPLES = 8
#: Would end the one prediction that all other operations need.
ENDING = {
    ("DELETE", "/v1/predictions/{name}"),
    ("POST", "/v1/predictions/{name}/state"),
}


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
def test_every_operation_keeps_its_promises(
    expendable: Service, mode: schemathesis.GenerationMode
) -> None:
    address = f"{expendable.client.base_url}/v1/openapi.json"
    schema = schemathesis.openapi.from_url(address, config=CONFIG)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) >= 55
    for operation in operations:
        takes_something = operation.path_parameters or operation.query or operation.body
        if mode is schemathesis.GenerationMode.NEGATIVE and not takes_something:
            continue

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            # To make a failing request of megabytes smaller takes minutes, and as many gigabytes.
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def keeps_its_promises(case: schemathesis.Case) -> None:
            positive = mode is schemathesis.GenerationMode.POSITIVE
            ending = (case.method, case.path) in ENDING
            if "name" in case.path_parameters and positive and not ending:
                # A made-up name would end nearly every request in a 404.
                case.path_parameters["name"] = "churn-28d"
            case.call_and_validate(
                headers=expendable.headers(), excluded_checks=SHAPE_IS_NOT_ALL, timeout=60
            )

        keeps_its_promises()
