/**
 * Python that leaves the report in the store, by `PUT_BLOB`.
 *
 * Azure may need minutes until it knows a role that was just assigned.
 */
export const DELIVERY = `
UPLOAD_SECONDS = 600


def upload(url, text):
    """Writes a blob; tries again for as long as a new role may need."""
    latest = time.monotonic() + UPLOAD_SECONDS
    pause = 1
    while True:
        try:
            put_blob(url, text.encode(), "application/json")
            return
        except NoIdentity as error:
            raise Failure(str(error)) from error
        except (OSError, http.client.HTTPException) as error:
            if time.monotonic() + pause > latest:
                raise Failure(f"the report cannot be written to {url}: {error}") from error
            log(f"the report cannot be written yet: {error}")
            time.sleep(pause)
            pause = min(30, 2 * pause)
`;
