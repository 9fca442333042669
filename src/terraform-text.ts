/**
 * A person's text as Terraform shall see it: to the letter. What begins with `${` or `%{` is otherwise an expression.
 *
 * References that cdktf put into the text stay what they are.
 */
export function terraformText(text: string): string {
  return text.replaceAll(/\$\{(?!TfToken\[)/g, '$$$${').replaceAll('%{', '%%{');
}

/** The same for the values of a map, and for its names. */
export function terraformTexts(texts: { readonly [name: string]: string }): { [name: string]: string } {
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [terraformText(name), terraformText(text)]));
}
