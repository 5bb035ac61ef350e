"""A station that signs in by itself: MSAL's client credentials, with a certificate.

Nobody is at such a station, so there is no account and nothing to renew with: a new token is asked
for by the certificate, five minutes before the one in memory ends (MSAL). Each request carries an
assertion of its own; MSAL is never given the key, which may lie where no program can read it.
"""

import base64
import json
from typing import TYPE_CHECKING, Any

from app.auth.client import Client
from app.auth.settings import AuthSettings
from app.core.ports import Clock

if TYPE_CHECKING:
    from app.auth.signing import Signer  # imports cryptography


class AppClient(Client):
    """The sign-in of the application itself, with its certificate."""

    def __init__(
        self, settings: AuthSettings, client_id: str, signer: "Signer", clock: Clock
    ) -> None:
        """Ask the authority for its addresses. Raises SignInError."""
        self._client_id = client_id
        self._signer = signer
        self._clock = clock
        super().__init__(settings)

    @property
    def signed_in(self) -> bool:
        """An application that was given a token is signed in: it has no account."""
        return True

    def _make(self, **options: Any) -> Any:
        import msal  # noqa: PLC0415 - about 90 ms, and nobody waits for it in a thread

        return msal.ConfidentialClientApplication(
            self._client_id,
            client_credential={"client_assertion": self._assertion},
            azure_region=False,  # MSAL_FORCE_REGION must not change the host
            **options,
        )

    def _assertion(self) -> str:
        """Return what proves the certificate to the token endpoint; MSAL asks for each request."""
        from app.auth.assertion import assertion  # noqa: PLC0415 - imports cryptography

        audience = str(self._application.authority.token_endpoint)
        return assertion(self._signer, self._client_id, audience, self._clock.now())

    def _silent(self, claims: str | None) -> dict[str, Any]:
        if claims == "":
            self._application.remove_tokens_for_client()
        result = self._application.acquire_token_for_client(
            [self._settings.everything], claims_challenge=claims or None
        )
        return dict(result)

    def _forget(self) -> None:
        self._application.remove_tokens_for_client()
        super()._forget()


def roles_in(token: str) -> frozenset[str]:
    """Return the permissions (`roles`) that an application's token names; none where unreadable.

    The answer of the service does not list them. Nothing is decided by this but what is shown to be
    missing: the directory alone decides what the token is good for.
    """
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return frozenset(str(role) for role in claims["roles"])
    except (ValueError, IndexError, KeyError, TypeError):
        return frozenset()
