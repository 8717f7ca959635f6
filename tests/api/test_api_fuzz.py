"""The whole API under generated requests, good and bad: never a fault of the hub, never an answer it does not declare.

`EDGE_HUB_CAMPAIGN=1` makes it long.
"""

import asyncio
import os
import warnings

import pytest
from api_shop import open_shop
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import schemathesis
    from schemathesis.checks import not_a_server_error
    from schemathesis.specs.openapi.checks import (
        content_type_conformance,
        missing_required_header,
        negative_data_rejection,
        response_headers_conformance,
        response_schema_conformance,
        status_code_conformance,
    )

from edge_hub.api import openapi
from edge_hub.api.routes.table import ENDPOINTS

CHECKS = [
    not_a_server_error, content_type_conformance, response_headers_conformance, response_schema_conformance,
    status_code_conformance, missing_required_header, negative_data_rejection,
]  # fmt: skip
CAMPAIGN = bool(os.environ.get("EDGE_HUB_CAMPAIGN"))
EXAMPLES = int(os.environ.get("EDGE_HUB_EXAMPLES", "400" if CAMPAIGN else "4"))
LEAVES_THE_CLIENT_OUT = {"sign_out", "revoke_client"}
"""Asked last: nothing could be asked after them."""


def aim(case, known):
    """Put real ids where made-up ones stand, in about half of the good requests, so that more than 404 is met."""
    names = dict(case.path_parameters or {})
    if sum(len(str(value)) for value in names.values()) % 2:
        case.path_parameters = {name: known.get(name, value) for name, value in names.items()}
        if "If-Match" in (case.headers or {}):
            case.headers["If-Match"] = "*"
    if isinstance(case.body, dict):
        case.body = _aimed(case.body, known)


def _aimed(value, known):
    if isinstance(value, list):
        return [_aimed(item, known) for item in value]
    if not isinstance(value, dict):
        return value
    names = {"device": "device_id", "till": "till", "product_id": "product_id", "barcode": "barcode"}
    return {
        name: known[names[name]] if isinstance(inner, str) and name in names else _aimed(inner, known)
        for name, inner in value.items()
    }


def attack(document, base_url, token, sign_in, known):
    """Every operation in turn, in a thread of its own; what was wrong, by operation."""
    schema = schemathesis.openapi.from_dict(document)
    operations = [result.ok() for result in schema.get_all_operations()]
    operations.sort(key=lambda operation: operation.definition.raw["operationId"] in LEAVES_THE_CLIENT_OUT)
    wrong = {}
    for operation in operations:
        sign_in()
        for mode in schemathesis.GenerationMode:
            try:
                attack_one(operation, mode, base_url, token, known)
            except Unsatisfiable:
                continue  # an operation that takes nothing cannot be asked wrongly
            except (Exception, BaseExceptionGroup) as failure:  # noqa: BLE001  # listed, and told at the end
                wrong[operation.label, mode.value] = failure
    return wrong


def attack_one(operation, mode, base_url, token, known):
    @seed(20_260_101)
    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case):
        if mode is schemathesis.GenerationMode.POSITIVE:
            aim(case, known)
        headers = {"Authorization": f"Bearer {token}"}
        case.call_and_validate(base_url=base_url, headers=headers, checks=CHECKS, timeout=30)

    ask()


async def real_things(shop):
    sold = (await shop.sell()).body
    basket = (await shop.ask("POST", "/v1/baskets", {})).body
    added = await shop.ask("POST", f"/v1/baskets/{basket['id']}/lines", {"barcode": "6400000000015"}, version=1)
    job = (await shop.ask("POST", "/v1/devices/printer/test")).body
    standalone = {"method": "standalone", "amount": 10}
    path = f"/v1/baskets/{basket['id']}/payments"
    begun = await shop.ask("POST", path, standalone, version=added.body["version"])
    photo = await shop.ask(
        "POST", "/v1/payment-photos", data=b"\xff\xd8\xff slip", headers={"Content-Type": "image/jpeg"}
    )
    return {
        "basket_id": basket["id"],
        "line_id": added.body["changed_line"],
        "sale_id": sold["id"],
        "job_id": job["id"],
        "payment_id": begun.body["payment"]["id"],
        "photo": photo.body["sha256"],
        "product_id": (await shop.product())["id"],
        "barcode": "6400000000015",
        "device_id": "printer",
        "staff_id": shop.staff["clerk"],
        "till": "t1",
    }


@pytest.mark.timeout(3600 if CAMPAIGN else 240)
@pytest.mark.filterwarnings("ignore")
async def test_generated_requests_get_declared_answers(tmp_path):
    async with open_shop(tmp_path) as shop, asyncio.TaskGroup() as group:
        running = [group.create_task(one.run()) for one in (shop.services.devices, shop.services.payments)]
        shop.token = await shop.pair()
        await shop.sign_in("owner")
        known = await real_things(shop)
        loop = asyncio.get_running_loop()

        def sign_in():
            asyncio.run_coroutine_threadsafe(shop.sign_in("owner"), loop).result(30)

        document = openapi.document(ENDPOINTS, "1")
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["security"] = []  # every request carries the token: a missing one is asked for elsewhere
        wrong = await asyncio.to_thread(attack, document, shop.base, shop.token, sign_in, known)
        for task in running:
            task.cancel()
    said = "\n\n".join(f"{label} ({mode}): {failure}" for (label, mode), failure in wrong.items())
    assert not wrong, said
