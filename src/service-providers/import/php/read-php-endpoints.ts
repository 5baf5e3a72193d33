/** Endpoints as SimpleSAMLphp writes them: one URL, a list of URLs, or a list of arrays. */
import { bindings } from '../../../saml/names.ts';
import type { AcsDraft, Told } from '../imported.ts';
import { NotPlainPhp, type PhpArray, type PhpValue } from './parse-php.ts';

type Name = 'AssertionConsumerService' | 'SingleLogoutService';

const byDefault: Readonly<Record<Name, string>> = {
  AssertionConsumerService: bindings.httpPost,
  SingleLogoutService: bindings.httpRedirect,
};

/** Those that are not plain are told. */
export function readPhpEndpoints(value: PhpValue | undefined, name: Name, told: Told[]): readonly AcsDraft[] {
  if (value === undefined || value === null) return [];
  const list = value instanceof Map ? [...(value as PhpArray).values()] : [value];
  return list.flatMap((each): readonly AcsDraft[] => {
    if (typeof each === 'string') return each.trim() === '' ? [] : [{ binding: byDefault[name], location: each.trim() }];
    const parts = each instanceof Map ? (each as PhpArray) : undefined;
    const [location, binding, response, index, isDefault] = ['Location', 'Binding', 'ResponseLocation', 'index', 'isDefault'].map(
      (key) => parts?.get(key),
    );
    if (typeof location !== 'string' || (binding !== undefined && typeof binding !== 'string')) {
      const text =
        each instanceof NotPlainPhp ? each.text : [location, binding].find((part) => part instanceof NotPlainPhp)?.text;
      told.push({ outcome: 'not plain', about: name, because: 'an endpoint is computed, or has no Location', text });
      return [];
    }
    // Of SAML 1.1, which stands in metadata that both kinds share.
    if (binding?.startsWith('urn:oasis:names:tc:SAML:1.') === true) return [];
    return [
      {
        binding: binding ?? byDefault[name],
        location,
        ...(typeof response === 'string' && response !== '' && { responseLocation: response }),
        ...(typeof index === 'number' && index >= 0 && index <= 65_535 && { index }),
        ...(isDefault === true && { isDefault }),
      },
    ];
  });
}
