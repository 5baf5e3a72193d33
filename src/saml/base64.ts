/** The bytes of strict base64 (RFC 4648 §4: padded, no other characters, no stray bits), or undefined where it is not that. */
export const decodeBase64 = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
};
