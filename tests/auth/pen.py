"""What signs in memory, in the ways that a test lets it."""

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from app.auth.signing import Scheme, SchemeNotOffered, padding_of
from tests.auth.keys import Key, certificate_of, rsa_key

KEY = rsa_key()


def certificate(key: Key = KEY) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate_of(key))


class Pen:
    """Fulfils signing.Signer: signs in the ways of `offers`, with `key`."""

    place = "pen"

    def __init__(self, *offers: Scheme) -> None:
        self.certificate = certificate()
        self.key = KEY
        self.offers = offers

    def sign(self, data: bytes, scheme: Scheme) -> bytes:
        if scheme not in self.offers:
            raise SchemeNotOffered
        return self.key.sign(data, padding_of(scheme), hashes.SHA256())
