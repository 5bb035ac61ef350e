"""Oathdesk: the enrollment station for hardware OATH tokens in Microsoft Entra ID."""

from app.network.environment import set_aside

__version__ = "0.1.0"

# Before any other import: OpenSSL reads OPENSSL_CONF while `ssl` or `hashlib` is imported.
set_aside()
