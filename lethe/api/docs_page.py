"""The page that shows a door's OpenAPI document. Everything on it comes from this server."""

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import Response
from fastapi_swagger import patch_fastapi


def serve(app: FastAPI) -> None:
    """Serve the page at /docs below the door, and its scripts and styles."""

    async def docs() -> Response:
        return get_swagger_ui_html(
            openapi_url="openapi.json",
            title=app.title,
            swagger_js_url="swagger/swagger-ui-bundle.js",
            swagger_css_url="swagger/swagger-ui.css",
            swagger_favicon_url="swagger/favicon-32x32.png",
        )

    app.add_api_route("/docs", docs, include_in_schema=False)
    # Its assets only: its own page, behind ours, would load them from the host that a request's head names.
    patch_fastapi(app, redirect_from_root_to_docs=False)
