"""Signing operators in and out of the tenant: core.ports.SignIn over MSAL."""

from app.auth.page import Words
from app.auth.settings import AuthSettings, Certificate, StationKey, StoredKey
from app.auth.signin import Means, MsalSignIn

__all__ = [
    "AuthSettings",
    "Certificate",
    "Means",
    "MsalSignIn",
    "StationKey",
    "StoredKey",
    "Words",
]
