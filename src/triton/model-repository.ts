import { readFileSync } from 'node:fs';
import type { ModelContent } from '../models/model-source';
import { parseTextFormat, TextFormatError, type TextMessage } from './text-format';

const CONFIG = 'config.pbtxt';

/**
 * What keeps Triton from serving files as the model of that name.
 *
 * Triton itself passes over a folder that is not a version and answers, once asked, that the model does not exist.
 *
 * @see https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_repository.html
 */
export function repositoryProblems(modelName: string, content: ModelContent): string[] {
  if (content.files.length === 0) {
    return [];
  }
  if (content.isOneFile) {
    const name = content.files[0]?.name;
    return [
      `the model '${modelName}' is the one file '${name}', and a model of Triton is a folder, with '${CONFIG}' beside a ` +
        `folder for each version; put the file at '1/${name}' of a folder and give that to ModelSource.directory`,
    ];
  }
  const folders = new Set(
    content.files.filter((file) => file.name.includes('/')).map((file) => file.name.split('/')[0]),
  );
  const versions = [...folders].filter((folder) => folder !== undefined && /^[1-9]\d*$/.test(folder));
  const strays = [...folders].filter((folder) => folder !== undefined && !/^[1-9]\d*$/.test(folder));
  return [
    ...strays.map(
      (folder) =>
        `the model '${modelName}' has a folder '${folder}', and Triton reads versions only from folders that are a ` +
        "whole number from 1 up; rename it, such as to '1', or move it out of the model",
    ),
    ...(versions.length === 0 && strays.length === 0
      ? [`the model '${modelName}' has no version; put its files into a folder '1' beside '${CONFIG}'`]
      : []),
    ...configProblems(modelName, content),
  ];
}

/** The versions of a model, lowest first. */
export function modelVersions(content: ModelContent): number[] {
  const folders = content.files.map((file) => /^([1-9]\d*)\//.exec(file.name)?.[1]);
  return [...new Set(folders.filter((folder) => folder !== undefined).map(Number))].sort((a, b) => a - b);
}

function configProblems(modelName: string, content: ModelContent): string[] {
  const file = content.files.find((candidate) => candidate.name === CONFIG);
  if (file === undefined) {
    return [];
  }
  let config: TextMessage;
  try {
    config = parseTextFormat(readFileSync(file.path, 'utf8'));
  } catch (error) {
    if (error instanceof TextFormatError) {
      return [`${CONFIG} of the model '${modelName}', line ${error.line}: ${error.message}`];
    }
    throw error;
  }
  const name = config.get('name')?.[0];
  if (name === undefined || name === modelName) {
    return [];
  }
  return [
    `${CONFIG} names the model '${String(name)}', but its folder is '${modelName}', and Triton loads it only when both ` +
      'agree; change the name in the file or the name given to addModel',
  ];
}
