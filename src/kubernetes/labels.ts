/** The label under which AKS writes the name of the pool on its nodes. */
export const POOL_LABEL = 'kubernetes.azure.com/agentpool';

/** The label that says what part a service's pods play, such as `triton`. */
export const COMPONENT_LABEL = 'app.kubernetes.io/component';

/** The annotation in which services say, as JSON, which models they serve. */
export const MODELS_ANNOTATION = 'azure-inference-cdktf/models';
