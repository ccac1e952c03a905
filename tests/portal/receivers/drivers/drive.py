"""Runs the Python function on the table; its argument is the folder the function lies in. See languages.py."""

import importlib
import json
import sys
from base64 import b64decode

sys.path.insert(0, sys.argv[1])
receiver = importlib.import_module("verify_webhook")
for line in sys.stdin:
    now, secrets, body, *pairs = line.rstrip("\n").split("\t")
    headers = {name: b64decode(value).decode("latin-1") for name, value in (pair.split(":") for pair in pairs)}
    try:
        event = receiver.verify(headers, b64decode(body), secrets.split(","), int(now))
        answer = json.dumps(event)
    except receiver.WebhookRefused as refused:
        answer = f"refused: {refused}"
    except Exception as failure:  # noqa: BLE001 - the table says that nothing else may come
        answer = f"threw: {failure!r}"
    sys.stdout.write(answer + "\n")
