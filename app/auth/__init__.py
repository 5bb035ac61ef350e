"""Signing operators in and out of the tenant: core.ports.SignIn over MSAL."""

from app.auth.page import Words
from app.auth.settings import AuthSettings
from app.auth.signin import MsalSignIn

__all__ = ["AuthSettings", "MsalSignIn", "Words"]
