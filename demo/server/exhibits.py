"""The exhibits of the tutorials, to which the tab "Look inside" leads."""

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from lkc.errors import InputError


def answer(request: Request) -> Response:
    """Build the exhibit that is asked for; the first one takes a second."""
    from lkc.tutorial.exhibits import build_page  # It loads what trains networks.

    try:
        return HTMLResponse(build_page(request.path_params["name"]))
    except InputError as error:
        return PlainTextResponse(str(error), status_code=404)


ROUTES = [Route("/exhibits/{name}.html", answer)]
