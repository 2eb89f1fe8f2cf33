"""Reads the settings of the embedder and the broker, and checks them before anything starts."""

from lethe.adapters.embedders import EmbedderSpec, parse_embedder, require_present
from lethe.settings import Settings


def embedder_spec(settings: Settings) -> EmbedderSpec:
    """The embedder named in the settings. Raises OperatorError for a malformed name."""
    key = settings.embedder_key
    return parse_embedder(settings.embedder, key.get_secret_value() if key else None)


def require_startable(settings: Settings) -> None:
    """Raise OperatorError for settings with which no worker could start, as far as they can be checked beforehand.

    Otherwise the server would restart such a worker forever.
    """
    require_present(embedder_spec(settings))
    if settings.amqp_url is not None:
        from lethe.adapters.amqp_address import parse_address  # noqa: PLC0415 only needed with a broker

        parse_address(settings.amqp_url.get_secret_value())
