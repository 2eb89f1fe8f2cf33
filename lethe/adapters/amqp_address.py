"""The broker's address by its form alone: read without the AMQP client, which takes long to load."""

from yarl import URL

from lethe.domain.errors import OperatorError


def parse_address(text: str) -> URL:
    """The setting LETHE_AMQP_URL, read. Raises OperatorError, which does not show it, when it cannot be one."""
    try:
        url = URL(text)
    except ValueError:
        url = URL()
    if url.scheme not in {"amqp", "amqps"} or not url.host:
        raise OperatorError("The AMQP address is not of the form amqp://user:password@host:5672/vhost.")
    return url
