/** The label under which AKS writes the name of the pool on its nodes. */
export const POOL_LABEL = 'kubernetes.azure.com/agentpool';

/** The label under which AKS writes whether nodes are for the cluster's own parts, `system`, or for others, `user`. */
export const MODE_LABEL = 'kubernetes.azure.com/mode';

/** The label that tells the pods of one Deployment or stateful set from all others of their namespace. */
export const NAME_LABEL = 'app.kubernetes.io/name';

/** The label in which Kubernetes tells the pods of one rollout of a Deployment from those of the next. */
export const REVISION_LABEL = 'pod-template-hash';

/** The label that says which service a router belongs to. */
export const PART_OF_LABEL = 'app.kubernetes.io/part-of';

/** The label that says what part a service's pods play, such as `triton`. */
export const COMPONENT_LABEL = 'app.kubernetes.io/component';

/** The annotation in which services say, as JSON, which models they serve. */
export const MODELS_ANNOTATION = 'azure-inference-cdktf/models';

/** The annotation in which services say, as JSON, where they answer and how they are looked at. */
export const SERVICE_ANNOTATION = 'azure-inference-cdktf/service';

/** The annotation that gives a service a private address of an internal load balancer. */
export const INTERNAL_ADDRESS_ANNOTATION = 'service.beta.kubernetes.io/azure-load-balancer-internal';
