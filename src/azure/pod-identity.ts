/**
 * Python that signs a pod in as its workload identity, with nothing but Python's own library: the token of the cluster
 * for one of Entra ID. The identity webhook of AKS sets the four variables.
 *
 * It has what Azure's packages ask of a credential, `get_token`, and may be asked by several threads at once.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#third-case-access-token-request-with-a-federated-credential
 */
export const POD_IDENTITY = `
import collections
import http.client
import json
import os
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

AZURE_TIMEOUT_SECONDS = 10


def send_to_azure(request):
    """Sends a request, and gives the answer; what was answered to one that failed is its error."""
    try:
        with urllib.request.urlopen(request, timeout=AZURE_TIMEOUT_SECONDS) as answer:
            return answer.read()
    except urllib.error.HTTPError as error:
        try:
            said = " ".join(error.read(1000).decode("utf-8", "replace").split())
        except (OSError, http.client.HTTPException):
            said = ""
        # Azure says there which role or setting is missing
        raise OSError(f"{error.code} {error.reason}" + (f": {said}" if said else "")) from None


class NoIdentity(OSError):
    """Why there is nobody to sign in as."""


AccessToken = collections.namedtuple("AccessToken", ["token", "expires_on"])


class PodIdentity:
    """Who the pod is in Azure."""

    # a token is renewed so long before it ends
    RENEW_SECONDS = 300

    # a token that cannot be renewed is used until so long before it ends
    SPARE_SECONDS = 30

    def __init__(self):
        self.tokens = {}
        self.lock = threading.Lock()

    def get_token(self, *scopes, **_):
        scope = " ".join(scopes)
        with self.lock:
            token = self.tokens.get(scope)
            if token is None or token.expires_on - self.RENEW_SECONDS < time.time():
                try:
                    token = self.tokens[scope] = self.sign_in(scope)
                except Exception:
                    if token is None or token.expires_on - self.SPARE_SECONDS < time.time():
                        raise
            return token

    def sign_in(self, scope):
        names = ["AZURE_AUTHORITY_HOST", "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_FEDERATED_TOKEN_FILE"]
        authority, tenant, client, token_file = [os.environ.get(name, "") for name in names]
        if not (authority and tenant and client and token_file):
            raise NoIdentity("the pod has no workload identity: its label or the webhook of AKS is missing")
        with open(token_file, encoding="ascii") as file:
            assertion = file.read().strip()
        form = {
            "grant_type": "client_credentials",
            "client_id": client,
            "scope": scope,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": assertion,
        }
        url = f"{authority.rstrip('/')}/{tenant}/oauth2/v2.0/token"
        token = json.loads(send_to_azure(urllib.request.Request(url, urllib.parse.urlencode(form).encode())))
        return AccessToken(token["access_token"], int(time.time()) + int(token["expires_in"]))


pod_identity = PodIdentity()
`;
