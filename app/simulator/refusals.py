"""Every refusal the practice tenant gives, told apart by how well its wording is known.

`CONFIRMED` holds pairs of code and message that public sources show for Graph (contract,
section 7). `ASSUMED` holds our own guesses for cases that no public source describes: nobody
should mistake their codes, texts or even statuses for Microsoft's, and no client may branch on
more than the status. Of `pass_policy` the first six words, and of `pass_external` the text, are
reported from real tenants; their statuses and codes are guesses all the same.
"""

from collections.abc import Mapping
from typing import Final


class GraphRefusal(Exception):
    """A request that Graph refuses: HTTP status, Graph code, message and extra headers."""

    def __init__(
        self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


Wording = tuple[int, str, str]

CONFIRMED: Final[Mapping[str, Wording]] = {
    "search_needs_header": (
        400,
        "Request_UnsupportedQuery",
        (
            "Request with $search query parameter only works through MSGraph with a special"
            " request header: 'ConsistencyLevel: eventual'"
        ),
    ),
    "unsupported_query": (400, "Request_UnsupportedQuery", "Unsupported Query."),
    "token_missing": (401, "InvalidAuthenticationToken", "Access token is empty."),
    "methods_denied": (403, "accessDenied", "Request Authorization failed"),
    "directory_denied": (
        403,
        "Authorization_RequestDenied",
        "Insufficient privileges to complete the operation.",
    ),
    "unknown_resource": (
        404,
        "Request_ResourceNotFound",
        (
            "Resource '{0}' does not exist or one of its queried reference-property objects are"
            " not present."
        ),
    ),
    "wrong_method": (
        405,
        "Request_BadRequest",
        "Specified HTTP method is not allowed for the request target.",
    ),
    "throttled": (429, "TooManyRequests", "Please retry again later."),
    "no_photo": (
        404,
        "ImageNotFound",
        (
            "Exception of type 'Microsoft.Fast.Profile.Core.Exception.ImageNotFoundException'"
            " was thrown."
        ),
    ),
}

ASSUMED: Final[Mapping[str, Wording]] = {
    "bad_code": (400, "invalidRequest", "The verification code could not be accepted."),
    "code_used": (400, "invalidRequest", "The verification code was already used."),
    "code_shape": (400, "invalidRequest", "verificationCode must be a string of six digits."),
    "duplicate_serial": (400, "badRequest", "A token with this serial number is already present."),
    "held_by_other": (400, "badRequest", "The token is assigned to another user."),
    "already_held": (400, "badRequest", "The token is already assigned to this user."),
    "already_active": (400, "badRequest", "The token is already activated."),
    "not_active": (400, "badRequest", "The token is not activated."),
    "still_assigned": (400, "badRequest", "The token is assigned to a user; unassign it first."),
    "bad_secret": (400, "badRequest", "secretKey is not a valid Base32 secret."),
    "guest": (400, "badRequest", "Hardware OATH tokens cannot be assigned to guest users."),
    "disabled_account": (400, "badRequest", "The account of the user is disabled."),
    "policy_off": (400, "badRequest", "Hardware OATH tokens are disabled in this tenant."),
    "policy_scope": (400, "badRequest", "The user is not in scope of the hardware OATH policy."),
    "too_many": (400, "badRequest", "The user has the maximum number of OATH methods."),
    "pass_policy": (
        400,
        "badRequest",
        "Converged UserCredentialPolicy does not allow creating or updating TemporaryAccessPass.",
    ),
    "pass_lifetime": (400, "badRequest", "lifetimeInMinutes must be between {0} and {1}."),
    "pass_reusable": (400, "badRequest", "The policy restricts passes to one-time use."),
    "pass_external": (
        400,
        "badRequest",
        "Temporary Access Pass cannot be added to an external guest user.",
    ),
    "no_method": (404, "resourceNotFound", "The requested resource was not found."),
    "no_device": (404, "resourceNotFound", "The token was not found."),
    "bad_body": (400, "badRequest", "{0}"),
    "bad_query": (400, "BadRequest", "{0}"),
    "unknown_segment": (400, "BadRequest", "Resource not found for the segment '{0}'."),
    "unknown_version": (400, "BadRequest", "Invalid version: {0}"),
    "me_without_user": (
        400,
        "BadRequest",
        "/me request is only valid with delegated authentication flow.",
    ),
    "expired": (
        401,
        "InvalidAuthenticationToken",
        "Lifetime validation failed, the token is expired.",
    ),
    "bad_token": (401, "InvalidAuthenticationToken", "The access token is not valid."),
    "challenge": (
        401,
        "InvalidAuthenticationToken",
        "Continuous access evaluation resulted in a challenge.",
    ),
    "failed_dependency": (424, "FailedDependency", "A request this one depends on failed."),
    "unavailable": (503, "serviceNotAvailable", "The service is temporarily unavailable."),
    "gateway": (502, "UnknownError", ""),
    "timeout": (504, "UnknownError", ""),
}


def refusal(name: str, *values: object) -> GraphRefusal:
    """The refusal called `name` in one of the tables, its message filled with `values`."""
    status, code, message = CONFIRMED.get(name) or ASSUMED[name]
    return GraphRefusal(status, code, message.format(*values) if values else message)
