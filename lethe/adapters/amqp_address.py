"""Checks the form of the broker's address without the AMQP client, which is slow to load."""

from yarl import URL

from lethe.domain.errors import OperatorError


def parse_address(text: str) -> URL:
    """Parse the setting LETHE_AMQP_URL. Raises OperatorError, without quoting the value, if it is malformed."""
    try:
        url = URL(text)
    except ValueError:
        url = URL()
    if url.scheme not in {"amqp", "amqps"} or not url.host:
        raise OperatorError("The AMQP address must have the form amqp://user:password@host:5672/vhost.")
    return url
