"""OAuth 2.0 for machines: the authorization server's endpoints. The pages where people let a client in are the portal's.

views: the routes. requests: what they accept. grants, endpoints: Authlib's rules over accounts.oauth. asking: what a client asks
a person for. server: Authlib put together. Nothing but views opens a transaction.
"""

from api.oauth.views import blueprint

__all__ = ["blueprint"]
