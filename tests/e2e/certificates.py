"""Authorities and certificates for the tests of TLS."""

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


def pem(key):
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """Signs certificates; `file` holds its own."""

    def __init__(self, folder, text):
        self.folder = folder
        self.name = name(text)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.public = identifier(self.key)
        rules = x509.BasicConstraints(ca=True, path_length=None)
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        certificate = self._sign(self.name, self.key.public_key(), [(rules, True), (usage, True)])
        self.file = folder / f"{text}.pem"
        self.file.write_text(certificate)

    def _sign(self, subject, key, extensions):
        now = datetime.datetime.now(datetime.timezone.utc)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - DAY)
            .not_valid_after(now + 30 * DAY)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)
            .add_extension(self.public, False)
        )
        for extension, is_critical in extensions:
            builder = builder.add_extension(extension, is_critical)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    def issue(self, text):
        """A certificate for this name and 127.0.0.1, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.DNSName(text), x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        extensions = [(x509.SubjectAlternativeName(names), False), (x509.BasicConstraints(False, None), True)]
        return self._sign(name(text), key.public_key(), extensions), pem(key)

    def issue_to_files(self, text):
        """The same as two files that only the owner reads."""
        certificate, key = self.issue(text)
        files = self.folder / f"{text}-cert.pem", self.folder / f"{text}-key.pem"
        for file, content in zip(files, (certificate, key)):
            file.touch(mode=0o600)
            file.write_text(content)
        return files

    def issue_to_one_file(self, text):
        """The same as one file, as MLflow's clients want it."""
        file = self.folder / f"{text}.pem"
        file.write_text("".join(self.issue(text)))
        return file


def identifier(key):
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key())
