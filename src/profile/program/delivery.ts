/**
 * Python that writes the report as a blob, as the identity of the pod and with nothing but Python's standard library.
 *
 * Azure may need minutes until it knows a role that was just assigned.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 * @see https://learn.microsoft.com/rest/api/storageservices/put-blob
 */
export const DELIVERY = `
UPLOAD_SECONDS = 600


def identity_token():
    """A token of the pod's identity for blob storage."""
    with open(os.environ["AZURE_FEDERATED_TOKEN_FILE"], encoding="ascii") as file:
        assertion = file.read().strip()
    authority = os.environ.get("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com").rstrip("/")
    form = {
        "client_id": os.environ["AZURE_CLIENT_ID"],
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
        "scope": "https://storage.azure.com/.default",
    }
    url = f"{authority}/{os.environ['AZURE_TENANT_ID']}/oauth2/v2.0/token"
    with urllib.request.urlopen(url, urllib.parse.urlencode(form).encode(), timeout=30) as answer:
        return json.load(answer)["access_token"]


def told(error):
    """What went wrong, with what was answered: Azure says there which role or setting is missing."""
    if not isinstance(error, urllib.error.HTTPError):
        return str(error)
    try:
        body = " ".join(error.read(1000).decode("utf-8", "replace").split())
    except (OSError, http.client.HTTPException):
        body = ""
    return f"{error}: {body}" if body else str(error)


def upload(url, text):
    """Writes a blob; tries again for as long as a new role may need."""
    latest = time.monotonic() + UPLOAD_SECONDS
    pause = 1
    while True:
        try:
            headers = {
                "Authorization": f"Bearer {identity_token()}",
                "Content-Type": "application/json",
                "x-ms-blob-type": "BlockBlob",
                "x-ms-date": formatdate(usegmt=True),
                "x-ms-version": "2021-12-02",
            }
            request = urllib.request.Request(url, text.encode(), headers, method="PUT")
            urllib.request.urlopen(request, timeout=60).close()
            return
        except KeyError as error:
            raise Failure(f"the pod has no workload identity: {error} is not set") from error
        except (OSError, http.client.HTTPException) as error:
            why = told(error)
            if time.monotonic() + pause > latest:
                raise Failure(f"the report cannot be written to {url}: {why}") from error
            log(f"the report cannot be written yet: {why}")
            time.sleep(pause)
            pause = min(30, 2 * pause)
`;
