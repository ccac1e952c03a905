"""The WSGI application a server imports: `granian --interface wsgi wsgi:app`."""

import gc

from bootstrap import create_app

app = create_app()
# What the application is made of lives as long as the process. Without this every collection walks half a million objects.
gc.collect()
gc.freeze()
