"""core.tenant_trial.TrialRequests over Graph: one request each, and the raw answer.

The other calls of this package bring an answer into the core's nouns and turn a refusal into an
error. A trial is about the answers themselves, so that here both are told as they came.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus

from app.core.code import RESERVE_SECONDS, VerificationCode
from app.core.errors import DirectoryError, Evidence
from app.core.tenant_trial import MANUFACTURER, MODEL, Reply, SecretForm, Upload
from app.graph import odata
from app.graph.client import BETA, Call, Exchange, GraphClient
from app.graph.policy import PATH as POLICY
from app.graph.policy import ROOT as METHODS_POLICY
from app.graph.tokens import INVENTORY

_THROTTLED = 429


@dataclass(slots=True)
class Tally:
    """How many exchanges there were, and how many of them were answered 429."""

    exchanges: int = 0
    throttled: int = 0

    def take(self, exchange: Exchange) -> None:
        """Count one more."""
        self.exchanges += 1
        self.throttled += exchange.status == _THROTTLED


class GraphTrial:
    """The requests of a trial, sent by `client`, whose exchanges `tally` counts."""

    def __init__(self, client: GraphClient, tally: Tally) -> None:
        self._client = client
        self._tally = tally

    def counted(self) -> tuple[int, int]:
        return self._tally.exchanges, self._tally.throttled

    # Reading ------------------------------------------------------------------------------------

    async def policy(self) -> Reply:
        return await self._read(Call(POLICY, BETA))

    async def methods_policy(self) -> Reply:
        return await self._read(Call(METHODS_POLICY))

    async def inventory(self, top: int | None = None) -> Reply:
        query = {} if top is None else {"$top": str(top)}
        return await self._read(Call(INVENTORY, BETA, query=query))

    async def with_serial(self, serial: str) -> Reply:
        return await self._where(f"serialNumber eq {odata.literal(serial)}")

    async def with_status(self, status: str) -> Reply:
        return await self._where(f"status eq {odata.literal(status)}")

    async def held_by(self, person_id: str, property_name: str) -> Reply:
        return await self._where(f"{property_name} eq {odata.literal(person_id)}")

    async def device(self, device_id: str) -> Reply:
        return await self._read(Call(_device(device_id), BETA))

    async def tokens_of(self, person_id: str) -> Reply:
        return await self._read(Call(_tokens(person_id), BETA, paced=True))

    async def methods_of(self, person_id: str) -> Reply:
        path = f"/users/{odata.segment(person_id)}/authentication/methods"
        return await self._read(Call(path, BETA, paced=True))

    async def _where(self, condition: str) -> Reply:
        return await self._read(Call(INVENTORY, BETA, query={"$filter": condition}))

    # Writing ------------------------------------------------------------------------------------

    async def create(self, upload: Upload) -> Reply:
        return await self._write(Call(INVENTORY, BETA, "POST", body=_body(upload)))

    async def create_many(self, uploads: Sequence[Upload]) -> Reply:
        """Send the delta body of operation D6; each item has its own @contentId."""
        items = [
            {"@contentId": str(number), **_body(upload)}
            for number, upload in enumerate(uploads, start=1)
        ]
        body = {"@context": "#$delta", "value": items}
        return await self._write(Call(INVENTORY, BETA, "PATCH", body=body))

    async def set_model(self, device_id: str, model: str) -> Reply:
        return await self._write(Call(_device(device_id), BETA, "PATCH", body={"model": model}))

    async def delete(self, device_id: str) -> Reply:
        return await self._write(Call(_device(device_id), BETA, "DELETE"))

    async def assign(self, person_id: str, device_id: str) -> Reply:
        return await self._post(_tokens(person_id), {"device": {"id": device_id}})

    async def activate(self, person_id: str, method_id: str, code: VerificationCode) -> Reply:
        return await self._post(f"{_token(person_id, method_id)}/activate", _coded(code))

    async def deactivate(self, person_id: str, method_id: str) -> Reply:
        return await self._post(f"{_token(person_id, method_id)}/deactivate", None)

    async def unassign(self, person_id: str, method_id: str) -> Reply:
        return await self._write(Call(_token(person_id, method_id), BETA, "DELETE", paced=True))

    async def assign_and_activate(
        self, person_id: str, device_id: str, code: VerificationCode
    ) -> Reply:
        body = {"device": {"id": device_id}, **_coded(code)}
        return await self._post(f"{_tokens(person_id)}/assignAndActivate", body)

    async def assign_and_activate_by_serial(
        self, person_id: str, serial: str, code: VerificationCode
    ) -> Reply:
        body = {"serialNumber": serial, **_coded(code)}
        return await self._post(f"{_tokens(person_id)}/assignAndActivateBySerialNumber", body)

    async def _post(self, path: str, body: Mapping[str, object] | None) -> Reply:
        call = Call(path, BETA, "POST", body=body, paced=True)
        if body is not None and "verificationCode" in body:
            call = replace(call, patience=RESERVE_SECONDS)
        return await self._write(call)

    async def _read(self, call: Call) -> Reply:
        try:
            return _reply(*await self._client.read(call))
        except DirectoryError as error:
            return _refusal(error)

    async def _write(self, call: Call) -> Reply:
        try:
            return _reply(*await self._client.write_and_read(call))
        except DirectoryError as error:
            return _refusal(error)


def _device(device_id: str) -> str:
    return f"{INVENTORY}/{odata.segment(device_id)}"


def _tokens(person_id: str) -> str:
    return f"/users/{odata.segment(person_id)}/authentication/hardwareOathMethods"


def _token(person_id: str, method_id: str) -> str:
    return f"{_tokens(person_id)}/{odata.segment(method_id)}"


def _coded(code: VerificationCode) -> dict[str, object]:
    return {"verificationCode": code.reveal()}


def _body(upload: Upload) -> dict[str, object]:
    """Return the body of an upload (D3). The seed is in it alone."""
    text = upload.secret.reveal_base32()
    if upload.form is SecretForm.LOWER_CASE:
        text = text.lower()
    elif upload.form is SecretForm.NOT_BASE32:
        text = f"{text[:-1]}8"  # which the alphabet of RFC 4648, section 6, does not have
    body: dict[str, object] = {
        "serialNumber": upload.serial,
        "manufacturer": MANUFACTURER,
        "model": MODEL,
        "secretKey": text,
        "timeIntervalInSeconds": upload.interval,
        "hashFunction": upload.hash_function,
    }
    return {**body, "displayName": upload.name} if upload.name else body


def _reply(body: object, evidence: Evidence) -> Reply:
    found = body if isinstance(body, dict) else None
    return Reply(evidence.status, request_id=evidence.request_id, body=found)


def _refusal(error: DirectoryError) -> Reply:
    """Return what `error` says of the answer; a status of 200 with it was not Graph's answer."""
    told = error.evidence
    accepted = told.status is not None and told.status < HTTPStatus.BAD_REQUEST
    status = None if accepted else told.status
    return Reply(status, told.code or type(error).__name__, told.message, told.request_id)
