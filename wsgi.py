"""The WSGI application a server imports: `granian --interface wsgi wsgi:app`."""

from bootstrap import create_app

app = create_app()
