"""The Flask blueprint all Core resources register on."""

from flask import Blueprint

blueprint = Blueprint("core", __name__, url_prefix="/v1")
