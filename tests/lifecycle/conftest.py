"""What several tests of a server's life share."""

from tests.lifecycle.lost_server import story

__all__ = ["story"]
