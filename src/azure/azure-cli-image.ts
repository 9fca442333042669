/**
 * The Azure CLI as an image: it signs in as an identity and reads blobs without a key.
 *
 * @see https://mcr.microsoft.com/artifact/mar/azure-cli/tags
 */
export const AZURE_CLI_IMAGE = 'mcr.microsoft.com/azure-cli:2.91.0';
