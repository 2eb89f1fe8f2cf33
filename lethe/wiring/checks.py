"""What can be said of the settings before anything is started."""

from lethe.adapters.embedders import parse_embedder, require_present
from lethe.settings import Settings


def require_startable(settings: Settings) -> None:
    """Raise OperatorError for what a worker would refuse at each of its starts, as far as that is told at once.

    A server would start such a worker again and again, as one that was killed.
    """
    require_present(
        parse_embedder(
            settings.embedder, settings.embedder_key.get_secret_value() if settings.embedder_key else None
        )
    )
    if settings.amqp_url is not None:
        from lethe.adapters.amqp_address import parse_address  # noqa: PLC0415 for servers with a broker alone

        parse_address(settings.amqp_url.get_secret_value())
