/** What a report says that it is. */
export const PROFILE_KIND = 'azure-inference-profile';

/** The form of reports that this version of the library writes and reads. */
export const PROFILE_SCHEMA_VERSION = 1;
