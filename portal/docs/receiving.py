"""The page about verifying webhooks: the functions as the tests run them, how frameworks call them, and what refusals mean."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from portal.docs.plans import COLUMNS
from portal.docs.plans import span

FOLDER = Path(__file__).parent / "receivers"


@dataclass(frozen=True)
class Language:
    """One function: its anchor, its file, what it needs, and the call of each framework with the bytes it received."""

    name: str
    label: str
    file: str
    needs: str
    calls: dict[str, str]


LANGUAGES = (
    Language("python", "Python", "verify_webhook.py", "Python 3.10 or newer", {
        "Flask": "event = verify(request.headers, request.get_data(), secrets)",
        "Django": "event = verify(request.headers, request.body, secrets)",
        "FastAPI": "event = verify(request.headers, await request.body(), secrets)",
    }),
    Language("node", "Node", "verify_webhook.mjs", "Node 18 or newer", {
        "Express": 'app.post("/hooks", express.raw({ type: "*/*" }), (req, res) => {\n'
                   "  const event = verify(req.headers, req.body, secrets);",
        "Next.js": "const event = verify(request.headers, Buffer.from(await request.arrayBuffer()), secrets);",
    }),
    Language("php", "PHP", "verify_webhook.php", "PHP 8.0 or newer", {
        "No framework": "$event = Webhook::verify(getallheaders(), file_get_contents('php://input'), $secrets);",
        "Laravel, Symfony": "$event = Webhook::verify($request->headers->all(), $request->getContent(), $secrets);",
    }),
    Language("ruby", "Ruby", "verify_webhook.rb", "Ruby 3.0 or newer", {
        "Rails": "event = Webhook.verify(request.headers, request.raw_post, secrets)",
        "Sinatra": 'headers = ->(name) { request.env["HTTP_" + name.upcase.tr("-", "_")] }\n'
                   "event = Webhook.verify(headers, request.body.read, secrets)",
    }),
    Language("go", "Go", "verify_webhook.go", "Go 1.18 or newer", {
        "net/http": "body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))\n"
                    "event, err := webhook.Verify(r.Header.Get, body, secrets, time.Now())",
    }),
    Language("java", "Java", "VerifyWebhook.java", "Java 11 or newer; the JSON library is yours", {
        "Servlet": "byte[] body = request.getInputStream().readAllBytes();\n"
                   "String event = VerifyWebhook.verify(request::getHeader, body, secrets, Instant.now());",
        "Spring": "void receive(@RequestHeader HttpHeaders headers, @RequestBody byte[] body) throws Exception {\n"
                  "    String event = VerifyWebhook.verify(headers::getFirst, body, secrets, Instant.now());",
    }),
    Language("csharp", "C#", "VerifyWebhook.cs", ".NET 6 or newer", {
        "ASP.NET Core": "var copy = new MemoryStream();\n"
                        "await Request.Body.CopyToAsync(copy);\n"
                        "JsonElement message = VerifyWebhook.Verify(\n"
                        "    name => Request.Headers[name], copy.ToArray(), secrets, DateTimeOffset.UtcNow);",
    }),
)  # fmt: skip
REFUSALS = {
    "missing header …": "Somebody else calls, or a proxy of yours drops headers it does not know.",
    "malformed timestamp": "Somebody else calls.",
    "too old": "The clock of your machine is ahead, the request waited in a queue of yours before it was verified, or somebody "
               "sends an old one again.",
    "too new": "The clock of your machine is behind.",
    "no matching signature": "The secret is another endpoint's or an old one, or the body is not the bytes that arrived: a "
                             "framework parsed it and printed it again.",
    "malformed body": "Signed with your secret, but no JSON: we do not send this.",
    "unusable secret": "Yours to repair: the secret is not set, or not whole with its whsec_.",
}  # fmt: skip


@cache
def source(file: str) -> str:
    """A function as it is pasted."""
    return (FOLDER / file).read_text().rstrip()


def shortest_timeout() -> str:
    """How soon a receiver must answer to be in time on every plan."""
    return span(min(tier.delivery_timeout_s for tier in COLUMNS if tier.max_endpoints))


def longest_days() -> int:
    """How long the longest-lived event is kept: so long a replay may send it again under its id."""
    return max(tier.event_days for tier in COLUMNS)
