"""The yardstick of benchmarks/cost.py: the least a Flask JSON route can be."""

from flask import Flask
from flask import Response
from flask import jsonify

app = Flask(__name__)


@app.get("/bare")
def bare() -> Response:
    return jsonify({"status": "ok"})
