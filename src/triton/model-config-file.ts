import type { TritonModelConfigProps } from './model-config';
import { type ConfigValues, ModelConfigReader, type TextProblem } from './model-config-reader';
import { MODEL_CONFIG } from './model-config-schema';
import { TritonVersionPolicy } from './model-config-versions';
import { messageFields } from './model-config-writer';
import { parseTextFormat, TextFormatError, type TextMessage } from './text-format';
import { writeTextFormat } from './text-format-writer';

/** What has been read of a `config.pbtxt`. */
export interface ReadModelConfigProps {
  /** What could be read; nothing where the text is not in protobuf's text format. */
  readonly props?: TritonModelConfigProps;

  /** The text by fields, for the places of them. */
  readonly message?: TextMessage;

  /** What is wrong, in the order of the text. */
  readonly problems: readonly TextProblem[];
}

/** Reads a `config.pbtxt`; what is wrong with it is in the result. */
export function readModelConfigProps(text: string): ReadModelConfigProps {
  let message: TextMessage;
  try {
    message = parseTextFormat(text);
  } catch (error) {
    if (error instanceof TextFormatError) {
      return { problems: [{ line: error.line, column: error.column, message: error.message }] };
    }
    throw error;
  }
  const reader = new ModelConfigReader();
  const { versionPolicy, ...values } = reader.message(message, MODEL_CONFIG);
  // a text that is empty is none
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
  const policy = versionPolicy === undefined ? {} : { versionPolicy: readPolicy(versionPolicy as PolicyValues) };
  const problems = [...reader.problems].sort((a, b) => a.line - b.line || a.column - b.column);
  return { props: { ...given, ...policy }, message, problems };
}

/** The text of a `config.pbtxt` that says so. */
export function writeModelConfigProps({ versionPolicy, ...others }: TritonModelConfigProps): string {
  const values: ConfigValues = { ...others, versionPolicy: versionPolicy && policyValues(versionPolicy) };
  return writeTextFormat({ fields: messageFields(values, MODEL_CONFIG) });
}

interface PolicyValues {
  readonly latest?: { readonly numVersions?: number };
  readonly all?: object;
  readonly specific?: { readonly versions?: readonly number[] };
}

/** A policy that is given and says nothing serves every version, as Triton reads it. */
function readPolicy({ latest, specific }: PolicyValues): TritonVersionPolicy {
  if (specific !== undefined) {
    return TritonVersionPolicy.specific(specific.versions ?? []);
  }
  return latest === undefined ? TritonVersionPolicy.all() : TritonVersionPolicy.latest(latest.numVersions ?? 0);
}

/** The newest version is what Triton serves by default. */
function policyValues({ count, versions }: TritonVersionPolicy): PolicyValues | undefined {
  if (versions !== undefined) {
    return { specific: { versions } };
  }
  return count === undefined ? { all: {} } : count === 1 ? undefined : { latest: { numVersions: count } };
}
