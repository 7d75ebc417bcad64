/** A token of HTTP, as each name in Sec-WebSocket-Protocol is one. Source: RFC 6455 section 4.1, RFC 9110 section 5.6.2. */
const HTTP_TOKEN = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;

/** What is wrong with subprotocols, or null. Quotes none: one may be the token. */
export const faultOfProtocols = (protocols: unknown): string | null => {
  if (protocols === undefined) return null;
  const names: readonly unknown[] = Array.isArray(protocols) ? protocols : [protocols];
  if (!names.every((name) => typeof name === 'string')) {
    return 'each subprotocol must be a string, such as "chat.v2", alone or in an array';
  }
  if (!names.every((name) => HTTP_TOKEN.test(name))) {
    return 'a subprotocol may hold letters, digits and !#$%&\'*+-.^_`|~ only, at least one of them; write a token in it as base64url, without "="';
  }
  if (new Set(names).size < names.length) {
    return 'a subprotocol is given twice; name each once';
  }
  return null;
};
