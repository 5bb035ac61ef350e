"""The raw requests of a trial: each is one that the contract knows, and tells no secret."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest
import trustme

from app.core.code import VerificationCode
from app.core.secret import Secret
from app.core.tenant_trial import Reply, SecretForm, Upload
from app.graph.tenant_trial import GraphTrial, Tally
from tests.graph.support import answer, desk, refusal, reset

SEED = Secret(b"12345678901234567890")
BASE32 = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
CODE = VerificationCode("048213")
UPLOAD = Upload("OATHDESK-TRIAL-1", SEED, name="Trial")
COPY = Upload("OATHDESK-TRIAL-2", SEED)

Ask = Callable[[GraphTrial], Awaitable[Reply]]

REQUESTS: dict[str, Ask] = {
    "policy": lambda trial: trial.policy(),
    "methods policy": lambda trial: trial.methods_policy(),
    "inventory": lambda trial: trial.inventory(),
    "one of the inventory": lambda trial: trial.inventory(top=1),
    "with serial": lambda trial: trial.with_serial("a'b"),
    "with status": lambda trial: trial.with_status("assigned"),
    "held by": lambda trial: trial.held_by("p1", "assignedTo/id"),
    "device": lambda trial: trial.device("d1"),
    "tokens of": lambda trial: trial.tokens_of("p1"),
    "methods of": lambda trial: trial.methods_of("p1"),
    "create": lambda trial: trial.create(UPLOAD),
    "create many": lambda trial: trial.create_many((UPLOAD, COPY)),
    "set model": lambda trial: trial.set_model("d1", "Trial"),
    "delete": lambda trial: trial.delete("d1"),
    "assign": lambda trial: trial.assign("p1", "d1"),
    "activate": lambda trial: trial.activate("p1", "m1", CODE),
    "deactivate": lambda trial: trial.deactivate("p1", "m1"),
    "unassign": lambda trial: trial.unassign("p1", "m1"),
    "at once": lambda trial: trial.assign_and_activate("p1", "d1", CODE),
    "by serial": lambda trial: trial.assign_and_activate_by_serial("p1", "S1", CODE),
}


def asked(authority: trustme.CA, ask: Ask, *replies: object) -> tuple[Reply, GraphTrial]:
    """Send one request to a server that holds it against the contract."""

    async def use() -> tuple[Reply, GraphTrial]:
        async with desk(authority) as here:
            here.server.will(*replies)  # type: ignore[arg-type]  # - replies of tests.graph.support
            trial = GraphTrial(here.client, Tally())
            return await ask(trial), trial

    return asyncio.run(use())


@pytest.mark.parametrize("name", REQUESTS)
def test_every_request_is_one_that_the_contract_knows(authority: trustme.CA, name: str) -> None:
    told, _ = asked(authority, REQUESTS[name], answer(200, {"value": []}))
    assert (told.status, told.accepted, told.items()) == (200, True, ())


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_a_refusal_is_an_answer_with_its_words(authority: trustme.CA, status: int) -> None:
    said = refusal(status, "badRequest", "No.", request_id="r-1")
    told, _ = asked(authority, REQUESTS["assign"], said)
    assert (told.status, told.code, told.message) == (status, "badRequest", "No.")
    assert told.refused is (status != 403)


def test_no_answer_has_no_status(authority: trustme.CA) -> None:
    told, _ = asked(authority, REQUESTS["assign"], reset())
    assert (told.status, told.accepted, told.refused) == (None, False, False)
    assert told.outcome == "no answer"


@pytest.mark.parametrize("name", ["create", "create many"])
def test_a_seed_that_the_server_repeats_is_blotted_out(authority: trustme.CA, name: str) -> None:
    words = f"Invalid secret {BASE32}."
    told, _ = asked(authority, REQUESTS[name], refusal(400, "badRequest", words))
    assert told.message == "Invalid secret ******."


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        (SecretForm.BASE32, BASE32),
        (SecretForm.LOWER_CASE, BASE32.lower()),
        (SecretForm.NOT_BASE32, f"{BASE32[:-1]}8"),
    ],
)
def test_the_secret_goes_out_in_the_form_that_is_tried(
    authority: trustme.CA, form: SecretForm, sent: str
) -> None:
    async def use() -> object:
        async with desk(authority) as here:
            here.server.will(answer(201, {"id": "d1"}))
            await GraphTrial(here.client, Tally()).create(Upload("S", SEED, form=form))
            return here.server.asked[0].json["secretKey"]

    assert asyncio.run(use()) == sent
    assert BASE32 not in repr(Upload("S", SEED, form=form))
