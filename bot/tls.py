"""Which certificates are trusted when we call out: the system's, and those of the customer's own authority."""

import ssl
from pathlib import Path

from domain.errors import ConfigError


def context(ca_file: Path | None) -> ssl.SSLContext | None:
    """Return the trust for outgoing TLS; None = the system's alone. Raises ConfigError for a file without certificates."""
    if ca_file is None:
        return None
    trusted = ssl.create_default_context()
    try:
        trusted.load_verify_locations(cafile=ca_file)
    except (ssl.SSLError, OSError) as error:
        raise ConfigError(f"server.ca_file：{ca_file} 不是PEM格式的证书（{error}），请换成CA证书文件。") from error
    return trusted
