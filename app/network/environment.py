"""Variables of the environment that would change whom TLS trusts or where its secrets go.

Python, OpenSSL, httpx, requests and MSAL read them by themselves, some while OpenSSL is loaded. So
they are removed from this process before anything else is imported (app/__init__.py), and the
programs that it starts, such as the browser, do not get them either. What the system's loader or
Python itself reads (LD_PRELOAD, PYTHONPATH) cannot be dealt with here: those who set such variables
run code of their own in this program.
"""

import os
from collections.abc import Mapping, MutableMapping
from types import MappingProxyType
from typing import Final

SET_ASIDE: Final = (
    "SSL_CERT_FILE",  # OpenSSL's default paths, httpx, truststore on Linux
    "SSL_CERT_DIR",  # the same
    "SSLKEYLOGFILE",  # ssl.create_default_context, urllib3: writes the secrets of each connection
    "REQUESTS_CA_BUNDLE",  # requests
    "CURL_CA_BUNDLE",  # requests
    "OPENSSL_CONF",  # OpenSSL: versions, ciphers, modules to load; read while ssl is imported
    "OPENSSL_CONF_INCLUDE",  # the same
    "OPENSSL_MODULES",  # OpenSSL 3: the folder of the providers
    "OPENSSL_ENGINES",  # OpenSSL 1.1: the folder of the engines
    "CTLOG_FILE",  # OpenSSL: the logs of certificate transparency
    "NETRC",  # requests: passwords by host
    "MSAL_FORCE_REGION",  # MSAL: another host of the sign-in service
    "REGION_NAME",  # the same
)

_removed: dict[str, str] = {}


def set_aside(environment: MutableMapping[str, str] = os.environ) -> None:
    """Remove the variables of SET_ASIDE from `environment`; `found` still names them."""
    for name in SET_ASIDE:
        value = environment.pop(name, None)
        if value is not None:
            _removed[name] = value


def found(environment: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """Return those of SET_ASIDE that were set at the start of the program, or are set now."""
    values = {name: environment.get(name, _removed.get(name)) for name in SET_ASIDE}
    return MappingProxyType({name: value for name, value in values.items() if value is not None})
