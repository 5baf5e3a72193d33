/** A YAML scalar that reads back as that very text, dollar signs included. */

export function yamlScalar(text: string): string {
  const plain = /^[A-Za-z][\w.,=@/:?&%+-]*[\w/]$/.test(text) && !/^(true|false|null)$/i.test(text);
  return plain ? text : JSON.stringify(text.replaceAll('${', () => '$${'));
}
