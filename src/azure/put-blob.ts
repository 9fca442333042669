/**
 * Python that writes a block blob as the identity of the pod, which `POD_IDENTITY` knows. One of the same name is
 * overwritten.
 *
 * @see https://learn.microsoft.com/rest/api/storageservices/put-blob
 */
export const PUT_BLOB = `
import email.utils


def put_blob(url, body, content_type):
    headers = {
        "Authorization": f"Bearer {pod_identity.get_token('https://storage.azure.com/.default').token}",
        "Content-Type": content_type,
        "x-ms-blob-type": "BlockBlob",
        "x-ms-date": email.utils.formatdate(usegmt=True),
        "x-ms-version": "2021-12-02",
    }
    send_to_azure(urllib.request.Request(url, body, headers, method="PUT"))
`;
