import { ConfigMapV1 } from '@cdktf/provider-kubernetes/lib/config-map-v1';
import type { Construct } from 'constructs';
import { shortHash } from '../../src/digest';
import type { ServingNamespace } from '../serving-namespace';

/** Files that a pod is configured by. */
export interface PodConfigProps {
  /** Namespace of the pod. */
  readonly namespace: ServingNamespace;

  /** Name that a hash of the files is put behind. */
  readonly name: string;

  /** Labels of the object. */
  readonly labels: { readonly [name: string]: string };

  /** The files by name. */
  readonly data: { readonly [file: string]: string };

  /**
   * Files that are not text, by name.
   *
   * @default - none
   */
  readonly binaryData?: { readonly [file: string]: Buffer };
}

/**
 * Files for a pod, under a name that changes with them: other files are another pod, and pods of the last deployment that
 * start anew still find the configuration that they began with.
 *
 * @returns the name, a reference
 */
export function podConfig(scope: Construct, { namespace, name, labels, data, ...props }: PodConfigProps): string {
  const binaryData = Object.entries(props.binaryData ?? {}).map(([file, bytes]) => [file, bytes.toString('base64')]);
  const config = new ConfigMapV1(scope, 'Config', {
    metadata: {
      name: `${name}-${shortHash([JSON.stringify(data), ...binaryData.flat()])}`,
      namespace: namespace.name,
      labels,
    },
    immutable: true,
    data,
    binaryData: binaryData.length === 0 ? undefined : Object.fromEntries(binaryData),
    lifecycle: { createBeforeDestroy: true },
  });
  return config.metadata.name;
}
