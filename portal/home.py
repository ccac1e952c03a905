"""The site's first page and the theme switch: what anyone may see."""

from flask import Response
from flask import make_response
from flask import redirect
from flask import render_template
from flask import request

from portal.forms import local_path
from portal.pages import Access
from portal.pages import Visit
from portal.pages import page

THEMES = ("light", "dark")
THEME_COOKIE = "tableport_theme"
YEAR_S = 365 * 24 * 3600


@page("/", access=Access.PUBLIC)
def show_home(visit: Visit) -> str:
    """What can be built here, and the way in."""
    return render_template("portal/home.html")


@page("/theme", methods=("POST",), access=Access.PUBLIC, opens_units=False)
def set_theme(visit: Visit) -> Response:
    """Remember light or dark in a cookie; anything else goes back to what the system prefers."""
    response = make_response(redirect(local_path(request.form.get("next"), "/")))
    theme = request.form.get("theme", "")
    if theme in THEMES:
        response.set_cookie(THEME_COOKIE, theme, max_age=YEAR_S, httponly=True, samesite="Lax", secure=request.is_secure)
    else:
        response.delete_cookie(THEME_COOKIE)
    return response
